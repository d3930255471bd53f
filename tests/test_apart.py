"""No page shows one who acts for a child how another one is reached, nor tells the participants."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.account import Account, Membership
from models.clock import utcnow
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.types import blind_index
from models.vocabulary import Channel, Fault, Role
from tests.factories import start_code
from tests.forms import addresses
from tests.test_patrol import addresses as real_addresses
from views.realm import Realm

NEVER = ("41414141", "41 41 41 41", "mor-4242@x.example", "Bakkegata 4343", "mor.4444@x.example")


@pytest.fixture
def mother(desk, town):
    """How she is reached, where she lives, and what she signs in with; with a letter that was
    lost and a sign-in she has not used."""
    town.people["child"] = town.people["other child"]
    with desk.system() as session:
        row = session.get(Person, town.people["mother"])
        row.phone, row.email, row.place = "+4741414141", NEVER[2], NEVER[3]
        row.phone_index = blind_index("person.phone", row.phone)
        row.email_index = blind_index("person.email", row.email)
        session.get(Account, town.accounts["mother"]).login_name = NEVER[4]
        at = {"municipality_id": town.municipality_id, "person_id": row.id, "kind": "consent"}
        notice = OutboxMessage(
            **at, plan_id=town.plan, row_id=town.rows["sent consent"], dedup_key="x",
            planned_at=utcnow(),
        )  # fmt: skip
        session.add(notice)
        session.flush()
        lost = {"failed_at": utcnow(), "fault": Fault.REFUSED, "channel": Channel.SMS}
        session.add(Delivery(**at, message_id=notice.id, **lost))
        asked = start_code(town, "mother", "coordinator", None)
        session.add(asked)
        session.commit()
    return town.people["mother"]


def pages(app, town, person_id):
    """Every address that can be opened, with the rows of the town and with hers."""
    for realm in Realm:
        yield from ((e, a) for e, method, a in real_addresses(app, realm, town) if method == "GET")
    yield from addresses(app, town, "GET")
    for path in ("show", "edit"):
        yield f"PersonView.{path}", f"/register/person/{path}/{person_id}"
    yield "Reached.page", f"/plan/{town.plan}/reached/consent/{town.rows['sent consent']}"
    yield "Together.page", f"/plan/{town.plan}/consent/together/"


def leaks(client, app, town, person_id):
    found, opened = set(), 0
    for endpoint, address in dict.fromkeys(pages(app, town, person_id)):  # some are found twice
        if endpoint in ("SignOut.now", "HealthPages.metrics"):
            continue
        reply = client.get(address)
        opened += reply.status_code == 200
        found |= {(endpoint, word) for word in NEVER if word.encode() in reply.data}
    assert opened > 10
    return found


@pytest.mark.a_page
@pytest.mark.parametrize("who", ["father", "owner", "teacher", "nurse", "grandmother"])
def test_nobody_in_the_plan_reads_how_a_parent_is_reached(app, browser, town, mother, who):
    assert leaks(browser(who), app, town, mother) == set()


@pytest.mark.a_page
@pytest.mark.parametrize("role", [Role.COORDINATING_UNIT, Role.ADMINISTRATOR, Role.COORDINATOR])
def test_nor_does_the_other_parent_at_work(app, browser, desk, town, mother, role):
    with desk.system() as session:
        hat = session.scalars(
            select(Membership).where(Membership.person_id == town.people["father"])
        ).one()
        hat.roles = frozenset({Role.REPRESENTATIVE, role})
        session.commit()
    assert leaks(browser("father"), app, town, mother) == set()


@pytest.mark.a_page
def test_a_colleague_reads_it_there(app, browser, town, mother):
    """Otherwise the walk above finds nothing because nothing is shown."""
    assert {word for _, word in leaks(browser("office"), app, town, mother)} >= {NEVER[1], NEVER[3]}


@pytest.mark.a_page
def test_the_coordinator_of_the_plan_is_told_whom_to_call(app, browser, town, mother):
    found = leaks(browser("coordinator"), app, town, mother)
    assert ("Reached.page", NEVER[1]) in found
