"""What must arrive (utboks): a notice is written with the change, and delivered by the worker."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row, System
from models.clock import utcnow
from models.people import Person
from models.vocabulary import Channel, Fault

_UNPLANNED = text("planned_at IS NULL")
_UNSEEN = text("seen_at IS NULL")
_WAITING = text("sent_at IS NULL AND failed_at IS NULL")


class OutboxMessage(System, Row):
    """Somebody is to be told of something (varsel): its kind, never a word of a plan.

    One for each person and event, written in the transaction of the change. How it
    reaches the person is settled later, so that the one who presses waits for nothing:
    the worker makes a `Delivery` for each channel and sets `planned_at`, or lets it wait
    for the day's digest, which is an OutboxMessage too (`gathered_in_id`).
    `deadline`: the last day to answer. `row_id`: the row whose page it is about; `seen_at`:
    when that was looked at.
    `dedup_key` refuses the same notice twice.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix__outbox_message__unplanned",
            "due_at",
            sqlite_where=_UNPLANNED,
            postgresql_where=_UNPLANNED,
        ),
        Index(
            "ix__outbox_message__unseen",
            "person_id",
            sqlite_where=_UNSEEN,
            postgresql_where=_UNSEEN,
        ),
        Index(None, "person_id", "id"),
        Index(None, "plan_id", "kind", "row_id"),
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int | None]
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    planned_at: Mapped[datetime | None]
    deadline: Mapped[date | None]
    gathered_in_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    seen_at: Mapped[datetime | None]


class Delivery(MunicipalityBound, Row):
    """A notice on its way by one channel (levering), until it is sent or given up.

    The table is the truth and the queue only a nudge: a row is claimed by a lease and
    a compare-and-set on `attempts`, so that a killed worker loses nothing and two
    workers send once. `uid` is its Message-ID: who gets it twice sees one.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        Index("ix__delivery__waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index(None, "municipality_id", "failed_at"),
    )
    immutable = MunicipalityBound.immutable | {"person_id", "message_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Channel]
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    fault: Mapped[Fault | None]

    message: Mapped[OutboxMessage] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
