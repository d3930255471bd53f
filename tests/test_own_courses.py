"""A coordinator puts herself on the list of a session, and takes herself off it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from models.clock import today
from models.course import Course, CourseAttendance, CourseSession
from models.database import WRITING
from security.policy import Forbidden
from services.own_courses import IsFull, come, stay_away
from tests.test_courses import there

MINE = "/account/courses/"


@pytest.fixture
def a_day(desk, town):
    """A session of the course, a week from now; its key. `days`: from today."""

    def add(days=7, of="", active=True, **more):
        home = town.foreign_id if of else town.municipality_id
        with desk.system() as session:
            session.get(Course, town.rows[f"{of}course"]).active = active
            at = {"municipality_id": home, "course_id": town.rows[f"{of}course"]}
            row = CourseSession(**at, held_on=today() + timedelta(days=days), **more)
            session.add(row)
            session.commit()
            return row.id

    return add


@pytest.fixture
def on_list(desk, town):
    def put(session_id, who, was_there=False):
        with desk.system() as session:
            home = session.get(CourseSession, session_id).municipality_id
            at = {"municipality_id": home, "session_id": session_id}
            session.add(CourseAttendance(**at, person_id=town.people[who], was_there=was_there))
            session.commit()

    return put


@pytest.mark.parametrize("days", [0, 7])
def test_one_press_puts_her_on_the_list_and_one_takes_her_off(browser, desk, town, a_day, days):
    me, who = browser("coordinator"), town.people
    key = a_day(days, places=1)
    page = me.get(MINE).text
    assert f'action="{MINE}{key}/come"' in page and "I will come" in page
    for _ in range(2):
        reply = me.post(f"{MINE}{key}/come")
        assert (reply.status_code, reply.location) == (303, MINE)
    assert there(desk, key) == {who["coordinator"]: False}
    page = me.get(MINE).text
    assert "You are on the list" in page and "Full" not in page and "/come" not in page
    unit = browser("office").get(f"/register/attendance/{key}").text
    assert f'value="{who["coordinator"]}" checked' in unit or days == 0
    assert ("Coordinator (on the list)" in unit) is (days == 0)
    for _ in range(2):
        assert me.post(f"{MINE}{key}/stay-away").location == MINE
    assert there(desk, key) == {}
    assert "You are no longer on the list." in me.get(MINE).text


def test_a_full_session_says_so_and_takes_nobody(browser, desk, town, a_day, on_list):
    key, me = a_day(places=1), browser("coordinator")
    on_list(key, "nurse")
    page = me.get(MINE).text
    assert "<span>Full</span>" in page and f"{key}/come" not in page
    reply = me.post(f"{MINE}{key}/come")
    assert reply.status_code == 409 and "The session is full" in reply.text
    assert me.post(f"{MINE}{key}/stay-away").status_code == 303  # she was not on it
    assert there(desk, key) == {town.people["nurse"]: False}


def test_of_two_who_press_at_once_one_gets_the_last_place(desk, town, a_day, on_list):
    key, together = a_day(places=2), Barrier(2, timeout=30)
    on_list(key, "nurse")

    def press(who):
        WRITING.set(True)
        with desk.session(who) as session:
            together.wait()
            try:
                come(session, key)
                session.commit()
            except IsFull:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, ("coordinator", "newcomer"))) == [False, True]
    assert len(there(desk, key)) == 2


def test_of_two_at_once_past_the_service_one_gets_it_too(desk, town, a_day):
    key, together = a_day(places=1), Barrier(2, timeout=30)

    def press(who):
        WRITING.set(True)
        with desk.session(who) as session:
            together.wait()
            session.add(row(town, key, who))
            try:
                session.commit()
            except Forbidden:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, ("coordinator", "newcomer"))) == [False, True]


def test_the_same_who_presses_twice_at_once_stands_there_once(desk, town, a_day):
    key, together = a_day(), Barrier(2, timeout=30)

    def press(_):
        WRITING.set(True)
        with desk.session("coordinator") as session:
            together.wait()
            come(session, key)
            session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, range(2)))
    assert there(desk, key) == {town.people["coordinator"]: False}


@pytest.mark.parametrize("why", [{"days": -1}, {"active": False}])
def test_what_is_over_or_not_given_is_shut(browser, desk, town, a_day, why):
    key, me = a_day(**why), browser("coordinator")
    assert f"{key}/come" not in me.get(MINE).text
    reply = me.post(f"{MINE}{key}/come")
    assert reply.status_code == 409 and "The day is over" in reply.text
    assert there(desk, key) == {}


def test_when_the_day_is_over_she_cannot_take_it_back(browser, desk, town, a_day, on_list):
    key = a_day(-1)
    on_list(key, "coordinator")
    assert browser("coordinator").post(f"{MINE}{key}/stay-away").status_code == 409
    assert there(desk, key) == {town.people["coordinator"]: False}


def test_what_the_unit_has_ticked_off_stays(browser, desk, town, a_day, on_list):
    key, me = a_day(0), browser("coordinator")
    on_list(key, "coordinator", was_there=True)
    assert f"{key}/stay-away" not in me.get(MINE).text
    assert me.post(f"{MINE}{key}/come").status_code == 303
    reply = me.post(f"{MINE}{key}/stay-away")
    assert reply.status_code == 409 and "that you were there" in reply.text
    assert there(desk, key) == {town.people["coordinator"]: True}


def test_another_towns_session_is_not_there(browser, desk, town, a_day):
    key, me = a_day(of="foreign "), browser("coordinator")
    for at in (f"{MINE}{key}/come", f"{MINE}{key}/stay-away", f"{MINE}x/come", f"{MINE}0/come"):
        assert me.post(at).status_code == 404, at
    assert there(desk, key) == {}


@pytest.mark.parametrize("who", ["nurse", "mother", "leader", "admin", "office"])
def test_who_is_no_coordinator_is_not_let_in(browser, desk, town, a_day, on_list, who):
    key = a_day()
    on_list(key, "nurse")
    for press in ("come", "stay-away"):
        assert browser(who).post(f"{MINE}{key}/{press}").status_code == 403
    assert there(desk, key) == {town.people["nurse"]: False}


def row(town, key, who="coordinator", **more):
    at = {"municipality_id": town.municipality_id, "session_id": key}
    return CourseAttendance(**at, person_id=town.people[who], **more)


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        ({}, {"who": "nurse"}),
        ({"days": 0}, {"was_there": True}),
        ({"days": -1}, {}),
        ({"active": False}, {}),
        ({"places": 1}, {}),
    ],
)
def test_no_other_way_writes_what_the_page_may_not(desk, town, a_day, on_list, day, wrong):
    key = a_day(**day)
    on_list(key, "teacher")
    with desk.session("coordinator") as session:
        session.add(row(town, key, **wrong))
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize(("days", "was_there"), [(-1, False), (0, True), (7, None)])
def test_no_other_way_changes_or_removes_it(desk, town, a_day, on_list, days, was_there):
    """Neither on a day that is over, nor what is ticked off, nor as if it were not."""
    key = a_day(days)
    on_list(key, "coordinator", was_there=bool(was_there))
    with desk.session("coordinator") as session:
        [mine] = session.scalars(select(CourseAttendance).where(CourseAttendance.session_id == key))
        if was_there is None:
            mine.was_there = True
        else:
            mine.was_there = False
            session.delete(mine)
        with pytest.raises(Forbidden):
            session.flush()


def test_nobody_takes_another_off(desk, town, a_day, on_list):
    key = a_day()
    on_list(key, "nurse")
    with desk.session("nurse") as session:
        [theirs] = session.scalars(
            select(CourseAttendance).where(CourseAttendance.session_id == key)
        )
    with desk.session("coordinator") as session:
        session.add(theirs)
        theirs.person_id = town.people["coordinator"]
        session.delete(theirs)
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("coordinator") as session:
        stay_away(session, key)
        session.commit()
    assert there(desk, key) == {town.people["nurse"]: False}
