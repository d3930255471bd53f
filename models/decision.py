"""What a request came to (avgjerd), as far as the municipality keeps it here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.case_words import Ruling
from models.request import Request


class Decision(MunicipalityBound, Row):
    """The answer to one request. The reasons stand in the municipality's own record system;
    `record` is where, and `is_recorded` that it has been entered there.

    `complain_by`: as the rule of the kind of case says (models.case_rule), unless the letter says
    another day; None where there is no right to complain. `sent_to`: who leads, when there is
    only a duty to coordinate.
    Read by the coordinating unit and nobody else.
    """

    __tablename__ = "decision"
    __table_args__ = (Index(None, "municipality_id", "decided_on", "id"),)
    immutable = MunicipalityBound.immutable | {"request_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), unique=True)
    outcome: Mapped[Ruling]
    decided_on: Mapped[date]
    complain_by: Mapped[date | None]
    record: Mapped[str | None] = mapped_column(String(60))
    is_recorded: Mapped[bool] = mapped_column(default=False)
    sent_to: Mapped[str | None] = mapped_column(String(200))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="decision", lazy="raise_on_sql")


class FormerDecision(MunicipalityBound, Row):
    """An answer as it was before it was changed: what somebody was told once is never forgotten."""

    __tablename__ = "former_decision"
    immutable = MunicipalityBound.immutable | {
        "request_id", "outcome", "decided_on", "complain_by", "sent_to", "changed_on",
        "changed_by_id",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    outcome: Mapped[Ruling]
    decided_on: Mapped[date]
    complain_by: Mapped[date | None]
    sent_to: Mapped[str | None] = mapped_column(String(200))
    changed_on: Mapped[date]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="former_decisions", lazy="raise_on_sql")
