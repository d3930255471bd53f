"""My account: who I am, how I am reached, and where I am signed in. Mine, and nobody else's."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.session import make_transient_to_detached

from models.account import Account, LoginSession, Membership
from models.clock import CLOCK, utcnow
from models.database import WRITING
from models.municipality import Municipality
from models.people import Person
from models.types import blind_index
from security import passwords
from security.devices import BROWSERS, SYSTEMS, device
from security.policy import Forbidden
from security.sessions import COOKIE
from security.writes import Immutable
from services.accounts import NameTaken, find_or_make
from services.own_contact import AddressTaken, change_contact
from tests.conftest import statements
from tests.factories import has_accepted
from tests.second_step import come_in
from tests.test_budgets import measured

pytestmark = pytest.mark.a_page

PASSWORD = "tre blå båtar på fjorden"
PAGE, FORM = "/account/", "/account/contact/"
GOOD = {"email": " Ny@Heime.example", "phone": "900 00 007", "password": PASSWORD}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def mother(browser, desk, town, reach):
    """The mother's browser; she has a password, and is reached by mail and telephone."""
    reach("mother", email="marte@heime.example", phone="+4790000001")
    with desk.system() as session:
        account = session.get_one(Account, town.accounts["mother"])
        account.password_hash = passwords.hash_password(PASSWORD)
        session.get_one(Municipality, town.municipality_id).phone = "+4757000000"
        session.commit()
    return browser("mother")


@pytest.fixture
def stored(desk, town):
    """How somebody is reached, as it stands in the database."""

    def look(who="mother"):
        with desk.system() as session:
            p = session.get_one(Person, town.people[who])
            return p.email, p.email_index, p.phone, p.phone_index, p.mail_returned_at

    return look


def as_stored(email, phone):
    indexes = (blind_index("person.email", email), blind_index("person.phone", phone))
    return email, indexes[0], phone, indexes[1], None


@pytest.fixture
def also(app, desk, town):
    """`also("mother", IPHONE)`: one more browser in which somebody has signed in."""

    def signed_in(who, agent=""):
        token = token_urlsafe(32)
        with desk.system() as session:
            session.add(LoginSession(
                token_hash=sha256(token.encode()).hexdigest(), account_id=town.accounts[who],
                membership_id=town.memberships[who], device=device(agent), data={},
                expires_at=utcnow() + timedelta(hours=1),
            ))  # fmt: skip
            session.commit()
        client = app.test_client()
        client.set_cookie(COOKIE, token)
        return client

    return signed_in


def logins(desk, town, who):
    """Ids of what is stored, the newest first."""
    mine = select(LoginSession.id).where(LoginSession.account_id == town.accounts[who])
    with desk.system() as session:
        return session.scalars(mine.order_by(LoginSession.id.desc())).all()


def is_out(client):
    return client.get("/").location == "/sign-in/?next=/"


def text_of(reply):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", reply.text.split("<main")[1]))


# Who I am


def test_it_says_who_one_is_here_and_whom_to_tell_when_it_is_wrong(mother, town):
    page = mother.get(PAGE)
    said = text_of(page)
    for one in ("Mother", "Fjordvik", "Acts for the owner", "marte@heime.example", "90 00 00 01"):
        assert one in said, one
    assert "Call Fjordvik: 57 00 00 00" in said and 'href="tel:+4757000000"' in page.text
    for link in ("/password/", "/look/", "/notices/choices/", "#languages", FORM):
        assert f'href="{link}"' in page.text, link
    assert 'id="languages"' in page.text and 'href="/hats/"' not in page.text
    assert f'href="{PAGE}"' in mother.get("/").text  # in the menu of every page


def test_an_address_a_letter_came_back_from_is_said_to_be_so(mother, desk, town):
    with desk.system() as session:
        session.get_one(Person, town.people["mother"]).mail_returned_at = utcnow()
        session.commit()
    assert "A letter to your e-mail address came back" in text_of(mother.get(PAGE))


