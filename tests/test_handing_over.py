"""Agreed tasks: how much, from when, whose; and all of one person's to another at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import today
from models.elements.activity import Activity
from models.history import ElementVersion
from models.outbox import OutboxMessage
from models.plan import Participant, Plan
from models.vocabulary import ActivityStatus, ParticipantStatus, PlanStatus
from security.policy import Forbidden
from services.handing_over import ReadsTooLittle, hand_over
from tests.test_budgets import logging, measured
from tests.test_goals import error_of


def at(town, rest):
    return f"/plan/{town.plan}/activity/{rest}"


@pytest.fixture
def four(desk, town):
    """The nurse has four tasks more, one of them done and one removed."""
    mine = {"plan_id": town.plan, "responsible_id": town.people["nurse"]}
    with desk.session("coordinator") as session:
        rows = [Activity(**mine, what=f"Task {n}") for n in range(4)]
        session.add_all(rows)
        session.flush()
        rows[2].status, rows[3].removed_at = ActivityStatus.DONE, rows[0].created_at
        session.commit()
    return town


def whose(desk, who, town):
    with desk.system() as session:
        mine = select(Activity.what).where(Activity.responsible_id == town.people[who])
        return set(session.scalars(mine.order_by(Activity.id)))


def give(client, town, who="nurse", to="reader"):
    sent = {"from_id": town.people[who], "to_id": town.people[to]}
    return client.post(at(town, "hand-over"), data=sent)


def gone(desk, town, who, status=ParticipantStatus.LEFT):
    with desk.system() as session:
        session.get(Participant, town.rows[f"participant {who}"]).status = status
        session.commit()


OPEN = {"Ring NAV", "Task 0", "Task 1"}


def test_all_open_tasks_are_moved_at_once_with_history_and_one_notice(browser, desk, four):
    client = browser("coordinator")
    assert "3 open tasks" in client.get(at(four, "hand-over")).text
    reply = give(client, four)
    assert reply.status_code == 303 and "3 tasks are moved." in client.get(reply.location).text
    assert whose(desk, "reader", four) == OPEN
    assert whose(desk, "nurse", four) == {"Task 2", "Task 3"}
    with desk.system() as session:
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "tasks")).one()
        assert told.person_id == four.people["reader"]
        before = session.scalars(select(ElementVersion).where(ElementVersion.key == "activity"))
        of_nurse = [one.data["responsible_id"] == four.people["nurse"] for one in before]
        assert of_nurse.count(True) >= 3


def test_the_second_click_moves_nothing_more_and_tells_nobody_again(browser, desk, four):
    client = browser("coordinator")
    assert [give(client, four).status_code for _ in "12"] == [303, 303]
    with desk.system() as session:
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "tasks")).all()
        assert len(told) == 1


def test_who_hands_over_to_oneself_is_not_told(browser, desk, four):
    give(browser("coordinator"), four, to="coordinator")
    assert whose(desk, "coordinator", four) == OPEN
    with desk.system() as session:
        assert not session.scalars(select(OutboxMessage).filter_by(kind="tasks")).all()


@pytest.mark.parametrize("status", ["withdrawn", "left", "declined"])
def test_who_takes_no_part_any_more_takes_over_nothing(browser, desk, four, status):
    gone(desk, four, "reader", ParticipantStatus(status))
    reply = give(browser("coordinator"), four)
    said = error_of(reply.text, "to_id")
    assert (reply.status_code, said) == (422, "Choose one of those on the list.")
    assert whose(desk, "reader", four) == set()


def test_somebody_withdrawn_in_between_takes_over_nothing(desk, four):
    with desk.session("coordinator") as session:
        plan = session.get(Plan, four.plan)
        session.rollback()
        gone(desk, four, "reader", ParticipantStatus.WITHDRAWN)
        with pytest.raises(Exception, match=str(four.people["reader"])):
            hand_over(session, plan, four.people["nurse"], four.people["reader"])


@pytest.mark.parametrize("to", ["grandmother", "teacher", "mother"])
def test_nobody_gets_a_task_they_may_not_read(browser, desk, four, to):
    """Without the part, in another life area, and hidden from those who act for the owner."""
    with desk.session("coordinator") as session:
        task = session.get(Activity, four.rows["task"])
        task.hidden_from_guardians, task.hidden_because = True, "Told in confidence"
        session.commit()
    reply = give(browser("coordinator"), four, to=to)
    assert reply.status_code == 422
    assert error_of(reply.text, "to_id").startswith("This person may not read all")
    assert whose(desk, "nurse", four) >= OPEN and whose(desk, to, four) == set()


@pytest.mark.parametrize(
    "who", ["reader", "teacher", "grandmother", "withdrawn", "office", "admin"]
)
def test_who_may_not_write_tasks_hands_none_over(browser, desk, four, who):
    assert browser(who).get(at(four, "hand-over")).status_code in (403, 404)
    assert give(browser(who), four).status_code in (403, 404)
    assert whose(desk, "nurse", four) >= OPEN


def test_a_closed_plan_keeps_its_tasks(browser, desk, four):
    with desk.system() as session:
        session.get(Plan, four.plan).status = PlanStatus.CLOSED
        session.commit()
    assert give(browser("coordinator"), four).status_code == 403
    assert "Hand over" not in browser("coordinator").get(at(four, "list/")).text


def test_the_mother_moves_what_she_reads_and_is_told_of_no_more(browser, desk, four):
    with desk.session("coordinator") as session:
        task = session.get(Activity, four.rows["task"])
        task.hidden_from_guardians, task.hidden_because = True, "Told in confidence"
        session.commit()
    assert "2 open tasks" in browser("mother").get(at(four, "hand-over")).text
    assert give(browser("mother"), four).status_code == 303
    assert whose(desk, "reader", four) == OPEN - {"Ring NAV"}


def test_one_that_may_not_be_moved_keeps_them_all(desk, four):
    """A writer in some life areas only reads fewer; what is refused is refused whole."""
    with desk.session("reader") as session:
        plan = session.get(Plan, four.plan)
        with pytest.raises((Forbidden, ReadsTooLittle)):
            hand_over(session, plan, four.people["nurse"], four.people["coordinator"])
    assert whose(desk, "nurse", four) >= OPEN


def test_a_fault_in_the_middle_moves_nothing(browser, desk, four, monkeypatch):
    def break_down(*_):
        raise RuntimeError("no more notices")

    monkeypatch.setattr("services.handing_over.notify", break_down)
    client = browser("coordinator")
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert give(client, four).status_code == 500
    assert whose(desk, "nurse", four) >= OPEN and whose(desk, "reader", four) == set()


def test_to_the_same_one_is_a_slip(browser, four):
    reply = give(browser("coordinator"), four, to="nurse")
    assert error_of(reply.text, "to_id") == "Choose two different persons."


def test_who_has_gone_is_shown_as_such_and_not_offered(browser, desk, four):
    gone(desk, four, "nurse")
    client, pk = browser("coordinator"), four.rows["task"]
    assert "Needs a new one" in client.get(at(four, "list/")).text
    assert "Needs a new one: Nurse" in client.get(at(four, f"show/{pk}")).text
    assert ">Nurse, nurse<" not in client.get(at(four, "add")).text
    sent = {"what": "New", "status": "new", "responsible_id": four.people["nurse"]}
    assert client.post(at(four, "add"), data=sent).status_code == 422
    edit = client.get(at(four, f"edit/{pk}")).text  # what is there is not lost by another change
    version = re.search(r'name="version"[^>]*value="(\w+)"', edit)[1]
    sent = {"what": "Ring", "status": "new", "version": version, "responsible_id": ""}
    assert client.post(at(four, f"edit/{pk}"), data=sent).status_code == 303
    assert "Ring" in whose(desk, "nurse", four)
    assert "needs a new one" in client.get(at(four, "list/")).text.lower()


def test_a_task_has_how_much_and_from_when(browser, desk, town):
    client = browser("coordinator")
    sent = {"what": "Swim", "status": "new", "extent": "Twice a week", "starts_on": "2027-02-01"}
    reply = client.post(at(town, "add"), data=sent | {"due": "2027-01-01"})
    assert error_of(reply.text, "due") == "The end is before the start."
    assert client.post(at(town, "add"), data=sent | {"due": "2027-03-01"}).status_code == 303
    with desk.system() as session:
        row = session.scalars(select(Activity).where(Activity.what == "Swim")).unique().one()
        assert (row.extent, f"{row.starts_on}") == ("Twice a week", "2027-02-01")
        pk = row.id
    assert "Twice a week" in client.get(at(town, f"show/{pk}")).text


def test_what_is_finished_is_shown_when_one_asks_and_what_is_late_says_so(browser, desk, four):
    with desk.session("coordinator") as session:
        session.get(Activity, four.rows["task"]).due = today() - timedelta(1)
        session.commit()
    client = browser("coordinator")
    page = client.get(at(four, "list/")).text
    assert "Task 2" not in page and "Should have been done" in page
    assert "Task 2" in client.get(at(four, "list/?finished=1")).text


def test_the_list_costs_the_same_with_those_who_have_gone(browser, desk, four, app_engine):
    gone(desk, four, "nurse")
    (reads, writes, many), sent = measured(browser("coordinator"), app_engine, at(four, "list/"))
    assert (reads, writes, many) == (6, logging(app_engine), 0), sent


def edit(client, town, version, **sent):
    data = {"what": "Ring NAV", "status": "new", "version": version} | sent
    return client.post(at(town, f"edit/{town.rows['task']}"), data=data)


def told(page):
    """What somebody else has stored meanwhile, as the page says it."""
    alert = page.split("Somebody else has changed this meanwhile")[1].split("</dl>")[0]
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", alert))


def test_a_stale_change_of_a_task_shows_what_it_points_at_and_loses_neither(browser, desk, town):
    theirs = {"goal_id": town.rows["goal"], "responsible_id": town.people["reader"]}
    theirs |= {"due": "2027-03-01", "extent": "Twice"}
    assert edit(browser("coordinator"), town, 1, **theirs).status_code == 303
    mine = {"responsible_id": town.people["nurse"], "goal_id": town.rows["school goal"]}
    mine |= {"due": "", "extent": ""}
    reply = edit(browser("nurse"), town, 1, status="ongoing", how="Mine", **mine)
    said = told(reply.text)
    assert reply.status_code == 409 and "Mine" in reply.text
    assert "Goal Swim" in said and "Contact person Reader, reader" in said
    assert "How much Twice" in said and "By when 1 Mar 2027" in said and "Status New" in said
    assert f'<option selected value="{town.rows["school goal"]}">' in reply.text
    assert edit(browser("nurse"), town, 2, how="Mine", **mine).status_code == 303
    history = f"/plan/{town.plan}/history/activity/{town.rows['task']}"
    assert "Twice" in browser("nurse").get(history).text  # theirs is kept too


def test_who_has_gone_is_no_conflict(browser, desk, town):
    """Nobody else was chosen, and the one who has gone stays until then."""
    gone(desk, town, "nurse")
    sent = {"how": "Once", "responsible_id": ""}
    client = browser("coordinator")
    assert [edit(client, town, 1, **sent).status_code for _ in "12"] == [303, 303]
    reply = edit(client, town, 1, how="Twice", responsible_id="")
    assert reply.status_code == 409 and "Contact person" not in told(reply.text)
