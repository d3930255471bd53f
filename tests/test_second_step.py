"""The code after the password: new each time, for one browser, and for a short while."""

from __future__ import annotations

import dataclasses
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app import create_app
from integrations.catalogue import translate
from integrations.file_sink import FileSink
from integrations.mail import MailServer
from integrations.sms import SmsGateway
from jobs.outbox import deliver
from models.account import Account, LoginSession, Membership
from models.base import Model
from models.clock import CLOCK, OSLO, utcnow
from models.language import LANGUAGES
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.second_factor import SignInCode
from models.types import blind_index
from models.vocabulary import Channel, Fault
from security import one_time_code, passwords
from security.sessions import COOKIE, end_others
from services import second_factor
from services.notice_kinds import SIGN_IN_CODE, text_of
from tests import post
from tests.second_step import code_for, reachable

PASSWORD = "tre blå båtar på fjorden"
PAGE, AGAIN = "/sign-in/code/", "/sign-in/code/again"
GATEWAY = {
    "headers": {},
    "body": {"to": "{to}", "text": "{text}"},
    "portal": "https://plan.example",
}
NEVER = {"access_event", "register_event"}


@pytest.fixture(autouse=True)
def known(desk, town):
    """The nurse and the teacher have passwords; the nurse a number, the teacher an address."""
    with desk.system() as session:
        for who in ("nurse", "teacher", "mother"):
            account = session.get(Account, town.accounts[who])
            account.password_hash = passwords.hash_password(PASSWORD)
        teacher = session.get(Person, town.people["teacher"])
        teacher.email = "ane@skule.example"
        teacher.email_index = blind_index("person.email", teacher.email)
        session.commit()
    reachable(desk.engine, "nurse")


def half_in(app, name="nurse", client=None, **more):
    """A browser in which the password has been said."""
    client = client or app.test_client()
    data = {"name": name, "secret": PASSWORD}
    assert client.post("/sign-in/", data=data, **more).location == PAGE
    return client


def type_in(client, code):
    return client.post(PAGE, data={"code": code})


def is_in(client):
    return client.get("/").status_code == 200


def said(client, **more):
    reply = client.get(PAGE, headers={"Accept-Language": "en"}, **more)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", reply.text.split("<main")[1]))


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def stored(engine):
    """Every row that is more than a session, a limit or the count of tries."""
    out = {"login_session", "rate_limit"}
    with engine.connect() as connection:
        return {
            table.name: [
                {k: v for k, v in row._mapping.items() if k != "tries"}
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Model.metadata.sorted_tables
            if table.name not in out
        }


def whole(engine):
    """All that is stored, as bytes somebody who has the database could search; without the moments,
    whose millionths of a second now and then are a code."""
    with engine.connect() as connection:
        stored = "\n".join(
            str([str(value) for value in row])
            for table in Model.metadata.sorted_tables
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))
        )
    return re.sub(r":\d\d\.\d{6}", "", stored)


# The whole way, through the real post


def test_by_sms_through_a_gateway_and_by_mail_through_a_server(app, desk, engine, caplog):
    caplog.set_level(logging.DEBUG)
    with post.http() as gateway, post.smtp() as mailbox:
        url = f"smtp://127.0.0.1:{mailbox.port}?tls=no"
        carriers = {
            Channel.SMS: SmsGateway(url=gateway.url, **GATEWAY),
            Channel.MAIL: MailServer.parse(url, "medspel@x.example", "https://plan.example"),
        }
        nurse, teacher = half_in(app), half_in(app, "teacher")
        assert not is_in(nurse) and nurse.get("/account/").status_code == 302
        assert "to the number that ends with 41" in said(nurse)
        assert "by e-mail to a…@skule.example" in said(teacher)
        assert deliver(engine, carriers) == 2
        ((_, sms),), (mail,) = gateway.taken, mailbox.taken
    assert sms["to"] == "+4790000041" and mail["To"] == "ane@skule.example"
    texts = [sms["text"], mail.get_body(("plain",)).get_content()]
    codes = ["".join(re.search(r"\b(\d{3}) (\d{3})\b", one).groups()) for one in texts]
    assert codes == [code_for(engine, "nurse"), code_for(engine, "teacher")]
    ours = " ".join(one.getMessage() for one in caplog.records if one.name != "mail.log")
    for secret in codes:
        assert secret not in ours and f"{secret[:3]} {secret[3:]}" not in ours
        assert secret not in whole(engine) and f"{secret[:3]} {secret[3:]}" not in whole(engine)
    assert codes[1][:3] not in str(mail["Subject"])
    for word in ("Nurse", "Teacher", "Fjordvik", "OW 1"):
        assert not [one for one in texts if word in one], word
    before = nurse.get_cookie(COOKIE).value
    assert type_in(nurse, f" {codes[0][:3]} {codes[0][3:]} ").location == "/" and is_in(nurse)
    assert nurse.get_cookie(COOKIE).value != before
    assert type_in(teacher, codes[1]).location == "/" and is_in(teacher)
    for client in (nurse, teacher):
        page = client.get("/notices/")
        assert "code" not in page.text.split("<main")[1].split("</main>")[0].lower()


