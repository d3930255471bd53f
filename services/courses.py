"""Training of those who coordinate (opplæring): who was where, and who lacks the basics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from models.clock import today
from models.course import Course, CourseAttendance, CourseSession
from models.people import CoordinatorAppointment, Person, holds_on
from security.courses import hold, taken
from security.session import GuardedSession

MOST_OFFERED = 200
"""So many coordinators are offered on the page of a session; in a bigger town one adds by name."""
MOST_COMING = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody who can be ticked off. `on_list`: whether they are on the list of the session."""

    person: Person
    on_list: bool
    was_there: bool


def coordinates_on(day: date, person: Any = Person) -> ColumnElement[bool]:
    """Whether an appointment in which the person coordinates holds on the day."""
    a = CoordinatorAppointment
    holds = select(a.id).where(a.coordinator_id == person.id, holds_on(a, day))
    return holds.correlate(person).exists()


def listed(session: GuardedSession, at: CourseSession) -> list[Listed]:
    """Those on the list of a session, and those who coordinate now, by name."""
    mine = and_(CourseAttendance.session_id == at.id, CourseAttendance.person_id == Person.id)
    wanted = (
        select(Person, CourseAttendance.was_there)
        .outerjoin(CourseAttendance, mine)
        .options(joinedload(Person.department))
        .order_by(Person.name, Person.id)
    )
    on_list = wanted.where(CourseAttendance.id.is_not(None))
    more = wanted.where(
        CourseAttendance.id.is_(None), coordinates_on(today()), Person.merged_into_id.is_(None)
    ).limit(MOST_OFFERED + 1)
    rows = [Listed(person, True, there) for person, there in session.execute(on_list)]
    others = [Listed(person, False, False) for person, _ in session.execute(more)]
    if len(others) <= MOST_OFFERED:
        rows += others
    return sorted(rows, key=lambda one: (one.person.name.casefold(), one.person.id))


def ticked(at: CourseSession, rows: Iterable[Listed]) -> set[int]:
    """Who is ticked: before the day those on the list, then those who were there."""
    coming = at.held_on > today()
    return {one.person.id for one in rows if (one.on_list if coming else one.was_there)}


def mark(session: GuardedSession, at: CourseSession, now: set[int], seen: set[int]) -> int:
    """Store what was changed on the page, all of it or nothing; how many that was.

    now: those ticked; seen: those who were when the page was opened. What somebody else has
    ticked meanwhile stays. The session is held, so that nobody is put on the list twice.
    """
    hold(session, at.id)
    mine = select(CourseAttendance).where(
        CourseAttendance.session_id == at.id, CourseAttendance.person_id.in_(now ^ seen)
    )
    rows = {row.person_id: row for row in session.scalars(mine)}
    coming = at.held_on > today()
    for person_id in sorted(now - seen):
        if person_id not in rows:
            here = {"municipality_id": at.municipality_id, "session_id": at.id}
            rows[person_id] = CourseAttendance(**here, person_id=person_id, was_there=not coming)
            session.add(rows[person_id])
        elif not coming:
            rows[person_id].was_there = True
    for person_id in (seen - now) & rows.keys():
        if coming:
            session.delete(rows[person_id])
        else:
            rows[person_id].was_there = False
    session.flush()
    return len(now ^ seen)


def lacking() -> Select[Person, date]:
    """Everybody who coordinates now and has not been to every basic course, and since when
    they coordinate. In no order."""
    a, day = CoordinatorAppointment, today()
    since = (
        select(func.min(a.starts_on))
        .where(a.coordinator_id == Person.id, holds_on(a, day))
        .scalar_subquery()
    )
    lacks = select(Course.id).where(_is_missing()).correlate(Person).exists()
    return select(Person, since).where(coordinates_on(day), lacks)


def missing_of(session: GuardedSession, people: Sequence[Person]) -> dict[int, list[str]]:
    """Person -> the basic courses they lack, by name; one question."""
    wanted = (
        select(Person.id, Course.name)
        .join(Course, Course.municipality_id == Person.municipality_id)
        .where(Person.id.in_([one.id for one in people]), _is_missing())
        .order_by(Course.name, Course.id)
    )
    found: dict[int, list[str]] = {one.id: [] for one in people}
    for person_id, name in session.execute(wanted):
        found[person_id].append(name)
    return found


def _is_missing() -> ColumnElement[bool]:
    """A basic `Course` that `Person` has not been to; nor has the row they stood in twice."""
    double, at = aliased(Person), CourseAttendance
    closed = select(double.id).where(double.merged_into_id == Person.id).correlate(Person)
    was_there = (
        select(at.id)
        .join(CourseSession, CourseSession.id == at.session_id)
        .where(
            CourseSession.course_id == Course.id,
            at.was_there,
            or_(at.person_id == Person.id, at.person_id.in_(closed)),
        )
        .correlate(Person, Course)
    )
    here = Course.municipality_id == Person.municipality_id
    return and_(here, Course.is_basic, Course.active, ~was_there.exists())


def coming(session: GuardedSession) -> Sequence[CourseSession]:
    """The next sessions of the courses that are given, the first first."""
    wanted = (
        select(CourseSession)
        .join(CourseSession.course)
        .options(joinedload(CourseSession.course))
        .where(CourseSession.held_on >= today(), Course.active)
        .order_by(CourseSession.held_on, CourseSession.id)
    )
    return session.scalars(wanted.limit(MOST_COMING)).all()


def full_of(session: GuardedSession, sessions: Sequence[CourseSession]) -> set[int]:
    """Those in which there is no room for one more."""
    limited = {one.id: one.places for one in sessions if one.places is not None}
    number = taken(session, limited) if limited else {}
    return {one for one, places in limited.items() if number.get(one, 0) >= places}


def attended_by(session: GuardedSession, person_id: int) -> Sequence[CourseAttendance]:
    """The lists somebody is on, the newest first."""
    at = CourseAttendance
    wanted = (
        select(at)
        .join(at.session)
        .options(joinedload(at.session).joinedload(CourseSession.course))
        .where(at.person_id == person_id)
        .order_by(CourseSession.held_on.desc(), at.id)
    )
    return session.scalars(wanted).all()


def somebody_was_there(session: GuardedSession, session_id: int) -> bool:
    at = CourseAttendance
    there = select(at.id).where(at.session_id == session_id, at.was_there).limit(1)
    return session.scalars(there).first() is not None
