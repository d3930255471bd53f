"""Switching hats: another person in another municipality, and never more than that hat gives."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models.account import LoginSession, Membership
from models.people import Person
from models.vocabulary import Role
from security.sessions import COOKIE
from tests.factories import has_accepted

pytestmark = pytest.mark.a_page


@pytest.fixture
def second(desk, town):
    """The coordinator works in the other town too, as one of its office."""
    with desk.system() as session:
        person = Person(municipality_id=town.foreign_id, name="Coordinator Elsewhere")
        session.add(person)
        session.flush()
        hat = Membership(
            account_id=town.accounts["coordinator"], municipality_id=town.foreign_id,
            person_id=person.id, roles=frozenset({Role.COORDINATING_UNIT}),
        )  # fmt: skip
        session.add(hat)
        session.flush()
        has_accepted(session, town, hat)
        session.commit()
        return hat.id


def take(client, hat):
    return client.post("/hats/", data={"hat": hat})


def test_the_name_menu_offers_it_to_those_who_have_more_than_one(browser, second):
    assert 'href="/hats/"' in browser("coordinator").get("/").text
    assert 'href="/hats/"' not in browser("nurse").get("/").text
    page = browser("coordinator").get("/hats/").text
    assert "Fjordvik" in page and "Innlandet" in page and "You are here" in page


def test_in_the_new_hat_everything_is_scoped_anew(browser, town, second):
    client = browser("coordinator")
    plan = f"/plan/{town.plan}/goal/list/"
    assert client.get(plan).status_code == 200
    assert client.get("/register/plans/").status_code == 403
    assert take(client, second).location == "/"
    assert client.get("/register/plans/").status_code == 200  # what the new roles open
    assert client.get("/my-persons/").status_code == 403  # what the old ones did
    page = client.get("/").text
    assert "Coordinator Elsewhere" in page and "OW 1" not in page
    assert "Foreign Office" in client.get("/register/person/list/").text
    assert "Owner" not in client.get("/register/plans/").text.replace("Owner of the plan", "")


def test_an_open_page_of_the_old_hat_is_no_page(browser, desk, town, second):
    client = browser("coordinator")
    take(client, second)
    town_pages = (f"/plan/{town.plan}/", f"/plan/{town.plan}/team/")
    seen = {client.get(address).status_code for address in town_pages}
    assert seen <= {403, 404}
    data = {"goal": "From an old window", "version": "1"}
    reply = client.post(f"/plan/{town.plan}/goal/edit/{town.rows['goal']}", data=data)
    assert reply.status_code in (403, 404)
    take(client, town.memberships["coordinator"])
    assert client.get(f"/plan/{town.plan}/").status_code == 200
    assert "From an old window" not in client.get(f"/plan/{town.plan}/goal/list/").text


def test_a_plan_of_the_old_hat_is_not_found_by_a_coordinator_of_another_town(
    browser, desk, town, second
):
    with desk.system() as session:
        session.get(Membership, second).roles = frozenset({Role.COORDINATOR})
        session.commit()
    client = browser("coordinator")
    take(client, second)
    assert client.get(f"/plan/{town.plan}/").status_code == 404
    assert client.get(f"/plan/{town.plan}/goal/show/{town.rows['goal']}").status_code == 404


def test_one_is_told_where_one_is_and_as_what(browser, second):
    client = browser("coordinator")
    lead = client.get("/hats/").text.split("<main")[1]
    assert "You have a role in several municipalities" in lead
    take(client, second)
    told = client.get("/").text
    assert "You are in Innlandet now. Your role: Coordinating unit." in told


def test_whoever_looks_in_the_wrong_town_is_shown_the_way(browser, desk, town, second):
    """A link in a notice leads to a plan of the other hat; it says nothing of the plan."""
    with desk.system() as session:
        session.get(Membership, second).roles = frozenset({Role.PARTICIPANT})
        session.commit()
    client = browser("coordinator")
    take(client, second)
    for address in (f"/plan/{town.plan}/", "/plan/999999/", "/no-such-page"):
        reply = client.get(address)
        main = reply.text.split("<main")[1]
        assert reply.status_code == 404 and 'href="/hats/">Switch role<' in main, address
        assert "another municipality where you have a role" in main and "OW 1" not in main
    assert 'href="/hats/"' in client.get("/").text.split("<main")[1]  # no plans here
    assert 'href="/hats/"' not in browser("nurse").get("/plan/999999/").text


@pytest.mark.parametrize("wish", ["nurse", "admin", "foreign office"])
def test_somebody_elses_hat_is_no_hat(browser, town, second, wish):
    client = browser("coordinator")
    assert take(client, town.memberships[wish]).status_code == 404
    assert client.get(f"/plan/{town.plan}/").status_code == 200
    assert client.get("/register/account/list/").status_code == 403


@pytest.mark.parametrize("wish", ["", "0", "-1", "x", "1 or 1=1", "9" * 30, "999999", None])
def test_odd_wishes_change_nothing(browser, town, second, wish):
    client = browser("coordinator")
    assert take(client, wish or "").status_code == 404
    assert client.get(f"/plan/{town.plan}/").status_code == 200


def test_a_closed_hat_can_neither_be_taken_nor_worn(browser, desk, town, second):
    def close(hat, active):
        with desk.system() as session:
            session.get(Membership, hat).active = active
            session.commit()

    client = browser("coordinator")
    close(second, False)
    assert take(client, second).status_code == 404
    assert "Innlandet" not in client.get("/hats/").text
    assert 'href="/hats/"' not in client.get("/").text
    close(second, True)
    assert take(client, second).status_code == 303
    close(second, False)
    assert client.get("/").location.startswith("/sign-in/")


def test_the_session_is_a_new_one_and_the_old_cookie_is_dead(app, browser, desk, town, second):
    client = browser("coordinator")
    client.get("/")
    before = client.get_cookie(COOKIE).value
    take(client, second)
    assert client.get_cookie(COOKIE).value != before
    old = app.test_client()
    old.set_cookie(COOKIE, before)
    assert old.get("/").location.startswith("/sign-in/")
    with desk.system() as session:
        mine = LoginSession.account_id == town.accounts["coordinator"]
        assert session.scalar(select(func.count()).select_from(LoginSession).where(mine)) == 1


def test_nothing_but_the_language_comes_along(browser, desk, town, second):
    client = browser("coordinator")
    client.post("/language/", data={"language": "nb"})
    with desk.system() as session:
        mine = LoginSession.account_id == town.accounts["coordinator"]
        kept = {"language": "nb", "codes": [["Ola", "ola", "ABCD"]], "onwards": "/plan/1/"}
        session.scalars(select(LoginSession).where(mine)).one().data = kept
        session.commit()
    take(client, second)
    assert '<html lang="nb"' in client.get("/").text
    with desk.system() as session:
        row = session.scalars(
            select(LoginSession).where(LoginSession.membership_id == second)
        ).one()
        assert row.data.keys() <= {"language", "_flashes", "csrf_token"}


def test_nobody_switches_before_they_have_chosen_a_password(browser, desk, town, second):
    client = browser("coordinator")
    with desk.system() as session:
        mine = LoginSession.account_id == town.accounts["coordinator"]
        session.scalars(select(LoginSession).where(mine)).one().data = {"new": True}
        session.commit()
    assert take(client, second).location.startswith("/password/")


def test_a_get_switches_nothing(browser, town, second):
    client = browser("coordinator")
    client.get(f"/hats/?hat={second}")
    assert client.get(f"/plan/{town.plan}/").status_code == 200
