"""What is on in the plan now (det som skjer): the next meeting, and who does what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from sqlalchemy import Row, and_, select

from models.clock import utcnow
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.people import Person
from models.vocabulary import ActivityStatus, Scope

MOST_TASKS = 5


def next_meeting() -> Row[Any] | None:
    """The first one that has not ended, and what I have answered (None: I am not called)."""
    if g.access.level(Scope.MEETINGS) is None:
        return None
    mine = and_(Invitee.meeting_id == Meeting.id, Invitee.person_id == g.actor.person_id)
    coming = (
        select(
            Meeting.id, Meeting.purpose, Meeting.starts_at, Meeting.ends_at, Meeting.place,
            Invitee.answer,
        )
        .outerjoin(Invitee, mine)
        .where(
            Meeting.plan_id == g.plan.id, Meeting.takes_place(), Meeting.ends_at > utcnow()
        )
    )  # fmt: skip
    found: Row[Any] | None = g.session.execute(coming.order_by(Meeting.starts_at).limit(1)).first()
    return found


def tasks() -> Sequence[Row[Any]]:
    """Agreed tasks that are not done, the most urgent first."""
    if g.access.level(Scope.GOALS) is None:
        return ()
    open_ = Activity.status.in_((ActivityStatus.NEW, ActivityStatus.ONGOING))
    wanted = (
        select(
            Activity.id, Activity.what, Activity.due, Activity.status, Activity.service,
            Person.name.label("responsible"),
        )
        .outerjoin(Person, Person.id == Activity.responsible_id)
        .where(Activity.plan_id == g.plan.id, Activity.removed_at.is_(None), open_)
        .order_by(Activity.due.is_(None), Activity.due, Activity.id)
    )  # fmt: skip
    found: Sequence[Row[Any]] = g.session.execute(wanted.limit(MOST_TASKS)).all()
    return found
