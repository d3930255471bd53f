"""Signing in with an electronic ID: the whole way, at two providers, and everybody turned away."""

from __future__ import annotations

import hmac
import json
import re
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select

from integrations.openid import provider as settings
from integrations.openid.client import Client
from models.account import Account, Invitation, LinkedIdentity, LoginSession, Membership
from models.clock import CLOCK, utcnow
from models.municipality import Municipality
from models.people import Person
from models.types import blind_index
from security import letter_link
from security.letter_link import Opens
from security.policy import Forbidden
from security.sessions import COOKIE
from tests.conftest import sit_down
from tests.page import Page
from tests.providers import HIGH, JONAS, KARI, MARTE, SUBSTANTIAL, TURID, ProviderSaidNo

PORTAL = "http://medspel.example"
REAL = "02013299997"


@pytest.fixture
def number(desk, town):
    """`number("mother", MARTE)`: hers is the identity number on record."""

    def on_record(who, person):
        with desk.system() as session:
            row = session.get(Person, town.people[who])
            row.identity_number = person.identity_number
            row.identity_index = blind_index("person.identity_number", person.identity_number)
            session.commit()

    return on_record


class Here:
    """Medspel, as somebody with a browser meets it and the provider."""

    def __init__(self, app, provider, **settings_of_it):
        self.app, self.provider = app, provider
        self.known = provider.client(PORTAL, **settings_of_it)
        [self.ours] = settings.read(self.known.toml)
        app.config.update(PORTAL=PORTAL, SYNTHETIC_PEOPLE=True)
        app.extensions["openid"] = {self.ours.key: Client(self.ours)}

    def browser(self):
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        client.post("/language/", data={"language": "en"})
        client.human = self.provider.human()
        return client

    def start(self, client, **asked):
        reply = client.get(f"/sign-in/with/{self.ours.key}", query_string=asked)
        assert reply.status_code == 303, reply.text
        return reply.location

    def answer(self, client, who, acr=HIGH, cancel=False, **asked):
        """Where the provider sends the browser back to, as a path of ours."""
        back = client.human.answer(self.start(client, **asked), who, acr, cancel)
        assert back.startswith(f"{PORTAL}/sign-in/with/{self.ours.key}/back?")
        return back.removeprefix(PORTAL)

    def sign_in(self, client, who, acr=HIGH, **asked):
        return client.get(self.answer(client, who, acr, **asked))


@pytest.fixture
def here(app, provider):
    yield Here(app, provider)
    app.extensions["openid"] = {}


@pytest.fixture
def one(app, python_provider):
    """The provider that can be made to do wrong."""
    yield Here(app, python_provider)
    app.extensions["openid"] = {}


def rows(desk, kind, **values):
    with desk.system() as session:
        found = session.scalars(select(kind).filter_by(**values).order_by(kind.id)).all()
        session.expunge_all()
        return found


def session_of(desk, town, who):
    return rows(desk, LoginSession, account_id=town.accounts[who])


def page(reply):
    return re.sub(r"\s+", " ", reply.text)


