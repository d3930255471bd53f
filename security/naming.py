"""Who writes what when a department is asked for a coordinator (utpeiking)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models.clock import today
from models.nomination import Nomination
from models.request import Request
from models.vocabulary import Role
from security.actor import Actor
from security.appointing import is_left_to
from security.coordinating import unfit
from security.policy import Forbidden

ANSWER = ("nominee_id", "declined", "agreed_hours", "answered_by_id", "answered_on")
"""What whoever answers says, together."""


def authorise(actor: Actor, row: Nomination, new: bool) -> None:
    """The unit asks and appoints; whoever answers does so in their own name, and for another.

    Raises: Forbidden.
    """
    unit, session = Role.COORDINATING_UNIT in actor.roles, object_session(row)
    changed: Any = inspect(row).attrs
    if not new and any(changed[name].history.has_changes() for name in ANSWER):
        before = changed.answered_on.history.deleted or changed.answered_on.history.unchanged
        if any(before):
            raise Forbidden("it is answered once")
    if new:
        asked = session.get(Request, row.request_id) if session and unit else None
        if asked is None or asked.person_id != row.person_id or row.asked_by_id != actor.person_id:
            raise Forbidden("the unit asks, in its own name, for whom a request is about")
    if changed.appointment_id.history.has_changes() and not unit:
        left = session and is_left_to(session, actor, row.person_id, row.department_id)
        if not left:
            raise Forbidden("leaders name, the unit appoints")
    if changed.answered_by_id.history.has_changes() and row.answered_by_id != actor.person_id:
        raise Forbidden("nobody answers in somebody else's name")
    named = row.nominee_id
    if named is None or session is None or not changed.nominee_id.history.has_changes():
        return
    why = unfit(session, actor.person_id, {row.person_id: named}, today())
    if why:
        raise Forbidden(f"named as coordinator: {why[row.person_id]}")
