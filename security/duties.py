"""Who writes what the municipality must do (plikter), and that what is done stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models.duty import Duty
from security import second_person
from security.actor import Actor
from security.policy import Forbidden


def authorise(actor: Actor, row: Duty, new: bool) -> None:
    """Seen to by somebody here. Raises: Forbidden."""
    session = object_session(row)
    who = row.responsible_id
    if session is None or (who is not None and not second_person.here(session, {who})):
        raise Forbidden("a person of this municipality")
    history: Any = inspect(row).attrs.done_on.history
    was = [*(history.deleted or ()), *(history.unchanged or ())]
    if not new and any(was):
        raise Forbidden("what is done stays")