def test_in_and_out_again(here, desk, town, number):
    """By the identity number on record; known by (issuer, subject) from then on."""
    number("mother", MARTE)
    client = here.browser()
    assert "Sign in with ID-porten" in client.get("/sign-in/?next=/account/").text
    sent_to = here.start(client, next="/account/")
    asked = parse_qs(urlsplit(sent_to).query)
    assert set(asked) == {"client_id", "request_uri"}  # pushed: nothing of it in an address
    reply = here.sign_in(client, MARTE, next="/account/")
    assert (reply.status_code, reply.location) == (303, "/account/")
    [linked] = rows(desk, LinkedIdentity)
    assert (linked.account_id, linked.issuer) == (town.accounts["mother"], here.ours.issuer)
    assert linked.identity_index and MARTE.identity_number not in linked.subject
    [login] = session_of(desk, town, "mother")
    assert (login.provider, login.acr, login.confirmed_at) == ("idporten", HIGH, None)
    assert login.provider_sid and MARTE.identity_number not in json.dumps(login.data)
    assert (
        "ID-porten" in page(client.get("/account/")) and client.get("/password/").status_code == 404
    )
    out = client.post("/sign-out/")
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', out.text))
    action = re.search(r'action="([^"]*)" data-now', out.text)[1]
    assert urlsplit(action).netloc in out.headers["Content-Security-Policy"]
    assert form["post_logout_redirect_uri"] == f"{PORTAL}/sign-out/done"
    assert client.get("/").status_code == 302 and session_of(desk, town, "mother") == []
    framed = []
    away = client.human.sign_out(action, form, framed.append)
    assert all(one.startswith(f"{PORTAL}/sign-out/front-channel?iss=") for one in framed)
    assert away.back.startswith(f"{PORTAL}/sign-out/done")
    gone = client.get("/sign-out/done", follow_redirects=True)
    assert "You are signed out." in gone.text
    assert here.sign_in(client, MARTE).location == "/"  # asked for again: SSO is over there
    assert len(rows(desk, LinkedIdentity)) == 1


@pytest.mark.a_page
def test_single_sign_on_asks_nothing_twice_but_for_a_signature(here, number, desk, town):
    number("mother", MARTE)
    client = here.browser()
    here.sign_in(client, MARTE)
    client.delete_cookie(COOKIE)
    address = client.human.open(here.start(client))  # no page in between
    assert isinstance(address, str)
    client.get(address.removeprefix(PORTAL))
    assert client.get("/account/").status_code == 200
    anew = here.sign_in(client, MARTE, anew="yes", next="/account/")
    assert anew.location == "/account/"
    [_, login] = session_of(desk, town, "mother")
    assert login.confirmed_at is not None


def _base64(raw):
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _part(said):
    return _base64(json.dumps(said).encode())


@pytest.mark.a_page
def test_after_half_an_hour_one_is_asked_again_here_and_there(one, number):
    number("mother", MARTE)
    client = one.browser()
    one.sign_in(client, MARTE)
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=29)):
        assert client.get("/account/").status_code == 200
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=61)):
        assert client.get("/account/").status_code == 302
        for language in ("nn", "nb", "en"):
            client.post("/language/", data={"language": language})
            asked = client.human.open(one.start(client))
            assert not isinstance(asked, str) and f'<html lang="{language}"' in asked.html


def tamper(header, claims, key, **changes):
    claims = {name: v for name, v in (claims | changes).items() if v is not None}
    return jwt.encode({"typ": "JWT", "alg": "RS256", **header}, claims, key)


def forged(kind, inside):
    """What the provider sends instead of an ID token."""
    now = int(utcnow().timestamp())
    ours, stranger = inside.keys.current, RSAKey.generate_key(2048)
    right = {"kid": ours.kid}
    changed = {
        "another issuer": {"iss": "https://idporten.example"},
        "another audience": {"aud": "somebody-else"},
        "several, without azp": {"aud": ["medspel", "somebody-else"]},
        "another azp": {"azp": "somebody-else"},
        "another nonce": {"nonce": "x" * 43},
        "no nonce": {"nonce": None},
        "expired": {"exp": now - 60},
        "never ends": {"exp": None},
        "from tomorrow": {"iat": now + 86400},
        "no iat": {"iat": None},
        "not yet": {"nbf": now + 3600},
        "no subject": {"sub": None},
        "a subject that is no text": {"sub": 7},
        "too low": {"acr": SUBSTANTIAL},
        "a level of old": {"acr": "Level4"},
        "no level": {"acr": None},
        "long ago": {"auth_time": now - 3 * 3600},
        "a time that is none": {"auth_time": "now"},
    }

    def forge(header, claims):
        if kind in changed:
            return tamper(right, claims, ours, **changed[kind])
        if kind == "none":
            return f"{_part({'alg': 'none', 'kid': ours.kid})}.{_part(claims)}."
        if kind == "HS256 with the public key":
            said = f"{_part({'alg': 'HS256', 'kid': ours.kid})}.{_part(claims)}"
            mac = hmac.digest(ours.as_pem(private=False), said.encode(), "sha256")
            return f"{said}.{_base64(mac)}"
        if kind == "another's signature":
            return jwt.encode({"alg": "RS256", "kid": ours.kid}, claims, stranger)
        if kind == "an unknown key":
            return jwt.encode({"alg": "RS256", "kid": "other"}, claims, stranger)
        if kind == "no key":
            return jwt.encode({"alg": "RS256"}, claims, ours)
        assert kind == "rubbish"
        return "no.token.at all"

    return forge, [*changed, "none", "HS256 with the public key", "another's signature",
                   "an unknown key", "no key", "rubbish"]  # fmt: skip


