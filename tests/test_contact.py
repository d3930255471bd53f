"""Whom one may call around the owner, what for, and two lines of what was said."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from models.clock import CLOCK, utcnow
from models.elements.contact import Contact
from models.elements.contact_note import ContactNote
from models.history import ElementIndex, ElementVersion
from models.plan import Plan
from models.vocabulary import Level, PlanType, Scope
from services.hiding import KeptFrom, keep_from
from tests.factories import a_key, moment
from tests.page import Page
from tests.test_budgets import logging, measured

pytestmark = pytest.mark.a_page

NUMBER, ADDRESS = "55123456", "vik@x.no"


@pytest.fixture
def rows(town):
    return f"/plan/{town.plan}/contact"


@pytest.fixture
def notes(town):
    return f"/plan/{town.plan}/contact_note"


@pytest.fixture
def let_in(desk, town):
    """`let_in("nurse")`: the person contributes around the owner."""

    def give(who, level=Level.CONTRIBUTE):
        a_key(desk, town, who, Scope.CONTACTS, level)

    return give


@pytest.fixture
def stored(desk):
    def found(cls):
        with desk.system() as session:
            return session.scalars(select(cls).order_by(cls.id)).unique().all()

    return found


def test_a_contact_is_written_and_read_with_the_number_in_pairs(browser, rows, town, let_in):
    let_in("nurse")
    form = {"name": "Speech therapist", "service": "Town", "about": "Words", "uid": ""}
    form |= {"phone": "+47 55 12 34 57", "email": "Tale@X.no", "member_id": town.people["teacher"]}
    reply = browser("mother").post(f"{rows}/add", data=form)
    assert (reply.status_code, reply.location) == (303, f"{rows}/list/")
    listed = browser("nurse").get(f"{rows}/list/").text
    call = ('href="tel:+4755123457">55 12 34 57</a>', 'href="mailto:tale@x.no">tale@x.no</a>')
    for words in ("Speech therapist", *call, "Town"):
        assert words in listed, words
    pk = re.search(r"contact/show/(\d+)\">Speech", listed)[1]
    page = browser("nurse").get(f"{rows}/show/{pk}").text
    assert "Words" in page and "Teacher" in page and "/edit/" not in page


def test_number_and_address_are_stored_in_one_form(browser, rows, stored):
    form = {"name": "A", "phone": "55 12 34 57", "email": " A@x.NO ", "uid": ""}
    browser("mother").post(f"{rows}/add", data=form)
    one = stored(Contact)[-1]
    assert (one.phone, one.email) == ("+4755123457", "a@x.no")


@pytest.mark.parametrize("wrong", [{"phone": "call me"}, {"email": "no address"}, {"name": " "}])
def test_what_cannot_be_used_is_said_and_not_stored(browser, rows, stored, wrong):
    form = {"name": "A", "phone": "", "email": "", "uid": ""} | wrong
    reply = browser("mother").post(f"{rows}/add", data=form)
    assert reply.status_code == 422 and len(stored(Contact)) == 1


def test_only_somebody_who_takes_part_can_be_pointed_at(browser, rows, town, stored):
    form = {"name": "A", "member_id": town.people["stranger"], "uid": ""}
    assert browser("mother").post(f"{rows}/add", data=form).status_code == 422
    assert len(stored(Contact)) == 1


def test_number_and_address_are_encrypted_and_nowhere_in_the_clear(browser, desk, rows, town):
    pk = town.rows["contact"]
    form = {"name": "Doctor Vik", "phone": "55 12 34 57", "email": "new@x.no", "version": "1"}
    assert browser("coordinator").post(f"{rows}/edit/{pk}", data=form).status_code == 303
    with desk.system() as session:
        sealed = session.execute(text("SELECT phone, email FROM contact")).one()
        assert b"5512" not in bytes(sealed.phone) and b"x.no" not in bytes(sealed.email)
        line = session.scalars(select(ElementIndex).filter_by(key="contact")).one()
        assert "Doctor Vik" in line.text and "5512" not in line.text and "x.no" not in line.text
        was = session.scalars(select(ElementVersion).filter_by(key="contact")).one()
        assert was.data["name"] == "Doctor Vik"
        assert NUMBER not in str(was.data) and ADDRESS not in str(was.data)


def test_one_sorts_and_searches_by_what_is_not_encrypted(browser, rows):
    client = browser("mother")
    assert client.get(f"{rows}/list/?_oc_ContactView=name&_od_ContactView=asc").status_code == 200
    assert client.get(f"{rows}/list/?_oc_ContactView=phone&_od_ContactView=asc").status_code == 400
    assert "Doctor Vik" in client.get(f"{rows}/list/?_flt_0_phone=nobody").text


def test_the_same_change_sent_twice_is_stored_once(browser, rows, town, stored):
    pk = town.rows["contact"]
    form = {"name": "Doctor Vik", "phone": "55123457", "email": ADDRESS, "version": "1"}
    for _ in range(2):
        assert browser("coordinator").post(f"{rows}/edit/{pk}", data=form).status_code == 303
    assert stored(Contact)[0].phone == "+4755123457"


def test_a_double_click_stores_once(browser, rows, stored):
    client = browser("mother")
    uid = Page(client.get(f"{rows}/add").text).fields["uid"].values[0]
    for _ in range(2):
        assert client.post(f"{rows}/add", data={"name": "A", "uid": uid}).status_code == 303
    assert len(stored(Contact)) == 2


def test_what_was_said_is_written_below_the_contact(browser, rows, notes, town, stored):
    client, pk = browser("mother"), town.rows["contact"]
    page = client.get(f"{rows}/show/{pk}").text
    assert "New appointment" in page and f"/contact_note/add?contact_id={pk}" in page
    now = moment("2026-11-02T10:00+01:00")
    with CLOCK.stopped_at(max(now, utcnow())):
        form = Page(client.get(f"{notes}/add?contact_id={pk}").text).fields
    assert form["at"].values != [""] and form["contact_id"].values == [str(pk)]
    sent = {"said": "Rang back", "at": "2026-11-02T10:00", "contact_id": str(pk), "uid": ""}
    reply = client.post(f"{notes}/add?contact_id={pk}", data=sent)
    assert (reply.status_code, reply.location) == (303, f"{rows}/show/{pk}")
    note = stored(ContactNote)[-1]
    assert (note.at, note.author_id) == (now, town.people["mother"])
    page = client.get(f"{rows}/show/{pk}").text
    assert "Rang back" in page and "Mother" in page


def test_a_note_is_short_and_below_a_contact(browser, notes, town, stored):
    sent = {"said": "x" * 301, "at": "2026-11-02T10:00", "contact_id": str(town.rows["contact"])}
    assert browser("mother").post(f"{notes}/add", data=sent | {"uid": ""}).status_code == 422
    sent |= {"said": "x", "contact_id": "99999", "uid": ""}
    assert browser("mother").post(f"{notes}/add", data=sent).status_code == 422
    assert len(stored(ContactNote)) == 1


def test_who_contributes_changes_what_is_their_own(browser, rows, notes, town, let_in, stored):
    let_in("nurse")
    client, pk = browser("nurse"), town.rows["contact"]
    edit = {"name": "Other", "version": "1"}
    assert client.post(f"{rows}/edit/{pk}", data=edit).status_code == 403
    sent = {"said": "Mine", "at": "2026-11-02T10:00", "contact_id": str(pk), "uid": ""}
    assert client.post(f"{notes}/add", data=sent).status_code == 303
    mine = stored(ContactNote)[-1]
    change = sent | {"said": "Still mine", "version": "1"}
    assert client.post(f"{notes}/edit/{mine.id}", data=change).status_code == 303
    theirs = f"{notes}/edit/{town.rows['contactnote']}"
    assert client.post(theirs, data=change).status_code == 403


def test_a_note_is_hidden_when_the_contact_is(browser, desk, rows, notes, town):
    with desk.session("coordinator") as session:
        row = session.get(Contact, town.rows["contact"])
        plan, all_ = session.get(Plan, town.plan), KeptFrom(everybody=True)
        keep_from(session, plan, row, all_, "Told in confidence")
        session.commit()
    mother = browser("mother")
    assert mother.get(f"{rows}/show/{town.rows['contact']}").status_code == 404
    assert mother.get(f"{notes}/show/{town.rows['contactnote']}").status_code == 404
    assert "New appointment" in browser("owner").get(f"{rows}/show/{town.rows['contact']}").text


def test_what_is_removed_is_out_of_sight_and_kept(browser, rows, town, stored):
    client = browser("coordinator")
    client.post(f"{rows}/delete/{town.rows['contact']}")
    assert "Doctor Vik" not in client.get(f"{rows}/list/").text
    client.post(f"{rows}/add", data={"name": "Doctor Vik", "uid": ""})
    assert [bool(row.removed_at) for row in stored(Contact)] == [True, False]


@pytest.mark.parametrize("who", ["nurse", "grandmother", "reader"])
def test_without_the_part_there_is_nothing(browser, rows, town, who):
    assert browser(who).get(f"{rows}/show/{town.rows['contact']}").status_code == 404
    assert browser(who).post(f"{rows}/add", data={"name": "A", "uid": ""}).status_code == 403


def test_what_the_pages_cost(browser, rows, town, app_engine):
    (reads, writes, many), sent = measured(browser("mother"), app_engine, f"{rows}/list/")
    assert (reads, writes, many) == (6, logging(app_engine), 0), sent


def test_every_plan_but_a_meeting_log_has_it():
    for cls in (Contact, ContactNote):
        assert cls.element.types == frozenset(PlanType) - {PlanType.MEETING_LOG}
