"""Training: who is ticked off at a session, who lacks the basics, and who may see which of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import Membership
from models.clock import CLOCK, today, utcnow
from models.course import Course, CourseAttendance, CourseSession
from models.people import CoordinatorAppointment, Person
from models.vocabulary import Role
from security.policy import Forbidden
from services.courses import mark
from tests.conftest import statements
from tests.test_patrol import writes

LACKS = "/register/lacks-basics/"


@pytest.fixture
def at(town):
    return f"/register/attendance/{town.rows['coursesession']}"


@pytest.fixture
def plan_a_day(desk, town):
    """Another session of the course, a week from now; its key."""

    def add(**more):
        with desk.session("office") as session:
            of = {"municipality_id": town.municipality_id, "course_id": town.rows["course"]}
            row = CourseSession(**of, held_on=today() + timedelta(days=7), **more)
            session.add(row)
            session.commit()
            return row.id

    return add


def there(desk, session_id):
    """Person -> whether they were at the session."""
    wanted = select(CourseAttendance.person_id, CourseAttendance.was_there)
    with desk.system() as session:
        here = CourseAttendance.session_id == session_id
        return dict(session.execute(wanted.where(here)).all())


def seen(page):
    return re.search(r'name="seen"[^>]*value="([\d,]*)"', page)[1]


def test_who_was_there_is_ticked_off_and_no_longer_lacks_it(browser, desk, town, at):
    office, who = browser("office"), town.people
    assert "Coordinator" in office.get(LACKS).text and "Basics" in office.get(LACKS).text
    page = office.get(at).text
    assert "Who was there?" in page and "Basics · " in page
    assert re.findall(r'value="(\d+)" checked', page) == [str(who["nurse"])]
    data = {"seen": seen(page), "people": [who["coordinator"]], "person_id": "Newcomer"}
    assert office.post(at, data=data).status_code == 303
    assert there(desk, town.rows["coursesession"]) == {
        who["nurse"]: False, who["coordinator"]: True, who["newcomer"]: True,
    }  # fmt: skip
    assert "Nobody lacks it" in office.get(LACKS).text
    assert "Nurse (on the list)" in office.get(at).text  # who was to come, and did not


def test_one_mistake_and_nothing_is_stored(browser, desk, town, at):
    before = there(desk, town.rows["coursesession"])
    data = {"people": [town.people["coordinator"]], "person_id": "Zz"}
    reply = browser("office").post(at, data=data)
    assert reply.status_code == 422 and "Nobody by this name" in reply.text
    box = rf'value="{town.people["coordinator"]}" checked'
    assert re.search(box, reply.text)  # what was ticked is still ticked
    assert there(desk, town.rows["coursesession"]) == before
    for forged in ("foreign office", "mother"):  # of another town; not offered
        data = {"people": ["", town.people[forged]]}
        assert browser("office").post(at, data=data).status_code == 422
    assert there(desk, town.rows["coursesession"]) == before


def test_two_who_tick_at_once_lose_nothing(browser, desk, town, at):
    office, who = browser("office"), town.people
    old = seen(office.get(at).text)
    office.post(at, data={"seen": old, "people": [who["nurse"], who["coordinator"]]})
    office.post(at, data={"seen": old, "people": [who["nurse"]], "person_id": "Newcomer"})
    assert set(there(desk, town.rows["coursesession"]).values()) == {True}
    assert len(there(desk, town.rows["coursesession"])) == 3


def test_before_the_day_one_is_put_on_the_list_and_taken_off(browser, desk, town, plan_a_day):
    office, who, key = browser("office"), town.people, plan_a_day(places=1)
    page = office.get(f"/register/attendance/{key}").text
    assert "Who is coming?" in page
    both = {"people": [who["coordinator"]], "person_id": "Newcomer"}
    full = office.post(f"/register/attendance/{key}", data=both)
    assert full.status_code == 422 and "There is room for 1." in full.text
    office.post(f"/register/attendance/{key}", data={"people": [who["coordinator"]]})
    assert there(desk, key) == {who["coordinator"]: False}
    mine = browser("coordinator").get("/account/courses/").text
    assert "You are on the list" in mine and "You should have this" in mine
    office.post(f"/register/attendance/{key}", data={"seen": f"{who['coordinator']},x,,9"})
    assert there(desk, key) == {}


def test_nobody_was_there_before_the_day(desk, town, plan_a_day):
    key = plan_a_day()
    with desk.session("office") as session:
        here = {"municipality_id": town.municipality_id, "session_id": key}
        session.add(CourseAttendance(**here, person_id=town.people["nurse"], was_there=True))
        with pytest.raises(Forbidden, match="before the day"):
            session.flush()
    with CLOCK.stopped_at(utcnow() + timedelta(days=8)), desk.session("office") as session:
        assert mark(session, session.get(CourseSession, key), {town.people["nurse"]}, set()) == 1
        session.commit()
    assert there(desk, key) == {town.people["nurse"]: True}


def test_a_day_that_has_been_is_not_moved_ahead(browser, town):
    row = town.rows["coursesession"]
    ahead = {"held_on": (today() + timedelta(days=3)).isoformat()}
    page = browser("office").get(f"/register/coursesession/edit/{row}").text
    ahead["version"] = re.search(r'name="version"[^>]*value="(\w+)"', page)[1]
    reply = browser("office").post(f"/register/coursesession/edit/{row}", data=ahead)
    assert reply.status_code == 422 and "So the day has been" in reply.text


def test_who_was_there_is_read_by_the_unit_the_own_leader_and_oneself(desk, town):
    for who, reads in {"office": 1, "nurse": 1, "leader": 0, "admin": 0, "coordinator": 0,
                       "foreign office": 0, None: 0}.items():  # fmt: skip
        with desk.session(who) as session:
            assert len(session.scalars(select(CourseAttendance)).all()) == reads, who
    with desk.system() as session:
        for who in ("leader", "nurse"):
            session.get(Person, town.people[who]).department_id = town.rows["department"]
        session.commit()
    with desk.session("leader") as session:
        assert len(session.scalars(select(CourseAttendance)).all()) == 1


@pytest.mark.parametrize("who", ["leader", "coordinator", "nurse"])
def test_nobody_else_keeps_the_courses(desk, town, who):
    here = {"municipality_id": town.municipality_id}
    of = {**here, "session_id": town.rows["coursesession"]}
    for row in (
        Course(**here, name="Mine"),
        CourseSession(**here, course_id=town.rows["course"], held_on=today()),
        CourseAttendance(**of, person_id=town.people[who], was_there=True),
    ):
        with desk.session(who) as session:
            session.add(row)
            with pytest.raises(Forbidden):
                session.flush()


def test_nothing_is_tied_to_another_municipality(desk, town):
    here = {"municipality_id": town.municipality_id}
    of, theirs = {**here, "session_id": town.rows["coursesession"]}, town.rows["foreign course"]
    elsewhere = {**here, "session_id": town.rows["foreign coursesession"]}
    for row in (
        CourseSession(**here, course_id=theirs, held_on=today()),
        CourseAttendance(**of, person_id=town.people["foreign office"]),
        CourseAttendance(**elsewhere, person_id=town.people["mother"]),
    ):
        with desk.session("office") as session:
            session.add(row)
            with pytest.raises(Forbidden):
                session.flush()


def test_what_one_has_been_to_counts_when_one_stood_twice(browser, desk, town):
    with desk.system() as session:
        [row] = session.scalars(select(CourseAttendance)).all()
        double = Person(municipality_id=town.municipality_id, name="Koordinator")
        double.merged_into_id = town.people["coordinator"]
        session.add(double)
        session.flush()
        here = {"municipality_id": row.municipality_id, "session_id": row.session_id}
        session.add(CourseAttendance(**here, person_id=double.id, was_there=True))
        session.commit()
    assert "Nobody lacks it" in browser("office").get(LACKS).text


@pytest.mark.a_page
@pytest.mark.parametrize("what", [{"is_basic": False}, {"active": False}, {"ended": True}])
def test_nobody_lacks_what_need_not_be_had(browser, desk, town, what):
    with desk.system() as session:
        if what.pop("ended", False):
            appointment = session.get(CoordinatorAppointment, town.rows["appointment"])
            appointment.ends_on = today() - timedelta(days=1)
        for name, value in what.items():
            setattr(session.get(Course, town.rows["course"]), name, value)
        session.commit()
    assert "Nobody lacks it" in browser("office").get(LACKS).text


@pytest.fixture
def many(desk, town):
    """Thirty more who coordinate, two of them of the same name."""
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id}
        for n in range(30):
            session.add(person := Person(**here, name=f"Åse Øvrebø {max(n, 1):02}"))
            session.flush()
            of = {"person_id": town.people["owner"], "coordinator_id": person.id}
            session.add(CoordinatorAppointment(**here, **of, starts_on=today()))
        session.add(Course(**here, name="More", is_basic=True))
        session.commit()


@pytest.mark.a_page
def test_the_list_is_paged_searched_and_as_cheap_for_many(browser, desk, town, many, app_engine):
    office = browser("office")
    with statements(app_engine) as sent:
        first = office.get(LACKS).text
    assert len(reads(sent)) == 2 and writes(sent) == []
    names = re.findall(r'scope="row">([^<]+)<', first)
    onward = re.search(r'href="(/register/lacks-basics/\?after=\d+)"', first)[1]
    names += re.findall(r'scope="row">([^<]+)<', office.get(onward).text)
    assert len(names) == 31 and sorted(names) == names
    assert "Basics, More" in first
    office.post(f"{LACKS}search", data={"name": "øvrebø 07"})
    assert re.findall(r'scope="row">([^<]+)<', office.get(LACKS).text) == ["Åse Øvrebø 07"]
    assert office.get(f"{LACKS}?after=x").status_code == 400


@pytest.mark.a_page
def test_a_page_of_ticks_and_ones_own_are_as_cheap_for_many(browser, many, at, app_engine):
    for who, page, number in (("office", at, 3), ("coordinator", "/account/courses/", 4)):
        with statements(app_engine) as sent:
            assert browser(who).get(page).status_code == 200
        assert len(reads(sent)) == number, sent


def reads(sent):
    """The page's own, without who is signed in and what they may."""
    ours = re.compile(r"FROM (person|course|coordinator_app)")
    return [s for s in sent if s.startswith("SELECT") and ours.search(s) and "login_s" not in s]