@pytest.mark.a_page
def test_a_token_that_is_not_right_lets_nobody_in(one, number, desk, town):
    number("mother", MARTE)
    inside = one.provider.inside
    client = one.browser()
    for kind in forged("", inside)[1]:
        inside.faults.forge = forged(kind, inside)[0]
        reply = one.sign_in(client, MARTE)
        assert reply.status_code == 403, kind
        assert "could not be completed" in reply.text or "safer way" in reply.text, kind
        assert session_of(desk, town, "mother") == [] and rows(desk, LinkedIdentity) == [], kind
    inside.faults.mend()
    assert one.sign_in(client, MARTE).status_code == 303  # and nothing is broken by it


@pytest.mark.a_page
def test_an_answer_counts_once_and_in_the_browser_that_asked(one, number, desk, town):
    number("mother", MARTE)
    client, thief = one.browser(), one.browser()
    back = one.answer(client, MARTE)
    assert thief.get(back).status_code == 410
    assert client.get(back.replace("iss=", "iss=x")).status_code == 403  # and is used up by it
    assert client.get(back).status_code == 410
    good = one.answer(client, MARTE)
    assert client.get(good).status_code == 303
    assert client.get(good).status_code == 410  # replayed
    client.delete_cookie(COOKIE)
    later = one.answer(client, MARTE)
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=11)):
        assert client.get(later).status_code == 410
    one.app.extensions["openid"]["tilsette"] = Client(one.ours)
    another = one.answer(client, MARTE).replace("/with/idporten/", "/with/tilsette/")
    assert client.get(another).status_code == 410
    assert client.get("/sign-in/with/nobody").status_code == 404
    address = client.get("/sign-in/with/idporten?next=//evil.example/").location
    assert client.get(client.human.answer(address, MARTE).removeprefix(PORTAL)).location == "/"
    only = one.answer(client, MARTE)
    assert "iss=" in only
    assert client.get(re.sub(r"&?iss=[^&]*", "", only)).status_code == 403  # RFC 9207


@pytest.mark.a_page
def test_who_cancels_is_where_they_were(one, number, desk, town):
    number("mother", MARTE)
    client = one.browser()
    away = client.get(one.answer(client, MARTE, cancel=True, next="/account/"))
    assert away.location == "/sign-in/?next=/account/"
    assert "You cancelled" in client.get(away.location).text
    state = parse_qs(urlsplit(one.answer(client, MARTE)).query)["state"][0]
    wrong = client.get(
        "/sign-in/with/idporten/back",
        query_string={"state": state, "error": "server_error", "error_description": "Xyzzy"},
    )
    assert wrong.status_code == 403 and "Xyzzy" not in wrong.text
    assert session_of(desk, town, "mother") == []


