"""Minutes written live: point by point, the owner first, remarks for a week, and then locked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import CLOCK, utcnow
from models.elements.activity import Activity
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.elements.minutes_remark import MinutesRemark
from models.outbox import OutboxMessage
from models.plan import Participant
from models.vocabulary import ParticipantStatus
from services.minutes import move_on
from tests.page import Page
from tests.test_agenda import room  # noqa: F401  (a fixture)

pytestmark = pytest.mark.a_page


@pytest.fixture
def begun(browser, desk, room):  # noqa: F811
    """The address of minutes the coordinator has begun."""
    reply = browser("coordinator").post(room.replace("/meeting/", "/minutes/begin/"))
    assert reply.status_code == 303
    return reply.location.removesuffix("/write")


def written(browser, address, who="coordinator", **typed):
    """Send the form as it is opened, with something typed."""
    page = Page(browser(who).get(f"{address}/write").text)
    sent = {n: (f.values or [""])[0] for n, f in page.fields.items()} | typed
    return browser(who).post(f"{address}/write", data=sent)


def points(desk):
    with desk.system() as session:
        return list(session.scalars(select(MinutesItem).where(MinutesItem.topic != "Lunch").order_by(MinutesItem.id)).unique())


def the(desk, cls=Minutes):
    with desk.system() as session:
        return session.scalars(select(cls).order_by(cls.id.desc())).unique().first()


def test_from_first_word_to_locked(browser, desk, town, begun, engine):
    point = points(desk)[0]
    reply = written(
        browser, begun, owner_account="I like swimming", do="give",
        **{
            f"said_{point.id}": "We talked", f"agreed_{point.id}": "Book the pool",
            f"who_{point.id}": str(town.people["teacher"]), f"due_{point.id}": "2099-02-01",
        },
    )  # fmt: skip
    assert reply.location.endswith("/give")
    assert browser("teacher").get(begun).status_code == 404
    assert "We talked" in browser("mother").get(begun).text
    assert browser("coordinator").post(f"{begun}/give").status_code == 303
    assert browser("coordinator").post(f"{begun}/give").status_code == 303  # twice is once
    with desk.system() as session:
        task = session.scalars(select(Activity).where(Activity.what == "Book the pool"))
        assert task.unique().one().responsible_id == town.people["teacher"]
    assert browser("teacher").get(begun).status_code == 404  # the owner's day
    with CLOCK.stopped_at(utcnow() + timedelta(hours=24, minutes=1)):
        assert move_on(engine) and move_on(engine)
        assert "We talked" in browser("teacher").get(begun).text
        with desk.system() as session:
            told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "minutes"))
            people = [one.person_id for one in told]
        assert people.count(town.people["teacher"]) == 1
