"""More that the unit asks for before it answers (innhenting av opplysningar)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.request import Request
from models.types import EncryptedText


class Inquiry(MunicipalityBound, Row):
    """One question to somebody about a request; what they answer is in the record system.

    `reply_by`: the day they were asked to answer by. The month the request must be answered within
    runs on. Read by those who read the request. Forvaltningslova § 17 (utgreiing).
    """

    __tablename__ = "inquiry"
    immutable = MunicipalityBound.immutable | {
        "request_id", "asked_on", "asked_of", "question", "reply_by", "asked_by_id",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    asked_on: Mapped[date]
    asked_of: Mapped[str] = mapped_column(EncryptedText("inquiry.asked_of"))
    question: Mapped[str] = mapped_column(EncryptedText("inquiry.question"))
    reply_by: Mapped[date | None]
    answered_on: Mapped[date | None]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="inquiries", lazy="raise_on_sql")
