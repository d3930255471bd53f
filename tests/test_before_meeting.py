"""Before a meeting: planned, settled with the owner, sent, moved or cancelled."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.clock import utcnow
from models.elements.meeting import Meeting
from models.history import ElementIndex
from models.outbox import OutboxMessage
from models.people import Person
from models.plan import Participant
from models.vocabulary import ParticipantStatus
from tests.factories import moment
from tests.page import Page
from tests.test_work import CALL, url


@pytest.fixture
def planned(browser, town):
    """The address of a meeting the coordinator has planned with teacher, mother and nurse."""
    people = [town.people[who] for who in ("teacher", "mother", "nurse")]
    data = CALL | {"people": people, "planned": "y"}
    return browser("coordinator").post(url(town, "meeting/call"), data=data).location


def sent(town, who=("teacher", "mother", "nurse"), **said):
    """What the page says that sends a planned meeting to these."""
    return {"settled": "phone", "people": [town.people[one] for one in who]} | said


def told(desk, town, kind="meeting"):
    """Who is told of the meeting."""
    names = {person: name for name, person in town.people.items()}
    with desk.system() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return sorted(names[row.person_id] for row in rows)


def test_a_planned_meeting_tells_nobody_and_asks_nobody(browser, desk, town, planned):
    teacher = browser("teacher")
    assert told(desk, town) == []
    page = teacher.get(planned).text
    assert "Planned, not sent" in page and "Are you coming?" not in page
    assert "Who will be called" in page and "Not answered" not in page
    assert "settle" not in page  # it is not for the teacher to send
    assert "Planned, not sent" in teacher.get(url(town, "meeting/list/")).text
    for address in ("/", url(town, "")):
        assert "2099" not in teacher.get(address).text
    assert teacher.post(f"{planned}/settle", data=sent(town)).status_code == 403


def test_it_is_sent_when_the_agenda_is_settled_and_once(browser, desk, town, planned):
    client = browser("coordinator")
    reply = client.post(f"{planned}/settle", data=sent(town, settled="in_person"))
    assert reply.status_code == 303 and told(desk, town) == ["mother", "nurse", "teacher"]
    client.post(f"{planned}/settle", data={"settled": "phone"})
    assert len(told(desk, town)) == 3
    page = browser("mother").get(planned).text
    assert "On the telephone" in page and "Coordinator, " in page and "Are you coming?" in page


BAD = {
    "nothing": {"settled": ""}, "no reason": {"settled": "not", "because": " "},
    "another": {"settled": "x"}, "nobody": {"people": []}, "not a person": {"people": ["x"]},
}  # fmt: skip


@pytest.mark.a_page
@pytest.mark.parametrize("what", BAD)
def test_without_an_answer_or_a_reason_it_is_not_sent(browser, desk, town, planned, what):
    reply = browser("coordinator").post(f"{planned}/settle", data=sent(town) | BAD[what])
    assert reply.status_code == 422 and "ds-validation-message" in reply.text
    assert told(desk, town) == []


def test_who_is_not_in_the_team_is_not_called(browser, desk, town, planned):
    """Neither a stranger, nor who left between planning and sending: nothing is sent."""
    with desk.system() as session:
        nurse = Participant.person_id == town.people["nurse"]
        session.scalars(select(Participant).where(nurse)).one().status = ParticipantStatus.WITHDRAWN
        session.commit()
    for odd in ("nurse", "stranger"):
        who = sent(town, ("teacher", odd))
        assert browser("coordinator").post(f"{planned}/settle", data=who).status_code == 422
    assert told(desk, town) == []
    browser("coordinator").post(f"{planned}/settle", data=sent(town, ("mother", "teacher")))
    assert told(desk, town) == ["mother", "teacher"]


def test_not_settled_is_said_with_the_reason(browser, desk, town, planned):
    data = sent(town, settled="not", because="Nobody answers")
    browser("coordinator").post(f"{planned}/settle", data=data)
    assert "Nobody answers" in browser("teacher").get(planned).text


def test_what_has_begun_is_not_sent(browser, desk, town, planned):
    with desk.system() as session:
        meeting = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).one()
        meeting.starts_at = utcnow()
        session.commit()
    reply = browser("coordinator").post(f"{planned}/settle", data=sent(town))
    assert reply.status_code == 409 and told(desk, town) == []


@pytest.fixture
def called(browser, town, planned):
    """The same meeting, sent, and the teacher comes."""
    browser("coordinator").post(f"{planned}/settle", data=sent(town))
    browser("teacher").post(f"{planned}/answer", data={"answer": "coming"})
    return planned


def test_an_answer_is_changed_and_may_say_why(browser, called):
    teacher = browser("teacher")
    said = {"answer": "not_coming", "reason": "On a course"}
    assert teacher.post(f"{called}/answer", data=said).status_code == 303
    page = browser("mother").get(called).text
    assert "On a course" in page and "Not coming" in page
    long = teacher.post(f"{called}/answer", data=said | {"reason": "x" * 201})
    assert long.status_code == 422 and 'href="#reason"' in long.text
    assert 'value="not_coming"' in long.text  # nothing is lost


def test_who_is_called_says_that_they_are_prepared_in_two_lines(browser, called):
    teacher = browser("teacher")
    said = {"brings": "A quiet room", "has_done": "Asked the school"}
    assert teacher.post(f"{called}/ready", data=said).status_code == 303
    page = browser("grandmother").get(called).text  # reads meetings, is not called
    assert "Prepared" in page and "A quiet room" in page and "Asked the school" in page
    assert browser("grandmother").post(f"{called}/ready", data=said).status_code == 409
    assert browser("reader").post(f"{called}/ready", data=said).status_code == 404


@pytest.mark.a_page
@pytest.mark.parametrize("name", ["brings", "has_done"])
def test_a_line_is_a_line(browser, called, name):
    reply = browser("teacher").post(f"{called}/ready", data={name: "x" * 201})
    assert reply.status_code == 422 and f'href="#{name}"' in reply.text


def moved(client, room, **to):
    """The meeting changed, as its form does it."""
    edit = room.replace("/meeting/", "/meeting/edit/")
    page = Page(client.get(edit).text)
    sent = {name: one.values[0] if one.values else "" for name, one in page.fields.items()}
    return client.post(edit, data=sent | to)


def test_a_moved_meeting_is_told_and_answered_anew(browser, desk, town, called):
    later = {"starts_at": "2099-01-16T09:00", "ends_at": "2099-01-16T10:00"}
    assert moved(browser("coordinator"), called, **later).status_code in (302, 303)
    assert told(desk, town, "meeting_moved") == ["mother", "nurse", "teacher"]
    assert "Are you coming?" in browser("teacher").get(called).text
    assert moved(browser("coordinator"), called, purpose="Spring").status_code in (302, 303)
    assert len(told(desk, town, "meeting_moved")) == 3  # other words are no news


def test_another_place_is_told_and_the_answers_stand(browser, desk, town, called):
    assert moved(browser("coordinator"), called, place="Room 3").status_code in (302, 303)
    assert told(desk, town, "meeting_moved") == ["mother", "nurse", "teacher"]
    assert "Your answer: Coming" in browser("teacher").get(called).text


@pytest.mark.a_page
@pytest.mark.parametrize(
    "times",
    [
        ("2027-03-28T02:30", "2027-03-28T04:00"),
        ("2099-01-15T09:00", "2099-01-15T09:00"),
        ("2099-01-15T09:00", "2099-01-15T08:00"),
    ],
)
def test_a_meeting_is_not_moved_to_no_time(browser, desk, town, called, times):
    to = dict(zip(("starts_at", "ends_at"), times, strict=True))
    assert moved(browser("coordinator"), called, **to).status_code == 422
    assert told(desk, town, "meeting_moved") == []


@pytest.mark.a_page
def test_an_hour_that_is_there_twice_is_the_first_of_the_two(browser, desk, called):
    to = {"starts_at": "2026-10-25T02:30", "ends_at": "2026-10-25T03:30"}
    moved(browser("coordinator"), called, **to)
    with desk.system() as session:
        meeting = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).one()
        assert meeting.starts_at == moment("2026-10-25T02:30+02:00")
        assert (meeting.ends_at - meeting.starts_at).seconds == 2 * 3600


def test_a_cancelled_meeting_is_told_kept_and_not_answered(browser, desk, town, called):
    client, teacher = browser("coordinator"), browser("teacher")
    assert teacher.post(f"{called}/cancel").status_code == 403
    assert client.post(f"{called}/cancel").status_code == 422  # those called are told why
    for _ in range(2):
        assert client.post(f"{called}/cancel", data={"because": "Flu"}).status_code == 303
    assert told(desk, town, "meeting_cancelled") == ["mother", "nurse", "teacher"]
    page = teacher.get(called).text
    assert "Cancelled" in page and "Flu" in page and "Your answer" not in page
    assert teacher.post(f"{called}/answer", data={"answer": "coming"}).status_code == 409
    assert teacher.post(f"{called}/propose", data={"topic": "x"}).status_code == 403
    assert "Cancelled" in teacher.get(url(town, "meeting/list/")).text
    assert "2099" not in teacher.get(url(town, "")).text


def test_a_cancelled_plan_of_a_meeting_tells_nobody(browser, desk, town, planned):
    browser("coordinator").post(f"{planned}/cancel", data={"because": "Flu"})
    assert told(desk, town, "meeting_cancelled") == []
    reply = browser("coordinator").post(f"{planned}/settle", data=sent(town))
    assert reply.status_code == 403 and told(desk, town) == []


def test_what_people_are_called_to_is_not_taken_away_but_cancelled(browser, desk, town, called):
    client, delete = browser("coordinator"), called.replace("/meeting/", "/meeting/delete/")
    reply = client.post(delete)
    assert reply.status_code == 409 and "Cancel it instead" in reply.text
    assert client.get(called).status_code == 200
    assert delete not in client.get(url(town, "meeting/list/")).text


def test_what_is_only_planned_is_taken_away(browser, town, planned):
    client, delete = browser("coordinator"), planned.replace("/meeting/", "/meeting/delete/")
    assert client.post(delete).status_code == 303
    assert client.get(planned).status_code == 404


VIDEO = {"video_link": "https://video.example/room"}


def make_secret(desk, town, who, secret=True):
    with desk.system() as session:
        session.get_one(Person, town.people[who]).shielded = secret
        session.commit()


@pytest.mark.a_page
def test_a_meeting_is_called_with_a_video_link(browser, town):
    data = CALL | VIDEO | {"people": [town.people["teacher"]]}
    room = browser("coordinator").post(url(town, "meeting/call"), data=data).location
    assert "https://video.example/room" in browser("teacher").get(room).text
    reply = browser("coordinator").post(
        url(town, "meeting/call"), data=data | {"video_link": "video"}
    )
    assert reply.status_code == 422 and 'href="#video_link"' in reply.text


@pytest.mark.a_page
@pytest.mark.parametrize("who", ["owner", "teacher"])
def test_with_a_secret_address_there_is_no_link_saved_before_or_now(browser, desk, town, who):
    data = CALL | VIDEO | {"people": [town.people["teacher"]]}
    client = browser("coordinator")
    room = client.post(url(town, "meeting/call"), data=data).location
    make_secret(desk, town, who)
    for reader in ("teacher", "coordinator", "mother"):
        assert "video.example" not in browser(reader).get(room).text
    edit = room.replace("/meeting/", "/meeting/edit/")
    assert "video.example" not in client.get(edit).text
    assert moved(client, room, purpose="Spring").status_code in (302, 303)
    earlier = client.get(room.replace("/meeting/", "/history/meeting/"))
    assert "Spring" in earlier.text and "video.example" not in earlier.text
    with desk.system() as session:
        assert "video" not in session.scalars(select(ElementIndex.text).where(
            ElementIndex.title == "Spring"
        )).one()  # fmt: skip
    reply = client.post(url(town, "meeting/call"), data=data)
    assert reply.status_code == 422 and 'href="#video_link"' in reply.text
    assert client.post(url(town, "meeting/call"), data=data | {"video_link": ""}).location
