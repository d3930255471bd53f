"""Minutes (referat): begun, written point by point, handed over, remarked on and put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload, raiseload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.meeting import Meeting
from models.elements.minutes import Attended, Minutes
from models.elements.minutes_item import MinutesItem
from models.elements.minutes_remark import MinutesRemark
from models.history import ElementVersion
from models.i18n import N_
from models.people import Person
from models.plan import Participant, Plan
from models.vocabulary import GONE, ActivityStatus, AgendaKind, Attendance, Presence
from security.session import GuardedSession
from services.agenda import agenda
from services.consent import lock
from services.errors import Conflict

_SAID_BEFORE = {
    Attendance.COMING: Presence.CAME,
    Attendance.NOT_COMING: Presence.EXCUSED,
    Attendance.UNANSWERED: None,
}


FIRST = 0
"""Where what was agreed last time stands: all points of an agenda come after it."""
MOST_PROMISES = 20


class MinutesExist(Conflict):
    """A meeting has one set of minutes."""

    words = N_("Somebody else has begun the minutes of this meeting.")


class Finished(Conflict):
    """Nothing more is written here."""

    words = N_("These minutes are finished.")


# Beginning


def begin(session: GuardedSession, plan: Plan, meeting: Meeting) -> Minutes:
    """The minutes of the meeting, with its points and who was called; those that are there, when
    the actor may read them.

    Raises: MinutesExist, Forbidden.
    """
    lock(session, plan.id)
    there = minutes_of(session, meeting)
    if there is not None:
        return there
    taken = select(Minutes.id).where(Minutes.meeting_id == meeting.id)
    if session.scalar(taken, execution_options={"unscoped_because": "a meeting has one minutes"}):
        raise MinutesExist(meeting.id)
    minutes = Minutes(plan_id=plan.id, meeting_id=meeting.id, meeting=meeting)
    minutes.author_id = session.actor.person_id
    minutes.attended = _called(session, meeting)
    session.add(minutes)
    session.flush()
    session.add_all(
        item_of(minutes, FIRST, kind=AgendaKind.PROMISE, promise=task, promise_id=task.id)
        for task in _open_since_last_time(session, meeting)
    )
    session.add_all(
        item_of(minutes, one.position, topic=one.topic, kind=one.kind)
        for one in agenda(session, meeting)
        if one.kind not in (AgendaKind.PRESENTATION, AgendaKind.ABSENCES)  # who came says it
    )
    session.flush()
    return minutes


def _open_since_last_time(session: GuardedSession, meeting: Meeting) -> Sequence[Activity]:
    """What was agreed in the minutes before these, or was spoken of there as agreed before, and is
    not finished, as far as the actor reads both; in the order it was agreed. Two questions."""
    m, i = Minutes, MinutesItem
    before = select(m.id).join(Meeting, Meeting.id == m.meeting_id).where(
        m.plan_id == meeting.plan_id, m.given_at.is_not(None), m.removed_at.is_(None),
        Meeting.starts_at < meeting.starts_at,
    ).order_by(Meeting.starts_at.desc(), m.id.desc()).limit(1)  # fmt: skip
    last = session.scalar(before)
    if last is None:
        return ()
    unfinished = Activity.status.not_in([one for one in ActivityStatus if one.is_finished])
    of_it = (i.plan_id == Activity.plan_id) & (Activity.id.in_((i.task_id, i.promise_id)))
    agreed = select(Activity).join(i, of_it).where(
        i.minutes_id == last, i.removed_at.is_(None), Activity.removed_at.is_(None), unfinished
    )  # fmt: skip
    return session.scalars(agreed.order_by(i.position, i.id).limit(MOST_PROMISES)).unique().all()


def _called(session: GuardedSession, meeting: Meeting) -> list[Attended]:
    """Those called who still take part, who called them, and who writes; as they have answered."""
    answers = {one.person_id: _SAID_BEFORE[one.answer] for one in meeting.called}
    came = {meeting.author_id, session.actor.person_id}
    team = select(Participant.person_id).where(
        Participant.plan_id == meeting.plan_id,
        Participant.person_id.in_(answers.keys() | came),
        Participant.status.not_in(GONE),
    )
    return [
        Attended(
            plan_id=meeting.plan_id,
            person_id=one,
            presence=answers.get(one) or (Presence.CAME if one in came else None),
        )
        for one in session.scalars(team.order_by(Participant.id))
    ]


def item_of(minutes: Minutes, position: int, **said: Any) -> MinutesItem:
    return MinutesItem(
        plan_id=minutes.plan_id, meeting_id=minutes.meeting_id, minutes=minutes,
        minutes_id=minutes.id, position=position, **said,
    )  # fmt: skip


# Reading


def minutes_of(session: GuardedSession, meeting: Meeting) -> Minutes | None:
    wanted = select(Minutes).where(Minutes.meeting_id == meeting.id)
    return session.scalars(wanted).unique().first()


def the_minutes(session: GuardedSession, plan_id: int, pk: int) -> Minutes | None:
    """Minutes with who was there, as far as the actor may read them; three questions."""
    wanted = select(Minutes).where(
        Minutes.id == pk, Minutes.plan_id == plan_id, Minutes.removed_at.is_(None)
    )
    there = selectinload(Minutes.attended).joinedload(Attended.person).load_only(Person.name)
    who = joinedload(Minutes.author).load_only(Person.name)
    return session.scalars(wanted.options(there, who)).unique().first()


def agreed_in(session: GuardedSession, task: Activity) -> Row[int, datetime] | None:
    """(minutes, when the meeting was) of the minutes the task was agreed in, when the actor reads
    them; one question."""
    m, i = Minutes, MinutesItem
    where = select(m.id, Meeting.starts_at).join(i, i.minutes_id == m.id).join(m.meeting)
    of_it = (i.plan_id == task.plan_id, i.task_id == task.id, i.removed_at.is_(None))
    return session.execute(where.where(*of_it, m.removed_at.is_(None)).order_by(i.id)).first()


def items(session: GuardedSession, minutes: Minutes) -> Sequence[MinutesItem]:
    """The points in their order, what was agreed last time first, but for tasks that are gone;
    one question."""
    i = MinutesItem
    here = select(i).where(
        i.plan_id == minutes.plan_id, i.minutes_id == minutes.id, i.removed_at.is_(None)
    )
    task = joinedload(i.promise).options(raiseload(Activity.goal))
    in_order = here.options(raiseload(i.minutes), task).order_by(i.position, i.id)
    found = [
        one
        for one in session.scalars(in_order)
        if one.promise is None or one.promise.removed_at is None
    ]
    for one in found:
        set_committed_value(one, "minutes", minutes)
    return found


def remarks(session: GuardedSession, minutes: Minutes) -> Sequence[MinutesRemark]:
    """What readers have remarked, in the order they did; one question."""
    r = MinutesRemark
    here = select(r).where(
        r.plan_id == minutes.plan_id, r.minutes_id == minutes.id, r.removed_at.is_(None)
    )
    who = joinedload(r.author).load_only(Person.name)
    return session.scalars(here.options(raiseload(r.minutes), who).order_by(r.id)).all()


def earlier_words(
    session: GuardedSession, minutes: Minutes, rows: Sequence[PlanElement]
) -> dict[tuple[str, int, str], list[str]]:
    """(kind, id, column) -> what it said before it was put right, the oldest first. What was tried
    while the minutes were written is nobody's matter; one question."""
    if minutes.opens_at is None:
        return {}
    v = ElementVersion
    wanted = select(v).where(
        v.plan_id == minutes.plan_id,
        v.key.in_({one.element.key for one in rows}),
        v.row_id.in_({one.id for one in rows}),
        v.changed_at > minutes.opens_at,
    )
    of = {(one.element.key, one.id): one for one in rows}
    before: dict[tuple[str, int, str], list[str]] = {}
    for one in session.scalars(wanted.order_by(v.version, v.id)):
        row = of.get((one.key, one.row_id))
        for name in row.element.corrected if row else ():
            told, said = before.setdefault((one.key, one.row_id, name), []), one.data.get(name)
            if said and said not in told and said != getattr(row, name):
                told.append(said)
    return before
