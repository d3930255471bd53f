"""Decisions that somebody cannot consent (avgjerd om samtykkekompetanse)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, PersonKey, Row
from models.four_eyes import ASKED, FourEyes
from models.people import Person


class CompetenceDecision(FourEyes, MunicipalityBound, Row):
    """A health professional has decided that somebody cannot consent to this, and another person
    has confirmed that the decision is there. It moves `Plan.owner_decides_from`, and nothing else.

    `decided_by`: a role or profession, no name. `document`: where it lies; what it says is health
    information, and is not kept here. Pasient- og brukarrettslova § 4-3.
    """

    __tablename__ = "competence_decision"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= starts_on", name="ends_after_start"),
    )
    immutable = (
        MunicipalityBound.immutable
        | ASKED
        | {"person_id", "decided_on", "decided_by", "document", "starts_on", "until"}
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    person_id: Mapped[PersonKey]
    decided_on: Mapped[date]
    decided_by: Mapped[str] = mapped_column(String(100))
    document: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    until: Mapped[date | None]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(
        foreign_keys="CompetenceDecision.person_id", lazy="raise_on_sql", viewonly=True
    )
