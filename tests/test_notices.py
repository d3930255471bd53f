"""What has come (varsel): in Medspel always, for nobody else, and new until it is looked at."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.audit import RegisterEvent
from models.clock import utcnow
from models.consent import Grant
from models.outbox import OutboxMessage
from models.plan import Plan
from services.notice_kinds import KINDS, TOPICS
from services.notices import notify, own_notices
from views.notice_pages import _PAGES

NEW = "data-new"


@pytest.fixture
def tell(desk, town):
    """`tell("teacher", "message", row)`: a notice from the nurse."""

    def told(who, kind, row, key="x"):
        with desk.session("nurse") as session:
            plan = session.get(Plan, town.plan)
            notify(session, plan, [town.people[who]], kind, row, key)
            session.commit()

    return told


def seen(desk):
    with desk.system() as session:
        return [bool(one.seen_at) for one in session.scalars(select(OutboxMessage))]


def test_it_stands_there_until_one_has_been_on_its_page(browser, desk, town, tell):
    tell("teacher", "meeting", town.rows["meeting"])
    client, room = browser("teacher"), f"/plan/{town.plan}/meeting/{town.rows['meeting']}"
    page = client.get("/notices/").text
    assert "You are called to a meeting" in page and f'href="{room}"' in page and "OW 1" in page
    assert NEW in page and seen(desk) == [False]  # a list is not the thing itself
    assert client.get(room).status_code == 200
    assert seen(desk) == [True]
    page = client.get("/notices/").text
    assert NEW not in page and "You are called to a meeting" in page


def test_another_row_another_plan_and_another_person_leave_it_new(browser, desk, town, tell):
    tell("teacher", "meeting", town.rows["meeting"] + 1)
    tell("nurse", "meeting", town.rows["meeting"])
    room = f"/plan/{town.plan}/meeting/{town.rows['meeting']}"
    assert browser("teacher").get(room).status_code == 200
    assert seen(desk) == [False, False]


def test_a_page_one_is_refused_has_not_been_seen(browser, desk, town, tell):
    tell("grandmother", "message", town.rows["to teacher"])
    page = browser("grandmother").get(f"/plan/{town.plan}/message/show/{town.rows['to teacher']}")
    assert page.status_code == 404 and seen(desk) == [False]


def test_nobody_sees_those_of_others_or_marks_them(browser, desk, town, tell):
    tell("teacher", "message", town.rows["to teacher"])
    for who in ("nurse", "coordinator", "office", "admin", "stranger", "foreign office"):
        assert "No notices yet" in browser(who).get("/notices/").text
        browser(who).post("/notices/seen")
    assert seen(desk) == [False]
    assert browser("teacher").post("/notices/seen").status_code == 303
    assert seen(desk) == [True]


def test_of_a_plan_one_may_not_see_any_more_only_that_something_came(browser, desk, town, tell):
    tell("teacher", "message", town.rows["to teacher"])
    with desk.system() as session:
        for grant in session.scalars(
            select(Grant).where(Grant.person_id == town.people["teacher"])
        ):
            grant.revoked_at = utcnow()
        session.commit()
    page = browser("teacher").get("/notices/").text
    assert "You have a new message" in page and "OW 1" not in page and "/plan/" not in page


def test_a_long_list_is_turned_by_key(browser, desk, town, tell):
    for n in range(60):
        tell("teacher", "message", n, f"m{n}")
    client = browser("teacher")
    first = client.get("/notices/").text
    older = first.partition("?before=")[2].partition('"')[0]
    second = client.get(f"/notices/?before={older}").text
    assert first.count("You have a new message") == 50
    assert second.count("You have a new message") == 10 and "?before=" not in second
    assert client.get("/notices/?before=x").status_code == 400


def test_a_look_at_the_list_is_in_the_log(browser, desk, town, tell):
    tell("teacher", "message", town.rows["to teacher"])
    browser("teacher").get("/notices/")
    with desk.system() as session:
        looks = select(RegisterEvent.action).where(RegisterEvent.kind == "plan")
        assert session.scalars(looks).all() == ["list"]


def test_every_kind_has_a_topic_and_those_who_may_look_a_page():
    assert {kind.topic for kind in KINDS.values()} == TOPICS.keys()
    without_a_page = {"withdrawn", "paused", "deadline_passed"}
    assert KINDS.keys() - _PAGES.keys() == without_a_page


def test_those_of_another_hat_are_not_mixed_in(desk, town, tell):
    tell("teacher", "message", 1)
    with desk.session("nurse") as session:
        assert own_notices(session, 10) == []
    with desk.session("teacher") as session:
        assert len(own_notices(session, 10)) == 1
