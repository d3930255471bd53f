"""What the municipality itself must do in time (plikt), whoever's plan it is not about."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.people import Person
from models.types import EncryptedText


class DutyKind(StrEnum):
    """What is to be done, and by what source."""

    PRIVACY_REQUEST = "privacy_request"  # GDPR article 12 (3)
    BREACH = "breach"  # GDPR article 33
    REPORTING = "reporting"  # to the register of municipal care (KPR)
    KEY = "key"  # certificates and secrets of the electronic ID
    ACCESSIBILITY = "accessibility"  # the statement of what is accessible
    OTHER = "other"


class Duty(MunicipalityBound, Row):
    """One thing to do by `due_on`. Done, it stays as it is.

    `repeats_months`: done, it is due again so many months after it was due; None: once.
    `follows_id`: the one it came after, of which there is one at most. `note`: nobody's name.
    """

    __tablename__ = "duty"
    __table_args__ = (
        Index(None, "municipality_id", "due_on", "id"),
        CheckConstraint("repeats_months > 0", name="repeats_forwards"),
        CheckConstraint("follows_id <> id", name="does_not_follow_itself"),
    )
    immutable = MunicipalityBound.immutable | {"kind", "follows_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[DutyKind]
    note: Mapped[str | None] = mapped_column(EncryptedText("duty.note"))
    due_on: Mapped[date]
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    repeats_months: Mapped[int | None]
    done_on: Mapped[date | None]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"), unique=True)

    responsible: Mapped[Person | None] = relationship(lazy="raise_on_sql")

    @property
    def due(self) -> date | None:
        """The day to do it by; nothing when it is done."""
        return None if self.done_on else self.due_on