@pytest.mark.a_page
def test_the_letter_is_in_the_readers_language_and_waits_for_no_morning(app, desk, engine, town):
    night = utcnow().replace(hour=2)
    for language in LANGUAGES:
        with desk.system() as session:
            account = session.get(Account, town.accounts["nurse"])
            account.language, account.quiet_from, account.quiet_to = language, 0, 23
            session.execute(text("DELETE FROM sign_in_code"))
            session.commit()
        letters = []
        night += timedelta(minutes=20)
        with CLOCK.stopped_at(night):
            half_in(app)
            assert deliver(engine, {Channel.SMS: _Post(letters)}) == 1
            code = one_time_code.shown(code_for(engine, "nurse"))
        words = translate(text_of(SIGN_IN_CODE), language).replace("{code}", code)
        words = words.replace("{time}", f"{(night + timedelta(minutes=10)).astimezone(OSLO):%H:%M}")
        assert letters[0].text == words and code in words and "{" not in words
        assert code not in repr(letters[0]) and not letters[0].path


class _Post:
    def __init__(self, letters):
        self.send = letters.append


@pytest.mark.a_page
def test_it_is_sent_while_it_counts_and_where_it_was_meant_for(app, desk, engine, town, tmp_path):
    carriers = {Channel.SMS: FileSink(tmp_path / "out"), Channel.MAIL: FileSink(tmp_path / "out")}

    def fault():
        assert deliver(engine, carriers) == 0
        with desk.system() as session:
            newest = select(Delivery.fault).order_by(Delivery.id.desc()).limit(1)
            return session.scalars(newest).one()

    now = utcnow()
    with CLOCK.stopped_at(now):
        half_in(app)
    with CLOCK.stopped_at(now + timedelta(minutes=11)):
        assert fault() is Fault.NOT_FOR_THEM  # too old
        half_in(app)
        reachable(engine, "nurse", "+4790000042")
        assert fault() is Fault.NO_ADDRESS  # another number than the page says
    with CLOCK.stopped_at(now + timedelta(minutes=30)):
        half_in(app)
        with desk.system() as session:
            session.get(Account, town.accounts["nurse"]).active = False
            session.commit()
        assert fault() is Fault.NOT_FOR_THEM
    assert not list((tmp_path / "out").glob("*.json"))


@pytest.mark.a_page
def test_what_nobody_takes_is_on_no_list_of_the_office(app, desk, engine, browser):
    half_in(app)
    with post.http() as gateway:
        gateway.status = 400
        assert deliver(engine, {Channel.SMS: SmsGateway(url=gateway.url, **GATEWAY)}) == 0
    with desk.system() as session:
        assert session.scalars(select(Delivery.fault)).one() is Fault.REFUSED
    main = browser("office").get("/register/undelivered/").text.split("<main")[1]
    assert "Nurse" not in main


# What it refuses


def test_a_wrong_code_five_times_and_then_the_right_one_does_not_count(app, engine):
    client = half_in(app)
    code, before = code_for(engine, "nurse"), stored(engine)
    for _ in range(5):
        reply = type_in(client, wrong(code))
        assert reply.status_code == 422 and not is_in(client)
    assert type_in(client, code).status_code == 422 and not is_in(client)
    assert "no code that counts here" in said(client)
    assert stored(engine) == before


