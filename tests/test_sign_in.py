"""Signing in and out: start codes, passwords, limits, sessions that end from here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from models.account import Account, LoginSession
from models.clock import CLOCK, utcnow
from security import passwords
from security.sessions import COOKIE
from tests.factories import start_code
from tests.second_step import come_in
from views.realm import PAGES, Realm

PASSWORD = "tre blå båtar på fjorden"


@pytest.fixture
def code(desk, town):
    """A start code for the nurse."""
    with desk.system() as session:
        code, hashed = passwords.start_code()
        session.add(start_code(town, "nurse", "coordinator", hashed))
        session.commit()
    return code


@pytest.fixture
def with_password(desk, town):
    with desk.system() as session:
        account = session.get(Account, town.accounts["nurse"])
        account.password_hash = passwords.hash_password(PASSWORD)
        session.commit()


def sign_in(client, secret, name="nurse", **more):
    return client.post("/sign-in/", data={"name": name, "secret": secret}, **more)


def test_a_start_code_lets_one_in_once_and_asks_for_a_password(app, desk, town, code):
    client = app.test_client()
    assert sign_in(client, code.lower().replace("-", " ")).location == "/password/"
    assert client.get(f"/plan/{town.plan}/goal/list/").location == "/password/"
    weak = client.post("/password/", data={"new": "kort", "again": "kort"})
    assert weak.status_code == 422
    assert client.post("/password/", data={"new": PASSWORD, "again": "x"}).status_code == 422
    done = client.post("/password/", data={"new": PASSWORD, "again": PASSWORD})
    assert done.status_code == 303 and done.location == "/account/contact/"  # or no code comes
    assert client.get(f"/plan/{town.plan}/goal/list/").status_code == 200
    assert sign_in(app.test_client(), code).status_code == 422  # used
    assert sign_in(app.test_client(), PASSWORD).status_code == 303


def test_an_expired_code_lets_nobody_in(app, code):
    with CLOCK.stopped_at(utcnow() + timedelta(days=15)):
        assert sign_in(app.test_client(), code).status_code == 422


def test_wrong_name_and_wrong_password_are_told_apart_by_nobody(app, with_password):
    wrong = sign_in(app.test_client(), "x").text.replace("nurse", "")
    unknown = sign_in(app.test_client(), "x", name="nobody").text.replace("nobody", "")
    token = re.compile(r'name="csrf_token"[^>]*')
    assert token.sub("", wrong) == token.sub("", unknown) and "høyrer ikkje saman" in wrong


def test_ten_tries_a_quarter_and_then_none(app, with_password):
    with CLOCK.stopped_at(utcnow()):
        for _ in range(10):
            assert sign_in(app.test_client(), "wrong").status_code == 422
        assert sign_in(app.test_client(), PASSWORD).status_code == 429
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=16)):
        assert sign_in(app.test_client(), PASSWORD).status_code == 303


def test_signing_out_ends_the_session_on_the_server(app, desk, with_password, engine):
    client = app.test_client()
    come_in(client, engine, "nurse", PASSWORD)
    stolen = client.get_cookie(COOKIE).value
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    thief = app.test_client()
    thief.set_cookie(COOKIE, stolen)
    assert thief.get("/").status_code == 302
    with desk.system() as session:
        assert not session.scalars(select(LoginSession).where(LoginSession.account_id > 0)).all()


def test_the_token_changes_at_sign_in_and_is_not_what_is_stored(app, desk, with_password, engine):
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True
    client.get("/sign-in/")
    before = client.get_cookie(COOKIE).value
    app.config["WTF_CSRF_ENABLED"] = False
    come_in(client, engine, "nurse", PASSWORD)
    after = client.get_cookie(COOKIE)
    assert after.value != before and after.http_only and after.same_site == "Lax"
    with desk.system() as session:
        stored = session.scalars(select(LoginSession.token_hash)).all()
        assert len(stored) == 1 and after.value not in stored


def test_thirty_minutes_idle_or_two_hours_in_all(app, browser):
    client = browser("nurse")
    now = utcnow()
    for minutes, status in ((25, 200), (50, 200), (75, 200), (100, 200), (119, 200), (121, 302)):
        with CLOCK.stopped_at(now + timedelta(minutes=minutes)):
            assert client.get("/").status_code == status, minutes
    idle = browser("teacher")
    with CLOCK.stopped_at(now + timedelta(minutes=31)):
        assert idle.get("/").status_code == 302


@pytest.mark.parametrize("what", ["account", "hat"])
def test_a_deactivated_account_is_out_at_its_next_click(browser, desk, town, what):
    client = browser("nurse")
    assert client.get("/").status_code == 200
    with desk.system() as session:
        account = session.get(Account, town.accounts["nurse"])
        if what == "account":
            account.active = False
        else:
            from models.account import Membership

            session.get(Membership, town.memberships["nurse"]).active = False
        session.commit()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "wish",
    [
        "//evil.no", "https://evil.no", "/\\evil.no", "\\\\evil.no", "javascript:alert(1)", "x",
        "/\t/evil.no", "/\n/evil.no", "///evil.no", " //evil.no", "\x00//evil.no",
    ],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(app, with_password, wish, engine):
    there = {"query_string": {"next": wish}}
    reply = come_in(app.test_client(), engine, "nurse", PASSWORD, **there)
    assert reply.location == "/"


def test_changing_the_password_asks_for_the_old_one(browser, desk, town, with_password):
    other = "fire raude hus i vinden"
    wrong = {"old": "x", "new": other, "again": other}
    assert browser("nurse").post("/password/", data=wrong).status_code == 422
    right = wrong | {"old": PASSWORD}
    assert browser("nurse").post("/password/", data=right).status_code == 303
    with desk.system() as session:
        stored = session.get(Account, town.accounts["nurse"]).password_hash
        assert passwords.matches(stored, other)


def test_the_language_is_chosen_and_kept(app, browser, desk, town):
    reply = browser("nurse").post("/language/", data={"language": "nb"})
    assert reply.status_code == 303
    assert '<html lang="nb"' in browser("nurse").get("/").text
    with desk.system() as session:
        assert session.get(Account, town.accounts["nurse"]).language == "nb"
    assert browser("nurse").post("/language/", data={"language": "xx"}).status_code == 400
    anonymous = app.test_client().get("/sign-in/", headers={"Accept-Language": "en"})
    assert '<html lang="en"' in anonymous.text


def test_a_new_password_ends_what_the_old_one_opened(app, browser, with_password, engine):
    here, elsewhere = browser("nurse"), app.test_client()
    assert come_in(elsewhere, engine, "nurse", PASSWORD).location == "/"
    other = "fire raude hus i vinden"
    data = {"old": PASSWORD, "new": other, "again": other}
    assert here.post("/password/", data=data).status_code == 303
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_token_of_somebody_elses_choice_is_not_kept(app, with_password, engine):
    """Session fixation: what was planted before is not what opens after."""
    victim, planted = app.test_client(), "planted".ljust(43, "x")
    victim.set_cookie(COOKIE, planted)
    assert come_in(victim, engine, "nurse", PASSWORD).location == "/"
    assert victim.get_cookie(COOKIE).value != planted
    thief = app.test_client()
    thief.set_cookie(COOKIE, planted)
    assert thief.get("/").status_code == 302


def test_no_form_is_taken_without_its_token(app, browser, town):
    """Every route that takes a POST, asked as somebody who may: the token comes first."""
    app.config["WTF_CSRF_ENABLED"] = True
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) > 30
    for rule in rules:
        values = dict.fromkeys(rule.arguments, 1) | {"plan_id": town.plan}
        with app.test_request_context():
            address = url_for(rule.endpoint, **{k: values[k] for k in rule.arguments})
        for who in ("mother", "coordinator", "office", "admin"):
            assert browser(who).post(address).status_code == 400, (rule.endpoint, who)
        public = PAGES[rule.endpoint].realm is Realm.PUBLIC
        assert browser(None).post(address).status_code == (400 if public else 401), rule.endpoint