def test_nobody_gets_an_account_by_it(one, desk, town, number):
    number("mother", MARTE)
    client = one.browser()
    unknown = one.sign_in(client, JONAS)
    assert unknown.status_code == 403 and "You have no access to Medspel" in unknown.text
    assert "55 00 00 00" in unknown.text and "Sign out of ID-porten" in unknown.text
    assert rows(desk, LinkedIdentity) == []
    assert "data-now" in client.post("/sign-out/").text  # out there, without having been in here
    none = one.sign_in(one.browser(), KARI)
    assert none.status_code == 403 and "no Norwegian identity number" in none.text
    one.provider.token(pid="12345678901")
    assert one.sign_in(one.browser(), JONAS).status_code == 403
    one.provider.inside.faults.mend()
    with desk.system() as session:
        session.get(Membership, town.memberships["mother"]).active = False
        session.commit()
    assert one.sign_in(one.browser(), MARTE).status_code == 403
    with desk.system() as session:
        session.get(Membership, town.memberships["mother"]).active = True
        session.get(Account, town.accounts["mother"]).active = False
        session.commit()
    assert one.sign_in(one.browser(), MARTE).status_code == 403
    assert rows(desk, LinkedIdentity) == [] and session_of(desk, town, "mother") == []


def test_a_new_name_at_the_provider_finds_the_same_person(one, desk, town, number):
    """The subject changed once, in 2023 (NO-3.11); the number tells who it is."""
    number("mother", MARTE)
    one.sign_in(one.browser(), MARTE)
    with desk.system() as session:  # the municipality no longer has it on record
        session.get(Person, town.people["mother"]).identity_index = None
        session.commit()
    one.provider.token(sub="another-name")
    assert one.sign_in(one.browser(), MARTE).status_code == 303
    links = rows(desk, LinkedIdentity)
    assert [one.account_id for one in links] == [town.accounts["mother"]] * 2
    one.provider.inside.faults.mend()
    one.provider.token(sub="a-third", pid=JONAS.identity_number)
    assert one.sign_in(one.browser(), MARTE).status_code == 403


def test_the_number_on_record_is_not_stronger_than_who_has_linked(one, desk, town, number):
    """Somebody else's number typed in afterwards opens no account that is in use."""
    number("mother", MARTE)
    one.sign_in(one.browser(), MARTE)
    number("mother", JONAS)
    assert one.sign_in(one.browser(), JONAS).status_code == 403
    assert len(rows(desk, LinkedIdentity)) == 1


def test_the_office_lets_nobody_in_by_a_number_of_its_choice(browser, desk, town):
    """Of somebody who decides in a plan: the coordinator alone hands over ways in there."""
    mother, teacher = town.people["mother"], town.people["teacher"]
    for who, status in ((mother, 422), (teacher, 303)):
        edit = f"/register/person/edit/{who}"
        page = Page(browser("office").get(edit).text)
        sent = {name: one.values for name, one in page.fields.items() if one.kind != "checkbox"}
        reply = browser("office").post(edit, data=sent | {"identity_number": REAL})
        assert reply.status_code == status, reply.text
    assert rows(desk, Person, id=mother)[0].identity_index is None
    with desk.session("office") as session, pytest.raises(Forbidden):
        session.get(Person, mother).identity_index = "x"
        session.flush()


def test_private_and_work_are_chosen_among_and_never_one(one, desk, town, number):
    number("mother", MARTE)
    number("foreign office", MARTE)
    client = one.browser()
    assert one.sign_in(client, MARTE, next="/account/").location == "/sign-in/as"
    assert client.get("/account/").status_code == 302  # nobody yet
    asked = client.get("/sign-in/as").text
    assert "Fjordvik" in asked and "Innlandet" in asked
    assert client.post("/sign-in/as", data={"way": town.memberships["stranger"]}).status_code == 404
    chosen = client.post("/sign-in/as", data={"way": town.memberships["foreign office"]})
    assert chosen.location == "/account/"
    assert "Innlandet" in client.get("/account/").text
    assert session_of(desk, town, "mother") == []
    assert client.post("/sign-in/as", data={"way": town.memberships["mother"]}).status_code == 404
    assert one.browser().get("/sign-in/as").status_code == 404


