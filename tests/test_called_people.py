"""Who is called to a meeting: those its points need, chosen when it is sent, and more later."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select, text

from deploy.release import downgrade, migrate, rebuilding
from models.clock import CLOCK, utcnow
from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import Minutes
from models.vocabulary import Attendance
from tests.test_before_meeting import planned, sent, told  # noqa: F401  (a fixture)


@pytest.fixture
def called(browser, town, planned):  # noqa: F811
    """Sent to teacher and mother: the nurse need not come."""
    browser("coordinator").post(f"{planned}/settle", data=sent(town, ("teacher", "mother")))
    return planned


def ticked(page, town):
    """Who is chosen on the page before anybody has chosen."""
    boxes = [box for box in re.findall(r"<input[^>]+>", page) if 'name="people"' in box]
    chosen = {re.search(r'value="(\d+)"', box)[1] for box in boxes if "checked" in box}
    return sorted(name for name, person in town.people.items() if str(person) in chosen)


def answers(desk, town):
    names = {person: name for name, person in town.people.items()}
    with desk.system() as session:
        newest = select(func.max(Invitee.meeting_id)).scalar_subquery()
        theirs = session.scalars(select(Invitee).where(Invitee.meeting_id == newest))
        return {names[one.person_id]: one.answer for one in theirs}


def propose(client, room, town, topic, needed=None):
    data = {"topic": topic, "needed": town.people[needed] if needed else ""}
    return client.post(f"{room}/propose", data=data)


def test_a_point_says_whom_it_needs_and_they_are_chosen_when_it_is_sent(browser, town, planned):  # noqa: F811
    grandmother, client = browser("grandmother"), browser("coordinator")
    assert propose(grandmother, planned, town, "Avlasting", "reader").status_code == 303
    room = client.get(planned).text
    assert "Needed for it: Reader" in room and "Proposed by Grandmother" in room
    page = client.get(f"{planned}/settle").text
    assert ticked(page, town) == ["grandmother", "mother", "nurse", "reader", "teacher"]
    assert page.count("Needed for: Avlasting") == 2


@pytest.mark.a_page
def test_only_the_team_can_be_needed(browser, desk, town, planned):  # noqa: F811
    data = {"topic": "Avlasting", "needed": town.people["stranger"]}
    reply = browser("teacher").post(f"{planned}/propose", data=data)
    assert reply.status_code == 422 and 'href="#needed"' in reply.text
    assert 'value="Avlasting"' in reply.text  # nothing is lost
    with desk.system() as session:
        assert not session.scalars(select(AgendaItem).where(AgendaItem.topic == "Avlasting")).all()


def test_who_need_not_come_is_not_told_not_asked_and_not_waited_for(browser, desk, town, called):
    assert told(desk, town) == ["mother", "teacher"]
    assert answers(desk, town)["nurse"] is Attendance.NOT_NEEDED
    nurse = browser("nurse")
    page = nurse.get(called).text
    assert "Need not come" in page and "Are you coming?" not in page
    assert nurse.post(f"{called}/answer", data={"answer": "coming"}).status_code == 409
    assert answers(desk, town)["nurse"] is Attendance.NOT_NEEDED
    for address in ("/", called.partition("meeting")[0]):
        assert "Your answer" not in nurse.get(address).text
    assert "2 have not answered" in browser("coordinator").get("/").text


def test_who_need_not_come_does_not_read_the_minutes(browser, desk, town, called):
    with desk.system() as session:
        meeting = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).one()
        given = {"given_at": utcnow(), "opens_at": utcnow(), "meeting_id": meeting.id}
        minutes = Minutes(plan_id=meeting.plan_id, author_id=meeting.author_id, **given)
        session.add(minutes)
        session.commit()
        key = meeting.id
    for who, there in (("teacher", 1), ("nurse", 0)):
        with desk.session(who) as session:
            found = session.scalars(select(Minutes.id).where(Minutes.meeting_id == key)).all()
            assert len(found) == there


def test_more_are_called_later_and_only_they_are_told(browser, desk, town, called):
    client = browser("coordinator")
    browser("teacher").post(f"{called}/answer", data={"answer": "coming"})
    propose(browser("teacher"), called, town, "Medisin", "nurse")
    page = client.get(f"{called}/people").text
    assert ticked(page, town) == ["nurse"] and "Needed for: Medisin" in page
    people = [town.people[one] for one in ("nurse", "grandmother")]
    for _ in range(2):  # once, however often it is pressed
        client.post(f"{called}/people", data={"people": people})
    assert told(desk, town) == ["grandmother", "mother", "nurse", "teacher"]
    now = answers(desk, town)
    assert now["teacher"] is Attendance.COMING  # what was said is not asked again
    assert now["nurse"] is now["grandmother"] is Attendance.UNANSWERED
    assert browser("nurse").post(f"{called}/answer", data={"answer": "coming"}).status_code == 303


def test_only_who_may_change_the_meeting_calls_more(browser, desk, town, called):
    before, data = answers(desk, town), {"people": [town.people["grandmother"]]}
    for who, status in (("teacher", 403), ("nurse", 403), ("reader", 404), ("stranger", 404)):
        assert browser(who).post(f"{called}/people", data=data).status_code == status
    assert "/people" not in browser("teacher").get(called).text
    assert answers(desk, town) == before


@pytest.mark.a_page
@pytest.mark.parametrize("people", [[], ["x"], ["teacher"], ["stranger"]])
def test_a_choice_that_is_none_is_said_beside_the_field(browser, desk, town, called, people):
    before = answers(desk, town)
    data = {"people": [town.people.get(one, one) for one in people]}
    reply = browser("coordinator").post(f"{called}/people", data=data)
    assert reply.status_code == 422 and 'href="#people"' in reply.text
    assert answers(desk, town) == before


@pytest.mark.a_page
def test_nobody_is_called_to_what_has_begun_or_is_cancelled(browser, desk, town, called):
    before, data = answers(desk, town), {"people": [town.people["nurse"]]}
    client = browser("coordinator")
    with desk.system() as session:
        begins = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).one().starts_at
    with CLOCK.stopped_at(begins):
        assert browser("coordinator").post(f"{called}/people", data=data).status_code in (302, 409)
    client.post(f"{called}/cancel", data={"because": "Flu"})
    assert client.post(f"{called}/people", data=data).status_code == 403
    assert answers(desk, town) == before


@pytest.mark.a_page
def test_when_all_are_called_it_is_said(browser, town, called, desk):
    client = browser("coordinator")
    page = client.get(f"{called}/people").text
    everybody = re.findall(r'name="people"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="people"', page)
    client.post(f"{called}/people", data={"people": ["".join(one) for one in everybody]})
    reply = client.get(f"{called}/people", follow_redirects=True)
    assert "Everybody in the team is called already" in reply.text


@pytest.mark.a_page
def test_a_planned_meeting_is_sent_from_the_one_page(browser, planned):  # noqa: F811
    assert browser("coordinator").get(f"{planned}/people").location.endswith("/settle")


def test_a_fault_in_the_middle_calls_nobody(browser, desk, town, called, monkeypatch):
    before = answers(desk, town)
    monkeypatch.setattr("services.meetings.notify", lambda *_, **__: 1 / 0)
    data = {"people": [town.people["nurse"]]}
    assert browser("coordinator").post(f"{called}/people", data=data).status_code == 500
    assert answers(desk, town) == before
    monkeypatch.undo()
    browser("coordinator").post(f"{called}/people", data=data)
    assert answers(desk, town)["nurse"] is Attendance.UNANSWERED


def test_back_and_forth_a_point_forgets_whom_it_needs_and_nobody_reads_more(
    desk, town, called, engine
):
    with rebuilding(engine) as connection:
        downgrade(connection, "0036")
        left = connection.execute(text("SELECT person_id FROM invitee WHERE reason IS NULL"))
        assert town.people["nurse"] not in left.scalars().all()
        migrate(connection)
    assert "nurse" not in answers(desk, town)


def test_who_need_not_come_and_calls_more_is_not_called_by_it(browser, desk, town, planned):  # noqa: F811
    browser("coordinator").post(f"{planned}/settle", data=sent(town, ("teacher",)))
    with desk.session("coordinator") as session:
        meeting = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).unique().one()
        mine = Invitee(plan_id=meeting.plan_id, meeting=meeting, answer=Attendance.NOT_NEEDED)
        mine.person_id = town.people["coordinator"]
        session.add(mine)
        session.commit()
    people = {"people": [town.people["grandmother"]]}
    browser("coordinator").post(f"{planned}/people", data=people)
    now = answers(desk, town)
    assert now["coordinator"] is Attendance.NOT_NEEDED
    assert now["grandmother"] is Attendance.UNANSWERED