def test_who_is_shielded_is_shown_no_number_and_keeps_it(mother, desk, town, stored):
    with desk.system() as session:
        session.get_one(Person, town.people["mother"]).shielded = True
        session.commit()
    for address in (PAGE, FORM):
        page = mother.get(address).text
        assert "90 00 00 01" not in page and "90000001" not in page
        assert "Stored, but not shown" in page
    assert mother.post(FORM, data=GOOD | {"email": "", "phone": ""}).status_code == 303
    assert stored()[:3] == (None, None, "+4790000001")


# How I am reached


def test_one_changes_how_one_is_reached_and_nothing_else(mother, desk, town, stored):
    with desk.system() as session:
        person = session.get_one(Person, town.people["mother"])
        person.mail_returned_at = utcnow()
        login = session.get_one(Account, town.accounts["mother"]).login_name
        session.commit()
    assert mother.post(FORM, data=GOOD | {"name": "X"}).location == PAGE
    assert stored() == as_stored("ny@heime.example", "+4790000007")
    with desk.system() as session:
        assert session.get_one(Person, town.people["mother"]).name == "Mother"
        assert session.get_one(Account, town.accounts["mother"]).login_name == login
    assert "ny@heime.example" in text_of(mother.get(PAGE))


def test_another_number_does_not_make_a_bad_address_good(mother, desk, town, stored):
    with desk.system() as session:
        session.get_one(Person, town.people["mother"]).mail_returned_at = utcnow()
        session.commit()
    assert mother.post(FORM, data=GOOD | {"email": "marte@heime.example"}).status_code == 303
    assert stored()[2] == "+4790000007" and stored()[4] is not None


WRONG = [
    ({"email": "x"}, "This is not an e-mail address."),
    ({"email": "a@b"}, "This is not an e-mail address."),
    ({"email": "a" * 190 + "@heime.example"}, "Field cannot be longer than 200 characters."),
    ({"phone": "123"}, "This is not a telephone number."),
    ({"phone": "mobilen"}, "This is not a telephone number."),
    ({"email": " ", "phone": ""}, "Write at least one of the two, so that we reach you."),
    ({"password": "feil"}, "That is not your password."),
    ({"password": ""}, "This field is required."),
    ({"email": "a\0@b.no"}, "There is a character in the text that cannot be stored."),
]


def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_stored(mother, stored):
    before = stored()
    for wrong, said in WRONG:
        reply = mother.post(FORM, data=GOOD | wrong)
        assert reply.status_code == 422 and said in text_of(reply), wrong
        assert stored() == before, wrong
        assert PASSWORD not in reply.text
        for name in {"email", "phone"} - wrong.keys():
            assert f'value="{GOOD[name].strip()}"' in reply.text, (wrong, name)  # nothing lost


def test_an_address_somebody_here_has_is_refused_and_not_said_whose(
    mother, desk, town, reach, stored
):
    reach("nurse", email="nina@heime.example")
    before = stored()
    with desk.system() as session:
        session.get_one(Account, town.accounts["teacher"]).login_name = "ane@skule.example"
        session.commit()
    for taken in ("Nina@heime.example", "ane@skule.example"):
        reply = mother.post(FORM, data=GOOD | {"email": taken})
        assert reply.status_code == 422 and "is in use already" in reply.text
        assert not re.search(r"Nurse|Teacher", reply.text.split("<main")[1])
        assert stored() == before
    guess = mother.post(FORM, data=GOOD | {"email": "nina@heime.example", "password": "feil"})
    assert "in use" not in guess.text  # nothing is told to whoever has only found the page
    reach("foreign office", email="eva@annan.example")
    assert mother.post(FORM, data=GOOD | {"email": "eva@annan.example"}).status_code == 303


