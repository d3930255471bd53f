"""Somebody who may nothing: comes in, is told what is the case and whom to call, gets out."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.account import Account, Invitation, Membership
from models.base import LoginUser
from models.clock import utcnow
from models.consent import Grant
from models.plan import Participant
from models.vocabulary import Role
from security import passwords
from services.sign_in import TRIES_PER_ACCOUNT
from tests.conftest import sit_down
from tests.factories import start_code

pytestmark = pytest.mark.a_page

PASSWORD = "tre blå båtar på fjorden"
SAID = {
    "nn": ("Du har inga rolle i Fjordvik", "Ring Fjordvik: 55 00 00 00"),
    "nb": ("Du har ingen rolle i Fjordvik", "Ring Fjordvik: 55 00 00 00"),
    "en": ("You have no role in Fjordvik", "Call Fjordvik: 55 00 00 00"),
}


@pytest.fixture
def roles(desk, town):
    """`roles("nurse", Role.LEADER)`: from now on her roles are these and no others."""

    def give(who, *roles):
        with desk.system() as session:
            session.get(Membership, town.memberships[who]).roles = frozenset(roles)
            session.commit()

    return give


def links(page):
    """Where the page leads: every link there is, but those to this very page and outside."""
    found = set(re.findall(r'<a [^>]*href="(/[^"]*)"', page))
    return {address for address in found if not address.startswith("//")}


def dead(client, page):
    """Links that lead to a page one may not open."""
    return [address for address in links(page) if client.get(address).status_code >= 400]


@pytest.mark.parametrize("language", SAID)
def test_without_a_role_the_first_page_says_so_and_whom_to_call(app, town, roles, language):
    roles("nurse")
    client = sit_down(app, town, "nurse", language)
    reply = client.get("/")
    main = reply.text.split("<main")[1].split("</main>")[0]
    assert reply.status_code == 200 and reply.text.count("<h1") == 1
    assert all(words in main for words in SAID[language]), main
    assert "OW 1" not in reply.text  # she had access; the plan's pages ask for a role
    assert re.search(r'"ms-subtle">(Solvik school|Fjordvik)<', reply.text)  # no role before it
    assert dead(client, reply.text) == []


def test_without_a_role_one_still_looks_after_ones_own_account(browser, roles):
    roles("nurse")
    nurse = browser("nurse")
    assert nurse.get("/password/").status_code == nurse.get("/look/").status_code == 200
    for path in ("/my-persons/", "/register/plans/", "/register/person/list/"):
        reply = nurse.get(path)
        assert reply.status_code == 403 and "ask the system administrator" in reply.text
    assert nurse.post("/sign-out/").location.startswith("/sign-in/")
    assert nurse.get("/").status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_no_link_of_the_first_page_is_dead_whatever_the_role(browser, roles, role):
    roles("nurse", role)
    page = browser("nurse").get("/").text
    assert dead(browser("nurse"), page) == []


def test_a_participant_whom_nobody_lets_in_is_told_so(browser, desk, town):
    with desk.system() as session:
        mine = select(Grant).where(Grant.person_id == town.people["nurse"])
        for grant in session.scalars(mine):
            grant.revoked_at = utcnow()
        named = select(Participant).where(Participant.person_id == town.people["nurse"])
        session.scalars(named).one().status = "withdrawn"
        session.commit()
    page = browser("nurse").get("/").text
    main = page.split("<main")[1].split("</main>")[0]
    assert "No plans yet" in main and "Call Fjordvik: 55 00 00 00" in main
    assert dead(browser("nurse"), page) == []


@pytest.fixture
def shut(desk, town):
    """The nurse's only hat is closed; she knows her password."""
    with desk.system() as session:
        session.get(Membership, town.memberships["nurse"]).active = False
        account = session.get(Account, town.accounts["nurse"])
        account.password_hash = passwords.hash_password(PASSWORD)
        session.commit()


def sign_in(app, secret, language="en", name="nurse"):
    data, asked = {"name": name, "secret": secret}, {"Accept-Language": language}
    return app.test_client().post("/sign-in/", data=data, headers=asked)


@pytest.mark.parametrize(
    "language, words",
    [
        ("nn", "Du har inga rolle hos oss, så det er ingenting å opne."),
        ("nb", "Du har ingen rolle hos oss, så det er ingenting å åpne."),
        ("en", "You have no role with us, so there is nothing to open."),
    ],
)
def test_without_an_open_hat_the_right_password_tells_why(app, shut, language, words):
    reply = sign_in(app, PASSWORD, language)
    assert reply.status_code == 422 and words in reply.text
    assert SAID[language][1] in reply.text.split("ds-error-summary")[1]
    assert 'value="nurse"' in reply.text and PASSWORD not in reply.text


def test_a_wrong_password_tells_nothing_of_it(app, shut):
    reply = sign_in(app, "wrong")
    assert reply.status_code == 422 and "do not belong together" in reply.text
    assert "no role with us" not in reply.text and "Fjordvik" not in reply.text


def test_it_counts_as_a_try(app, shut):
    answers = [sign_in(app, PASSWORD).status_code for _ in range(TRIES_PER_ACCOUNT + 1)]
    assert answers == [422] * TRIES_PER_ACCOUNT + [429]


def test_a_start_code_is_not_used_up_by_it(app, desk, town):
    with desk.system() as session:
        session.get(Membership, town.memberships["nurse"]).active = False
        code, hashed = passwords.start_code()
        session.add(start_code(town, "nurse", "coordinator", hashed))
        session.commit()
    assert "no role with us" in sign_in(app, code).text
    with desk.system() as session:
        assert session.scalars(select(Invitation.answered_at)).all() == [None]
        session.get(Membership, town.memberships["nurse"]).active = True
        session.commit()
    assert sign_in(app, code).location == "/password/"


def test_without_a_telephone_or_a_municipality_there_is_still_somebody_to_ask(
    app, shut, desk, town
):
    from models.municipality import Municipality

    with desk.system() as session:
        session.get(Municipality, town.municipality_id).phone = None
        session.commit()
    assert "Ask your municipality." in sign_in(app, PASSWORD).text
    with desk.system() as session:
        named = {"first_name": "-", "last_name": "-", "username": "n", "email": "n@x.invalid"}
        session.add(user := LoginUser(active=True, **named))
        session.flush()
        hashed = passwords.hash_password(PASSWORD)
        session.add(Account(user_id=user.id, login_name="hatless", password_hash=hashed))
        session.commit()
    assert "Ask your municipality." in sign_in(app, PASSWORD, name="hatless").text
