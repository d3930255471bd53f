"""When each job of the worker ran last (jobbkøyring), so that many workers run it once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Row, System


class JobRun(System, Row):
    """One row for each job. `period`: the beginning of the hour or day it ran for; taken by a
    compare-and-set, so that the second worker finds it taken. `ended_at` None: it is running,
    or its worker died. `ok`: what it found was as it should be."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    period: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ok: Mapped[bool | None]
