"""Handing minutes over (levere referat): to the owner first, and then to those called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, lazyload

from models.clock import OSLO, utcnow
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import FOR_REMARKS, Minutes
from models.elements.minutes_item import MinutesItem
from models.elements.minutes_remark import MinutesRemark
from models.i18n import N_
from models.people import Person
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import GONE, ActivityStatus, Outcome, PlanStatus
from security.facts import facts
from security.policy import Action, permits
from security.session import GuardedSession, SystemSession
from services.consent import lock
from services.errors import Conflict
from services.meetings import call
from services.messages import OUT
from services.minutes import Finished, items, remarks
from services.notice_kinds import OWNER_FIRST
from services.notices import notify

_BECOMES = {Outcome.DONE: ActivityStatus.DONE, Outcome.PARTLY: ActivityStatus.ONGOING}
OWNERS_DAY = timedelta(hours=24)
"""How long the owner has the minutes before the others."""


class Left(Conflict):
    """A task is given to somebody who takes part."""

    words = N_("Somebody who was to do something has left the team. Choose somebody else.")


def may_make_tasks(session: GuardedSession, plan: Plan) -> bool:
    """Whether what is agreed becomes tasks when this person hands the minutes over."""
    task = Activity(plan_id=plan.id, author_id=session.actor.person_id)
    return permits(session.access(plan.id), Action.ADD, facts(task))


def give(session: GuardedSession, plan: Plan, minutes: Minutes, skipped: str | None) -> None:
    """Hand the minutes over: the owner's side has them for a day, then those called read them;
    at once, when the owner's day is `skipped` for that reason. What was agreed becomes tasks,
    for one who may make them. Once, however often it is asked.

    Raises: Left, Forbidden.
    """
    lock(session, plan.id)
    session.refresh(minutes)
    if minutes.given_at is not None:
        return
    points = items(session, minutes)
    _make_tasks(session, plan, points)
    for task, status in kept(session, plan, points):
        task.status = status
    _plan_the_next(session, plan, minutes)
    now = utcnow()
    minutes.given_at, minutes.skipped_because = now, skipped
    _open(minutes, points, (), now if skipped else now + OWNERS_DAY)
    entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    day = minutes.meeting.starts_at.astimezone(OSLO).date()
    entry.first_meeting = min(entry.first_meeting or day, day)
    entry.last_meeting = max(entry.last_meeting or day, day)  # older minutes may come later
    session.flush()
    if skipped:
        _tell(session, plan, minutes, session.actor.person_id)
    else:
        side = owners_side(session, plan) - {session.actor.person_id}
        notify(session, plan, side, OWNER_FIRST, minutes.meeting_id, minutes.uid)
    session.flush()


def owners_side(session: Session, plan: Plan) -> set[int]:
    """The owner and those who act for the owner, as far as they take part."""
    p = Participant
    side = select(p.person_id).where(p.plan_id == plan.id, p.package.is_(None))
    return set(session.scalars(side.where(p.status.not_in(GONE))))


def gone(session: GuardedSession, points: Sequence[MinutesItem]) -> set[int]:
    """Persons who were to do something and take part no longer."""
    asked = {one.responsible_id for one in points if one.responsible_id and not one.task_id}
    if not asked:
        return set()
    p = Participant
    here = select(p.person_id).where(
        p.plan_id == points[0].plan_id, p.person_id.in_(asked), p.status.not_in(GONE)
    )
    return asked - set(session.scalars(here))


def _make_tasks(session: GuardedSession, plan: Plan, points: Sequence[MinutesItem]) -> None:
    if gone(session, points):
        raise Left
    agreed = [one for one in points if one.agreed and one.task_id is None]
    if not agreed or not may_make_tasks(session, plan):
        return
    tasks = [
        Activity(plan_id=plan.id, what=one.agreed, responsible_id=one.responsible_id, due=one.due)
        for one in agreed
    ]
    session.add_all(tasks)
    session.flush()
    for one, task in zip(agreed, tasks, strict=True):
        one.task_id = task.id
    session.flush()


def kept(
    session: GuardedSession, plan: Plan, points: Sequence[MinutesItem]
) -> list[tuple[Activity, ActivityStatus]]:
    """The tasks of last time that get another status by what is said of them: of those the actor
    may change. What somebody has finished meanwhile, or got further with, stays as it is."""
    said = {one.promise_id: _BECOMES[one.outcome] for one in points if one.outcome in _BECOMES}
    if not said:
        return []
    t = Activity
    there = select(t).where(t.plan_id == plan.id, t.id.in_(said), t.removed_at.is_(None))
    light = there.options(lazyload("*")).order_by(t.id)
    tasks = session.scalars(light, execution_options={"populate_existing": True}).all()
    order, access = list(ActivityStatus), session.access(plan.id)
    return [
        (task, said[task.id])
        for task in tasks
        if order.index(task.status) < order.index(said[task.id])
        and permits(access, Action.CHANGE, facts(task))
    ]


def _plan_the_next(session: GuardedSession, plan: Plan, minutes: Minutes) -> None:
    """The next meeting, planned: nobody is called yet. Who may not call one has it in words."""
    meeting, starts = minutes.meeting, minutes.next_at
    first = Meeting(plan_id=plan.id, author_id=session.actor.person_id)
    if starts is None or starts <= utcnow():
        return
    if not permits(session.access(plan.id), Action.ADD, facts(first)):
        return
    call(
        session, plan, purpose=meeting.purpose, starts_at=starts,
        ends_at=starts + (meeting.ends_at - meeting.starts_at), place=meeting.place, agenda=None,
        people=_still(session, plan, minutes), uid=f"{minutes.uid}:n", planned=True,
    )  # fmt: skip


def let_go(session: GuardedSession, plan: Plan, minutes: Minutes) -> None:
    """The owner's side is content: those called read them from now on. Once. Raises: Forbidden."""
    lock(session, plan.id)
    session.refresh(minutes)
    if minutes.given_at is None or minutes.is_open:
        return
    _open(minutes, items(session, minutes), remarks(session, minutes), utcnow())
    session.flush()
    _tell(session, plan, minutes, session.actor.person_id)
    session.flush()


