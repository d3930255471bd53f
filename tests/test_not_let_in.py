"""Coordinators who are appointed and cannot sign in: the administrator sees it, and helps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import Invitation, Membership
from models.clock import today
from models.people import CoordinatorAppointment, Person
from models.types import blind_index
from models.vocabulary import Role
from tests.conftest import statements
from tests.test_registers import version_in

PAGE = "/register/not-let-in/"


@pytest.fixture
def appoint(desk, town):
    """Appoint somebody for the stranger; answers the key of who was appointed."""

    def write(who, **days):
        with desk.system() as session:
            if isinstance(who, str):
                index = blind_index("person.email", "kari@x.no")
                new = Person(municipality_id=town.municipality_id, name=who, email="kari@x.no",
                             email_index=index)  # fmt: skip
                session.add(new)
                session.flush()
                who = new.id
            pair = {"person_id": town.people["stranger"], "coordinator_id": who}
            of = {"municipality_id": town.municipality_id, "starts_on": today()} | days
            session.add(CoordinatorAppointment(**of, **pair))
            session.commit()
            return who

    return write


def test_whoever_has_no_account_is_given_one_with_two_presses(browser, desk, town, appoint):
    admin = browser("admin")
    assert "cannot sign in as one" not in admin.get("/").text
    kari = appoint("Kari Ås")
    assert "1 coordinator cannot sign in as one yet" in admin.get("/").text
    page = admin.get(PAGE).text
    assert "Kari Ås" in page and "No account" in page
    way = f"/register/account/add?coordinator={kari}"
    assert way in page
    form = admin.get(way).text
    assert "Kari Ås" in form and 'value="kari@x.no"' in form
    assert form.count(" checked") == 1  # the role
    sent = {
        "person_id": f"Kari Ås [{kari}]",
        "login_name": "kari@x.no",
        "roles": Role.COORDINATOR.value,
    }
    assert admin.post(way, data=sent).location == PAGE
    with desk.system() as session:
        hat = session.scalars(select(Membership).where(Membership.person_id == kari)).one()
        assert hat.roles == {Role.COORDINATOR}
        asked = select(Invitation).where(Invitation.person_id == kari)
        assert session.scalars(asked).one().withdrawn_at is None
    admin.get("/")  # says once that she is invited
    assert "Kari Ås" not in admin.get(PAGE).text
    assert "cannot sign in as one" not in admin.get("/").text


def test_a_hat_without_the_role_leads_to_the_account_and_one_that_is_shut_counts_not(
    browser, desk, town, appoint
):
    admin, nurse = browser("admin"), town.people["nurse"]
    appoint(nurse)
    appoint(town.people["coordinator"])
    page = admin.get(PAGE).text.split("<main")[1]
    assert "Nurse" in page and "Without the role" in page and page.count("</tr>") == 2
    with desk.system() as session:
        hat = session.scalars(select(Membership).where(Membership.person_id == nurse)).one()
        key = hat.id
    way = f"/register/account/edit/{key}"
    assert way in page
    said = {"roles": [Role.PARTICIPANT.value, Role.COORDINATOR.value], "active": "y"}
    form = admin.get(way).text
    assert admin.post(way, data=said | {"version": version_in(form)}).status_code == 303
    assert "Nurse" not in admin.get(PAGE).text.split("<main")[1]
    form = admin.get(way).text
    shut = {"roles": [Role.PARTICIPANT.value, Role.COORDINATOR.value], "version": version_in(form)}
    assert admin.post(way, data=shut).status_code == 303
    page = admin.get(PAGE).text.split("<main")[1]
    assert "Nurse" in page and "Shut" in page


def test_what_is_over_counts_not_and_what_is_to_come_does(browser, town, appoint):
    day = today()
    appoint("Gone", starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1))
    assert "Gone" not in browser("admin").get(PAGE).text
    appoint(town.people["nurse"], starts_on=day + timedelta(days=9))
    assert "Nurse" in browser("admin").get(PAGE).text


def test_it_is_the_administrators_and_of_the_own_town(browser, town, appoint, app_engine):
    appoint("Kari Ås")
    for who in ("office", "leader", "coordinator", "mother", "nurse"):
        assert browser(who).get(PAGE).status_code in (302, 403), who
        assert "cannot sign in as one" not in browser(who).get("/").text, who
    assert "Kari" not in browser("foreign office").get(PAGE).text
    admin = browser("admin")
    admin.get(PAGE)
    with statements(app_engine) as few:
        admin.get(PAGE)
    for n in range(5):
        appoint(town.people["nurse"], starts_on=today() + timedelta(days=n))
    with statements(app_engine) as many:
        admin.get(PAGE)
    assert len(few) == len(many)
