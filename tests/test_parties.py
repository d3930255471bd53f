"""Who of the coordinating unit is a party to a request, and what happens to it then."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.case_words import Ruling
from models.clock import OSLO, today
from models.decision import Decision
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.request import Request
from models.vocabulary import Capacity
from tests.test_registers import version_in
from tests.test_requests import SAID, begin, stored

CHILD, BORN = "Nora Ås", date(2018, 3, 1)


@pytest.fixture
def at(town):
    return f"/request/{town.municipality_id}"


@pytest.fixture
def nora(desk, town):
    with desk.system() as session:
        child = Person(municipality_id=town.municipality_id, name="Nora  ås", birth_date=BORN)
        session.add(child)
        session.commit()
        return child.id


def party(desk, town, how, person_id):
    """Make the one who is in the unit a party: (the part they have in it)."""
    office, here = town.people["office"], {"municipality_id": town.municipality_id}
    appointed = {**here, "person_id": person_id, "coordinator_id": office}
    rows = {
        "coordinator": CoordinatorAppointment(**appointed, starts_on=today()),
        "coordinator once": CoordinatorAppointment(
            **appointed, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31)
        ),
        "parent": Representation(
            **here, person_id=person_id, representative_id=office,
            capacity=Capacity.PARENTAL_RESPONSIBILITY,
            starts_at=datetime(2024, 1, 1, tzinfo=OSLO),
        ),
    }  # fmt: skip
    with desk.system() as session:
        session.add(rows[how])
        session.commit()


def sent(app, at):
    client = app.test_client()
    begin(client, at)
    return client.post(f"{at}/summary")


def told(desk, kind):
    with desk.system() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return {row.person_id for row in rows}


def test_whom_it_is_for_is_found_by_name_and_birth_date(app, desk, town, at, nora):
    sent(app, at)
    [one] = stored(desk)
    assert one.person_id == nora
    with desk.system() as session:
        twin = Person(municipality_id=town.municipality_id, name=CHILD, birth_date=BORN)
        session.add(twin)
        session.commit()
    sent(app, at)
    assert stored(desk)[-1].person_id is None  # which of the two is for the unit to say


@pytest.mark.parametrize("how", ["coordinator", "parent"])
def test_a_party_reads_no_word_and_is_told_nothing(app, browser, desk, town, at, nora, how):
    party(desk, town, how, nora)
    sent(app, at)
    [one] = stored(desk)
    office = browser("office")
    assert CHILD not in office.get("/register/request/list/").text
    for page in (f"show/{one.id}", f"edit/{one.id}", f"{one.id}/answer"):
        assert office.get(f"/register/request/{page}").status_code == 404
    said = {"outcome": "refused", "decided_on": str(today())}
    assert office.post(f"/register/request/{one.id}/answer", data=said).status_code == 404
    with desk.system() as session:
        assert (
            session.scalar(select(func.count(Decision.id)).where(Decision.request_id == one.id))
            == 0
        )
    assert told(desk, "request") == set()
    assert told(desk, "request_unread") == {town.people["admin"]}
    assert "nobody there may read it" in browser("admin").get("/notices/").text


def test_who_was_the_coordinator_long_ago_is_no_party(app, browser, desk, town, at, nora):
    party(desk, town, "coordinator once", nora)
    sent(app, at)
    assert CHILD in browser("office").get("/register/request/list/").text
    assert told(desk, "request") == {town.people["office"]}
    assert told(desk, "request_unread") == set()


def test_who_in_the_unit_asks_for_themselves_leaves_it_to_the_others(browser, desk, town, at):
    client = browser("office")
    pages = SAID | {"about": {"concerns": "myself", "wanted": "coordinator"}}
    begin(client, at, pages)
    client.post(f"{at}/summary")
    [one] = stored(desk)
    me = town.people["office"]
    assert (one.from_person_id, one.person_id) == (me, me)
    assert client.get(f"/register/request/show/{one.id}").status_code == 404


def test_the_answer_is_as_shut_as_the_request(desk, town, at, nora):
    request_id = town.rows["request"]
    with desk.session("office") as session:
        me = session.actor.person_id
        day = today() - timedelta(days=1)
        at_ = {"municipality_id": town.municipality_id, "request_id": request_id}
        session.add(Decision(**at_, outcome=Ruling.BOTH, decided_on=day, decided_by_id=me))
        session.commit()
    with desk.session("office") as session:
        assert (
            session.scalar(select(func.count(Decision.id)).where(Decision.request_id == request_id))
            == 1
        )
    party(desk, town, "parent", nora)
    with desk.system() as session:
        session.get(Request, request_id).person_id = nora
        session.commit()
    with desk.session("office") as session:
        assert (
            session.scalar(select(func.count(Decision.id)).where(Decision.request_id == request_id))
            == 0
        )


def test_saying_whom_it_is_for_hands_it_over(browser, desk, town, nora):
    party(desk, town, "coordinator", nora)
    office, request_id = browser("office"), town.rows["request"]
    edit = f"/register/request/edit/{request_id}"
    said = {"person_id": f"{CHILD} [{nora}]", "version": version_in(office.get(edit).text)}
    reply = office.post(edit, data=said)
    assert reply.status_code == 303
    assert office.get(edit).status_code == 404
    assert told(desk, "request_unread") == {town.people["admin"]}
