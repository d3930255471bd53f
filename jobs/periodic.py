"""What runs by itself (faste jobbar): once in each period, however many workers there are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

from sqlalchemy import Engine, Table, update
from sqlalchemy.dialects import postgresql, sqlite

from models.clock import utcnow
from models.database import WRITING
from models.job_run import JobRun

_R = cast(Table, JobRun.__table__)
_LOG = logging.getLogger("medspel.jobs")


def once(engine: Engine, name: str, every: timedelta, work: Callable[[], bool]) -> bool:
    """Do `work` unless it has been done in this period; whether it was done here.

    work: answers whether all was as it should be, which is kept for the health page. What it
    raises is kept as a no, and raised.
    """
    period = _beginning(utcnow(), every)
    if not _is_mine(engine, name, period):
        return False
    ok = False
    try:
        ok = work()
    finally:
        done = update(_R).where(_R.c.name == name, _R.c.period == period)
        WRITING.set(True)
        with engine.begin() as connection:
            connection.execute(done.values(ended_at=utcnow(), ok=ok))
        _LOG.log(logging.INFO if ok else logging.ERROR, "job %s: %s", name, "ok" if ok else "fault")
    return True


def _is_mine(engine: Engine, name: str, period: datetime) -> bool:
    """Whether this worker is the first to take it: the database decides."""
    dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
    taken = {"period": period, "ended_at": None, "ok": None}
    take = (
        dialect.insert(_R)
        .values(uid=str(uuid4()), name=name, **taken)
        .on_conflict_do_update(index_elements=["name"], set_=taken, where=_R.c.period < period)
        .returning(_R.c.id)
    )
    WRITING.set(True)
    with engine.begin() as connection:
        return connection.execute(take).first() is not None


def _beginning(now: datetime, every: timedelta) -> datetime:
    seconds = every.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
