"""What is kept of training (opplæring), asked again when a row is flushed: of this municipality,
of somebody who is one row, and nobody was anywhere before the day.

Asked when a row is flushed (security.registers).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from models.clock import today
from models.course import Course, CourseAttendance, CourseSession
from security import merging, second_person
from security.actor import Actor
from security.policy import Forbidden


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
    if new:
        merging.still_used(session, [row.person_id])


def _day(session: Session, session_id: int) -> date | None:
    held_on = select(CourseSession.held_on).where(CourseSession.id == session_id)
    return session.scalars(held_on).first()
