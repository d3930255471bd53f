"""What is kept of training (opplæring), asked again when a row is flushed: of this municipality,
of somebody who is one row, and nobody was anywhere before the day. Who coordinates writes only
herself on a list, and off it.

Asked when a row is flushed (security.registers).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, object_session

from models.clock import today
from models.course import Course, CourseAttendance, CourseSession
from models.vocabulary import Role
from security import merging, second_person
from security.actor import Actor
from security.policy import Forbidden

_UNSCOPED = {"unscoped_because": "a session has so many places, whoever is on the list"}


@dataclass(frozen=True, slots=True)
class Held:
    """A session as it stands while nobody else can change it or who is on its list."""

    held_on: date
    places: int | None
    is_given: bool
    taken: int

    @property
    def is_over(self) -> bool:
        return self.held_on < today()

    @property
    def is_full(self) -> bool:
        return self.places is not None and self.taken >= self.places


def hold(session: Session, session_id: int) -> Held | None:
    """Have a session alone until the transaction ends; None when there is none here."""
    at = CourseSession
    wanted = select(at.held_on, at.places, Course.active).join(at.course).where(at.id == session_id)
    row = session.execute(wanted.with_for_update(of=at)).first()
    return Held(*row, taken(session, [session_id]).get(session_id, 0)) if row else None


def taken(session: Session, sessions: Collection[int]) -> dict[int, int]:
    """Session -> how many are on its list, whoever may read who they are."""
    at = CourseAttendance
    wanted = select(at.session_id, func.count()).where(at.session_id.in_(sessions))
    rows = session.execute(wanted.group_by(at.session_id), execution_options=_UNSCOPED)
    return {session_id: number for session_id, number in rows}


def authorise_session(actor: Actor, row: CourseSession, new: bool) -> None:
    """Raises: Forbidden."""
    session = object_session(row)
    here = select(Course.id).where(Course.id == row.course_id)
    if session is None or session.scalars(here).first() is None:
        raise Forbidden("a course of this municipality")


def authorise_attendance(actor: Actor, row: CourseAttendance, new: bool) -> None:
    """Raises: Forbidden."""
    session = object_session(row)
    if session is None or not second_person.here(session, {row.person_id}):
        raise Forbidden("a person of this municipality")
    day = _day(session, row.session_id)
    if day is None:
        raise Forbidden("a session of this municipality")
    if row.was_there and day > today():
        raise Forbidden("nobody was there before the day")
    if Role.COORDINATING_UNIT not in actor.roles:
        _authorise_own(session, actor, row, new)
    if new:
        merging.still_used(session, [row.person_id])


def _authorise_own(session: Session, actor: Actor, row: CourseAttendance, new: bool) -> None:
    """Oneself, on the list of a session that is to come and has room, and off it again."""
    held = hold(session, row.session_id)
    if row.person_id != actor.person_id or held is None or held.is_over:
        raise Forbidden("only oneself, and before the day is over")
    if new and (row.was_there or held.is_full or not held.is_given):
        raise Forbidden("there is no place, or the unit says who was there")
    if not new and (row not in session.deleted or _was_there(session, row)):
        raise Forbidden("what the unit has ticked off stays")


def _was_there(session: Session, row: CourseAttendance) -> bool:
    """As it is stored; of another row than one's own nobody knows."""
    at = CourseAttendance
    mine = (at.session_id == row.session_id, at.person_id == row.person_id)
    return session.scalars(select(at.was_there).where(at.id == row.id, *mine)).first() is not False


def _day(session: Session, session_id: int) -> date | None:
    held_on = select(CourseSession.held_on).where(CourseSession.id == session_id)
    return session.scalars(held_on).first()
