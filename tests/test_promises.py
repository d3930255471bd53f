"""What was agreed last time, in the minutes of the next meeting: who reads it, what it changes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.clock import utcnow
from models.consent import Grant
from models.elements.activity import Activity
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.history import ElementIndex, ElementVersion
from models.vocabulary import ActivityStatus, Level, Outcome, Scope
from tests.factories import a_key
from tests.page import Page
from tests.test_agenda import room  # noqa: F401  (a fixture)
from tests.test_budgets import measured
from tests.test_minutes import begun, points, the, written  # noqa: F401  (a fixture)
from tests.test_work import CALL, url

AGREED = ("Book the pool", "Ring the dentist", "Ask the choir", "Find a chair", "Buy a map")


@pytest.fixture
def again(browser, desk, town, begun):  # noqa: F811
    """The address of the next minutes, where five things were agreed last time, and task -> field
    of them."""
    for n in range(len(AGREED) - 2):
        assert written(browser, begun, point=f"Point {n}").status_code == 303
    said = {f"agreed_{row.id}": what for row, what in zip(points(desk), AGREED, strict=True)}
    assert written(browser, begun, **said).status_code == 303
    skip = {"skip": "y", "because": "They sat here"}
    assert browser("coordinator").post(f"{begun}/give", data=skip).status_code == 303
    return next_minutes(browser, town)


def loses_the_goals(desk, town):
    """The owner takes the goals back from the teacher, who keeps the meetings."""
    with desk.system() as session:
        theirs = select(Grant).filter_by(
            person_id=town.people["teacher"], scope=Scope.GOALS, revoked_at=None
        )
        session.scalars(theirs).one().revoked_at = utcnow()
        session.commit()


def reads_all_goals(desk, town):
    """The teacher, who had those of school only."""
    loses_the_goals(desk, town)
    a_key(desk, town, "teacher", Scope.GOALS, Level.READ)


def next_minutes(browser, town, month="02", **more):
    times = {"starts_at": f"2099-{month}-15T09:00", "ends_at": f"2099-{month}-15T10:00"}
    people = [town.people[name] for name in ("teacher", "mother", "nurse")]
    call = browser("coordinator").post(
        url(town, "meeting/call"), data=CALL | times | {"people": people} | more
    )
    start = call.location.replace("/meeting/", "/minutes/begin/")
    return browser("coordinator").post(start).location.removesuffix("/write")


def fields(desk):
    """What was agreed -> the row of it in the newest minutes."""
    with desk.system() as session:
        rows = select(MinutesItem).where(MinutesItem.promise_id.is_not(None))
        newest = rows.where(MinutesItem.minutes_id == the(desk).id)
        return {one.promise.what: one.id for one in session.scalars(newest).unique()}


def statuses(desk):
    with desk.system() as session:
        return dict(session.execute(select(Activity.what, Activity.status)).all())


@pytest.mark.a_page
def test_the_tasks_follow_when_the_minutes_are_handed_over_and_none_is_set_back(
    browser, desk, again
):
    keys = fields(desk)
    assert tuple(keys) == ("Ring NAV", *AGREED)  # of what was agreed long ago and is not finished
    pool, dentist, choir, chair, map_ = (keys[what] for what in AGREED)
    with desk.session("nurse") as session:  # meanwhile
        for what in ("Find a chair", "Buy a map"):
            task = session.scalars(select(Activity).where(Activity.what == what)).unique().one()
            task.status = ActivityStatus.ENDED
        session.commit()
    said = {
        f"outcome_{pool}": "done", f"said_{pool}": "On Mondays", f"outcome_{dentist}": "partly",
        f"outcome_{choir}": "not_done", f"outcome_{chair}": "done", f"outcome_{map_}": "partly",
    }  # fmt: skip
    assert written(browser, again, **said).status_code == 303
    assert statuses(desk)["Book the pool"] is ActivityStatus.NEW
    asked = browser("coordinator").get(f"{again}/give").text
    assert "another status now" in asked and "Find a chair" not in asked
    assert browser("coordinator").post(f"{again}/give").status_code == 303
    now = statuses(desk)
    assert [now[what] for what in AGREED] == [
        ActivityStatus.DONE, ActivityStatus.ONGOING, ActivityStatus.NEW, ActivityStatus.ENDED,
        ActivityStatus.ENDED,
    ]  # fmt: skip
    read = Page(browser("mother").get(again).text).text
    assert "Book the pool: Done" in read and "On Mondays" in read
    assert "Ring the dentist: Partly done" in read
    third = browser("coordinator").get(next_minutes(browser, desk.town, "03") + "/write").text
    assert "Ring the dentist" in third and "Book the pool" not in third  # not finished


@pytest.mark.a_page
def test_a_fault_while_handing_over_leaves_the_tasks_as_they_were(
    browser, desk, again, monkeypatch
):
    said = {f"outcome_{fields(desk)['Book the pool']}": "done"}
    written(browser, again, **said)

    def power_cut(*_a, **_k):
        raise RuntimeError("power")

    with monkeypatch.context() as at_the_end:
        at_the_end.setattr("services.minutes_giving.notify", power_cut)
        assert browser("coordinator").post(f"{again}/give").status_code == 500
    assert statuses(desk)["Book the pool"] is ActivityStatus.NEW
    assert browser("coordinator").post(f"{again}/give").status_code == 303
    assert statuses(desk)["Book the pool"] is ActivityStatus.DONE


@pytest.mark.a_page
def test_who_may_not_change_a_task_leaves_it_as_it_is(browser, desk, town, again):
    """The teacher is the referent, and reads all tasks."""
    reads_all_goals(desk, town)
    with desk.system() as session:
        session.get(Minutes, the(desk).id).meeting.referent_id = town.people["teacher"]
        session.commit()
    said = {f"outcome_{fields(desk)['Book the pool']}": "done"}
    assert written(browser, again, "teacher", **said).status_code == 303
    assert "another status" not in browser("teacher").get(f"{again}/give").text
    assert browser("teacher").post(f"{again}/give").status_code == 303
    assert the(desk).given_at and statuses(desk)["Book the pool"] is ActivityStatus.NEW


@pytest.mark.a_page
def test_two_who_answer_differently_see_both_answers(browser, desk, again):
    key = fields(desk)["Book the pool"]
    page = Page(browser("coordinator").get(f"{again}/write").text)
    sent = {n: (f.values or [""])[0] for n, f in page.fields.items()}
    first, late = sent | {f"outcome_{key}": "done"}, sent | {f"outcome_{key}": "partly"}
    assert browser("coordinator").post(f"{again}/write", data=first).status_code == 303
    reply = browser("coordinator").post(f"{again}/write", data=late)
    assert reply.status_code == 422 and "It says now: “Done”" in reply.text


@pytest.mark.a_page
def test_a_reader_who_may_not_read_the_task_meets_neither_words_nor_an_empty_row(
    browser, desk, town, again
):
    """The goals are taken back from the teacher; a task that is taken away is out of the minutes
    too."""
    key = fields(desk)["Book the pool"]
    said = {f"outcome_{key}": "done", f"said_{key}": "Marte has rung"}
    skip = {"skip": "y", "because": "They sat here"}
    assert written(browser, again, **said).status_code == 303
    assert browser("coordinator").post(f"{again}/give", data=skip).status_code == 303
    assert "Since last time" in browser("nurse").get(again).text
    reads_all_goals(desk, town)
    assert "Marte has rung" in browser("teacher").get(again).text
    loses_the_goals(desk, town)
    for page in (again, f"/plan/{town.plan}/timeline/", f"/plan/{town.plan}/timeline/?q=marte"):
        read = browser("teacher").get(page).text
        assert "Book the pool" not in read and "Marte has rung" not in read
        assert "Since last time" not in read
    with desk.system() as session:
        session.scalars(
            select(Activity).where(Activity.what == "Book the pool")
        ).unique().one().removed_at = the(desk).given_at
        session.commit()
    assert "Since last time" not in browser("nurse").get(again).text


def test_the_row_its_versions_and_its_index_are_as_shut_as_the_task(desk, town):
    """The teacher is called to the meeting, and reads no task without a life area."""
    row_id = town.rows["promise"]
    with desk.session("coordinator") as session:
        session.get(MinutesItem, row_id).outcome = Outcome.DONE
        session.commit()

    def found(who):
        with desk.session(who) as session:
            assert session.get(Minutes, town.rows["minutes"])
            of_it = [
                select(shadow).where(shadow.key == "minutes_item", shadow.row_id == row_id)
                for shadow in (ElementVersion, ElementIndex)
            ]
            versions, lines = (session.scalars(one).all() for one in of_it)
            assert lines == []  # found by the task, and by nothing else
            return bool(session.get(MinutesItem, row_id)), bool(versions)

    assert found("mother") == (True, True)
    assert found("teacher") == (False, False)
    reads_all_goals(desk, town)
    assert found("teacher") == (True, True)
    loses_the_goals(desk, town)
    assert found("teacher") == (False, False)
    with desk.system() as session:
        hidden = {"hidden_from_guardians": True, "hidden_because": "Told in confidence"}
        for name, value in hidden.items():
            setattr(session.get(Activity, town.rows["task"]), name, value)
        session.commit()
    assert found("mother") == (False, False)


@pytest.mark.a_page
@pytest.mark.parametrize(("page", "reads"), [("/write", 10), ("", 11), ("/give", 9)])
def test_pages_cost_the_same_however_much_was_agreed(browser, desk, again, app_engine, page, reads):
    key = fields(desk)["Book the pool"]
    assert written(browser, again, **{f"outcome_{key}": "done"}).status_code == 303
    cost, sent = measured(browser("coordinator"), app_engine, again + page)
    assert cost[0] == reads, sent


@pytest.mark.a_page
def test_from_a_task_to_the_minutes_it_was_agreed_in_for_who_reads_them(browser, desk, town, again):
    with desk.system() as session:
        task = session.scalars(select(Activity.id).where(Activity.what == "Book the pool")).one()
    address = url(town, f"activity/show/{task}")
    assert "Agreed in the meeting of" in browser("coordinator").get(address).text
    reader = browser("reader").get(address).text  # reads goals, and no minutes
    assert "Book the pool" in reader and "Agreed in the meeting of" not in reader
    other = browser("coordinator").get(url(town, f"activity/show/{town.rows['activity']}")).text
    assert "Agreed in the meeting of" not in other