def _open(
    minutes: Minutes, points: Sequence[MinutesItem], said: Sequence[MinutesRemark], at: Any
) -> None:
    rows: tuple[Minutes | MinutesItem | MinutesRemark, ...] = (minutes, *points, *said)
    for row in rows:
        row.opens_at = at


def _still(session: Session, plan: Plan, minutes: Minutes) -> set[int]:
    """Those called to the meeting who still take part."""
    p, i = Participant, Invitee
    called = select(p.person_id).join(i, (i.plan_id == p.plan_id) & (i.person_id == p.person_id))
    here = called.where(
        i.meeting_id == minutes.meeting_id, p.status.not_in(OUT), p.status.not_in(GONE)
    )
    return set(session.scalars(here))


def _tell(session: Session, plan: Plan, minutes: Minutes, by: int | None) -> None:
    """Those called may read the minutes; told once."""
    if minutes.told_at is not None:
        return
    minutes.told_at = utcnow()
    people = _still(session, plan, minutes) - {by}
    notify(session, plan, people, "minutes", minutes.meeting_id, minutes.uid)


def remark(session: GuardedSession, minutes: Minutes, words: str, uid: str) -> MinutesRemark:
    """Say that something is missing or wrong. Raises: Finished, Forbidden."""
    if not minutes.is_remarked_on:
        raise Finished(minutes.id)
    said = MinutesRemark(
        uid=uid, plan_id=minutes.plan_id, meeting_id=minutes.meeting_id, minutes=minutes,
        minutes_id=minutes.id, opens_at=minutes.opens_at, said=words,
    )  # fmt: skip
    session.add(said)
    session.flush()
    return said


# What runs by itself


def move_on(engine: Engine) -> bool:
    """Tell those called when the owner's day is over, and lock what has been out for a week."""
    with SystemSession(engine, because="minutes move on") as session:
        m, now = Minutes, utcnow()
        alive = (Plan.status == PlanStatus.ACTIVE, Person.died_on.is_(None))
        due = select(m).join(Plan, Plan.id == m.plan_id).join(Person, Person.id == Plan.person_id)
        untold = due.where(m.opens_at <= now, m.told_at.is_(None), m.removed_at.is_(None), *alive)
        for minutes in session.scalars(untold.order_by(m.id)).unique():
            _tell(session, session.get_one(Plan, minutes.plan_id), minutes, minutes.author_id)
        session.commit()
        over = select(m).where(m.opens_at <= now - FOR_REMARKS, m.locked_at.is_(None))
        for minutes in session.scalars(over.order_by(m.id)).unique():
            for cls in (MinutesItem, MinutesRemark):
                hanging = select(cls).where(cls.minutes_id == minutes.id, cls.locked_at.is_(None))
                for row in session.scalars(hanging).unique():
                    row.locked_at = now
            minutes.locked_at = now
        session.commit()
    return True
