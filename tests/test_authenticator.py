"""An app for codes: set up, asked for, no code twice, and ten ways in when it is lost."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from html import unescape

import pytest
from pyotp import TOTP
from sqlalchemy import select, text

from deploy.authenticator import take_away
from jobs.outbox import deliver
from models.account import Account
from models.clock import CLOCK, utcnow
from models.outbox import OutboxMessage
from models.second_factor import Authenticator, RecoveryCode, SignInCode
from models.vocabulary import Channel
from security import passwords
from security.policy import Forbidden
from security.writes import Immutable
from tests.second_step import reachable
from tests.test_second_step import PAGE, PASSWORD, _Post, half_in, is_in, said, type_in, whole

APP = "/account/app/"


@pytest.fixture(autouse=True)
def known(desk, town):
    with desk.system() as session:
        for who in ("newcomer", "office", "nurse", "mother"):
            account = session.get(Account, town.accounts[who])
            account.password_hash = passwords.hash_password(PASSWORD)
        session.commit()
    reachable(desk.engine, "newcomer")


@pytest.fixture
def noon():
    """A moment at the beginning of a time step."""
    now = utcnow()
    return now.replace(second=now.second // 30 * 30 + 5, microsecond=0)


@pytest.fixture
def set_up(browser, noon):
    """`set_up("newcomer")`: the app of somebody, and the recovery codes."""

    def go(who):
        client = browser(who)
        with CLOCK.stopped_at(noon):
            assert client.post(APP, data={"password": PASSWORD}).location == APP
            app = TOTP(secret_on(client.get(APP).text))
            assert client.post(APP, data={"code": app.at(noon)}).location == f"{APP}codes"
            codes = re.findall(r"data-code>([A-Z0-9-]+)<", client.get(f"{APP}codes").text)
        return app, codes

    return go


def secret_on(page):
    return re.sub(r"\s", "", unescape(re.search(r"data-code>([A-Z2-7 ]+)<", page)[1]))


def enter(app, code, at, name="newcomer"):
    with CLOCK.stopped_at(at):
        client = half_in(app, name)
        reply = type_in(client, code)
        assert reply.status_code in (303, 422) and is_in(client) is (reply.status_code == 303)
        return reply.location == "/"


def test_it_is_asked_for_once_it_is_confirmed_and_no_code_counts_twice(
    app, browser, desk, engine, set_up, noon
):
    newcomer = browser("newcomer")
    assert "Set up an app" in newcomer.get("/account/").text
    totp, codes = set_up("newcomer")
    assert "Set up an app" not in newcomer.get("/account/").text
    assert len(codes) == len(set(codes)) == 10
    assert "data-code" not in newcomer.get(f"{APP}codes").text  # shown once
    assert not enter(app, totp.at(noon), noon)  # the one it was confirmed with
    later = noon + timedelta(minutes=2)
    assert enter(app, totp.at(later), later)
    assert not enter(app, totp.at(later), later + timedelta(seconds=20))  # seen over the shoulder
    for seconds, lets_in in ((-60, False), (60, False), (-30, True), (30, True)):
        later += timedelta(minutes=20)
        assert enter(app, totp.at(later + timedelta(seconds=seconds)), later) is lets_in, seconds
    assert not enter(app, totp.at(later), later)  # one before the newest that was used
    with desk.system() as session:
        assert set(session.scalars(select(SignInCode.channel))) == {None}  # none was sent
    letters = []
    deliver(engine, {Channel.SMS: _Post(letters)})
    assert not [one for one in letters if re.search(r"\d", one.text)]


def test_each_recovery_code_lets_in_once_and_only_its_own_account(app, set_up, noon, desk):
    _, codes = set_up("newcomer")
    set_up("office")
    at = noon + timedelta(minutes=20)
    assert not enter(app, codes[0], at, "office")
    assert enter(app, codes[0].lower().replace("-", " "), at)
    assert not enter(app, codes[0], at)
    at += timedelta(minutes=20)
    assert enter(app, codes[9], at)
    with desk.system() as session:
        used = select(RecoveryCode.id).where(RecoveryCode.used_at.is_not(None))
        assert len(session.scalars(used).all()) == 2


def test_guessing_at_the_app_ends_and_the_wait_begins_when_a_try_is_burnt(app, set_up, noon):
    totp, _ = set_up("newcomer")
    at = noon + timedelta(minutes=25)
    at += timedelta(minutes=3 if at.minute % 15 > 12 else 0)  # all tries in one window
    bad = f"{(int(totp.at(at)) + 1) % 10**6:06d}"
    with CLOCK.stopped_at(at):
        half_in(app, "newcomer")  # one that is left lying costs no wait
    with CLOCK.stopped_at(at):
        client = half_in(app, "newcomer")
        for _ in range(5):
            assert type_in(client, bad).status_code == 422
        assert type_in(client, totp.at(at)).status_code == 422 and not is_in(client)
        assert "in 30 seconds" in said(client)
    with CLOCK.stopped_at(at + timedelta(seconds=31)):
        client = half_in(app, "newcomer")
        for _ in range(4):
            type_in(client, bad)
        assert type_in(client, totp.at(at)).status_code == 429


def test_nothing_of_it_can_be_read_in_the_database(app, set_up, engine, desk, caplog):
    totp, codes = set_up("newcomer")
    seen, raw = whole(engine), base64.b32decode(totp.secret)
    for secret in (totp.secret, repr(raw)[2:-1], *codes, *(one.replace("-", "") for one in codes)):
        assert secret not in seen and secret not in caplog.text
    with desk.system() as session:
        assert session.scalars(select(Authenticator.secret)).one() == totp.secret
        assert session.execute(text("SELECT count(*) FROM recovery_code")).scalar() == 10


def test_password_and_code_turn_it_off_and_then_one_is_sent_again(
    app, browser, engine, set_up, noon, desk
):
    totp, codes = set_up("newcomer")
    newcomer, at = browser("newcomer"), noon + timedelta(minutes=25)
    with CLOCK.stopped_at(at):
        elsewhere = half_in(app, "newcomer")
        assert type_in(elsewhere, totp.at(at)).location == "/"
        waiting = half_in(app, "newcomer")
        for password, code in ((PASSWORD, totp.at(at)), ("x", codes[0]), (PASSWORD, "000000")):
            reply = newcomer.post(APP, data={"password": password, "code": code})
            assert reply.status_code == 422, (password, code)
        assert is_in(elsewhere)
        reply = newcomer.post(APP, data={"password": PASSWORD, "code": codes[0]})
        assert reply.location == "/account/"
        assert is_in(newcomer) and not is_in(elsewhere)
        assert type_in(waiting, codes[1]).status_code == 422 and not is_in(waiting)
        letters = []
        deliver(engine, {Channel.SMS: _Post(letters)})
        assert len(letters) >= 1 and all("Medspel" in one.text for one in letters)
    with CLOCK.stopped_at(at + timedelta(minutes=20)):
        assert "that ends with 41" in said(half_in(app, "newcomer"))
    with desk.system() as session:
        assert session.scalars(select(RecoveryCode.id)).all() == []


def test_it_is_shown_for_a_quarter_and_asked_for_only_when_confirmed(app, browser, noon, desk):
    newcomer = browser("newcomer")
    with CLOCK.stopped_at(noon):
        assert newcomer.post(APP, data={"password": "wrong"}).status_code == 422
        newcomer.post(APP, data={"password": PASSWORD})
        page = newcomer.get(APP).text
        first = secret_on(page)
        assert "<svg" in page and "style=" not in page
        assert newcomer.post(APP, data={"code": "000000"}).status_code == 422
    with CLOCK.stopped_at(noon + timedelta(minutes=1)):
        assert "that ends with 41" in said(half_in(app, "newcomer"))  # not confirmed: not asked
    with CLOCK.stopped_at(noon + timedelta(minutes=16)):
        assert first not in re.sub(r"\s", "", newcomer.get(APP).text)
        newcomer.post(APP, data={"password": PASSWORD})
        assert secret_on(newcomer.get(APP).text) != first
    with desk.system() as session:
        assert len(session.scalars(select(Authenticator.id)).all()) == 1


@pytest.mark.a_page
def test_it_is_for_staff_with_a_password(browser):
    assert browser("office").get(APP).status_code == 200
    for who in ("nurse", "mother", "coordinator"):  # the last has no password here
        assert browser(who).get(APP).status_code == 403, who
        assert "App for codes" not in browser(who).get("/account/").text


def test_nobody_touches_the_app_or_the_codes_of_another(desk, town, set_up):
    set_up("newcomer")
    own = select(Authenticator)
    with desk.session("office") as session:
        for cls in (Authenticator, RecoveryCode, SignInCode):
            assert session.scalars(select(cls)).all() == []
        session.add(Authenticator(account_id=town.accounts["newcomer"], secret="x"))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("newcomer") as session:
        session.scalars(own).one().secret = "x"
        with pytest.raises(Immutable):
            session.flush()
    with desk.session("newcomer") as session:
        until = utcnow() + timedelta(hours=1)
        session.add(SignInCode(account_id=town.accounts["newcomer"], expires_at=until))
        with pytest.raises(Forbidden):
            session.flush()


def test_one_who_has_an_app_is_never_sent_a_code_instead(app, set_up, noon):
    set_up("newcomer")
    with CLOCK.stopped_at(noon + timedelta(minutes=25)):
        client = half_in(app, "newcomer")
        assert "Open the app" in said(client) and "Send a new code" not in client.get(PAGE).text


def test_who_has_lost_everything_is_helped_by_whoever_runs_the_installation(
    app, browser, set_up, noon, engine, desk
):
    set_up("newcomer")
    assert is_in(browser("newcomer"))
    assert not take_away(engine, "nobody") and take_away(engine, " Newcomer ")
    assert not is_in(browser("newcomer")) and not take_away(engine, "newcomer")
    with CLOCK.stopped_at(noon + timedelta(minutes=25)):
        assert "that ends with 41" in said(half_in(app, "newcomer"))
    with desk.system() as session:
        told = select(OutboxMessage).where(OutboxMessage.kind == "sign_in_changed")
        assert len(session.scalars(told).all()) == 2  # set up, and taken away
        assert session.scalars(select(RecoveryCode.id)).all() == []
