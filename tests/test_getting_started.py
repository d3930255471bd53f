"""The first steps of a new plan: seen from the rows, for its coordinator, until hidden or done."""

from __future__ import annotations

import re

import pytest

from models.clock import utcnow
from models.elements.activity import Activity
from models.plan import Plan
from models.vocabulary import PlanStatus
from services.getting_started import NEW_FOR, Step, progress
from services.waiting import plan_lines
from tests.conftest import statements
from tests.test_budgets import forty, logging, measured  # noqa: F401
from views.waits import waits


def done(desk, who, plan_id):
    with desk.session(who) as session:
        steps = progress(session, session.get(Plan, plan_id)).steps
    return [str(step) for step, is_done in steps if is_done]


@pytest.fixture
def draft(desk, town, forty):  # noqa: F811
    """One of the coordinator's forty new plans."""
    with desk.session("coordinator") as session:
        return next(one.id for one in plan_lines(session) if one.status is PlanStatus.DRAFT)


def test_a_step_is_done_when_its_rows_are_there_and_may_be_read(desk, town, draft):
    assert done(desk, "coordinator", draft) == ["who_decides"]  # the owner does
    with desk.session("coordinator") as session:
        session.add(Activity(plan_id=draft, what="Ring"))
        session.commit()
    assert done(desk, "coordinator", draft) == ["who_decides", "tasks"]
    everything = [str(step) for step in Step if step is not Step.EVALUATION]
    assert done(desk, "coordinator", town.plan) == everything
    assert "own_words" not in done(desk, "nurse", town.plan)


def test_the_steps_are_asked_in_one_question(desk, town, engine):
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        with statements(engine) as sent:
            progress(session, plan)
    assert len(sent) == 1, sent


@pytest.mark.a_page
def test_each_step_of_a_draft_leads_to_a_page_that_opens(browser, draft):
    client = browser("coordinator")
    page = client.get(f"/plan/{draft}/getting-started/").text
    main = page[page.index("<main") : page.index("</main")]
    ways = {w for w in re.findall(r'href="(/plan/[^"]*)"', main) if "/help" not in w}
    assert len(ways) == 5, ways  # a meeting waits for the signatures
    assert {w: client.get(w).status_code for w in ways} == dict.fromkeys(ways, 200)


@pytest.mark.a_page
def test_the_overview_leads_there_until_the_steps_are_hidden(browser, draft, app_engine):
    client, home = browser("coordinator"), f"/plan/{draft}/"
    assert f'href="{home}getting-started/"' in client.get(home).text
    (reads, writes, many), sent = measured(client, app_engine, home)
    assert reads <= 8 and (writes, many) == (logging(app_engine), 0), sent
    assert client.post(f"{home}getting-started/hide").location == home
    assert "getting-started" not in client.get(home).text
    assert "Hide this" not in client.get(f"{home}getting-started/").text


@pytest.mark.a_page
def test_nobody_but_the_coordinator_is_helped_to_begin(browser, town):
    for who in ("mother", "nurse"):
        assert browser(who).get(f"/plan/{town.plan}/getting-started/").status_code == 403


def test_the_start_page_offers_help_with_new_plans_only(desk, draft):
    def offered(**changes):
        with desk.system() as session:
            for name, value in changes.items():
                setattr(session.get(Plan, draft), name, value)
            session.commit()
        with desk.session("coordinator") as session:
            (line,) = (one for one in plan_lines(session) if one.id == draft)
        return "GettingStarted.page" in {one.page for one in waits(line)}

    assert offered()
    with desk.session("coordinator") as session:
        from services.own_plans import hide_steps

        hide_steps(session, session.get(Plan, draft))
        session.commit()
    assert not offered()
    assert NEW_FOR.days == 90 and utcnow() - NEW_FOR < utcnow()