@pytest.mark.a_page
def test_who_was_signed_in_before_is_not_known_better_by_anothers_eid(one, desk, town, number):
    """Nobody is signed in while one chooses: a login by password does not become one by eID."""
    number("mother", MARTE)
    number("foreign office", MARTE)
    with desk.system() as session:
        session.get(Municipality, town.municipality_id).adults_by_password = True
        session.commit()
    client = sit_down(one.app, town, "nurse", "en")
    client.human = one.provider.human()
    assert client.get("/account/").status_code == 200
    assert one.sign_in(client, MARTE).location == "/sign-in/as"
    assert client.get("/account/").status_code == 302 and session_of(desk, town, "nurse") == []


@pytest.fixture
def letter(desk, town, reach):
    """`letter("nurse")`: the path behind the link she was sent; `mailed`: to that address."""

    def sent(who):
        reach(who, email=f"{who}@example.no")
        with desk.system() as session:
            person = session.get(Person, town.people[who])
            asked = Invitation(
                municipality_id=person.municipality_id, account_id=town.accounts[who],
                person_id=person.id, invited_by_id=town.people["coordinator"],
                expires_at=utcnow() + timedelta(days=14), address_index=person.email_index,
            )  # fmt: skip
            session.add(asked)
            session.commit()
            return f"/invitation/{letter_link.token(asked.uid, Opens.INVITATION)}"

    return sent


def test_an_invitation_is_answered_by_eid(one, desk, town, letter):
    """No number is on record: the letter says whose account it is."""
    client = one.browser()
    client.get(letter("nurse"))
    offered = client.get("/invitation/")
    assert "Sign in with ID-porten" in offered.text
    assert one.sign_in(client, JONAS).location == "/"
    assert session_of(desk, town, "nurse")[0].provider == "idporten"
    [asked] = rows(desk, Invitation, account_id=town.accounts["nurse"])
    assert asked.answered_at is not None
    assert rows(desk, Account, id=town.accounts["nurse"])[0].has_eid
    with desk.system() as session:
        assert session.get(Person, town.people["nurse"]).identity_index is None  # not kept


def test_a_letter_in_the_wrong_hands_opens_nothing(one, desk, town, letter, number):
    number("nurse", MARTE)
    client = one.browser()
    client.get(letter("nurse"))
    reply = one.sign_in(client, JONAS)
    assert reply.status_code == 403 and "belongs to somebody else" in reply.text
    assert rows(desk, LinkedIdentity) == []
    assert rows(desk, Invitation, account_id=town.accounts["nurse"])[0].answered_at is None


def test_whose_number_it_is_needs_no_letter(one, desk, town, letter, number):
    number("nurse", MARTE)
    letter("nurse")
    with desk.system() as session:
        session.get(Membership, town.memberships["nurse"]).active = False
        session.commit()
    assert one.sign_in(one.browser(), MARTE).status_code == 303
    assert rows(desk, Invitation, account_id=town.accounts["nurse"])[0].answered_at is not None


def test_an_account_with_eid_gets_no_password_by_a_letter(one, desk, town, letter, number):
    """Or whoever reads the mailbox would have a way in that is worse than BankID."""
    number("nurse", MARTE)
    one.sign_in(one.browser(), MARTE)
    client = one.browser()
    client.get(letter("nurse"))
    offered = client.get("/invitation/")
    assert "Sign in with ID-porten" in offered.text and 'name="new"' not in offered.text
    chosen = {"new": "tre blå båtar på fjorden", "again": "tre blå båtar på fjorden"}
    client.post("/invitation/", data=chosen)
    assert rows(desk, Account, id=town.accounts["nurse"])[0].password_hash is None
    assert len(session_of(desk, town, "nurse")) == 1
    with desk.system() as session:  # and an account with a password is opened by no eID alone
        session.get(Account, town.accounts["reader"]).password_hash = "x"
        session.commit()
    client = one.browser()
    client.get(letter("reader"))
    assert "Sign in with ID-porten" not in client.get("/invitation/").text
    assert one.sign_in(client, JONAS).status_code == 403


