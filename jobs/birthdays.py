"""Who is soon to decide themselves (samtykkedagen): told of by the worker, once a day."""

from __future__ import annotations

from sqlalchemy import Engine

from models.database import WRITING
from security.session import SystemSession
from services.birthdays import remind


def tell(engine: Engine) -> bool:
    """Whether it went as it should."""
    WRITING.set(True)
    with SystemSession(engine, because="another is soon to decide") as session:
        remind(session)
        session.commit()
    return True
