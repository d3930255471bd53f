"""How the installation is (helse): what waits, what was given up, what the worker did last.

Counts and ages only, never whose. No query here grows with the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select, text

import models.migrations
from models.account import RateLimit
from models.clock import utcnow
from models.job_run import JobRun
from models.municipality import Municipality
from models.outbox import Delivery, OutboxMessage
from models.types import blind_index
from security.session import SystemSession
from services.deliveries import LOST
from services.sign_in import FAILED

GIVEN_UP_SINCE = timedelta(days=7)
_VERSIONS = Path(models.migrations.__path__[0]) / "versions"
SCHEMA = max(one.name.partition("_")[0] for one in _VERSIONS.glob("[0-9]*.py"))
"""The newest migration there is."""


@dataclass(frozen=True, slots=True)
class Health:
    """waiting: notices without a delivery, and deliveries not yet sent.

    oldest: seconds the oldest of them has been due. given_up: deliveries of the last seven days
    somebody could mend. failed_sign_ins: since the last quarter but one began.
    """

    waiting: int
    oldest: float
    given_up: int
    failed_sign_ins: int
    jobs: Sequence[JobRun]


def is_ready(engine: Engine) -> bool:
    """Whether the database answers, and has the schema of this version.

    Raises: sqlalchemy.exc.OperationalError, when it does not answer.
    """
    with engine.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version == SCHEMA


def health(engine: Engine) -> Health:
    now = utcnow()
    m, d, r = OutboxMessage, Delivery, RateLimit
    unplanned = select(func.count(m.id), func.min(m.due_at)).where(
        m.planned_at.is_(None), m.due_at <= now
    )
    unsent = select(func.count(d.id), func.min(d.due_at)).where(
        d.sent_at.is_(None), d.failed_at.is_(None), d.due_at <= now
    )
    given_up = select(func.count(d.id)).where(
        d.municipality_id.in_(select(Municipality.id)),  # with the moment, the whole index
        d.failed_at > now - GIVEN_UP_SINCE,
        d.fault.in_(LOST),
    )
    failed = select(func.coalesce(func.sum(r.count), 0)).where(
        r.key == blind_index("rate_limit.key", FAILED)
    )
    with SystemSession(engine, because="how the installation is") as session:
        one, first = session.execute(unplanned).one()
        other, second = session.execute(unsent).one()
        return Health(
            waiting=one + other,
            oldest=max(_age(first, now), _age(second, now)),
            given_up=session.scalar(given_up) or 0,
            failed_sign_ins=session.scalar(failed) or 0,
            jobs=session.scalars(select(JobRun).order_by(JobRun.name)).all(),
        )


def _age(due: datetime | None, now: datetime) -> float:
    return (now - due).total_seconds() if due else 0.0
