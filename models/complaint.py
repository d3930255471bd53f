"""A complaint of an answer (klage), from the day it came until it is settled."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.case_words import Reconsidered, Reviewed
from models.language import Texts
from models.request import Request


class Complaint(MunicipalityBound, Row):
    """One complaint of the answer to a request. What it says is in the record system.

    `reconsider_by`: when the municipality must have looked at it again, without undue delay
    (forvaltningslova § 33; the days are in models.deadline_rule). `reconsidered`: what it did with
    it, on `reconsidered_on`: changed its answer, or sent it on to `sent_to`, who then `reviewed`
    it on `reviewed_on`. `sent_to`: who answers complaints of this kind (models.case_rule) the day
    it is written that it was sent on; it stays when the rule changes.
    Read by those who read the request. Pasient- og brukarrettslova § 7-2.
    """

    __tablename__ = "complaint"
    __table_args__ = (Index(None, "municipality_id", "reconsider_by", "id"),)
    immutable = MunicipalityBound.immutable | {"request_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), unique=True)
    received_on: Mapped[date]
    reconsider_by: Mapped[date]
    reconsidered: Mapped[Reconsidered | None]
    reconsidered_on: Mapped[date | None]
    sent_to: Mapped[dict[str, str] | None] = mapped_column(Texts)
    reviewed: Mapped[Reviewed | None]
    reviewed_on: Mapped[date | None]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="complaint", lazy="raise_on_sql")
