"""What a password opens where there is an electronic ID: by the guard, whatever the page."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from models.account import Account, Membership
from models.base import Model, PlanBound
from models.clock import months_later, today, utcnow
from models.consent import Consent, Grant
from models.draft import Draft
from models.elements.goal import Goal
from models.elements.message import Message
from models.history import ElementIndex
from models.municipality import OPEN_BY_PASSWORD, Municipality
from models.people import Person
from models.plan import Plan
from models.vocabulary import ConsentStatus, Role, Scope
from security import by_password, passwords
from security.access import load_access
from security.facts import facts
from security.policy import Action, Forbidden, permits
from security.session import GuardedSession
from services.withdrawal import withdraw_plan
from tests.factories import WHO
from tests.second_step import come_in

PASSWORD = "tre blå båtar på fjorden"
SOME = frozenset({Scope.MESSAGES, Scope.MEETINGS})


@pytest.fixture
def with_parts(desk):
    """`with_parts("mother", SOME)`: a session of somebody to whom those parts are open."""
    opened = []

    def open_for(who, parts):
        session = GuardedSession(desk.engine)
        session.act_as(replace(desk.actor(who), parts=parts))
        opened.append(session)
        return session

    yield open_for
    for session in opened:
        session.close()


@pytest.fixture
def eid(app, monkeypatch):
    """People can sign in with an electronic ID here."""
    one = SimpleNamespace(key="id", name="ID", audience="citizens")
    app.extensions["openid"] = {"id": SimpleNamespace(provider=one)}
    yield
    app.extensions["openid"] = {}


@pytest.fixture
def says(desk, town):
    """`says(True, SOME)`: what the municipality has decided."""

    def decide(allowed, parts=OPEN_BY_PASSWORD):
        with desk.system() as session:
            row = session.get(Municipality, town.municipality_id)
            row.adults_by_password, row.parts_by_password = allowed, parts
            session.commit()

    return decide


@pytest.mark.parametrize("parts", [SOME, frozenset(), OPEN_BY_PASSWORD])
def test_policy_and_sql_agree_whatever_parts_are_open(desk, town, with_parts, parts):
    for who in WHO:
        session = with_parts(who, parts)
        with desk.system() as system:

            @cache
            def access(plan_id, system=system, person_id=town.people[who]):
                found = load_access(system, person_id, plan_id, utcnow())
                return found and replace(found, parts=parts)

            for cls in (m.class_ for m in Model.registry.mappers):
                if not issubclass(cls, PlanBound):
                    continue
                found = {row.id for row in session.scalars(select(cls)).unique()}
                wanted = set()
                for row in system.scalars(select(cls)).unique():
                    if permits(access(row.plan_id), Action.READ, facts(row)):
                        wanted.add(row.id)
                assert found == wanted, (who, cls)
        session.close()


def test_a_part_that_is_shut_is_neither_read_nor_written(desk, town, with_parts):
    for who in ("mother", "owner", "coordinator", "nurse"):
        session = with_parts(who, SOME)
        assert session.scalars(select(Goal)).all() == []
        assert session.scalars(select(Message)).all()
        scopes = {row.scope for row in session.scalars(select(ElementIndex))}
        assert scopes and scopes <= SOME
        assert session.access(town.plan).level(Scope.GOALS) is None
        session.add(Goal(plan_id=town.plan, goal="x"))
        with pytest.raises(Forbidden):
            session.flush()
        session.rollback()
        here = {"plan_id": town.plan, "person_id": town.people[who], "fields": "[]"}
        session.add(Draft(**here, scope=Scope.GOALS, address="/plan/1/goal/add"))
        with pytest.raises(Forbidden):
            session.flush()
        session.rollback()
    with desk.system() as system:
        assert not system.scalars(select(Goal).where(Goal.goal == "x")).all()


def test_whoever_decides_can_always_take_it_back(desk, town, with_parts):
    session = with_parts("mother", frozenset())
    withdraw_plan(session, session.get(Plan, town.plan))
    session.commit()
    with desk.system() as system:
        mine = Consent.plan_id == town.plan
        assert ConsentStatus.SIGNED not in set(system.scalars(select(Consent.status).where(mine)))
        live = select(Grant).where(Grant.plan_id == town.plan, Grant.revoked_at.is_(None))
        assert system.scalars(live).all() == []


@pytest.mark.parametrize("days, opened", [(1, frozenset(Scope)), (0, None), (-400, None)])
def test_children_come_in_as_before_until_their_birthday(days, opened):
    born = months_later(today(), -12 * 18)
    at = born.fromordinal(born.toordinal() + days)
    assert by_password.parts(at, False, SOME) == opened
    assert by_password.parts(at, True, SOME) == (opened or SOME)
    assert by_password.parts(None, False, SOME) is None


def test_a_session_with_a_password_is_what_the_municipality_says_at_every_click(
    browser, town, eid, says
):
    mother, owner, page = browser("mother"), browser("owner"), f"/plan/{town.plan}/goal/list/"
    assert owner.get(page).status_code == 200 and "Swim" in owner.get(page).text  # twelve
    assert mother.get("/").location.startswith("/sign-in/")
    says(True, SOME)
    reply = mother.get(page)
    assert "Swim" not in reply.text and "Sign in with electronic ID to open them" in reply.text
    menu = mother.get(f"/plan/{town.plan}/").text
    assert "/goal/list/" not in menu and "/message/list/" in menu
    assert mother.post(f"/plan/{town.plan}/goal/add", data={"goal": "x"}).status_code == 403
    says(True, frozenset(Scope))
    assert "Swim" in mother.get(page).text and "electronic ID" not in mother.get(page).text
    says(False)
    assert mother.get("/").location.startswith("/sign-in/")


def test_without_electronic_id_nothing_is_limited(browser, town):
    page = browser("mother").get(f"/plan/{town.plan}/goal/list/")
    assert "Swim" in page.text and "electronic ID" not in page.text


def test_at_the_door_an_adult_is_told_which_way_to_go(app, desk, town, engine, eid, says):
    with desk.system() as session:
        for who in ("mother", "owner", "admin"):
            account = session.get(Account, town.accounts[who])
            account.password_hash = passwords.hash_password(PASSWORD)
        session.commit()
    app.extensions["openid"] = dict(app.extensions["openid"])

    def enters(who):
        client = app.test_client()
        reply = come_in(client, engine, who, PASSWORD, headers={"Accept-Language": "en"})
        return reply, client

    reply, _ = enters("mother")
    assert reply.status_code == 422 and "known here as an adult" in reply.text
    wrong = {"name": "mother", "secret": "not hers at all"}
    reply = app.test_client().post("/sign-in/", data=wrong, headers={"Accept-Language": "en"})
    assert "known here as an adult" not in reply.text
    assert enters("owner")[0].location == "/"
    reply, admin = enters("admin")
    assert reply.location == "/" and admin.get("/register/municipality/list/").status_code == 200
    says(True)
    assert enters("mother")[0].location == "/"


def test_an_administrator_by_password_mends_the_set_up_and_reads_no_plan(browser, desk, town, eid):
    with desk.system() as session:
        hat = session.get(Membership, town.memberships["coordinator"])
        hat.roles = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
        session.commit()
    client = browser("coordinator")
    assert client.get("/register/municipality/list/").status_code == 200
    assert client.get(f"/plan/{town.plan}/goal/list/").status_code == 403
    assert client.get("/my-persons/").status_code == 403


def test_shipped_are_the_parts_a_relative_gets_and_no_more(engine, town, desk):
    with desk.system() as session:
        row = session.get(Municipality, town.municipality_id)
        assert not row.adults_by_password
        shut = frozenset(Scope) - row.parts_by_password
        assert shut == {Scope.BACKGROUND, Scope.DOCUMENTS, Scope.CONTACTS}
        assert session.get(Person, town.people["mother"]).birth_date
