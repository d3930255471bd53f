"""Who is soon to decide themselves (samtykkedagen): told of by the worker, once a day. What has
been decided for later counts from its day on, and what should have ended ends."""

from __future__ import annotations

from sqlalchemy import Engine

from models.database import WRITING
from security.ages import follow_decisions
from security.session import SystemSession
from services.birthdays import end_overdue, remind


def tell(engine: Engine) -> bool:
    """Whether it went as it should."""
    WRITING.set(True)
    with SystemSession(engine, because="another is soon to decide") as session:
        follow_decisions(session)
        end_overdue(session)
        remind(session)
        session.commit()
    return True
