"""A friendly reminder of a task: once a week, to whoever may read it, and never to oneself."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.clock import CLOCK, today, utcnow
from models.consent import Grant
from models.elements.activity import Activity
from models.outbox import OutboxMessage
from models.plan import Participant, Plan
from models.vocabulary import ActivityStatus, ParticipantStatus, PlanStatus
from security.session import GuardedSession
from services.notice_kinds import REMINDER
from services.reminding import DoesNotReadIt, NothingToRemindOf, remind_of
from views.plan.reached import REMINDER as TRACED


@pytest.fixture
def task(desk, town):
    """The nurse's, overdue since yesterday."""
    set_task(desk, town, due=today() - timedelta(days=1))
    return town.rows["task"]


def set_task(desk, town, **values):
    with desk.system() as session:
        row = session.get(Activity, town.rows["task"])
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()


def remind(desk, town, who="mother"):
    with desk.session(who) as session:
        sent = remind_of(session, session.get(Plan, town.plan), town.rows["task"])
        session.commit()
        return sent


def told(desk):
    with desk.system() as session:
        return list(session.scalars(select(OutboxMessage).filter_by(kind=REMINDER)))


def test_once_a_week_whoever_presses(desk, town, task):
    assert remind(desk, town, "mother")
    (first,) = told(desk)
    assert (first.person_id, first.row_id) == (town.people["nurse"], task)
    assert not remind(desk, town, "reader") and not remind(desk, town, "coordinator")
    with CLOCK.stopped_at(utcnow() + timedelta(days=6, hours=23)):
        assert not remind(desk, town, "father")
    with CLOCK.stopped_at(utcnow() + timedelta(days=7, minutes=1)):
        assert remind(desk, town, "father") and not remind(desk, town, "mother")
    assert len(told(desk)) == 2


def test_those_who_press_at_once_send_one(engine, desk, town, task):
    start, sent = Barrier(3), []

    def press(who):
        with GuardedSession(engine) as session:
            session.act_as(desk.actor(who))
            start.wait()
            from models.database import WRITING

            WRITING.set(True)
            sent.append(remind_of(session, session.get(Plan, town.plan), task))
            session.commit()

    threads = [Thread(target=press, args=(who,)) for who in ("mother", "father", "reader")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(sent) == [False, False, True] and len(told(desk)) == 1


NOT_NOW = {
    "done": {"status": ActivityStatus.DONE},
    "removed": {"removed_at": utcnow()},
    "nobody's": {"responsible_id": None},
    "far ahead": {"due": today() + timedelta(days=9)},
    "without a day": {"due": None},
}


@pytest.mark.parametrize("why", NOT_NOW)
@pytest.mark.a_page
def test_there_is_nothing_to_remind_of(desk, town, task, why):
    set_task(desk, town, **NOT_NOW[why])
    with pytest.raises(NothingToRemindOf):
        remind(desk, town)


@pytest.mark.a_page
def test_one_does_not_remind_oneself(desk, town, task):
    with pytest.raises(NothingToRemindOf):
        remind(desk, town, "nurse")


@pytest.mark.a_page
def test_whoever_has_left_or_reads_it_no_more_is_not_told(desk, town, task):
    with desk.system() as session:
        session.get(Participant, town.rows["participant nurse"]).status = ParticipantStatus.LEFT
        session.commit()
    with pytest.raises(DoesNotReadIt):
        remind(desk, town)
    with desk.system() as session:
        session.get(Participant, town.rows["participant nurse"]).status = ParticipantStatus.ACTIVE
        for key in session.scalars(select(Grant).filter_by(person_id=town.people["nurse"])):
            key.revoked_at = utcnow()
        session.commit()
    with pytest.raises(DoesNotReadIt):
        remind(desk, town)
    assert told(desk) == []


@pytest.mark.a_page
@pytest.mark.parametrize("who", ["grandmother", "withdrawn", "stranger"])
def test_who_does_not_read_the_task_cannot(browser, desk, town, task, who):
    reply = browser(who).post(f"/plan/{town.plan}/activity/{task}/remind")
    assert reply.status_code == 404 and told(desk) == []


@pytest.mark.a_page
def test_in_a_closed_plan_nobody_is_reminded(desk, town, task):
    with desk.system() as session:
        session.get(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    with pytest.raises(NothingToRemindOf):
        remind(desk, town)


@pytest.mark.a_page
def test_the_button_says_what_it_did_and_the_log_who_pressed(browser, desk, town, task):
    client, address = browser("mother"), f"/plan/{town.plan}/activity/{task}/remind"
    front = f"/plan/{town.plan}/"
    assert f'action="{address}"' in client.get(front).text
    reply = client.post(address)
    assert reply.status_code == 303
    page = client.get(front).text
    assert "A friendly reminder is on its way" in page and "Reminded" in page
    assert f'action="{address}"' not in page
    client.post(address)
    assert "Once a week is enough" in client.get(front).text and len(told(desk)) == 1
    with desk.system() as session:
        event = session.scalars(select(AccessEvent).filter_by(action="remind")).one()
        assert (event.kind, event.rows) == ("activity", [task])
    assert "Reminded somebody of" in browser("owner").get(f"/plan/{town.plan}/log/?own=yes").text


@pytest.mark.a_page
def test_the_one_reminded_sees_it_and_the_coordinator_who_is_reached(browser, desk, town, task):
    remind(desk, town)
    page = browser("nurse").get("/notices/").text
    there = f"/plan/{town.plan}/activity/show/{task}"
    assert "A friendly reminder" in page and there in page
    address = f"/plan/{town.plan}/reached/{TRACED}/{task}"
    assert "On its way to 1" in browser("coordinator").get(address).text
    assert browser("nurse").get(address).status_code == 403
    assert browser("nurse").get(there).status_code == 200
    assert "1 has seen it" in browser("coordinator").get(address).text
    reply = browser("coordinator").post(f"{address}/remind", data={"person": 1})
    assert reply.status_code == 303 and len(told(desk)) == 1
