"""An answer to a meeting that somebody gave on the telephone: it says who wrote it down."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deploy.release import downgrade, migrate, rebuilding
from models.elements.meeting import Invitee
from models.vocabulary import Attendance
from tests.test_before_meeting import called, moved, planned  # noqa: F401  (fixtures)


def told(town, who="mother", **more):
    return {"person": town.people[who], "answer": "not_coming", "reason": "At work"} | more


def place(desk, town, who="mother"):
    with desk.system() as session:
        theirs = Invitee.person_id == town.people[who]
        newest = select(Invitee).where(theirs).order_by(Invitee.id.desc())
        one = session.scalars(newest).first()
        return one.answer, one.reason, one.told_to_id


def test_it_is_stored_with_who_wrote_it_and_they_may_change_it(browser, desk, town, called):  # noqa: F811
    client, mother = browser("coordinator"), browser("mother")
    assert client.post(f"{called}/write-down", data=told(town)).status_code == 303
    by = town.people["coordinator"]
    assert place(desk, town) == (Attendance.NOT_COMING, "At work", by)
    page = mother.get(called).text
    assert "Told to Coordinator" in page and "Your answer: Not coming" in page
    mother.post(f"{called}/answer", data={"answer": "coming"})
    assert place(desk, town) == (Attendance.COMING, None, None)
    assert "Told to" not in client.get(called).text


def test_a_new_time_is_asked_about_anew(browser, desk, town, called):  # noqa: F811
    client = browser("coordinator")
    client.post(f"{called}/write-down", data=told(town))
    moved(client, called, starts_at="2099-01-16T09:00", ends_at="2099-01-16T10:00")
    assert place(desk, town) == (Attendance.UNANSWERED, None, None)


def test_only_who_may_change_the_meeting_writes_it_down(browser, desk, town, called):  # noqa: F811
    before = place(desk, town)
    for who, status in (("teacher", 403), ("grandmother", 403), ("reader", 404), ("stranger", 404)):
        assert browser(who).get(f"{called}/write-down").status_code == status
        assert browser(who).post(f"{called}/write-down", data=told(town)).status_code == status
    assert "write-down" not in browser("teacher").get(called).text
    assert place(desk, town) == before


@pytest.mark.a_page
@pytest.mark.parametrize("name", ["person", "answer", "reason", "not called"])
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(browser, desk, town, called, name):  # noqa: F811
    before = place(desk, town)
    wrong = {"person": {"person": ""}, "answer": {"answer": "unanswered"}}
    wrong |= {"reason": {"reason": "x" * 201}}
    wrong |= {"not called": {"person": town.people["grandmother"]}}
    reply = browser("coordinator").post(f"{called}/write-down", data=told(town) | wrong[name])
    field = "person" if name == "not called" else name
    assert reply.status_code == 422 and f'href="#{field}' in reply.text
    assert name == "reason" or 'value="At work"' in reply.text
    assert place(desk, town) == before


@pytest.mark.a_page
def test_nothing_is_answered_that_does_not_take_place(browser, desk, town, planned):  # noqa: F811
    client = browser("coordinator")
    assert client.post(f"{planned}/write-down", data=told(town)).status_code == 409
    client.post(f"{planned}/cancel", data={"because": "Flu"})
    assert client.post(f"{planned}/write-down", data=told(town)).status_code == 403
    assert place(desk, town) == (Attendance.UNANSWERED, None, None)


def test_back_and_forth_the_answer_is_kept(browser, desk, town, called, engine):  # noqa: F811
    browser("coordinator").post(f"{called}/write-down", data=told(town))
    with rebuilding(engine) as connection:
        downgrade(connection, "0038")
        migrate(connection)
    assert place(desk, town) == (Attendance.NOT_COMING, "At work", None)
