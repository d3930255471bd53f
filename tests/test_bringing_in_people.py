"""Lists in which people are named, brought in: appointments, courses, sessions, who was where."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.clock import today
from models.coordinator import CoordinatorProfile
from models.course import Course, CourseAttendance, CourseSession
from models.language import Tongue
from models.municipality import Department
from models.people import CoordinatorAppointment, Person
from models.plan import PlanRegister
from models.types import blind_index
from services.csv_text import written
from tests.conftest import statements
from tests.test_bringing_in import looked_over, send
from tests.test_taking_out import taken_out

APPOINTMENT, COURSE = "/register/appointment/import", "/register/course/import"
SESSION, ATTENDANCE = "/register/coursesession/import", "/register/courseattendance/import"


def rows_of(desk, cls, *conditions):
    with desk.system() as session:
        return session.scalars(select(cls).where(*conditions).order_by(cls.id)).all()


def said(lines):
    """A file of the lines, its heading first."""
    return written(lines)


@pytest.fixture
def people(desk, town):
    """Three children, of whom two have the same name, and two helpers of whom two have too."""
    found = {}
    with desk.system() as session:
        for key, name, born, mail in (
            ("anna", "Anna Vik", date(2015, 2, 28), None),
            ("ola", "Ola Vik", date(2016, 2, 29), None),
            ("other ola", "Ola Vik", date(2012, 5, 17), None),
            ("kari", "Kari Ås", None, "kari@x.no"),
            ("other kari", "Kari Ås", None, "kari.as@x.no"),
        ):
            index = blind_index("person.email", mail) if mail else None
            of = {"municipality_id": town.municipality_id, "email": mail, "email_index": index}
            row = Person(name=name, birth_date=born, **of)
            session.add(row)
            session.flush()
            found[key] = row.id
        session.commit()
    return found


def test_appointments_come_in_as_one_writes_them_and_the_register_follows(
    browser, desk, town, people
):
    office, before = browser("office"), rows_of(desk, CoordinatorAppointment)[-1].id
    lines = [
        ["Brukar", "Fødd", "Koordinator", "E-post", "Avdeling", "Timar", "Oppnemnd"],
        ["Owner", "", "Teacher", "", "Health", "3", f"{today():%d.%m.%Y}"],
        ["Ola Vik", "29.02.2016", "Kari Ås", "KARI@x.no", "", "", f"{today()} 00:00"],
    ]
    here, page = looked_over(office, APPOINTMENT, said(lines))
    assert "2 rows are new" in page and "Brukar + Fødd → Person" in page
    assert "Koordinator + E-post → Coordinator" in page
    for _ in range(2):
        assert office.post(here).location == "/register/appointment/list/"
    a = CoordinatorAppointment
    owner = town.people["owner"]
    made = {row.person_id: row for row in rows_of(desk, a, a.id > before)}
    assert set(made) == {owner, people["ola"]}
    assert {row.starts_on for row in made.values()} == {today()}
    assert made[owner].coordinator_id == town.people["teacher"]
    assert (made[owner].agreed_hours, made[owner].department_id) == (3, town.rows["department"])
    assert made[people["ola"]].coordinator_id == people["kari"]
    [plan] = rows_of(desk, PlanRegister, PlanRegister.id == town.plan)
    assert plan.coordinator_id == town.people["teacher"]
    told = office.get("/register/appointment/list/").text
    assert "2 rows are brought in" in told
    assert "Cannot sign in as a coordinator yet: Kari Ås" in told
    _, page = looked_over(office, APPOINTMENT, said(lines))
    assert "0 rows are new" in page and "2 rows are here already" in page


WRONG = {
    ("Ola Vik", "", "Teacher", ""): "Several have this name. Write the birth date or the e-mail",
    ("Ola Vik", "1.1.2001", "Teacher", ""): "Nobody by this name",
    ("Anna Vik", "", "Kari Ås", ""): "Several have this name",
    ("Anna Vik", "", "Kari Ås", "ola@x.no"): "Nobody by this name",
    ("Anna Vik", "", "Nobody Known", ""): "Nobody by this name",
    ("Anna", "", "Teacher", ""): "Nobody by this name",  # part of a name is nobody's in a file
    ("Anna Vik", "", "Office", ""): "Nobody appoints themselves",
    ("Owner", "", "Mother", ""): "Acts for the person",
    ("Foreign Office", "", "Teacher", ""): "Nobody by this name",
    ("", "", "Teacher", ""): "This field is required",
}


@pytest.mark.a_page
def test_who_is_not_meant_for_certain_is_said_row_by_row_and_nobody_is_appointed(
    browser, desk, town, people
):
    before = len(rows_of(desk, CoordinatorAppointment))
    lines = [["Namn", "Fødd", "Koordinator", "E-post", "Frå"]]
    lines += [[*row, "01.03.2026"] for row in WRONG]
    office = browser("office")
    here, page = looked_over(office, APPOINTMENT, said(lines))
    for number, words in enumerate(WRONG.values(), 2):
        told = page.partition(f"Row {number} ")[2].partition(f"Row {number + 1} ")[0]
        assert words in told, (number, words, told[:200])
    assert office.post(here).location == here
    assert len(rows_of(desk, CoordinatorAppointment)) == before


def test_a_leader_brings_in_where_it_is_left_to_the_department_and_nobody_else_may(
    browser, desk, town, people
):
    lines = said([["Person", "Fødd", "Koordinator", "Frå"],
                  ["Anna Vik", "28.02.2015", "Teacher", "01.03.2026"]])  # fmt: skip
    assert browser("leader").get(APPOINTMENT).status_code == 403
    assert send(browser("leader"), APPOINTMENT, lines).status_code == 403
    for who in ("admin", "coordinator", "mother", "stranger"):
        assert browser(who).get(APPOINTMENT).status_code in (302, 403), who
    with desk.system() as session:
        session.get(Department, town.rows["department"]).appoints_under = 18
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.commit()
    leader = browser("leader")
    here, page = looked_over(leader, APPOINTMENT, lines)
    assert leader.post(here).location == "/register/appointment/list/", page
    a = CoordinatorAppointment
    [made] = rows_of(desk, a, a.person_id == people["anna"])
    assert made.department_id == town.rows["department"]
    _, page = looked_over(leader, APPOINTMENT, lines.replace("Anna Vik;28.02.2015", "Nurse;"))
    assert "You appoint for persons younger than 18" in page


@pytest.mark.a_page
def test_many_appointments_are_judged_with_as_many_questions_as_few(
    browser, desk, town, app_engine
):
    office, costs = browser("office"), []
    for n in (3, 400):
        with desk.system() as session:
            for i in range(n):
                name = f"P {n} {i}"
                session.add(Person(municipality_id=town.municipality_id, name=name))
            session.commit()
        lines = [["Namn", "Koordinator", "Frå"]]
        lines += [[f"P {n} {i}", "Teacher", "01.03.2026"] for i in range(n)]
        here, _ = looked_over(office, APPOINTMENT, said(lines))
        with statements(app_engine) as looked:
            page = office.get(here).text
        assert f"{n} rows are new" in page
        costs.append(len(looked))
    assert costs[0] == costs[1]


def test_courses_their_sessions_and_who_was_there_come_in_one_after_another(
    browser, desk, town, people
):
    office = browser("office")
    here, page = looked_over(office, COURSE, "Kurs;Obligatorisk\nLovverk;ja\nEtikk;nei\nbasics;x\n")
    assert "2 rows are new" in page and "1 row is here already" in page
    assert office.post(here).location == "/register/course/list/"
    found = {one.name: one for one in rows_of(desk, Course, Course.name != "Basics")}
    assert {name: one.is_basic for name, one in found.items()} == {"Lovverk": True, "Etikk": False}
    assert all(one.active for one in found.values())  # there is no column for it
    coming = f"{today() + timedelta(days=9):%d.%m.%Y}"
    days = f"Kurs;Dato;Stad;Plassar\nlovverk;03.02.2025;Rådhuset;20\nLovverk;{coming};;\n"
    here, page = looked_over(office, SESSION, days + "Ukjent;03.02.2025;;\n")
    assert "This is not in the register: Ukjent" in page and office.post(here).location == here
    here, _ = looked_over(office, SESSION, days)
    assert office.post(here).location == "/register/coursesession/list/"
    held = rows_of(desk, CourseSession, CourseSession.course_id == found["Lovverk"].id)
    assert [(one.place, one.places) for one in held] == [("Rådhuset", 20), (None, None)]
    lists = (
        "Kurs;Dato;Deltakar;E-post;Møtte\n"
        "Lovverk;2025-02-03;Kari Ås;kari@x.no;ja\n"
        "Lovverk;03.02.2025;Teacher;;nei\n"
        f"Lovverk;{coming};Teacher;;ja\n"
    )
    here, page = looked_over(office, ATTENDANCE, f"{lists}Lovverk;04.02.2025;Teacher;;ja\n")
    assert "The course was not held this day" in page and office.post(here).location == here
    assert office.post(looked_over(office, ATTENDANCE, lists)[0]).status_code == 303
    mine = CourseAttendance.session_id.in_([one.id for one in held])
    kari, teacher = people["kari"], town.people["teacher"]
    assert {
        (row.session_id, row.person_id): row.was_there
        for row in rows_of(desk, CourseAttendance, mine)
    } == {
        (held[0].id, kari): True, (held[0].id, teacher): False, (held[1].id, teacher): False,
    }  # fmt: skip
    _, page = looked_over(office, ATTENDANCE, lists)
    assert "0 rows are new" in page and "3 rows are here already" in page


@pytest.mark.a_page
def test_of_two_sessions_on_one_day_none_is_guessed(browser, desk, town, people):
    of = {"municipality_id": town.municipality_id, "course_id": town.rows["course"]}
    with desk.system() as session:
        session.add(CourseSession(**of, held_on=date(2025, 3, 1), place="Elsewhere"))
        session.commit()
    lines = "Kurs;Dato;Namn\nBasics;01.03.2025;Teacher\n"
    here, page = looked_over(browser("office"), ATTENDANCE, lines)
    assert "The course was held twice this day" in page
    assert browser("office").post(here).location == here


def test_a_list_taken_out_comes_in_again_and_finds_every_row(browser, town):
    """What one house takes out, another can bring in."""
    office = browser("office")
    for name in ("course", "coursesession", "courseattendance"):
        head, *lines = taken_out(office, f"/register/{name}/file")
        assert lines, name
        _, page = looked_over(office, f"/register/{name}/import", said([head, *lines]))
        there = "1 row is" if len(lines) == 1 else f"{len(lines)} rows are"
        assert f"{there} here already" in page and "0 rows are new" in page, (name, page)
        assert "must be put right" not in page


def test_who_has_been_where_is_the_units_and_is_searched_by_name(browser, town):
    office = browser("office")
    listed = "/register/courseattendance/list/"
    assert "Nurse" in office.get(listed).text
    office.post("/register/courseattendance/search", data={"name": "teach"})
    assert "Nurse" not in office.get(listed).text
    for who in ("admin", "leader", "coordinator", "nurse", "mother"):
        assert browser(who).get(listed).status_code in (302, 403), who
        assert browser(who).get(ATTENDANCE).status_code in (302, 403), who
    assert "Nurse" not in browser("foreign office").get(listed).text


def test_the_list_of_coordinators_is_taken_out_as_it_is_looked_for(browser, desk, town):
    with desk.system() as session:
        of = {"municipality_id": town.municipality_id, "person_id": town.people["coordinator"]}
        session.add(CoordinatorProfile(**of, capacity_hours=12, languages=(Tongue("pl"),),
                                       absent_from=today()))  # fmt: skip
        who = session.get(Person, town.people["coordinator"])
        who.shielded, who.phone = True, "+4790000000"
        session.commit()
    office, address = browser("office"), "/register/coordinators/file"
    head, *lines = taken_out(office, address)
    assert head[:2] == ["Name", "Department"]
    row = dict(zip(head, next(line for line in lines if line[0] == "Coordinator"), strict=True))
    assert (row["Hours a week for coordinating"], row["Other languages"]) == ("12", "Polish")
    assert row["Lacks training"] == "Basics" and row["Away"].startswith("Away")
    assert row["Telephone"] == ""  # shielded
    assert int(row["Coordinates for"]) >= 1
    assert address in office.get("/register/coordinators/").text
    office.post("/register/coordinators/search", data={"name": "polish"})
    assert [line[0] for line in taken_out(office, address)[1:]] == ["Coordinator"]
    office.post("/register/coordinators/search", data={"name": "nobody"})
    assert taken_out(office, address)[1:] == []
    leader = browser("leader")
    assert leader.get(address).status_code == 403
    assert address not in leader.get("/register/coordinators/").text