def test_an_adult_is_offered_no_password_that_would_open_nothing(one, desk, town, letter):
    client = one.browser()
    client.get(letter("nurse"))
    offered = client.get("/invitation/")
    assert "Sign in with ID-porten" in offered.text and 'name="new"' not in offered.text
    chosen = {"new": "tre blå båtar på fjorden", "again": "tre blå båtar på fjorden"}
    assert client.post("/invitation/", data=chosen).status_code == 410
    assert rows(desk, Account, id=town.accounts["nurse"])[0].password_hash is None
    with desk.system() as session:
        session.get(Municipality, town.municipality_id).adults_by_password = True
        session.commit()
    assert 'name="new"' in client.get("/invitation/").text


@pytest.fixture
def high_here(desk, town, app):
    """`high_here(True)`: in Fjordvik level substantial is enough."""

    def decide(substantial):
        with desk.system() as session:
            session.get(Municipality, town.municipality_id).accepts_substantial = substantial
            session.commit()

    return decide


def test_who_is_known_too_little_is_asked_to_show_it_better(
    app, python_provider, desk, town, number, high_here
):
    low = Here(app, python_provider, acr=SUBSTANTIAL)
    number("mother", MARTE)
    client = low.browser()
    low.sign_in(client, MARTE, SUBSTANTIAL)
    assert client.get("/account/").status_code == 200
    plan = f"/plan/{town.plan}/"
    away = client.get(plan)
    assert away.status_code == 303 and away.location.startswith("/sign-in/with/idporten?")
    words = client.post(f"{plan}goal/add", data={"title": "Swim without help"})
    assert words.status_code == 409 and "Swim without help" in words.text and "safer" in words.text
    start = client.get(away.location).location
    back = client.human.answer(start, MARTE, HIGH)
    assert client.get(back.removeprefix(PORTAL)).location == plan
    assert client.get(plan).status_code == 200
    assert [one.acr for one in session_of(desk, town, "mother")] == [HIGH]
    with pytest.raises(ProviderSaidNo, match="too low a level"):
        low.answer(client, MARTE, SUBSTANTIAL, anew="yes")  # nobody is known less well by it
    high_here(True)
    other = low.browser()
    low.sign_in(other, MARTE, SUBSTANTIAL)
    assert other.get(plan).status_code == 200
    app.extensions["openid"] = {}


@pytest.mark.a_page
def test_a_provider_that_is_down_is_said_plainly_and_what_is_known_is_used_on(one, number):
    number("mother", MARTE)
    faults, client = one.provider.inside.faults, one.browser()
    for broken in ("500", "nothing", "rubbish"):
        faults.endpoints["*"] = broken
        reply = client.get("/sign-in/with/idporten")
        assert reply.status_code == 503 and "ID-porten does not answer" in reply.text, broken
    faults.mend()
    back = one.answer(client, MARTE)
    faults.endpoints["token"] = "500"
    assert client.get(back).status_code == 503
    faults.mend()
    assert one.sign_in(client, MARTE).status_code == 303
    faults.endpoints.update(discovery="500", jwks="500")  # known for a day, and longer if need be
    with CLOCK.stopped_at(utcnow() + timedelta(hours=25)):
        assert one.sign_in(one.browser(), MARTE).status_code == 303
    faults.endpoints["end_session"] = "500"
    assert "data-now" in client.post("/sign-out/").text


@pytest.mark.a_page
def test_a_key_that_was_replaced_is_looked_for_once_a_minute(one, number, monkeypatch):
    number("mother", MARTE)
    keys = one.provider.inside.keys
    assert one.sign_in(one.browser(), MARTE).status_code == 303
    keys.rotate()
    assert one.sign_in(one.browser(), MARTE).status_code == 403  # asked for less than a minute ago
    with CLOCK.stopped_at(utcnow() + timedelta(seconds=61)):
        assert one.sign_in(one.browser(), MARTE).status_code == 303
        keys.rotate()
        assert one.sign_in(one.browser(), MARTE).status_code == 403


