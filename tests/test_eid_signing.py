"""Signing with an electronic ID: shown anew, at most five minutes ago, by the same person."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from models.account import Account, LoginSession
from models.clock import CLOCK, utcnow
from models.consent import Signature
from models.municipality import Municipality
from models.people import Person
from models.types import blind_index
from tests.providers import HIGH, JONAS, MARTE
from tests.test_eid import PORTAL, Here
from tests.test_giving_access import child, family  # noqa: F401  (fixtures)


@pytest.fixture
def marte(app, python_provider, family, desk):  # noqa: F811
    """Marte is signed in with her BankID, and a consent waits for her."""
    with desk.system() as session:
        person = session.scalars(select(Person).where(Person.name == "Marte Vik")).one()
        person.identity_index = blind_index("person.identity_number", MARTE.identity_number)
        for town in session.scalars(select(Municipality)):
            town.adults_by_password = True  # the coordinator comes in by one
        session.commit()
    here = Here(app, python_provider)
    client = here.browser()
    assert here.sign_in(client, MARTE).location == "/"
    client.post("/language/", data={"language": "en"})
    client.here, family.guardians["marte@example.no"] = here, client
    yield client
    app.extensions["openid"] = {}


def filled_in(family, **more):  # noqa: F811
    return (
        family.sheet("marte@example.no")
        | {"length": "6", "heard": "talked", "opinion": "Xyzzy likes it"}
        | more
    )


def signatures(desk, family):  # noqa: F811
    with desk.system() as session:
        return session.scalars(select(Signature).where(Signature.plan_id == family.plan)).all()


def hidden(page):
    return re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', page)


def test_away_and_back_and_signed(marte, family, desk, engine):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    address = family.url("consent/sign")
    looked_over = marte.post(address, data=filled_in(family))
    assert "Go on to ID-porten" in looked_over.text and 'type="password"' not in looked_over.text
    away = marte.post(address, data=filled_in(family, sign="yes"))
    onward = away.headers["Refresh"].removeprefix("0; url=")
    assert away.status_code == 200 and signatures(desk, family) == []
    with engine.connect() as connection:  # what was typed is nowhere to be read
        everything = connection.execute(text("SELECT * FROM login_session")).all()
    assert "Xyzzy" not in repr(everything) and b"Xyzzy" not in b"".join(
        bytes(v) for row in everything for v in row if isinstance(v, bytes | memoryview)
    )
    asked = marte.get(onward)
    back = marte.human.answer(asked.location, MARTE)  # asked again, although signed in there
    returned = marte.get(back.removeprefix(PORTAL))
    assert returned.location == address
    page = marte.get(address)
    assert "Xyzzy likes it" in page.text and "It counts until" in page.text
    assert signatures(desk, family) == []  # being back signs nothing
    signed = marte.post(address, data=MultiDict([*hidden(page.text), ("sign", "yes")]))
    assert signed.location.endswith("/consent/receipt"), signed.text
    [signature] = signatures(desk, family)
    assert signature.method == HIGH
    again = marte.get(address)
    assert again.status_code == 409
    with desk.system() as session:
        kept = session.scalars(select(LoginSession).where(LoginSession.provider.is_not(None)))
        assert all(json.loads(one.sealed)["kept"] is None for one in kept)


def test_a_password_is_no_way_round_and_five_minutes_are_five(marte, family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    address = family.url("consent/sign")
    with_password = filled_in(family, sign="yes", password="tre blå båtar på fjorden")
    assert "Refresh" in marte.post(address, data=with_password).headers
    marte.here.sign_in(marte, MARTE, next="/")  # single sign-on is not shown anew
    assert "Refresh" in marte.post(address, data=with_password).headers
    marte.here.sign_in(marte, MARTE, anew="yes")
    with CLOCK.stopped_at(utcnow() + timedelta(seconds=301)):
        assert "Refresh" in marte.post(address, data=with_password).headers
        asked = marte.here.answer(marte, MARTE, anew="yes", next=address)
    marte.here.provider.token(auth_time=int(utcnow().timestamp()) - 400)
    asked = marte.here.answer(marte, MARTE, anew="yes", next=address)
    assert marte.get(asked).status_code == 403  # the provider says it was too long ago
    assert signatures(desk, family) == []


def test_another_persons_bankid_signs_nothing_of_hers(marte, family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    address = family.url("consent/sign")
    marte.post(address, data=filled_in(family, sign="yes"))
    reply = marte.here.sign_in(marte, JONAS, anew="yes", next=address)
    assert reply.status_code == 403 and "belongs to somebody else" in reply.text
    assert marte.get("/account/").status_code == 200  # she is still who she was
    assert "Xyzzy" not in marte.get(address).text and signatures(desk, family) == []
    page = marte.get(address)
    assert page.status_code == 200 and 'name="answer-' in page.text


@pytest.mark.a_page
def test_how_one_is_reached_is_changed_by_who_has_shown_it_anew(marte, desk):
    form = marte.get("/account/contact/")
    assert 'type="password"' not in form.text
    wrong = marte.post("/account/contact/", data={"email": "no address"})
    assert (
        wrong.status_code == 422 and "Refresh" not in wrong.headers
    )  # said before one is sent off
    new = {"email": "marte@new.example", "phone": "90000000"}
    onward = marte.post("/account/contact/", data=new).headers["Refresh"].removeprefix("0; url=")
    back = marte.human.answer(marte.get(onward).location, MARTE)
    assert marte.get(back.removeprefix(PORTAL)).location == "/account/contact/"
    assert "marte@new.example" in marte.get("/account/contact/").text
    assert marte.post("/account/contact/", data=new).status_code == 303
    with desk.system() as session:
        person = session.scalars(select(Person).where(Person.name == "Marte Vik")).one()
        assert person.email == "marte@new.example"
        assert session.scalars(select(Account).where(Account.has_eid)).one()