@pytest.mark.parametrize(
    "odd", ["", " ", "12345", "1234567", "abcdef", "१२३४५६", "\x00", "1" * 500]
)
@pytest.mark.a_page
def test_what_is_no_code_is_refused(app, odd):
    client = half_in(app)
    assert type_in(client, odd).status_code == 422 and not is_in(client)


def test_used_once_too_old_replaced_or_of_another_browser(app, engine):
    now = utcnow()
    with CLOCK.stopped_at(now):
        first = half_in(app)
        old = code_for(engine, "nurse")
        thief = app.test_client()
        thief.set_cookie(COOKIE, first.get_cookie(COOKIE).value)
        assert type_in(first, old).location == "/"
        assert type_in(thief, old).location == "/sign-in/"  # the token died when it was used
        second = half_in(app)
        assert type_in(second, old).status_code == 422  # used
    with CLOCK.stopped_at(now + timedelta(minutes=10, seconds=1)):
        assert type_in(second, code_for(engine, "nurse")).status_code == 422  # too old
    with CLOCK.stopped_at(now + timedelta(minutes=20)):
        second = half_in(app)
        mine = code_for(engine, "nurse")
    with CLOCK.stopped_at(now + timedelta(minutes=22)):
        other = half_in(app)
        newer = code_for(engine, "nurse")
        assert newer != mine
        assert type_in(second, newer).status_code == 422  # sent for another browser
        assert type_in(second, mine).status_code == 422  # an older one
        assert not is_in(second)
        assert type_in(other, newer).location == "/"


def test_another_accounts_code_and_a_browser_that_has_said_no_password(app, engine):
    nurse = half_in(app)
    half_in(app, "teacher")
    assert type_in(nurse, code_for(engine, "teacher")).status_code == 422 and not is_in(nurse)
    stranger = app.test_client()
    for reply in (stranger.get(PAGE), stranger.post(AGAIN), type_in(stranger, "123456")):
        assert reply.status_code == 303 and reply.location == "/sign-in/"
    assert type_in(nurse, code_for(engine, "nurse")).location == "/"


def test_in_two_tabs_of_one_browser_the_newest_counts(app, engine):
    now = utcnow()
    with CLOCK.stopped_at(now):
        client = half_in(app)
        first = code_for(engine, "nurse")
    with CLOCK.stopped_at(now + timedelta(seconds=31)):
        half_in(app, client=client)  # the other tab
        assert type_in(client, first).status_code == 422
        assert type_in(client, code_for(engine, "nurse")).location == "/"


def test_asking_anew_waits_longer_each_time_and_the_page_says_how_long(app, desk, engine):
    now, asked = utcnow(), 0
    with CLOCK.stopped_at(now):
        client = half_in(app)
    for seconds, words in (
        (30, "30 seconds"),
        (60, "1 minute"),
        (120, "2 minutes"),
        (300, "5 min"),
    ):
        with CLOCK.stopped_at(now):
            assert words in said(client)
            client.post(AGAIN)
            assert words in said(client) and _codes(desk) == 1 + asked
        now += timedelta(seconds=seconds)
        with CLOCK.stopped_at(now - timedelta(seconds=1)):
            client.post(AGAIN)
            assert _codes(desk) == 1 + asked
        with CLOCK.stopped_at(now):
            client.post(AGAIN)
            asked += 1
            assert _codes(desk) == 1 + asked
    with CLOCK.stopped_at(now):
        assert type_in(client, code_for(engine, "nurse")).location == "/"
        half_in(app)  # whoever came in waits no longer
        assert _codes(desk) == 2 + asked


def _codes(desk):
    with desk.system() as session:
        return session.scalar(select(func.count(SignInCode.id)))


@pytest.mark.a_page
def test_who_signs_in_again_too_early_is_told_and_gets_in_later(app, desk, engine):
    now = utcnow()
    with CLOCK.stopped_at(now):
        half_in(app)
        client = half_in(app)
        assert _codes(desk) == 1 and "no code that counts here" in said(client)
        assert type_in(client, code_for(engine, "nurse")).status_code == 422
    with CLOCK.stopped_at(now + timedelta(seconds=30)):
        assert client.post(AGAIN).location == PAGE
        assert type_in(client, code_for(engine, "nurse")).location == "/"


