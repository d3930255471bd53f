"""One who must sign need not (unntak frå underskrift): asked for by one, confirmed by another."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, PersonKey, Row
from models.four_eyes import ASKED, FourEyes
from models.people import Person
from models.types import EncryptedText
from models.vocabulary import ExceptionReason


class SigningException(FourEyes, MunicipalityBound, Row):
    """The others who sign for a child may do so without `representative_id`, for a time.

    Whoever is excepted goes on reading, may sign, and may take back. `explanation` is for those
    who ask and confirm; the family is told the reason's words at most. Barnelova §§ 30, 37, 39
    and 40; pasient- og brukarrettslova § 4-4.
    """

    __tablename__ = "signing_exception"
    __table_args__ = (
        CheckConstraint("person_id <> representative_id", name="of_somebody_who_acts"),
    )
    immutable = (
        MunicipalityBound.immutable
        | ASKED
        | {"person_id", "representative_id", "reason", "explanation", "until"}
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    person_id: Mapped[PersonKey]
    representative_id: Mapped[PersonKey]
    reason: Mapped[ExceptionReason]
    explanation: Mapped[str] = mapped_column(EncryptedText("signing_exception.explanation"))
    until: Mapped[date]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(
        foreign_keys="SigningException.person_id", lazy="raise_on_sql", viewonly=True
    )
    representative: Mapped[Person] = relationship(
        foreign_keys="SigningException.representative_id", lazy="raise_on_sql", viewonly=True
    )
