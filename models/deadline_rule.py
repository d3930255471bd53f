"""What must be done in time (fristregel), and who is told of it when: the municipality's own."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.people import Person


class DeadlineKind(StrEnum):
    """What is to be done in time (frist)."""

    ANSWER = "answer"
    COMPLAINT = "complaint"
    NOMINATION = "nomination"
    FIRST_MEETING = "first_meeting"
    EVALUATION = "evaluation"
    MEETING = "meeting"
    CONSENT = "consent"
    DUTY = "duty"


class DeadlineRule(MunicipalityBound, Row):
    """One kind of deadline. `days`: how long one has, where the law or the plan does not say it.

    `warn_before`: days before the last one on which whoever sees to it is told; `escalate_after`:
    days after it on which `escalate_to` is told that it is late.
    """

    __tablename__ = "deadline_rule"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kind"),
        CheckConstraint(
            "coalesce(days, 1) > 0 AND warn_before >= 0 AND escalate_after >= 0",
            name="days_are_counted_forwards",
        ),
    )
    immutable = MunicipalityBound.immutable | {"kind"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[DeadlineKind]
    days: Mapped[int | None]
    warn_before: Mapped[int]
    escalate_after: Mapped[int]
    escalate_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    escalate_to: Mapped[Person | None] = relationship(lazy="raise_on_sql")