def test_guessing_is_counted_for_account_and_address_over_codes_and_restarts(
    app, engine, settings, monkeypatch
):
    now = utcnow().replace(minute=1, second=0)
    with CLOCK.stopped_at(now):
        client = half_in(app)
        for _ in range(5):
            type_in(client, wrong(code_for(engine, "nurse")))
    again = create_app(settings)
    again.config["WTF_CSRF_ENABLED"] = False
    with CLOCK.stopped_at(now + timedelta(minutes=1)):
        other = half_in(again)
        statuses = [type_in(other, wrong(code_for(engine, "nurse"))).status_code for _ in range(5)]
        assert statuses == [422] * 5
    with CLOCK.stopped_at(now + timedelta(minutes=3)):
        other = half_in(app)
        assert type_in(other, code_for(engine, "nurse")).status_code == 429 and not is_in(other)
        monkeypatch.setattr(second_factor, "TRIES_PER_ADDRESS", 10)
        teacher = half_in(app, "teacher")
        assert type_in(teacher, code_for(engine, "teacher")).status_code == 429
        away = {"REMOTE_ADDR": "10.0.0.9"}
        reply = teacher.post(PAGE, data={"code": code_for(engine, "teacher")}, environ_base=away)
        assert reply.location == "/"


def test_the_same_code_at_once_lets_one_in(app, engine):
    client = half_in(app)
    code, token = code_for(engine, "nurse"), client.get_cookie(COOKIE).value

    def go(_):
        one = app.test_client()
        one.set_cookie(COOKIE, token)
        return type_in(one, code).location

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(go, range(4))).count("/") == 1


# Who is told what


@pytest.mark.a_page
def test_a_wrong_password_an_unknown_name_and_a_closed_account_look_the_same(app, desk, town):
    with desk.system() as session:
        session.get(Account, town.accounts["mother"]).active = False
        session.commit()
    pages = set()
    token = re.compile(r'name="csrf_token"[^>]*')
    for name, secret in (("nurse", "x"), ("nobody", PASSWORD), ("mother", PASSWORD)):
        reply = app.test_client().post("/sign-in/", data={"name": name, "secret": secret})
        assert reply.status_code == 422
        pages.add(token.sub("", reply.text.replace(name, "")))
    assert len(pages) == 1
    assert _codes(desk) == 0
    with desk.system() as session:
        assert session.scalars(select(OutboxMessage.id)).all() == []


@pytest.mark.a_page
def test_without_number_and_address_there_is_no_way_and_one_is_told_whom_to_call(
    app, desk, town, engine
):
    mother = half_in(app, "mother")
    words = said(mother)
    assert "We cannot send you a code" in words and "Call Fjordvik: 55 00 00 00" in words
    assert 'name="code"' not in mother.get(PAGE).text
    assert mother.post(AGAIN).location == PAGE and type_in(mother, "000000").status_code == 422
    assert not is_in(mother) and _codes(desk) == 0
    for change, has_way in (("returned", False), ("shielded", True), ("died", False)):
        with desk.system() as session:
            teacher = session.get(Person, town.people["teacher"])
            teacher.mail_returned_at = utcnow() if change == "returned" else None
            teacher.shielded = change == "shielded"
            teacher.died_on = utcnow().date() if change == "died" else None
            session.execute(text("DELETE FROM sign_in_code"))
            session.commit()
        words = said(half_in(app, "teacher"))
        assert ("We have sent a code" in words) is has_way, change
        assert "skule.example" not in words


@pytest.mark.a_page
def test_a_channel_nobody_carries_is_not_used(app, desk, town):
    app.config["CHANNELS"] = frozenset({Channel.MAIL})
    assert "We cannot send" in said(half_in(app))
    app.config["CHANNELS"] = frozenset({Channel.SMS})
    assert "We cannot send" in said(half_in(app, "teacher"))


