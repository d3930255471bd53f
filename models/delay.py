"""Told that an answer takes longer (foreløpig svar): why, and until when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.request import Request
from models.types import EncryptedText


class Delay(MunicipalityBound, Row):
    """Whoever asked was told, on `told_on`, that the answer comes by `answer_by`, and the reason.

    `promised_by`: the day they had been promised an answer by until then; None where it was told
    before that was kept. Never changed: a new delay is a new row. Read by those who read the
    request. Forvaltningslova 2025 § 17.
    """

    __tablename__ = "delay"
    immutable = MunicipalityBound.immutable | {
        "request_id", "told_on", "promised_by", "answer_by", "reason", "told_by_id",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    told_on: Mapped[date]
    promised_by: Mapped[date | None]
    answer_by: Mapped[date]
    reason: Mapped[str] = mapped_column(EncryptedText("delay.reason"))
    told_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="delays", lazy="raise_on_sql")