def test_guesses_are_counted(mother, stored):
    before = stored()
    with CLOCK.stopped_at(utcnow()):
        answers = [mother.post(FORM, data=GOOD | {"password": "feil"}) for _ in range(10)]
        assert {reply.status_code for reply in answers} == {422}
        assert mother.post(FORM, data=GOOD).status_code == 429
    assert stored() == before


def test_a_fault_in_the_middle_changes_nothing(mother, stored, monkeypatch):
    before = stored()

    def fails(*_):
        raise RuntimeError("in the middle")

    monkeypatch.setattr("security.audit.append", fails)
    monkeypatch.setitem(mother.application.config, "PROPAGATE_EXCEPTIONS", False)
    assert mother.post(FORM, data=GOOD).status_code == 500
    assert stored() == before


OWN = {"name": "X", "birth_date": utcnow().date(), "organisation": "X", "place": "X",
       "shielded": True, "died_on": utcnow().date(), "identity_number": "1",
       "identity_index": "x", "email_index": "x", "phone_index": "x",
       "mail_returned_at": utcnow()}  # fmt: skip


ADDRESS = {"email": "a@b.no", "email_index": blind_index("person.email", "a@b.no")}


def test_the_guard_lets_nobody_change_more_of_themselves(desk, town):
    """Not even together with an address of one's own."""
    for who in ("mother", "owner", "teacher", "leader"):
        for change in [{c: v} for c, v in OWN.items()] + [ADDRESS | {c: OWN[c]} for c in OWN]:
            with desk.session(who) as session:
                me = session.get_one(Person, town.people[who])
                for name, value in change.items():
                    setattr(me, name, value)
                with pytest.raises(Forbidden):
                    session.flush()


def test_nobody_becomes_somebody_else(desk, town):
    """A name and an address are what people are found again by: nobody sets both their own."""
    for who in ("mother", "coordinator", "leader", "office", "admin"):
        for column, value, refusal in (
            ("name", "Father", Forbidden),
            ("municipality_id", town.foreign_id, Immutable),
        ):
            with desk.session(who) as session:
                setattr(session.get_one(Person, town.people[who]), column, value)
                with pytest.raises(refusal):
                    session.flush()


def test_nobody_changes_how_another_is_reached(desk, town):
    for who in ("mother", "owner", "coordinator", "leader"):
        with desk.session(who) as session:
            other = session.get_one(Person, town.people["father"])
            other.phone, other.phone_index = "+4790000009", blind_index("person.phone", "x")
            with pytest.raises(Forbidden):
                session.flush()


def test_whoever_has_a_new_address_is_found_by_it_and_by_what_they_sign_in_with(desk, town):
    with desk.system() as session:
        session.get_one(Account, town.accounts["teacher"]).login_name = "ane@skule.example"
        session.commit()
    with desk.session("teacher") as session:
        change_contact(session, "ane@heime.example", None)
        session.commit()
    with desk.session("coordinator") as session:
        for address in ("ane@skule.example", "ane@heime.example"):
            assert find_or_make(session, "Teacher", address).id == town.people["teacher"]
            with pytest.raises(NameTaken):
                find_or_make(session, "Somebody Else", address)


def test_the_service_refuses_a_taken_address_too(desk, town, reach):
    reach("nurse", email="nina@heime.example")
    with desk.session("mother") as session, pytest.raises(AddressTaken):
        change_contact(session, "nina@heime.example", None)


def test_in_one_moment_two_never_get_the_same_address(desk):
    together = Barrier(2, timeout=20)

    def change(who):
        WRITING.set(True)
        with desk.session(who) as session:
            together.wait()
            try:
                change_contact(session, "same@heime.example", None)
            except AddressTaken:
                return "taken"
            sleep(0.3)  # the other one looks while this one has not committed
            session.commit()
            return "stored"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, ("mother", "father"))) == ["stored", "taken"]


