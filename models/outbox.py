"""What must arrive (utboks): written with the change, sent by the worker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Row, System
from models.clock import utcnow

_WAITING = text("sent_at IS NULL AND failed_at IS NULL")


class OutboxMessage(System, Row):
    """A notice to be sent (varsel): kind and address of a person, never a word of a plan.

    The table is the truth and the queue only a nudge: a row is claimed by a lease and
    a compare-and-set on `attempts`, so that a killed worker loses nothing and two
    workers send once. `dedup_key` refuses the same notice twice.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix__outbox_message__waiting",
            "due_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int | None]
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(200))
