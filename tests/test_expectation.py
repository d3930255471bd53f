"""What those who work together expect of each other: about somebody who takes part."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.elements.expectation import Expectation
from models.plan import Plan
from models.vocabulary import Level, PlanType, Scope
from services.hiding import KeptFrom, keep_from
from tests.factories import a_key
from tests.page import Page
from tests.test_budgets import logging, measured

pytestmark = pytest.mark.a_page


@pytest.fixture
def rows(town):
    return f"/plan/{town.plan}/expectation"


@pytest.fixture
def let_in(desk, town):
    """`let_in("teacher")`: the person contributes around the owner."""

    def give(who, level=Level.CONTRIBUTE):
        a_key(desk, town, who, Scope.CONTACTS, level)

    return give


@pytest.fixture
def stored(desk):
    def found():
        with desk.system() as session:
            return session.scalars(select(Expectation).order_by(Expectation.id)).unique().all()

    return found


def about(town, who="nurse", **words):
    return {"participant_id": str(town.people[who]), "uid": ""} | words


def test_one_writes_what_one_expects_and_the_other_reads_it(browser, rows, town, let_in):
    let_in("nurse")
    form = about(town, of_me="I answer", of_you="You call", reach="Here", again_on="2027-01-31")
    reply = browser("mother").post(f"{rows}/add", data=form)
    assert (reply.status_code, reply.location) == (303, f"{rows}/list/")
    listed = browser("nurse").get(f"{rows}/list/").text
    assert "Nurse" in listed and "Here" in listed and "31" in listed


def test_whom_it_is_about_may_change_it(browser, rows, town, let_in, stored):
    let_in("teacher")
    pk = town.rows["expectation"]
    form = about(town, "teacher", of_you="Says it first", of_me="Writes each week", version="1")
    assert browser("teacher").post(f"{rows}/edit/{pk}", data=form).status_code == 303
    assert stored()[0].of_me == "Writes each week"


def test_others_who_contribute_may_not(browser, rows, town, let_in, stored):
    let_in("nurse")
    pk = town.rows["expectation"]
    form = about(town, "teacher", of_you="Other", version="1")
    assert browser("nurse").post(f"{rows}/edit/{pk}", data=form).status_code == 403
    assert browser("nurse").post(f"{rows}/delete/{pk}").status_code == 403
    assert stored()[0].of_you == "Says it first" and stored()[0].removed_at is None


def test_it_is_about_somebody_who_takes_part(browser, rows, town, stored):
    client = browser("mother")
    for who in ("stranger", "uncle"):
        reply = client.post(f"{rows}/add", data=about(town, who, of_me="x"))
        assert reply.status_code == 422, who
    assert client.post(f"{rows}/add", data={"of_me": "x", "uid": ""}).status_code == 422
    assert len(stored()) == 1


def test_something_must_be_written(browser, rows, town, stored):
    reply = browser("mother").post(f"{rows}/add", data=about(town, reach="Here"))
    assert reply.status_code == 422 and "Write something in one of the fields." in reply.text
    assert len(stored()) == 1


def test_a_double_click_stores_once(browser, rows, town, stored):
    client = browser("mother")
    uid = Page(client.get(f"{rows}/add").text).fields["uid"].values[0]
    for _ in range(2):
        assert client.post(f"{rows}/add", data=about(town, of_me="x", uid=uid)).status_code == 303
    assert len(stored()) == 2


def test_what_is_removed_is_kept_and_can_be_written_anew(browser, rows, town, stored):
    client = browser("coordinator")
    client.post(f"{rows}/delete/{town.rows['expectation']}")
    assert "Teacher" not in client.get(f"{rows}/list/").text
    client.post(f"{rows}/add", data=about(town, "teacher", of_you="Anew"))
    assert [row.of_you for row in stored()] == ["Says it first", "Anew"]


def test_what_is_kept_from_parents_is_not_there_for_them(browser, desk, rows, town):
    with desk.session("coordinator") as session:
        row = session.get(Expectation, town.rows["expectation"])
        plan, all_ = session.get(Plan, town.plan), KeptFrom(everybody=True)
        keep_from(session, plan, row, all_, "Told in confidence")
        session.commit()
    assert browser("mother").get(f"{rows}/show/{town.rows['expectation']}").status_code == 404
    assert "Says it first" in browser("owner").get(f"{rows}/show/{town.rows['expectation']}").text


@pytest.mark.parametrize("who", ["nurse", "grandmother", "reader"])
def test_without_the_part_there_is_nothing(browser, rows, town, who):
    assert browser(who).get(f"{rows}/show/{town.rows['expectation']}").status_code == 404
    assert browser(who).post(f"{rows}/add", data=about(town, of_me="x")).status_code == 403


def test_what_the_list_costs(browser, rows, app_engine):
    (reads, writes, many), sent = measured(browser("mother"), app_engine, f"{rows}/list/")
    assert (reads, writes, many) == (6, logging(app_engine), 0), sent


def test_every_plan_but_a_meeting_log_has_it():
    assert Expectation.element.types == frozenset(PlanType) - {PlanType.MEETING_LOG}
