"""How often something may be tried (grense): counted in the database, for all processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite

from models.account import RateLimit
from models.clock import utcnow
from models.database import WRITING
from models.types import blind_index

WINDOW = timedelta(minutes=15)


class TooManyAttempts(Exception):
    """The limit of this window is used up."""


def count(engine: Engine, what: str, limit: int) -> None:
    """Count one attempt at `what` (kept as a keyed hash), in a transaction of its own.

    Raises: TooManyAttempts, from the attempt after `limit` on.
    """
    if note(engine, what) > limit:
        raise TooManyAttempts


def note(engine: Engine, what: str) -> int:
    """Count one more `what` in this window, without a limit; how many there are."""
    dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
    values = {
        "uid": str(uuid4()),
        "key": blind_index("rate_limit.key", what),
        "window_start": _window(utcnow()),
        "count": 1,
    }
    table = RateLimit.__table__
    one_more = (
        dialect.insert(table)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["key", "window_start"], set_={"count": table.c.count + 1}
        )
        .returning(table.c.count)
    )
    WRITING.set(True)
    with engine.begin() as connection:
        tried: int = connection.execute(one_more).scalar_one()
    return tried


def _window(now: datetime) -> datetime:
    seconds = int(now.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds())
    return datetime.fromtimestamp(seconds, UTC)
