"""What it takes two persons to do (fire auge): what waits, what was answered, answering once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement

from models.clock import utcnow
from models.four_eyes import WAITS, FourEyes
from models.i18n import N_
from security.four_eyes import take_turn
from security.session import GuardedSession
from services.errors import Conflict

_LOOKED_BACK = timedelta(days=365)


class AnsweredAlready(Conflict):
    """Somebody has said yes or no, or it was asked too long ago."""

    words = N_("This is answered already, or it was asked too long ago. Load the page again.")


def is_open(cls: type[FourEyes]) -> ColumnElement[bool]:
    """Questions nobody has answered, and that are not too old."""
    return cls.confirmed.is_(None) & (cls.asked_at > utcnow() - WAITS)


def is_answered(cls: type[FourEyes]) -> ColumnElement[bool]:
    """Questions that were answered within a year."""
    return cls.answered_at > utcnow() - _LOOKED_BACK


def in_turn(session: GuardedSession, asked: Any) -> None:
    """Take the turn to answer `asked` (a FourEyes of a municipality). Raises: AnsweredAlready."""
    take_turn(session, asked.municipality_id)
    session.refresh(asked, ["confirmed"])
    if not asked.is_open:
        raise AnsweredAlready