def test_at_the_office_one_is_led_to_ones_own_page(browser, desk, town):
    address = f"/register/person/edit/{town.people['office']}"
    version = re.search(r'name="version"[^>]*value="(\d+)"', browser("office").get(address).text)
    data = {"name": "Office", "version": version[1] if version else ""}
    for more, said in (({"email": "a@b.no"}, "My account"), ({"name": "X"}, "Ask somebody else")):
        reply = browser("office").post(address, data=data | more)
        assert reply.status_code == 422 and said in text_of(reply)


# Where I am signed in


def test_the_device_is_in_a_few_words_and_the_header_is_kept_nowhere(app, desk, mother):
    for agent in (FIREFOX, IPHONE, "curl/8.5 <script>Odd</script>"):
        data, sent = {"name": "mother", "secret": PASSWORD}, {"User-Agent": agent}
        reply = come_in(app.test_client(), desk.engine, **data, headers=sent)
        assert reply.location == "/"
    said = text_of(mother.get(PAGE))
    for words in ("Firefox, Windows", "Safari, iPhone", "An unknown browser"):
        assert words in said
    with desk.system() as session:
        rows = session.execute(select(LoginSession.__table__)).all()
        assert {row.device for row in rows} == {"Firefox, Windows", "Safari, iPhone", None}
        for trace in ("Mozilla", "140.0", "curl", "18_5"):
            assert trace not in repr(rows), trace


