"""What did not arrive: seen by those who can mend it, in their own town, and sent once more."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from integrations.file_sink import FileSink
from jobs.outbox import deliver
from models.outbox import Delivery
from models.people import Person
from models.plan import Plan
from models.types import blind_index
from models.vocabulary import Channel, Fault
from services.notices import notify

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
    browser, desk, engine, town, lost, whom, tmp_path
):
    with desk.system() as session:
        person = session.get(Person, town.people["grandmother"])
        person.phone = "+4790000001"
        person.phone_index = blind_index("person.phone", person.phone)
        session.commit()
    assert browser("office").post(f"{ADDRESS}again", data=whom).status_code == 303
    assert "1 notice is sent once more." in browser("office").get(ADDRESS).text
    assert deliver(engine, dict.fromkeys(Channel, FileSink(tmp_path))) == 1
    row = delivery(desk)
    assert (row.channel, row.fault, bool(row.sent_at)) == (Channel.SMS, None, True)


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