@pytest.mark.a_page
def test_a_hat_from_elsewhere_does_not_say_where_codes_go(app, desk, town, engine):
    """Another municipality registers its own number for somebody, and invites the account."""
    with desk.system() as session:
        number = "+4790000099"
        person = Person(
            name="N", municipality_id=town.foreign_id, phone=number,
            phone_index=blind_index("person.phone", number),
        )  # fmt: skip
        session.add(person)
        session.flush()
        at = {"municipality_id": town.foreign_id, "person_id": person.id}
        session.add(Membership(account_id=town.accounts["nurse"], roles=frozenset(), **at))
        session.commit()
    letters = []
    half_in(app)
    deliver(engine, {Channel.SMS: _Post(letters)})
    assert [one.to for one in letters] == ["+4790000041"]


# What else may be going on in the browser


def test_saying_a_password_signs_the_one_before_out(app, browser, engine):
    client = browser("nurse")
    assert is_in(client)
    before = client.get_cookie(COOKIE).value
    half_in(app, "teacher", client=client)
    assert not is_in(client) and client.get_cookie(COOKIE).value != before
    thief = app.test_client()
    thief.set_cookie(COOKIE, before)
    assert not is_in(thief)
    assert type_in(client, code_for(engine, "teacher")).location == "/"


@pytest.mark.a_page
def test_it_leads_to_where_one_was_going_and_a_right_password_is_forgotten(app, engine):
    client = half_in(app, query_string={"next": "/account/"})
    assert type_in(client, code_for(engine, "nurse")).location == "/account/"
    now = utcnow()
    client = half_in(app)
    with CLOCK.stopped_at(now + timedelta(minutes=31)):
        assert client.get(PAGE).location == "/sign-in/"


def test_whoever_changes_the_password_ends_what_waits_for_a_code(app, desk, engine, town):
    client = half_in(app)
    code = code_for(engine, "nurse")
    with desk.session("nurse") as session:
        end_others(session, town.accounts["nurse"], None)
        session.commit()
    assert type_in(client, code).status_code == 422 and not is_in(client)


@pytest.mark.a_page
def test_a_new_password_is_told_of_by_a_letter_that_says_nothing_else(app, browser, engine, desk):
    new = {"old": PASSWORD, "new": "fire raude hus i vinden", "again": "fire raude hus i vinden"}
    with CLOCK.stopped_at(utcnow().replace(hour=12)):
        assert browser("nurse").post("/password/", data=new).status_code == 303
        letters = []
        assert deliver(engine, {Channel.SMS: _Post(letters)}) == 1
    assert letters[0].to == "+4790000041" and "Medspel" in letters[0].text
    assert not re.search(r"\d|Nurse|Fjordvik", letters[0].text)


def test_the_letter_and_the_row_come_together_or_not_at_all(app, desk, monkeypatch):
    def fails(*_):
        raise RuntimeError("the middle")

    monkeypatch.setattr(second_factor, "_hint", lambda *_: "")
    monkeypatch.setattr(second_factor, "Delivery", fails)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    reply = app.test_client().post("/sign-in/", data={"name": "nurse", "secret": PASSWORD})
    assert reply.status_code == 500 and _codes(desk) == 0
    with desk.system() as session:
        assert session.scalars(select(OutboxMessage.id)).all() == []
        assert session.scalars(select(LoginSession.account_id)).all() in ([], [None])


def test_the_worker_forgets_old_codes(engine, desk, town):
    from jobs.worker import clean_up

    now = utcnow()
    with desk.system() as session:
        for hours in (25, 1):
            at = now - timedelta(hours=hours)
            account = town.accounts["nurse"]
            session.add(SignInCode(account_id=account, made_at=at, expires_at=at))
        session.commit()
    clean_up(engine)
    assert _codes(desk) == 1


def test_codes_are_spread_evenly_and_know_their_row():
    codes = [one_time_code.code_of(f"uid {n}") for n in range(2000)]
    assert len(set(codes)) > 1990 and all(re.fullmatch(r"\d{6}", one) for one in codes)
    firsts = [sum(code[0] == str(n) for code in codes) for n in range(10)]
    assert min(firsts) > 140, firsts


@pytest.mark.a_page
def test_with_real_carriers_the_settings_say_which(settings):
    from jobs.carriers import carriers

    only = dataclasses.replace(settings, sms=SmsGateway(url="https://x.no", **GATEWAY))
    assert create_app(only).config["CHANNELS"] == frozenset(carriers(only)) == {Channel.SMS}
