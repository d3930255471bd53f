"""Minutes (referat): begun, written point by point, handed over, remarked on and put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from models.clock import OSLO, utcnow
from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import FOR_REMARKS, Attended, Minutes
from models.elements.minutes_item import MinutesItem
from models.elements.minutes_remark import MinutesRemark
from models.history import ElementVersion
from models.i18n import N_
from models.people import Person
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import GONE, AgendaKind, Attendance, PlanStatus, Presence
from security.facts import facts
from security.policy import Action, permits
from security.session import GuardedSession, SystemSession
from services.agenda import MOST, agenda
from services.consent import lock
from services.errors import Conflict
from services.meetings import call
from services.messages import OUT
from services.notices import OWNER_FIRST, notify

OWNERS_DAY = timedelta(hours=24)
"""How long the owner has the minutes before the others."""
_SAID_BEFORE = {
    Attendance.COMING: Presence.CAME,
    Attendance.NOT_COMING: Presence.EXCUSED,
    Attendance.UNANSWERED: None,
}


class MinutesExist(Conflict):
    """A meeting has one set of minutes."""

    words = N_("Somebody else has begun the minutes of this meeting.")


class Finished(Conflict):
    """Nothing more is written here."""

    words = N_("These minutes are finished.")


class Left(Conflict):
    """A task is given to somebody who takes part."""

    words = N_("Somebody who was to do something has left the team. Choose somebody else.")


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
        _item(minutes, one.position, topic=one.topic, kind=one.kind)
        for one in agenda(session, meeting)
        if one.kind not in (AgendaKind.PRESENTATION, AgendaKind.ABSENCES)  # who came says it
    )
    session.flush()
    return minutes


def _called(session: GuardedSession, meeting: Meeting) -> list[Attended]:
    """Those called who still take part, who called them, and who writes; as they have answered."""
    answers = {one.person_id: _SAID_BEFORE[one.answer] for one in meeting.invitees}
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


def _item(minutes: Minutes, position: int, **said: Any) -> MinutesItem:
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


def items(session: GuardedSession, minutes: Minutes) -> Sequence[MinutesItem]:
    """The points in their order; one question."""
    i = MinutesItem
    here = select(i).where(
        i.plan_id == minutes.plan_id, i.minutes_id == minutes.id, i.removed_at.is_(None)
    )
    found = session.scalars(here.options(raiseload(i.minutes)).order_by(i.position, i.id)).all()
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
) -> dict[tuple[str, int], list[str]]:
    """(kind, id) -> what it said before it was put right, the oldest first. What was tried while
    the minutes were written is nobody's matter; one question."""
    if minutes.opens_at is None:
        return {}
    v = ElementVersion
    wanted = select(v).where(
        v.plan_id == minutes.plan_id,
        v.key.in_({one.element.key for one in rows}),
        v.row_id.in_({one.id for one in rows}),
        v.changed_at > minutes.opens_at,
    )
    words = {(one.element.key, one.id): _words(one) for one in rows}
    before: dict[tuple[str, int], list[str]] = {}
    for one in session.scalars(wanted.order_by(v.version, v.id)):
        told = before.setdefault((one.key, one.row_id), [])
        said = one.data.get("said", one.data.get("owner_account"))
        if said and said not in told and said != words.get((one.key, one.row_id)):
            told.append(said)
    return {key: told for key, told in before.items() if told}


def _words(row: Any) -> str | None:
    return str(getattr(row, "said", None) or getattr(row, "owner_account", None) or "") or None


# Writing


def may_make_tasks(session: GuardedSession, plan: Plan) -> bool:
    """Whether what is agreed becomes tasks when this person hands the minutes over."""
    task = Activity(plan_id=plan.id, author_id=session.actor.person_id)
    return permits(session.access(plan.id), Action.ADD, facts(task))


Typed = Mapping[str, Any]
"""Column -> what it should say."""


def save(
    session: GuardedSession, sent: Sequence[tuple[PlanElement, int | None, Typed]]
) -> dict[tuple[str, int, str], Any]:
    """Store what was typed where it says something else than the version that was looked at. What
    two have changed in the same field is stored for none of them: (kind, id, column) -> what
    stands there now.

    sent: row, version looked at, and what its form says. Raises: Forbidden, Locked.
    """
    changes, both = [], {}
    for row, version, typed in sent:
        base = _seen_as(session, row, version)
        for name, value in typed.items():
            now = getattr(row, name)
            if _plain(value) in (_plain(now), base[name]):
                continue
            if _plain(now) != base[name] or version is None:
                both[row.element.key, row.id, name] = now
            changes.append((row, name, value))
    for row, name, value in () if both else changes:
        setattr(row, name, value)
    session.flush()
    return both


def is_typed(
    session: GuardedSession, row: PlanElement, version: int | None, typed: Typed
) -> set[str]:
    """The columns that were given something else than the version that was looked at."""
    base = _seen_as(session, row, version)
    return {name for name, value in typed.items() if _plain(value) != base[name]}


def _seen_as(session: GuardedSession, row: PlanElement, version: int | None) -> Typed:
    """Column -> what the row said as that version, in plain values; as it is for no version."""
    if version is not None and version != row.version:
        v = ElementVersion
        there = session.scalars(
            select(v).where(
                v.plan_id == row.plan_id, v.key == row.element.key, v.row_id == row.id,
                v.version == version,
            )
        ).first()  # fmt: skip
        if there is not None:
            return dict(there.data)
    return {a.key: _plain(getattr(row, a.key)) for a in inspect(type(row)).column_attrs}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def add_point(session: GuardedSession, minutes: Minutes, topic: str) -> MinutesItem:
    """Write down a point that was not on the agenda. Raises: Finished, Forbidden."""
    there = items(session, minutes)
    if minutes.given_at is not None or len(there) >= MOST:
        raise Finished(minutes.id)
    last = [one.position for one in there if one.kind is not AgendaKind.OTHER]
    item = _item(minutes, max(last, default=0) + 1, topic=topic)
    session.add(item)
    session.flush()
    return item


def add_decision(session: GuardedSession, minutes: Minutes, position: int) -> None:
    """One more line for what was agreed about a point. Raises: Finished, Forbidden."""
    there = items(session, minutes)
    if minutes.given_at is not None or len(there) >= MOST:
        raise Finished(minutes.id)
    kinds = [one.kind for one in there if one.position == position]
    if kinds:
        session.add(_item(minutes, position, kind=kinds[0]))
        session.flush()


# Handing over


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
    _plan_the_next(session, plan, minutes)
    now = utcnow()
    minutes.given_at, minutes.skipped_because = now, skipped
    _open(minutes, points, (), now if skipped else now + OWNERS_DAY)
    entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    entry.last_meeting = minutes.meeting.starts_at.astimezone(OSLO).date()
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
    for row in (minutes, *points, *said):
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
    notify(session, plan, people, "minutes", minutes.meeting_id, minutes.uid)  # type: ignore[arg-type]


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