@pytest.mark.parametrize(
    "agent, words",
    [
        (FIREFOX, "Firefox, Windows"),
        (IPHONE, "Safari, iPhone"),
        (FIREFOX.replace("Gecko/20100101 Firefox/140.0", "Chrome/1 Safari/1 Edg/1"),
         "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/137 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/27.0 Chrome/125 Safari/537",
         "Samsung Internet, Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) Chrome/137 Safari/537.36", "Chrome, Chromebook"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605", "Safari, Mac"),
        ("Windows", "Windows"),
        ("", None), ("x" * 100_000, None), ("\x00\ud800", None),
    ],
)  # fmt: skip
def test_devices(agent, words):
    assert device(agent) == words


def test_no_words_are_longer_than_what_is_stored():
    longest = max(map(len, BROWSERS.values())) + 2 + max(map(len, SYSTEMS.values()))
    assert longest <= LoginSession.__table__.c.device.type.length


def test_one_is_ended_and_is_out_at_its_next_click(also, mother, desk, town):
    telephone, office = also("mother", IPHONE), also("mother", FIREFOX)
    assert not is_out(telephone)
    newest, other, mine = logins(desk, town, "mother")
    page = mother.get(PAGE).text
    ids = [int(one) for one in re.findall(r'name="login" value="(\d+)"', page)]
    assert ids == [newest, other]  # the newest first, and not the one that asks
    assert page.count("You are here") == 1
    assert mother.post("/account/end", data={"login": other}).location == PAGE
    assert logins(desk, town, "mother") == [newest, mine]
    assert is_out(telephone) and not is_out(office) and not is_out(mother)


def test_everywhere_else_at_once(also, mother, desk, town):
    others = [also("mother", IPHONE) for _ in range(2)]
    nurse = also("nurse")
    here = logins(desk, town, "mother")[-1]
    assert mother.post("/account/end-others").location == PAGE
    assert logins(desk, town, "mother") == [here]
    assert all(map(is_out, others)) and not is_out(mother) and not is_out(nurse)
    assert "Sign out everywhere else" not in mother.get(PAGE).text


def test_nobody_sees_or_ends_what_is_somebody_elses(also, mother, desk, town):
    nurse = also("nurse", FIREFOX)
    theirs = logins(desk, town, "nurse")
    before = theirs + logins(desk, town, "mother")
    assert "Firefox" not in mother.get(PAGE).text
    for wish in (theirs[0], before[-1] + 999, "", "-1", "²", "9" * 30):
        assert mother.post("/account/end", data={"login": wish}).status_code == 404, wish
    assert logins(desk, town, "nurse") + logins(desk, town, "mother") == before
    assert not is_out(nurse)


def test_the_guard_ends_ones_own_and_makes_and_changes_none(also, mother, desk, town):
    also("nurse")
    (theirs,), (mine,) = logins(desk, town, "nurse"), logins(desk, town, "mother")
    with desk.session("mother") as session:
        assert session.scalars(select(LoginSession.id)).all() == [mine]
        known = LoginSession(id=theirs, account_id=town.accounts["nurse"])
        make_transient_to_detached(known)
        session.delete(known)
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("mother") as session:
        session.get_one(LoginSession, mine).membership_id = town.memberships["nurse"]
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("mother") as session:
        session.add(LoginSession(
            account_id=town.accounts["mother"], token_hash="x", data={}, expires_at=utcnow()
        ))  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()
    assert len(logins(desk, town, "nurse")) == 1


def test_only_what_still_goes_on_is_shown(mother, also, desk, town):
    idle, old = also("mother", IPHONE), also("mother", FIREFOX)
    newest, unused, _ = logins(desk, town, "mother")
    with desk.system() as session:
        session.get_one(LoginSession, unused).seen_at = utcnow() - timedelta(minutes=31)
        session.get_one(LoginSession, newest).created_at = utcnow() - timedelta(minutes=121)
        session.commit()
    said = text_of(mother.get(PAGE))
    assert "iPhone" not in said and "Firefox" not in said and "You are here" in said
    assert is_out(idle) and is_out(old)


def test_a_login_in_a_closed_hat_is_over_and_one_in_another_town_is_told_where(
    mother, also, desk, town
):
    with desk.system() as session:
        person = Person(municipality_id=town.foreign_id, name="Mother Elsewhere")
        session.add(person)
        session.flush()
        session.add(hat := Membership(
            account_id=town.accounts["mother"], municipality_id=town.foreign_id,
            person_id=person.id, roles=frozenset(),
        ))  # fmt: skip
        session.flush()
        has_accepted(session, town, hat)
        session.commit()
        hat_id = hat.id
    client = also("mother", IPHONE)
    client.post("/hats/", data={"hat": hat_id}, headers={"User-Agent": IPHONE})
    assert "Innlandet · Since" in text_of(mother.get(PAGE))
    assert "Safari, iPhone" in text_of(client.get(PAGE))  # the device comes along
    with desk.system() as session:
        session.get_one(Membership, hat_id).active = False
        session.commit()
    said = text_of(mother.get(PAGE))
    assert "You are here" in said and "iPhone" not in said


def test_a_new_password_still_ends_all_others(also, mother, desk, town):
    other = also("mother", IPHONE)
    new = {"old": PASSWORD, "new": f"{PASSWORD} no", "again": f"{PASSWORD} no"}
    assert mother.post("/password/", data=new).status_code == 303
    assert is_out(other) and not is_out(mother)


def test_it_costs_the_same_however_many_there_are(mother, desk, town, app_engine):
    first, sent = measured(mother, app_engine, PAGE)
    with desk.system() as session:
        for n in range(60):
            session.add(LoginSession(
                token_hash=f"x{n}", account_id=town.accounts["mother"], data={},
                membership_id=town.memberships["mother"], expires_at=utcnow(),
            ))  # fmt: skip
        session.commit()
    then, _ = measured(mother, app_engine, PAGE)
    assert first == then == (6, 0, 0), sent
    assert mother.get(PAGE).text.count('name="login"') <= 50
    with statements(app_engine) as sent:
        mother.post("/account/end-others")
    assert len([s for s in sent if s.startswith("DELETE")]) == 1
    with desk.system() as session:
        mine = LoginSession.account_id == town.accounts["mother"]
        assert session.scalar(select(func.count()).select_from(LoginSession).where(mine)) == 1
