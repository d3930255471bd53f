"""The front page of a plan (No): who does what, what is new, what is missing, and who sees it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import CLOCK, OSLO, today, utcnow
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.plan import Participant, Plan
from models.plan_visit import PlanVisit
from models.vocabulary import LifeArea, ParticipantStatus, PlanType
from services import visits
from services.nine_items import Item
from views.plan.nine import _WHERE, WORDS

pytestmark = pytest.mark.a_page
SCHOOL = frozenset({LifeArea.WORK_SCHOOL})


@pytest.fixture
def page(browser, town):
    return lambda who: html.unescape(browser(who).get(f"/plan/{town.plan}/").text)


def section(page, name):
    found = re.search(f'<section[^>]*labelledby="{name}.*?</section>', page, re.S)
    return found[0] if found else ""


def add_task(desk, town, what, **more):
    with desk.session("coordinator") as session:
        session.add(row := Activity(plan_id=town.plan, what=what, **more))
        session.commit()
        return row.id


# Who does what


def test_tasks_stand_under_the_service_and_ones_own_say_you(page, desk, town):
    add_task(desk, town, "Bus", service="Skyss", due=today() - timedelta(days=1))
    add_task(desk, town, "Form", responsible_id=town.people["coordinator"])
    work = section(page("coordinator"), "tasks")
    assert work.index("Skyss") < work.index("Bus") < work.index("Ring NAV")
    assert "Should have been done" in work and "#ExclamationmarkTriangle" in work
    assert re.search(r"Form</a></p>\s*<p[^>]*>You</p>", work)
    assert re.search(r"Form</a></p>\s*<p[^>]*>Coordinator</p>", section(page("mother"), "tasks"))


def test_at_most_six_are_shown_and_the_rest_are_counted(page, desk, town):
    for number in range(7):
        add_task(desk, town, f"Task {number}", service="School")
    work = section(page("mother"), "tasks")
    assert work.count("/activity/show/") == 6 and "See all 9" in work


LEFT = "Has left the plan, needs somebody new"


@pytest.mark.parametrize("status", ["withdrawn", "left", "expired"])
def test_whose_taker_has_left_needs_somebody_new(page, desk, town, status):
    with desk.system() as session:
        one = session.get(Participant, town.rows["participant nurse"])
        one.status = ParticipantStatus(status)
        session.commit()
    assert LEFT in page("coordinator") and f"hand-over?from_id={town.people['nurse']}" in page(
        "coordinator"
    )
    assert LEFT in page("mother") and LEFT not in page("reader")


def test_a_key_that_ran_out_an_hour_ago_is_enough(page, desk, town):
    add_task(desk, town, "Old", responsible_id=town.people["expired"])
    assert page("coordinator").count(LEFT) == 1
    add_task(desk, town, "Not yet", responsible_id=town.people["unsigned"])
    with desk.system() as session:  # proposed: has never been in
        one = session.get(Participant, town.rows["participant unsigned"])
        one.status = ParticipantStatus.PROPOSED
        session.commit()
    assert page("coordinator").count(LEFT) == 1


def test_who_reads_no_goals_meets_no_tasks(page):
    assert section(page("grandmother"), "tasks") == ""


# What is new


def write(desk, town, who, words):
    with desk.session(who) as session:
        session.add(Goal(plan_id=town.plan, goal=words, life_areas=SCHOOL))
        session.commit()


def change(desk, town, who, words):
    with desk.session(who) as session:
        session.get(Goal, town.rows["school goal"]).goal = words
        session.commit()


@pytest.fixture
def away(desk, page):
    """`away("reader", days=3)`: was there, and has been away since."""

    def since(who, **ago):
        page(who)
        with desk.system() as session:
            mine = select(PlanVisit).filter_by(account_id=desk.town.accounts[who])
            for row in session.scalars(mine):
                row.seen_at = utcnow() - timedelta(**ago)
            session.commit()

    return since


def titles(new):
    return re.findall(r"<bdi>(.*?)</bdi>", new)


def test_what_came_since_the_visit_before_and_not_what_was_there(page, desk, town, away):
    assert "What is new" in section(page("reader"), "new")
    away("reader", minutes=40)
    write(desk, town, "coordinator", "By another")
    change(desk, town, "nurse", "Changed by another")
    for _ in "the same visit", "and a second look":
        new = section(page("reader"), "new")
        assert "New since" in new and "today" in new
        assert titles(new) == ["Changed by another", "By another"]


def test_ones_own_writing_is_not_new_and_a_change_of_ones_own_row_is(page, desk, town, away):
    for who in ("nurse", "coordinator"):
        away(who, minutes=40)
    write(desk, town, "nurse", "My own")
    change(desk, town, "nurse", "Changed by me")
    mine = section(page("nurse"), "new")
    assert "Nothing new since" in mine and "My own" not in mine
    new = section(page("coordinator"), "new")
    assert "My own" in new and "Changed by me" in new  # a goal the coordinator wrote


def test_nothing_new_is_said_and_a_few_older_are_shown(page, away):
    away("mother", days=1)
    new = section(page("mother"), "new")
    assert "Nothing new since yesterday." in new and len(titles(new)) == 3


def test_the_day_is_named_within_a_week_and_dated_after(page, away):
    for days, said in ((5, "%A"), (9, "%A %-d %B")):
        away("mother", days=days)
        day = (utcnow() - timedelta(days=days)).astimezone(OSLO)
        assert f"New since {day:{said}}".lower() in section(page("mother"), "new").lower()


def test_a_visit_is_noted_for_oneself_and_not_with_the_eyes_of_others(page, desk, town, browser):
    page("mother")
    browser("mother").post(f"/plan/{town.plan}/see-as/{town.people['nurse']}")
    assert "What is new" in page("mother")
    with desk.system() as session:
        (row,) = session.scalars(select(PlanVisit))
        assert (row.account_id, row.before_at) == (town.accounts["mother"], None)
    with desk.session("father") as session:
        assert session.scalars(select(PlanVisit)).all() == []


def test_two_windows_that_come_back_at_once_keep_the_visit_before(desk, town):
    first = utcnow()
    for ahead in (0, 3000, 3001):
        at = CLOCK.stopped_at(first + timedelta(seconds=ahead))
        with at, desk.session("mother") as session:
            visits.note(session, town.plan)
            session.commit()
    with desk.system() as session:
        assert session.scalars(select(PlanVisit)).one().before_at == first


# The nine


def nine(page):
    found = re.search(r"(\d) of the 9 things", page)
    return int(found[1]) if found else None


def test_the_nine_are_counted_for_the_coordinator_of_an_individual_plan_alone(page, desk, town):
    assert nine(page("coordinator")) == 5  # people, coordinator, shares, consent, others
    assert [nine(page(who)) for who in ("mother", "nurse", "reader")] == [None] * 3
    with desk.system() as session:
        session.get(Plan, town.plan).next_evaluation = today() + timedelta(days=9)
        session.commit()
    with desk.session("coordinator") as session:
        task = session.get(Activity, town.rows["activity"])
        task.extent, task.service, task.how = "Weekly", "School", "At school"
        session.commit()
    front = page("coordinator")
    assert nine(front) == 8 and 'max="9" value="8"' in front
    assert 'href="/plan/1/background/"' in section(front, "nine")
    add_task(desk, town, "Bare", goal_id=town.rows["school goal"])
    assert nine(page("coordinator")) == 6


def test_every_item_has_words_and_a_place_to_write_it(app):
    assert set(WORDS) == set(Item) == set(_WHERE) | {Item.COORDINATOR}
    assert set(_WHERE.values()) <= set(app.view_functions)


def test_another_kind_of_plan_is_not_asked_for_nine(page, desk, town):
    with desk.system() as session:
        plan = session.get(Plan, town.plan)
        assert plan.type is PlanType.INDIVIDUAL_PLAN
    from services.nine_items import asked_of

    assert not asked_of(Plan(type=PlanType.RELAY_LOG, status=plan.status))


# The owner's side


def test_the_owners_side_meets_the_cards_and_others_do_not(page, town):
    front = page("mother")
    for words in ("This is Owner", "Likes trains", "You decide who sees the plan"):
        assert words in front
    assert "Change or take back" in front and "Who has seen the plan" in front
    write_to = f"/plan/{town.plan}/message/write?who={town.people['coordinator']}"
    assert "Write to Coordinator" in front and write_to in front
    for who in ("nurse", "reader", "grandmother"):
        other = page(who)
        assert "who sees the plan" not in other and "Likes trains" not in other


def test_write_to_has_the_coordinator_chosen(browser, town):
    key = town.people["coordinator"]
    form = browser("mother").get(f"/plan/{town.plan}/message/write?who={key}").text
    assert re.search(rf'value="{key}"[^>]*checked|checked[^>]*value="{key}"', form)


def test_who_has_lost_the_access_is_not_among_those_who_see(page):
    sees = section(page("owner"), "sees")
    assert "Coordinator" in sees and "Withdrawn" not in sees and "Expired" not in sees


def test_what_the_coordinator_reads_of_the_presentation_stands_in_the_log(page, browser, town):
    page("coordinator")
    assert "Presentation" in browser("owner").get(f"/plan/{town.plan}/log/").text
