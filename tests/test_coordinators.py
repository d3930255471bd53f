"""How much each coordinator has to do, and who sees to a request."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.clock import today
from models.people import CoordinatorAppointment, Person
from models.request import Request
from tests.conftest import statements

LIST = "/register/coordinators/"


@pytest.fixture
def busy(desk, town):
    """Newcomer has two persons and five hours, and had a third until yesterday."""
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "coordinator_id": town.people["newcomer"]}
        for who, hours, until in (
            ("stranger", 2, None), ("uncle", 3, today()), ("nurse", 9, today() - timedelta(days=1)),
        ):  # fmt: skip
            days = {"starts_on": today() - timedelta(days=9), "ends_on": until}
            whom = {"person_id": town.people[who], "agreed_hours": hours}
            session.add(CoordinatorAppointment(**here, **whom, **days))
        person = session.get(Person, town.people["newcomer"])
        person.department_id = town.rows["department"]
        session.commit()
        return person.name


def line(page, name):
    return page.split(f">{name}</th>")[1].split("</tr>")[0]


def test_what_counts_is_what_holds_today(browser, busy):
    page = browser("office").get(LIST).text
    assert ">2</td>" in line(page, busy) and ">5</td>" in line(page, busy)
    assert "Lacks" in page


def test_a_leader_sees_those_of_the_own_department(browser, desk, town, busy):
    assert busy not in browser("leader").get(LIST).text
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.commit()
    page = browser("leader").get(LIST).text
    assert ">2</td>" in line(page, busy) and "Lacks" in page and "Hand over" not in page
    for who in ("coordinator", "admin", "mother"):
        assert browser(who).get(LIST).status_code == 403
    assert busy not in browser("foreign office").get(LIST).text


def test_it_costs_the_same_however_many_there_are(app_engine, browser, desk, town, busy):
    office = browser("office")
    office.get(LIST)
    with statements(app_engine) as few:
        office.get(LIST)
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id}
        people = [Person(**here, name=f"One {n:02}") for n in range(30)]
        session.add_all(people)
        session.flush()
        whom = {"person_id": town.people["stranger"], "starts_on": today()}
        session.add_all(
            CoordinatorAppointment(**here, **whom, coordinator_id=one.id) for one in people
        )
        session.commit()
    with statements(app_engine) as many:
        page = office.get(LIST).text
    assert len(few) == len(many) and "Next page" in page
    after = page.split('href="/register/coordinators/?after=')[1].split('"')[0]
    assert "One 29" in office.get(f"{LIST}?after={after}").text


def worker_of(desk, town):
    with desk.system() as session:
        return session.get(Request, town.rows["request"]).case_worker_id


def test_who_reads_a_request_first_takes_it_with_one_press(browser, desk, town):
    office, request = browser("office"), town.rows["request"]
    show = f"/register/request/show/{request}"
    assert "I see to it" in office.get(show).text
    assert office.post(f"/register/request/{request}/take").status_code == 303
    assert worker_of(desk, town) == town.people["office"]
    assert "I see to it" not in office.get(show).text


def test_what_another_has_taken_stays_theirs(browser, desk, town):
    with desk.system() as session:
        session.get(Request, town.rows["request"]).case_worker_id = town.people["newcomer"]
        session.commit()
    take = f"/register/request/{town.rows['request']}/take"
    reply = browser("office").post(take, follow_redirects=True)
    assert "sees to it already" in reply.text
    assert worker_of(desk, town) == town.people["newcomer"]


@pytest.mark.parametrize("who", ["coordinator", "leader", "admin", "foreign office"])
def test_nobody_else_takes_a_request(browser, desk, town, who):
    shut = 404 if who == "foreign office" else 403
    take = f"/register/request/{town.rows['request']}/take"
    assert browser(who).post(take).status_code == shut
    assert worker_of(desk, town) is None
