"""Minutes of a six-point meeting with four decisions, in a real browser: in how few clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.clock import utcnow
from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.vocabulary import ActivityStatus
from security.session import SystemSession
from tests.e2e.test_together import _is_accessible, address, window  # noqa: F401  (fixtures)

pytestmark = pytest.mark.xdist_group("browser")
POINTS = 6


def _meeting(engine, town) -> int:
    with SystemSession(engine, because="test data") as session:
        who = {"plan_id": town.plan, "author_id": town.people["coordinator"]}
        hour = {"starts_at": utcnow(), "ends_at": utcnow() + timedelta(hours=1)}
        meeting = Meeting(**who, purpose="May", **hour)
        called = (town.people[name] for name in ("mother", "teacher"))
        meeting.invitees = [Invitee(plan_id=town.plan, person_id=one) for one in called]
        session.add(meeting)
        session.flush()
        of = {"meeting_id": meeting.id}
        points = [AgendaItem(**who, **of, topic=f"Sak {n}", position=n) for n in range(POINTS)]
        session.add_all(points)
        session.commit()
        return meeting.id


def test_six_points_and_four_decisions_in_forty_clicks_and_fields(
    window,  # noqa: F811
    address,  # noqa: F811
    town,
    app_engine,
):
    pk, done = _meeting(app_engine, town), 0
    page = window("coordinator", 1280)
    page.goto(address)
    page.get_by_role("region", name="Next meetings").get_by_role("link").click()
    page.get_by_role("link", name="Write minutes").click()
    page.get_by_role("button", name="Begin").click()
    _is_accessible(page)
    page.locator('input[name^="came_"][value="came"]').nth(1).check()
    page.locator('input[name^="came_"][value="came"]').nth(2).check()
    page.fill('[name="owner_account"]', "Symjing er best")
    done += 6
    page.locator('input[name^="outcome_"][value="partly"]').check()  # of last time
    done += 1
    for field in page.locator('[name^="said_"]').all():
        field.fill("Vi snakka")
        done += 1
    for n in range(4):
        page.locator('[name^="agreed_"]').nth(n).fill(f"Avtale {n}")
        page.locator('[name^="who_"]').nth(n).select_option(index=1)
        page.locator('[name^="due_"]').nth(n).fill("2099-02-01")
        done += 3
    for name in ("heard", "useful", "together"):
        page.locator(f'label[for^="{name}-"]').nth(3).click()
        done += 1
    page.fill('[name="next_at"]', "2099-03-01T09:00")
    page.get_by_role("button", name="Read through and hand over").click()
    page.get_by_role("button", name="Hand over the minutes").click()
    done += 3
    expect(page.locator("main")).to_contain_text("The owner has it first")
    assert done <= 40
    with SystemSession(app_engine, because="a test looks") as session:
        minutes = session.scalars(select(Minutes).where(Minutes.meeting_id == pk)).unique().one()
        points = select(MinutesItem).where(MinutesItem.minutes_id == minutes.id)
        found = session.scalars(points).unique().all()
        assert sum(one.task_id is not None for one in found) == 4
        assert all(one.said for one in found) and len(found) == POINTS + 1
        (promise,) = (one.promise for one in found if one.promise)
        assert promise.status is ActivityStatus.ONGOING
