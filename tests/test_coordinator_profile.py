"""What a coordinator can take on: hours, languages, and when somebody is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import today
from models.coordinator import CoordinatorProfile
from models.nomination import Nomination
from models.people import CoordinatorAppointment, Person
from models.plan import Plan
from models.request import Request
from models.vocabulary import Role
from security.policy import Forbidden
from security.roles import permissions
from tests.conftest import statements
from tests.page import Page

a_page = pytest.mark.a_page
DAY = timedelta(days=1)
LIST = "/register/coordinators/"


def page(town, who="coordinator"):
    return f"{LIST}{town.people[who]}/capacity"


def known(desk):
    with desk.system() as session:
        return session.scalars(select(CoordinatorProfile)).all()


def line(html, name="Coordinator"):
    return html.split(f">{name}")[1].split("</tr>")[0]


@pytest.fixture
def department(desk, town):
    """Leader and coordinator work in the same one."""
    with desk.system() as session:
        for who in ("leader", "coordinator"):
            session.get(Person, town.people[who]).department_id = town.rows["department"]
        session.commit()


@pytest.fixture
def away(desk, town):
    with desk.system() as session:
        session.add(
            CoordinatorProfile(
                municipality_id=town.municipality_id, person_id=town.people["newcomer"],
                absent_from=today() - DAY, absent_until=today() + 9 * DAY,
                substitute_id=town.people["teacher"],
            )
        )  # fmt: skip
        session.commit()


def test_it_is_written_shown_and_looked_for(browser, desk, town):
    office = browser("office")
    said = {
        "capacity_hours": "20", "languages": "polish, العربية,  so", "absent_from": str(today()),
        "absent_until": str(today() + 5 * DAY), "substitute_id": f"x [{town.people['newcomer']}]",
    }  # fmt: skip
    assert page(town) in office.get(LIST).text
    assert office.post(page(town), data=said).status_code == 303
    [row] = known(desk)
    assert (row.capacity_hours, row.languages) == (20, ("ar", "pl", "so"))
    assert row.substitute_id == town.people["newcomer"]
    shown = office.get(LIST).text.split('"ds-table')[1]
    assert "0 of 20" in shown and "Arabic, Polish, Somali" in shown
    assert "Away until" in shown and "Ask Newcomer meanwhile" in shown
    for words, found in (("somali", True), ("coordin", True), ("so", True), ("Thai", False)):
        office.post(f"{LIST}search", data={"name": words})
        assert ("Arabic, Polish" in office.get(LIST).text) == found, words
    form = Page(office.get(page(town)).text).fields
    assert form["languages"].values == ["Arabic, Polish, Somali"]


def test_a_substitute_is_let_into_nothing(browser, desk, town):
    said = {"substitute_id": f"x [{town.people['newcomer']}]", "absent_from": str(today())}
    browser("office").post(page(town), data=said)
    assert known(desk)[0].substitute_id == town.people["newcomer"]
    with desk.session("newcomer") as session:
        assert session.scalars(select(Plan).where(Plan.id == town.plan)).first() is None


@a_page
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"languages": "Arabic, Gibberish"}, "languages"),
        ({"languages": ",".join(["en"] * 21)}, "languages"),
        ({"capacity_hours": "0"}, "capacity_hours"),
        ({"absent_until": "2030-01-01"}, "absent_until"),
        ({"absent_from": "2030-01-02", "absent_until": "2030-01-01"}, "absent_until"),
        ({"substitute_id": "Coordinator ["}, "substitute_id"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(browser, desk, town, said, field):
    ids = {"languages": "spoken"}
    if field == "substitute_id":
        said = {field: f"x [{town.people['coordinator']}]"}
    reply = browser("office").post(page(town), data=said)
    assert reply.status_code == 422 and f'href="#{ids.get(field, field)}"' in reply.text
    assert Page(reply.text).fields[field].values == [said[field]]
    assert known(desk) == []


@a_page
def test_two_who_write_of_the_same_do_not_lose_each_others_words(browser, desk, town):
    office = browser("office")
    seen = {"capacity_hours": "20", "version": ""}
    assert office.post(page(town), data={"capacity_hours": "10"}).status_code == 303
    reply = office.post(page(town), data=seen)
    assert reply.status_code == 422 and "Somebody else has written here" in reply.text
    assert known(desk)[0].capacity_hours == 10
    seen["version"] = Page(reply.text).fields["version"].values[0]
    assert office.post(page(town), data=seen).status_code == 303
    assert known(desk)[0].capacity_hours == 20


@a_page
def test_a_leader_writes_of_the_own_department_only(browser, desk, town, department):
    leader = browser("leader")
    assert page(town) in leader.get(LIST).text and "hand-over" not in leader.get(LIST).text
    assert leader.post(page(town), data={"capacity_hours": "10"}).status_code == 303
    assert "0 of 10" in leader.get(LIST).text
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = None
        session.commit()
    assert leader.get(page(town)).status_code == 404
    assert leader.post(page(town), data={"capacity_hours": "20"}).status_code == 404
    assert known(desk)[0].capacity_hours == 10


@a_page
@pytest.mark.parametrize(
    ("who", "shut"),
    [("coordinator", 403), ("admin", 403), ("mother", 403), ("foreign office", 404)],
)
def test_nobody_else_writes_it(browser, desk, town, who, shut):
    client = browser(who)
    assert client.get(page(town)).status_code == shut
    assert client.post(page(town), data={"capacity_hours": "9"}).status_code == shut
    assert known(desk) == []


def test_who_reads_it_and_who_writes_it_behind_the_pages(desk, town, department, away):
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id}
        session.add(CoordinatorProfile(**here, person_id=town.people["coordinator"]))
        session.commit()
    reads = {"office": 2, "leader": 1, "coordinator": 0, "mother": 0, "foreign office": 0}
    for who, number in reads.items():
        with desk.session(who) as session:
            assert len(session.scalars(select(CoordinatorProfile)).all()) == number, who
    for who, of in (
        ("leader", "teacher"), ("coordinator", "coordinator"), ("foreign office", "teacher"),
        ("office", "foreign office"),
    ):  # fmt: skip
        with desk.session(who) as session:
            session.add(CoordinatorProfile(**here, person_id=town.people[of]))
            with pytest.raises(Forbidden):
                session.flush()
    with desk.session("office") as session:
        row = session.scalars(select(CoordinatorProfile)).first()
        row.substitute_id = town.people["foreign office"]
        with pytest.raises(Forbidden):
            session.flush()
    edits = ("can_edit", "CoordinatorProfile")
    assert {role for role in Role if edits in permissions(role)} == {
        Role.COORDINATING_UNIT, Role.LEADER,
    }  # fmt: skip


@a_page
def test_one_is_warned_when_somebody_away_is_appointed_or_takes_over(browser, desk, town, away):
    office, whom = browser("office"), f"x [{town.people['newcomer']}]"
    said = {"person_id": f"x [{town.people['uncle']}]", "coordinator_id": whom}
    said["starts_on"] = str(today())
    made = office.post("/register/appointment/add", data=said, follow_redirects=True)
    assert "Newcomer: Away until" in made.text and "Ask Teacher meanwhile" in made.text
    sent = {"seen": str(town.rows["appointment"]), "all_to": whom}
    over = f"{LIST}{town.people['coordinator']}/hand-over"
    done = office.post(over, data=sent, follow_redirects=True).text
    assert "Newcomer: Away until" in done


@a_page
def test_a_leader_is_warned_when_somebody_away_is_named(browser, desk, town, department, away):
    with desk.system() as session:
        session.get(Person, town.people["newcomer"]).department_id = town.rows["department"]
        request = session.get(Request, town.rows["answered request"])
        request.person_id = town.people["stranger"]
        session.add(
            asked := Nomination(
                municipality_id=town.municipality_id, request_id=request.id,
                person_id=request.person_id, department_id=town.rows["department"],
                name_by=today(), asked_by_id=town.people["office"],
            )
        )  # fmt: skip
        session.commit()
        address = f"/register/nomination/{asked.id}/answer"
    said = {"nominee_id": f"x [{town.people['newcomer']}]"}
    shown = browser("leader").post(address, data=said, follow_redirects=True)
    assert "Newcomer: Away until" in shown.text


@a_page
def test_an_absence_that_is_over_is_not_shown(browser, desk, town, away):
    with desk.system() as session:
        whom = {"person_id": town.people["stranger"], "starts_on": today()}
        of = {"coordinator_id": town.people["newcomer"]}
        session.add(CoordinatorAppointment(municipality_id=town.municipality_id, **whom, **of))
        session.commit()
    assert "Away until" in browser("office").get(LIST).text
    with desk.system() as session:
        row = session.scalars(select(CoordinatorProfile)).one()
        row.absent_from, row.absent_until = today() - 9 * DAY, today() - DAY
        session.commit()
    assert "Away" not in browser("office").get(LIST).text


@a_page
def test_the_list_costs_the_same_with_and_without(app_engine, browser, desk, town, away):
    office = browser("office")
    office.get(LIST)
    with statements(app_engine) as few:
        office.get(LIST)
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id}
        people = [Person(**here, name=f"One {n:02}") for n in range(9)]
        session.add_all(people)
        session.flush()
        for one in people:
            of = {"coordinator_id": one.id, "person_id": town.people["stranger"]}
            session.add(CoordinatorAppointment(**here, **of, starts_on=today()))
            more = {"languages": ("pl",), "substitute_id": town.people["teacher"]}
            session.add(CoordinatorProfile(**here, person_id=one.id, absent_from=today(), **more))
        session.commit()
    with statements(app_engine) as many:
        assert "One 08" in office.get(LIST).text
    assert len(few) == len(many)