@pytest.mark.a_page
def test_a_course_shows_its_sessions_and_adds_one_of_itself(browser, desk, town, plan_a_day):
    office, course = browser("office"), town.rows["course"]
    plan_a_day(place="Library", led_by="Eli")
    page = office.get(f"/register/course/show/{course}").text
    assert "Library · Eli" in page and "Town hall" in page
    new = f"/register/coursesession/add?course={course}"
    assert f'href="{new}"' in page and f'selected value="{course}"' in office.get(new).text
    data = {"course_id": course, "held_on": "2027-02-03", "places": "0"}
    assert office.post(new, data=data).status_code == 422
    reply = office.post(new, data=data | {"places": "8"})
    assert reply.headers["Location"] == f"/register/course/show/{course}"
    used = office.post(f"/register/course/delete/{course}")
    assert used.status_code == 409  # what has been held is not forgotten
    office.post("/register/coursesession/search", data={"name": "basi"})
    assert "Town hall" in office.get("/register/coursesession/list/").text
    office.post("/register/course/search", data={"name": "zz"})
    assert "No course by this name" in office.get("/register/course/list/").text


@pytest.mark.a_page
def test_the_competence_group_reads_courses_and_not_who_was_there(browser, desk, town, at):
    with desk.system() as session:
        hat = session.get(Membership, town.memberships["leader"])
        hat.roles = frozenset({Role.COMPETENCE_GROUP})
        session.commit()
    member = browser("leader")
    page = member.get(f"/register/course/show/{town.rows['course']}").text
    assert "Town hall" in page and "Add a session" not in page
    held = member.get(f"/register/coursesession/show/{town.rows['coursesession']}").text
    assert "Who was there?" not in held and "Nurse" not in held
    assert "Courses" in member.get("/").text
    for shut in (at, LACKS, "/register/course/add", "/register/plans/", "/account/courses/"):
        assert member.get(shut).status_code == 403, shut
    assert member.get(f"/plan/{town.plan}/").status_code in (403, 404)
