"""A polite reminder (påminning) of an agreed task: from Medspel, once a week at most."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.exc import IntegrityError

from models.clock import today, utcnow
from models.elements.activity import Activity
from models.i18n import N_
from models.outbox import OutboxMessage
from models.plan import Plan
from models.vocabulary import GONE
from security import audit
from security.access import load_access
from security.facts import facts
from security.policy import Action, permits
from security.session import GuardedSession
from services.consent import lock, participant_of
from services.errors import Conflict
from services.notice_kinds import REMINDER
from services.notices import notify

A_WEEK = timedelta(days=7)
"""How long a task is left in peace, and how long before its day one may remind of it."""


class NoSuchTask(LookupError):
    """There is none, or none that the actor reads."""


class NothingToRemindOf(Conflict):
    """The task is done, is one's own, has no day that is near, or nobody is to do it."""

    words = N_("There is nobody to remind of this task now.")


class DoesNotReadIt(Conflict):
    """Whoever is to do it takes no part any more, or does not read the task."""

    words = N_("Whoever is to do this cannot see the task any more. It needs somebody new.")


def last_reminder() -> ScalarSelect[datetime]:
    """When somebody was last reminded of the task of the statement around it; None: never."""
    m = OutboxMessage
    of_it = (m.plan_id == Activity.plan_id, m.kind == REMINDER, m.row_id == Activity.id)
    return select(func.max(m.created_at)).where(*of_it).correlate(Activity).scalar_subquery()


def is_left_in_peace(reminded_at: datetime | None) -> bool:
    return reminded_at is not None and reminded_at > utcnow() - A_WEEK


def remind_of(session: GuardedSession, plan: Plan, task_id: int) -> bool:
    """Send the notice; False when one is sent already this week, whoever asked for it.

    Those who press at once take turns, and whatever the turn: a reminder is followed by one
    other, as its key in the outbox says. Raises: NoSuchTask, NothingToRemindOf,
    DoesNotReadIt.
    """
    lock(session, plan.id)
    task = session.scalars(
        select(Activity)
        .where(Activity.plan_id == plan.id, Activity.id == task_id)
        .execution_options(populate_existing=True)
    ).first()
    if task is None:
        raise NoSuchTask(task_id)
    if not _may_be_reminded_of(session, task):
        raise NothingToRemindOf(task_id)
    assert task.responsible_id is not None
    _reads_it(session, task, task.responsible_id)
    m = OutboxMessage
    earlier = select(m.id, m.created_at).where(
        m.plan_id == plan.id, m.kind == REMINDER, m.row_id == task.id
    )
    last = session.execute(earlier.order_by(m.id.desc()).limit(1)).first()
    if last is not None and is_left_in_peace(last.created_at):
        return False
    try:
        with session.begin_nested():
            key = f"{task.id}:after:{last.id if last else 0}"
            notify(session, plan, [task.responsible_id], REMINDER, task.id, key)
    except IntegrityError:
        return False
    audit.append(session, session.actor, audit.gather([("remind", task)], session.access))
    return True


def _may_be_reminded_of(session: GuardedSession, task: Activity) -> bool:
    access = session.access(task.plan_id)
    open_ = task.removed_at is None and not task.status.is_finished
    somebody_else = task.responsible_id not in (None, session.actor.person_id)
    return bool(access and access.is_open and open_ and somebody_else and is_near(task.due))


def is_near(due: date | None) -> bool:
    """The day has passed, or is a week ahead at most."""
    return due is not None and due <= today() + A_WEEK


def _reads_it(session: GuardedSession, task: Activity, person_id: int) -> None:
    taker = participant_of(session, task.plan_id, person_id)
    access = load_access(session, person_id, task.plan_id, utcnow())
    gone = taker is None or taker.status in GONE
    if gone or not permits(access, Action.READ, facts(task)):
        raise DoesNotReadIt(person_id)
