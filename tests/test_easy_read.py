"""The easy view of a plan: for the owner's side only, what they may read, and kept when chosen."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.account import Account
from models.audit import AccessEvent
from models.clock import OSLO, today, utcnow
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.plan import Plan
from models.vocabulary import ActivityStatus, PlanStatus, PlanType
from tests.factories import OUTSIDE
from tests.test_budgets import logging, measured
from tests.test_patrol import SECRETS

pytestmark = pytest.mark.a_page

IN_THE_TEAM = ("coordinator", "teacher", "nurse", "reader", "late", "grandmother")

OF_THE_OFFICE = ("office", "leader", "admin", "foreign office")


def easy(town, plan="plan"):
    return f"/plan/{town.rows[plan]}/easy/"


@pytest.fixture
def coming(desk, town):
    """A meeting and two tasks to come; things that are over, done or removed."""
    with desk.system() as session:
        base = {"plan_id": town.plan, "author_id": town.people["coordinator"]}
        then = utcnow() + timedelta(days=3)
        hour = timedelta(hours=1)

        def meeting(purpose, at, **more):
            session.add(Meeting(**base, purpose=purpose, starts_at=at, ends_at=at + hour, **more))

        def task(what, days, **more):
            session.add(Activity(**base, what=what, due=today() + timedelta(days=days), **more))

        meeting("Winter", then)
        meeting("Cancelled", then, removed_at=utcnow())
        meeting("Long ago", utcnow() - timedelta(days=9))
        night = datetime(2030, 12, 4, 0, 30, tzinfo=OSLO)  # the third in UTC
        meeting("Half past midnight", night)
        task("Book the pool", 5, responsible_id=town.people["nurse"])
        task("Today still counts", 0)
        task("Was promised", -1)
        task("Is done", 5, status=ActivityStatus.DONE)
        task("Whispered", 5, hidden_from_guardians=True, hidden_because="Told in confidence")
        session.commit()


@pytest.mark.parametrize("who", [*OUTSIDE, *IN_THE_TEAM, None])
def test_nobody_but_the_owners_side_gets_it(browser, desk, town, coming, who):
    reply = browser(who).get(easy(town))
    refused = 403 if who in (*IN_THE_TEAM, *OF_THE_OFFICE) else 404
    assert reply.status_code == (refused if who else 302)
    assert not any(secret in reply.data for secret in (*SECRETS, b"Winter", b"Whispered", b"OW 1"))
    assert who is None or b"/easy/" not in browser(who).get(f"/plan/{town.plan}/").data
    if who in IN_THE_TEAM:
        with desk.system() as session:
            events = [e.action for e in session.scalars(select(AccessEvent)) if e.kind != "plan"]
            assert "denied" in events


def test_the_owner_reads_what_is_on_and_the_guardians_less(browser, desk, town, coming):
    owner, mother = browser("owner").get(easy(town)).text, browser("mother").get(easy(town)).text
    for page in (owner, mother):
        for here in ("Swim", "Read", "Winter", "Book the pool", "Nurse does this", "Today still"):
            assert here in page, here
        for gone in ("Cancelled", "Long ago", "Was promised", "Is done", "Elsewhere"):
            assert gone not in page, gone
    assert "Hush" in owner and "Whispered" in owner
    assert "Hush" not in mother and "Whispered" not in mother
    assert "Hi, Owner!" in owner and "Hi, " not in mother


WHEN = r"<span>(\w+)</span><strong>(\d+)</strong>.*?(?:Before|plan,) (\w+)day,? .*?(\d+)"


def test_a_day_is_the_day_in_norway_in_picture_and_in_words(browser, town, coming):
    page = browser("owner").get(easy(town)).text
    days = re.findall(WHEN, page, re.S)
    assert len(days) == page.count("ms-date--xl") >= 4
    for short, number, long, number_again in days:
        assert long.startswith(short) and number == number_again, days
    assert "at 00:30" in page


def test_those_who_help_are_those_let_in_today(browser, town):
    page = browser("owner").get(easy(town)).text.split('id="helpers"')[1]
    helpers = re.findall(r'<p class="ms-strong">([^<]*)</p>', page)
    assert helpers[0] == "Coordinator"
    assert set(helpers) == {"Coordinator", "Teacher", "Nurse", "Reader", "Late", "Grandmother"}


def test_what_has_been_removed_is_not_there(browser, desk, town):
    with desk.system() as session:
        session.get(Goal, town.rows["goal"]).removed_at = utcnow()
        session.commit()
    page = browser("owner").get(easy(town)).text
    assert "Swim" not in page and "Read" in page


def test_it_is_logged_like_every_other_page(browser, desk, town, coming):
    browser("mother").get(easy(town))
    with desk.system() as session:
        events = session.scalars(select(AccessEvent).order_by(AccessEvent.seq)).all()
    seen = {event.kind: event for event in events}
    assert {"plan", "goal", "meeting", "activity", "participant"} <= set(seen)
    assert {event.person_id for event in events} == {town.people["mother"]}
    assert {event.basis for event in events} == {"representation"}
    assert town.rows["hidden goal"] not in seen["goal"].rows


@pytest.mark.parametrize("who, plan", [("owner", "stranger plan"), ("mother", "other plan")])
def test_of_another_plan_there_is_nothing(browser, town, who, plan):
    assert browser(who).get(easy(town, plan)).status_code == 404


def test_a_closed_plan_and_a_small_one_can_be_read_too(browser, desk, town, coming):
    with desk.system() as session:
        session.get(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    page = browser("owner").get(easy(town)).text
    assert "Swim" in page and "message/write" not in page
    with desk.system() as session:
        assert session.get(Plan, town.rows["other plan"]).type is PlanType.SIMPLE_COLLABORATION
    page = browser("other mother").get(easy(town, "other plan")).text
    assert "Nothing is planned yet" in page and "Nobody yet" in page and 'id="goals"' not in page


def test_it_is_chosen_kept_and_left_again(browser, desk, town):
    owner = browser("owner")
    assert owner.get("/").status_code == 200
    assert owner.post("/easy-reading/", data={"easy": "yes"}).location == "/"
    with desk.system() as session:
        chosen = session.scalars(select(Account.id).where(Account.easy_read)).all()
        assert chosen == [town.accounts["owner"]]
    assert owner.get("/").location == easy(town)
    assert "the usual page first" in owner.get(easy(town)).text
    assert "Swim" in owner.get(f"/plan/{town.plan}/goal/list/").text  # the usual pages are there
    owner.post("/easy-reading/", data={"easy": "no"})
    assert owner.get("/").status_code == 200 and "every time" in owner.get(easy(town)).text


def test_one_who_works_here_too_keeps_the_start_page(browser, town):
    for who in ("coordinator", "nurse", "office"):
        browser(who).post("/easy-reading/", data={"easy": "yes"})
        start = browser(who).get("/")
        assert start.status_code == 200 and "/easy/" not in start.text


def test_the_easy_view_keeps_its_budget(browser, town, app_engine, coming):
    (reads, writes, many), sent = measured(browser("mother"), app_engine, easy(town))
    assert (reads, writes, many) == (10, logging(app_engine), 0), sent
