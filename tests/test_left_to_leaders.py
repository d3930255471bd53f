"""Appointing coordinators of children is left to a department: its leader does it at once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.clock import CLOCK, OSLO, today
from models.municipality import Department
from models.nomination import Asked, Nomination
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import Capacity
from security.policy import Forbidden

ADD = "/register/appointment/add"


@pytest.fixture
def left(desk, town):
    """The leader leads a department to which it is left, for those under eighteen."""
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.get(Department, town.rows["department"]).appoints_under = 18
        session.commit()


def said(town, person="owner", coordinator="newcomer", **more):
    people = {"person_id": f"x [{town.people[person]}]",
              "coordinator_id": f"x [{town.people[coordinator]}]"}  # fmt: skip
    return people | {"starts_on": str(today())} | more


def made(desk, town, person="owner"):
    """What there is beside the appointment the town begins with."""
    with desk.system() as session:
        a = CoordinatorAppointment
        wanted = select(a).where(
            a.person_id == town.people[person], a.coordinator_id != town.people["coordinator"]
        )
        return session.scalars(wanted).all()


def asked_of(browser, desk, town, who):
    """A department asked for a coordinator for somebody; the question."""
    request = town.rows["answered request"]
    with desk.system() as session:
        session.get(Request, request).person_id = town.people[who]
        session.commit()
    data = {"department_id": town.rows["department"], "note": "Twice a week"}
    browser("office").post(f"/register/request/{request}/coordinator", data=data)
    with desk.system() as session:
        return session.scalars(select(Nomination)).one().id


def test_whom_the_leader_names_is_appointed_at_once(browser, desk, town, left):
    row = asked_of(browser, desk, town, "owner")
    page, leader = f"/register/nomination/{row}/answer", browser("leader")
    assert "whom you name is appointed at once" in leader.get(page).text
    answer = {"nominee_id": f"x [{town.people['newcomer']}]", "agreed_hours": "2"}
    reply = leader.post(page, data=answer, follow_redirects=True)
    assert "The coordinator is appointed, and the coordinating unit is told" in reply.text
    [one] = made(desk, town)
    assert (one.coordinator_id, one.agreed_hours) == (town.people["newcomer"], 2)
    assert (one.department_id, one.starts_on) == (town.rows["department"], today())
    with desk.system() as session:
        assert session.get(Nomination, row).so_far is Asked.APPOINTED
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == town.plan)).one()
        assert entry.coordinator_id == town.people["newcomer"]
        told = select(OutboxMessage.person_id).where(OutboxMessage.kind == "nomination_answered")
        assert session.scalars(told).all() == [town.people["office"]]


def test_for_an_adult_the_unit_still_appoints(browser, desk, town, left):
    row = asked_of(browser, desk, town, "stranger")
    page, leader = f"/register/nomination/{row}/answer", browser("leader")
    assert "appointed at once" not in leader.get(page).text
    leader.post(page, data={"nominee_id": f"x [{town.people['newcomer']}]"})
    assert made(desk, town, "stranger") == []
    with desk.system() as session:
        assert session.get(Nomination, row).so_far is Asked.NAMED


def test_a_leader_appoints_without_being_asked_and_ends_it(browser, desk, town, left):
    leader = browser("leader")
    form = leader.get(ADD).text
    assert 'name="department_id"' not in form
    assert leader.post(ADD, data=said(town, agreed_hours="3")).status_code == 303
    [one] = made(desk, town)
    assert one.department_id == town.rows["department"]
    with desk.system() as session:
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == town.plan)).one()
        assert entry.coordinator_id == town.people["newcomer"]
        assert entry.department_id == town.rows["department"]
    edit = f"/register/appointment/edit/{one.id}"
    version = leader.get(edit).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    sent = {"ends_on": str(today()), "agreed_hours": "1", "version": version}
    assert leader.post(edit, data=sent).status_code == 303
    assert (made(desk, town)[0].ends_on, made(desk, town)[0].agreed_hours) == (today(), 1)


REFUSED = {
    "an adult": ("stranger", "newcomer", "person_id", "younger than 18"),
    "themselves": ("owner", "leader", "coordinator_id", "Nobody appoints themselves"),
    "the child": ("owner", "owner", "coordinator_id", "Nobody appoints themselves"),
    "who acts for them": ("owner", "uncle", "coordinator_id", "Acts for the person"),
    "who is it already": ("owner", "coordinator", "coordinator_id", "Is the coordinator already"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_whom_a_leader_cannot_appoint_is_said_beside_the_field(browser, desk, town, left, what):
    person, coordinator, field, words = REFUSED[what]
    reply = browser("leader").post(ADD, data=said(town, person, coordinator, agreed_hours="3"))
    assert reply.status_code == 422 and words in reply.text and f'href="#{field}"' in reply.text
    assert 'value="3"' in reply.text and made(desk, town, person) == []


def test_without_a_birth_date_the_unit_is_asked(browser, desk, town, left):
    with desk.system() as session:
        session.get(Person, town.people["newcomer"]).birth_date = None
        session.commit()
    reply = browser("leader").post(ADD, data=said(town, "newcomer", "nurse"))
    assert reply.status_code == 422 and "whose birth date is known" in reply.text


@pytest.mark.parametrize("who", ["leader", "office"])
def test_nobody_appoints_for_a_child_of_their_own(browser, desk, town, left, who):
    kin = {"person_id": town.people["owner"], "representative_id": town.people[who]}
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "capacity": Capacity.NEXT_OF_KIN}
        session.add(Representation(**here, **kin))
        session.commit()
    reply = browser(who).post(ADD, data=said(town))
    assert reply.status_code == 422 and "You act for this person" in reply.text
    with desk.session(who) as session:
        refused(session, row(town))
    assert made(desk, town) == []


def row(town, **more):
    at = {"municipality_id": town.municipality_id, "department_id": town.rows["department"],
          "person_id": town.people["owner"], "coordinator_id": town.people["newcomer"],
          "starts_on": today()}  # fmt: skip
    return CoordinatorAppointment(**at | more)


def refused(session, one):
    session.add(one)
    with pytest.raises(Forbidden):
        session.flush()
    session.rollback()


def test_born_on_a_leap_day_it_is_left_until_the_28th(desk, town, left):
    with desk.system() as session:
        session.get(Person, town.people["owner"]).birth_date = date(2016, 2, 29)
        session.commit()
    eighteen = date(2034, 2, 28)
    for day, starts, may in (
        (eighteen - timedelta(days=1), eighteen - timedelta(days=1), True),
        (eighteen - timedelta(days=1), eighteen, False),
        (eighteen, eighteen, False),
        (eighteen, eighteen - timedelta(days=9), False),  # written as if it had been before
    ):
        noon = datetime.combine(day, datetime.min.time(), OSLO) + timedelta(hours=12)
        with CLOCK.stopped_at(noon), desk.session("leader") as session:
            one = row(town, starts_on=starts)
            if not may:
                refused(session, one)
                continue
            session.add(one)
            session.flush()
            session.rollback()


def test_what_is_not_left_to_a_department_its_leader_does_not_do(browser, desk, town, left):
    first = select(CoordinatorAppointment).limit(1)
    with desk.system() as session:
        session.scalars(first).one().department_id = None
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == town.plan)).one()
        entry.department_id = town.rows["department"]
        session.commit()
    with desk.session("leader") as session:
        refused(session, row(town, department_id=None))
        refused(session, row(town, coordinator_id=town.people["uncle"]))
        refused(session, row(town, person_id=town.people["stranger"]))
        session.scalars(first).one().ends_on = today()
        with pytest.raises(Forbidden):
            session.flush()
        session.rollback()
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == town.plan)).one()
        entry.coordinator_id = town.people["nurse"]  # whom nobody has appointed
        with pytest.raises(Forbidden):
            session.flush()
    with desk.system() as session:
        session.get(Department, town.rows["department"]).appoints_under = None
        session.commit()
    leader = browser("leader")
    assert leader.get(ADD).status_code == leader.post(ADD, data=said(town)).status_code == 403
    assert ADD not in leader.get("/register/appointment/list/").text
    with desk.session("leader") as session:
        refused(session, row(town))
    assert made(desk, town) == []


def test_an_age_is_a_number_of_years(browser, desk, town):
    page = f"/register/department/edit/{town.rows['department']}"
    office = browser("office")
    version = office.get(page).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    for bad in ("0", "-1", "121", "18,5", "many"):
        sent = {"name": "Health", "appoints_under": bad, "version": version}
        reply = office.post(page, data=sent)
        assert reply.status_code == 422 and 'href="#appoints_under"' in reply.text, bad
    sent["appoints_under"] = "18"
    assert office.post(page, data=sent).status_code == 303
    with desk.system() as session:
        assert session.get(Department, town.rows["department"]).appoints_under == 18
