"""A coordinator asks the coordinating unit for guidance, which answers as it answers others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from deploy.release import downgrade, migrate, rebuilding
from models.account import Membership
from models.assessment import criteria
from models.case_rule import CaseRule
from models.case_words import Arrival, Concerns, Wanted
from models.clock import today
from models.language import Language
from models.outbox import OutboxMessage
from models.people import Person
from models.request import Request, first_answer_by
from models.vocabulary import Role
from services.case_rules import equip
from services.requests import ASKED_PER_PERSON, ask_for_guidance
from tests.page import Page

ASK, SENT = "/account/guidance/", "/account/guidance/sent"
WORDS = "How do I call the first meeting?"


def stored(desk):
    with desk.system() as session:
        return session.scalars(select(Request).where(Request.year == today().year)).all()


def form_of(client, words=WORDS):
    return {"uid": Page(client.get(ASK).text).fields["uid"].values[0], "words": words}


def test_one_page_one_press_and_the_unit_has_it(browser, desk, town, reach):
    reach("coordinator", "kari@x.no", "+4790000001")
    client = browser("coordinator")
    assert f'href="{ASK}"' in client.get("/account/courses/").text
    page = client.get(ASK).text
    assert "Write no names" in page and page.count("<textarea") == 1
    sent = form_of(client, f" {WORDS} ")
    for _ in range(2):  # a double click sends once
        reply = client.post(ASK, data=sent)
        assert (reply.status_code, reply.location) == (303, SENT)
    [one] = stored(desk)
    me = town.people["coordinator"]
    assert (one.arrival, one.concerns) == (Arrival.WEB, Concerns.MYSELF)
    assert one.wanted == {Wanted.GUIDANCE} and one.words == WORDS
    assert (one.person_id, one.from_person_id) == (me, me)
    assert (one.from_email, one.from_phone) == ("kari@x.no", "+4790000001")
    assert one.from_name == one.person_name == "Coordinator"
    assert one.answer_by == first_answer_by(today()) and one.language == Language.ENGLISH
    receipt = client.get(SENT).text
    assert one.reference in receipt and "What happens now?" in receipt
    assert "a coordinator is found" not in receipt and WORDS not in receipt
    office = browser("office")
    assert one.reference in office.get("/register/request/list/").text
    shown = office.get(f"/register/request/show/{one.id}").text
    assert WORDS in shown and "Guidance for a coordinator" in shown
    assert "Write down the answer" in shown


def test_the_units_readers_are_told_in_the_same_moment(browser, desk, town, monkeypatch):
    from services import requests

    client = browser("coordinator")

    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(requests, "_tell", fails)
    sent = form_of(client)
    assert client.post(ASK, data=sent).status_code == 500
    assert stored(desk) == []
    monkeypatch.undo()
    client.post(ASK, data=sent)
    told = select(OutboxMessage.person_id).where(OutboxMessage.kind == "request")
    with desk.system() as session:
        assert session.scalars(told).all() == [town.people["office"]]


def test_where_she_is_the_unit_herself_somebody_else_is_found(browser, desk, town):
    with desk.system() as session:
        both = frozenset({Role.COORDINATOR, Role.COORDINATING_UNIT})
        for who, roles in (("coordinator", both), ("office", frozenset({Role.LEADER}))):
            session.get(Membership, town.memberships[who]).roles = roles
        session.commit()
    client = browser("coordinator")
    client.post(ASK, data=form_of(client))
    told = select(OutboxMessage.person_id).where(OutboxMessage.kind == "request_unread")
    with desk.system() as session:
        assert session.scalars(told).all() == [town.people["admin"]]


@pytest.mark.parametrize("words", ["", "  ", "x" * 5001, "a\x00b"])
def test_what_is_wrong_is_said_at_its_field(browser, desk, town, words):
    client = browser("coordinator")
    reply = client.post(ASK, data=form_of(client, words))
    assert reply.status_code == 422 and 'href="#words' in reply.text
    assert stored(desk) == []


def test_two_presses_at_the_same_moment_send_once(engine, desk, town):
    together, uid = Barrier(2, timeout=30), str(uuid4())

    def press(_):
        together.wait()
        ask_for_guidance(engine, uid, WORDS, town.people["coordinator"], Language.NYNORSK)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, range(2)))
    assert [one.uid for one in stored(desk)] == [uid]


def test_other_words_after_it_is_sent_are_given_back_and_not_lost(browser, desk, town):
    client = browser("coordinator")
    sent = form_of(client)
    client.post(ASK, data=sent)
    for who in ("coordinator", "newcomer"):
        reply = browser(who).post(ASK, data=sent | {"words": "And one thing more"})
        assert reply.status_code == 409 and "And one thing more" in reply.text
    assert len(stored(desk)) == 1
    assert browser("newcomer").get(SENT).location == ASK  # nothing of hers is sent


@pytest.mark.parametrize("who", ["mother", "nurse", "leader", "admin", "office"])
def test_only_coordinators_ask(browser, desk, town, who):
    client = browser(who)
    assert client.get(ASK).status_code == client.get(SENT).status_code == 403
    assert client.post(ASK, data={"uid": str(uuid4()), "words": WORDS}).status_code == 403
    assert stored(desk) == []


@pytest.mark.parametrize("who", ["coordinator", "admin", "leader", "newcomer", "foreign office"])
def test_the_unit_alone_reads_it(browser, desk, town, who):
    client = browser("coordinator")
    client.post(ASK, data=form_of(client))
    [one] = stored(desk)
    with desk.session(who) as session:
        assert session.get(Request, one.id) is None
    assert WORDS not in browser(who).get(f"/register/request/show/{one.id}").text


def test_it_is_stored_so_that_nobody_reads_it_in_the_database(browser, desk, engine, town):
    client = browser("coordinator")
    client.post(ASK, data=form_of(client))
    with engine.connect() as connection:
        raw = str(connection.execute(text("SELECT * FROM request")).all())
        raw += str(connection.execute(text("SELECT * FROM outbox_message")).all())
    assert WORDS not in raw and "first meeting" not in raw


def test_too_many_in_a_short_while_are_stopped(browser, desk, town):
    client = browser("coordinator")
    said = [client.post(ASK, data=form_of(client)).status_code for _ in range(ASKED_PER_PERSON + 1)]
    assert said == [303] * ASKED_PER_PERSON + [429]
    other = browser("newcomer")
    assert other.post(ASK, data=form_of(other)).status_code == 303


def test_whoever_lives_with_a_secret_address_is_not_given_away(browser, desk, town, reach):
    reach("coordinator", "kari@x.no", "+4790000001")
    with desk.system() as session:
        session.get(Person, town.people["coordinator"]).shielded = True
        session.commit()
    client = browser("coordinator")
    client.post(ASK, data=form_of(client))
    assert [one.from_phone for one in stored(desk)] == [None]


def test_there_is_nothing_to_weigh_and_families_are_not_offered_it(app, desk, town):
    assert criteria(Concerns.MYSELF, frozenset({Wanted.GUIDANCE, Wanted.CONTACT})) == ()
    client, at = app.test_client(), f"/request/{town.municipality_id}"
    client.post(f"{at}/")
    page = client.get(f"{at}/about").text
    assert 'value="contact"' in page and 'value="guidance"' not in page
    sent = {"concerns": "myself", "wanted": ["guidance"]}
    assert client.post(f"{at}/about", data=sent).status_code == 422


def test_the_bits_stay_where_they_were():
    """A new one is added last: what is stored counts by its place."""
    column = Request.__table__.c.wanted.type
    assert [column.bits({one}) for one in (Wanted.COORDINATOR, Wanted.CONTACT)] == [1, 128]
    assert column.bits({Wanted.GUIDANCE}) == 256


def _raw(connection, sql):
    return connection.execute(text(sql)).scalar()


def test_the_migration_goes_both_ways_with_what_is_there(browser, engine, desk, town):
    client = browser("coordinator")
    client.post(ASK, data=form_of(client))
    with engine.begin() as connection:
        equip(connection)
        old = f"UPDATE request SET wanted = 255 WHERE id = {town.rows['request']}"
        connection.execute(text(old))
    mine = f"SELECT wanted FROM request WHERE year = {today().year}"
    everything = f"SELECT wanted FROM request WHERE id = {town.rows['request']}"
    rules = "SELECT count(*) FROM case_rule WHERE wanted = 'guidance'"
    with rebuilding(engine) as connection:
        assert (_raw(connection, mine), _raw(connection, rules) > 0) == (256, True)
        downgrade(connection, "0053")
        assert (_raw(connection, mine), _raw(connection, everything)) == (128, -1)
        assert _raw(connection, rules) == 0
    with rebuilding(engine) as connection:
        migrate(connection)
        assert (_raw(connection, mine), _raw(connection, everything)) == (128, 255)
        equip(connection)
    with desk.system() as session:
        assert session.get(Request, town.rows["request"]).wanted == set(Wanted) - {Wanted.GUIDANCE}
        here = CaseRule.municipality_id == town.municipality_id
        kinds = session.scalars(select(CaseRule.wanted).where(here)).all()
        assert sorted(kinds) == sorted(Wanted)
