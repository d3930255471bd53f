"""A nickname of a plan is its writer's alone, holds no number, and is gone with the account."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text

from models.account import Account
from models.base import LoginUser
from models.own_plan import OwnPlan
from security.policy import Forbidden
from services.own_plans import give_names, looks_like_a_number, own_names
from tests.factories import WHO

OURS = "the one with the flute"


@pytest.fixture
def named(desk, town):
    with desk.session("coordinator") as session:
        give_names(session, {town.plan: OURS})
        session.commit()


@pytest.mark.a_page
def test_it_stands_on_ones_own_start_page_and_nowhere_else(browser, named):
    assert OURS in browser("coordinator").get("/").text
    for who in (*WHO, "office", "leader"):
        if who != "coordinator":
            assert OURS not in browser(who).get("/").text, who
            assert OURS not in browser(who).get("/nicknames/").text, who


def test_nobody_else_finds_the_row(desk, town, named):
    for who in ("mother", "nurse", "office", "admin"):
        with desk.session(who) as session:
            assert session.scalars(select(OwnPlan)).all() == [], who


def test_whoever_keeps_the_database_cannot_read_it(desk, named):
    with desk.system() as session:
        stored = session.execute(text("SELECT nickname FROM own_plan")).scalar_one()
    assert OURS.encode() not in bytes(stored)


def test_nobody_names_a_plan_they_cannot_see(desk, town):
    with desk.session("nurse") as session, pytest.raises(Forbidden):
        give_names(session, {town.rows["stranger plan"]: "x"})


def test_nobody_names_a_plan_for_somebody_else(desk, town):
    with desk.session("nurse") as session:
        whose = town.accounts["coordinator"]
        session.add(OwnPlan(account_id=whose, plan_id=town.plan, nickname="x"))
        with pytest.raises(Forbidden):
            session.flush()


def test_it_is_gone_with_the_account(desk, town):
    login = {"first_name": "x", "last_name": "x", "username": "x", "email": "x@x.no"}
    with desk.system() as session:
        session.add(user := LoginUser(**login, active=True))
        session.flush()
        session.add(account := Account(user_id=user.id, login_name="x"))
        session.flush()
        session.add(OwnPlan(account_id=account.id, plan_id=town.plan, nickname=OURS))
        session.flush()
        session.execute(delete(Account.__table__).where(Account.id == account.id))
        assert session.scalars(select(OwnPlan)).all() == []


@pytest.mark.a_page
def test_what_looks_like_an_identity_number_is_refused_beside_its_field(browser, town, desk):
    client, field = browser("coordinator"), f"plan_{town.plan}"
    for wrong in ("010203 12345", "x" * 41):
        reply = client.post("/nicknames/", data={field: wrong})
        assert reply.status_code == 422 and f'id="{field}-error"' in reply.text
    assert client.post("/nicknames/", data={field: f" {OURS} "}).location == "/"
    with desk.session("coordinator") as session:
        assert dict((n.plan_id, n.nickname) for n in own_names(session))[town.plan] == OURS
    client.post("/nicknames/", data={field: ""})
    assert OURS not in client.get("/").text


@pytest.mark.parametrize(
    "said, refused",
    [("01020312345", True), ("ab 010203-12345", True), ("kl. 12.30 den 4.5.2026", False)],
)
def test_eleven_digits_are_a_number_however_they_are_written(said, refused):
    assert looks_like_a_number(said) is refused
