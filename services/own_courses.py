"""Coming to a session (melde seg på): who coordinates says so herself, and says if she cannot."""

from __future__ import annotations

from sqlalchemy import select

from models.course import CourseAttendance
from models.i18n import N_
from security.courses import Held, hold
from security.session import GuardedSession
from services.errors import Conflict


class NoSuchSession(Exception):
    """Not in this municipality."""


class IsClosed(Conflict):
    """The day is over, or the course is not given any more."""

    words = N_("The day is over, or the course is not given any more. Nothing was changed.")


class IsFull(Conflict):
    words = N_(
        "The session is full, so you are not on the list. Ask the coordinating unit if there is "
        "another."
    )


class TickedOff(Conflict):
    """The unit has said that she was there."""

    words = N_("The coordinating unit has written that you were there. Tell them if that is wrong.")


def come(session: GuardedSession, session_id: int) -> None:
    """Put oneself on the list of a session, once, however often it is pressed.

    Raises: NoSuchSession; IsClosed; IsFull.
    """
    held = _held(session, session_id)
    if _own_row(session, session_id) is not None:
        return
    if not held.is_given:
        raise IsClosed
    if held.is_full:
        raise IsFull
    me = session.actor
    here = {"municipality_id": me.municipality_id, "session_id": session_id}
    session.add(CourseAttendance(**here, person_id=me.person_id))
    session.flush()


def stay_away(session: GuardedSession, session_id: int) -> None:
    """Take oneself off the list of a session.

    Raises: NoSuchSession; IsClosed; TickedOff.
    """
    _held(session, session_id)
    row = _own_row(session, session_id)
    if row is None:
        return
    if row.was_there:
        raise TickedOff
    session.delete(row)
    session.flush()


def _held(session: GuardedSession, session_id: int) -> Held:
    """Nobody else changes it or its list meanwhile."""
    held = hold(session, session_id)
    if held is None:
        raise NoSuchSession
    if held.is_over:
        raise IsClosed
    return held


def _own_row(session: GuardedSession, session_id: int) -> CourseAttendance | None:
    at = CourseAttendance
    mine = select(at).where(at.session_id == session_id, at.person_id == session.actor.person_id)
    return session.scalars(mine, execution_options={"populate_existing": True}).first()
