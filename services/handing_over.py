"""Handing over agreed tasks (overta avtalar): all the open ones of one to another, at once."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import ColumnElement, func, select

from models.clock import utcnow
from models.elements.activity import Activity
from models.i18n import N_
from models.plan import Plan
from models.vocabulary import GONE, ActivityStatus
from security.access import load_access
from security.facts import facts
from security.policy import Action, permits
from security.session import GuardedSession
from services.consent import lock, participant_of
from services.errors import Conflict
from services.notices import notify

OPEN = tuple(status for status in ActivityStatus if not status.is_finished)


class NotInTheTeam(Conflict):
    """The one to take over has left, or was never there."""

    words = N_("This person takes no part in the plan any more. Choose another.")


class ReadsTooLittle(Conflict):
    """A task would be with somebody who may not read it."""

    words = N_("This person may not read all of the tasks. Choose another.")


def open_tasks(session: GuardedSession, plan_id: int) -> dict[int, int]:
    """Person -> how many open tasks are theirs, of those the actor may read."""
    mine = select(Activity.responsible_id, func.count(Activity.id)).where(
        *_open(plan_id), Activity.responsible_id.is_not(None)
    )
    rows = session.execute(mine.group_by(Activity.responsible_id))
    return {person_id: number for person_id, number in rows if person_id is not None}


def hand_over(session: GuardedSession, plan: Plan, from_id: int, to_id: int) -> int:
    """All open tasks of the one, as far as the actor reads them, are the other's: every one of
    them, or none. The other is told once. Answers with how many; none on the second click.

    Raises: NotInTheTeam, ReadsTooLittle, Forbidden.
    """
    lock(session, plan.id)
    taker = participant_of(session, plan.id, to_id)
    if taker is None or taker.status in GONE:
        raise NotInTheTeam(to_id)
    theirs = select(Activity).where(*_open(plan.id), Activity.responsible_id == from_id)
    tasks = session.scalars(theirs.order_by(Activity.id)).unique().all()
    access = load_access(session, to_id, plan.id, utcnow())
    if not all(permits(access, Action.READ, facts(task)) for task in tasks):
        raise ReadsTooLittle(to_id)
    for task in tasks:
        task.responsible_id = to_id
    session.flush()
    if tasks and to_id != session.actor.person_id:
        notify(session, plan, [to_id], "tasks", plan.id, str(uuid4()))
        session.flush()
    return len(tasks)


def _open(plan_id: int) -> tuple[ColumnElement[bool], ...]:
    a = Activity
    return a.plan_id == plan_id, a.removed_at.is_(None), a.status.in_(OPEN)
