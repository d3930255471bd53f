"""What did not arrive: seen by those who can mend it, in their own town, and sent once more."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from integrations.file_sink import FileSink
from jobs.outbox import deliver
from models.clock import utcnow
from models.outbox import Delivery
from models.people import Person
from models.plan import Plan
from models.vocabulary import Channel, Fault
from services.notices import notify

pytestmark = pytest.mark.a_page

ADDRESS = "/register/undelivered/"


@pytest.fixture
def whom(town):
    return {"person": town.people["grandmother"]}


@pytest.fixture
def lost(desk, engine, town, tmp_path):
    """A notice for the grandmother, who has neither mail nor telephone."""
    with desk.system() as session:
        person = session.get(Person, town.people["grandmother"])
        person.email = person.email_index = person.phone = person.phone_index = None
        session.commit()
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        notify(session, plan, [town.people["grandmother"]], "message", 1, "m1")
        session.commit()
    deliver(engine, dict.fromkeys(Channel, FileSink(tmp_path)))
    return delivery(desk).id


def delivery(desk):
    with desk.system() as session:
        return session.scalars(select(Delivery)).one()


def test_the_office_sees_who_and_why_and_nothing_of_the_plan(browser, lost):
    for who in ("office", "admin"):
        page = browser(who).get(ADDRESS).text
        assert "Grandmother" in page and "no e-mail address" in page
        for secret in ("OW 1", "Owner", "Swim"):
            assert secret not in page


def test_another_town_sees_and_sends_nothing(browser, desk, lost, whom):
    assert "Everything has arrived" in browser("foreign office").get(ADDRESS).text
    for data in ({}, whom):
        assert browser("foreign office").post(f"{ADDRESS}again", data=data).status_code == 303
    assert delivery(desk).failed_at


@pytest.mark.parametrize("who", ["coordinator", "mother", "leader", "nurse"])
def test_nobody_else_comes_here(browser, desk, lost, who):
    assert browser(who).get(ADDRESS).status_code == 403
    assert browser(who).post(f"{ADDRESS}again").status_code == 403
    assert delivery(desk).failed_at


def test_it_is_sent_once_more_by_the_way_the_person_has_now(
    browser, desk, engine, town, lost, whom, reach, tmp_path
):
    reach("grandmother", phone="+4790000001")
    assert browser("office").post(f"{ADDRESS}again", data=whom).status_code == 303
    assert "1 notice is sent once more." in browser("office").get(ADDRESS).text
    assert deliver(engine, dict.fromkeys(Channel, FileSink(tmp_path))) == 1
    row = delivery(desk)
    assert (row.channel, row.fault, bool(row.sent_at)) == (Channel.SMS, None, True)


def test_who_is_reached_by_one_of_two_ways_is_not_on_the_list(browser, desk, lost):
    with desk.system() as session:
        first = session.get(Delivery, lost)
        of_it = {"message_id": first.message_id, "person_id": first.person_id, "kind": first.kind}
        town = {"municipality_id": first.municipality_id}
        session.add(Delivery(**of_it, **town, channel=Channel.SMS, sent_at=utcnow()))
        session.commit()
    assert "Everything has arrived" in browser("office").get(ADDRESS).text


def test_two_lost_ways_do_not_become_the_same(browser, desk, lost, whom, reach):
    reach("grandmother", email="gunn@heime.example")
    with desk.system() as session:
        first = session.get(Delivery, lost)
        of_it = {"message_id": first.message_id, "person_id": first.person_id, "kind": first.kind}
        gone = {"failed_at": utcnow(), "fault": Fault.REFUSED, "channel": Channel.SMS}
        session.add(Delivery(**of_it, **gone, municipality_id=first.municipality_id))
        session.commit()
    assert browser("office").post(f"{ADDRESS}again", data=whom).status_code == 303
    with desk.system() as session:
        again = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        assert [(row.channel, row.failed_at) for row in again] == [
            (Channel.MAIL, None), (Channel.SMS, None),
        ]  # fmt: skip


def test_what_was_rightly_not_sent_is_not_sent_again(browser, desk, lost, whom):
    with desk.system() as session:
        session.get(Delivery, lost).fault = Fault.NOT_FOR_THEM
        session.commit()
    assert "Grandmother" not in browser("office").get(ADDRESS).text
    browser("office").post(f"{ADDRESS}again", data=whom)
    assert delivery(desk).failed_at


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30])
def test_a_number_that_is_none_changes_nothing(browser, desk, lost, number):
    assert browser("office").post(f"{ADDRESS}again", data={"person": number}).status_code in (
        303,
        400,
    )
    assert browser("office").get(f"{ADDRESS}?before={number}").status_code in (200, 400)
    assert delivery(desk).failed_at