def test_signing_out_elsewhere_ends_it_here(here, desk, town, number):
    number("mother", MARTE)
    client = here.browser()
    here.sign_in(client, MARTE)
    [login] = session_of(desk, town, "mother")
    stranger = here.app.test_client()
    channel = "/sign-out/front-channel"
    other = replace(here.ours, key="other", issuer="https://other.example")
    here.app.extensions["openid"]["other"] = Client(other)
    for iss, sid in (
        ("https://evil.example", login.provider_sid),
        (other.issuer, login.provider_sid),  # a session's name is one provider's own
        (here.ours.issuer, "other"),
        ("", ""),
    ):
        reply = stranger.get(channel, query_string={"iss": iss, "sid": sid})
        assert reply.status_code == 200 and len(session_of(desk, town, "mother")) == 1
    address = here.provider.frontchannel(here.known, login.provider_sid)
    reply = stranger.get(address.removeprefix(PORTAL))
    policy = reply.headers["Content-Security-Policy"]
    assert f"frame-ancestors {here.ours.issuer}" in policy
    assert "frame-ancestors 'none'" in stranger.get("/sign-in/").headers["Content-Security-Policy"]
    assert session_of(desk, town, "mother") == [] and client.get("/").status_code == 302


def test_the_back_channel_believes_only_what_is_signed(one, desk, town, number):
    number("mother", MARTE)
    client = one.browser()
    one.sign_in(client, MARTE)
    [login] = session_of(desk, town, "mother")
    made = one.provider.logout_token

    def told(token):
        form = {"logout_token": token}
        return one.app.test_client().post("/sign-out/back-channel", data=form).status_code

    now = int(utcnow().timestamp())
    one.app.config["WTF_CSRF_ENABLED"] = True
    for changes in (
        {"iss": "https://evil.example"}, {"aud": "other"}, {"events": {}}, {"events": None},
        {"nonce": "a nonce"}, {"exp": now - 60}, {"iat": now - 3 * 3600}, {"iat": now + 3600},
    ):  # fmt: skip
        token = made(one.known, login.provider_sid, **changes)
        assert told(token) == 400, changes
    nobodys = made(one.known, None)
    assert told(nobodys) == 400
    unsigned = made(one.known, login.provider_sid).rpartition(".")[0] + "."
    assert told(unsigned) == 400
    assert told("") == told("x.y.z") == 400
    assert len(session_of(desk, town, "mother")) == 1
    other = made(one.known, "another-session")
    assert told(other) == 200
    assert len(session_of(desk, town, "mother")) == 1
    token = made(one.known, login.provider_sid)
    assert told(token) == 200
    assert session_of(desk, town, "mother") == []
    one.sign_in(client, MARTE)
    subject = rows(desk, LinkedIdentity)[0].subject
    token = made(one.known, None, sub=subject)
    assert told(token) == 200
    assert session_of(desk, town, "mother") == []


def test_employees_are_known_by_the_claims_that_name_them(app, python_provider, desk, town, letter):
    """No identity number comes from there: the invitation says who it is."""
    work = Here(
        app, python_provider, name="tilsette", subject=["tid", "oid"], identity_number="",
        levels=[], acr="", audience="employees",
    )  # fmt: skip
    client = work.browser()
    assert work.sign_in(client, TURID).status_code == 403
    client = work.browser()
    client.get(letter("nurse"))
    assert work.sign_in(client, TURID).status_code == 303
    [linked] = rows(desk, LinkedIdentity)
    assert linked.subject == "|".join(TURID.claims[one] for one in ("tid", "oid"))
    again = work.browser()
    python_provider.token(sub="whatever")
    assert work.sign_in(again, TURID).status_code == 303
    assert again.get(f"/plan/{town.plan}/").status_code == 200  # no levels, nothing to step up to
    app.extensions["openid"] = {}
