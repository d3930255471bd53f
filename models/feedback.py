"""What the owner says about the coordinator's work (tilbakemelding): for KE only."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, PersonKey, Row
from models.people import Person


class CoordinatorFeedback(MunicipalityBound, Row):
    """An answer about a coordinator (tilbakemelding); no plan content, and no plan is named.

    Neither the coordinator nor the team sees it.
    """

    __tablename__ = "coordinator_feedback"
    immutable = MunicipalityBound.immutable | {"coordinator_id", "words", "face"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    coordinator_id: Mapped[PersonKey]
    given_on: Mapped[date]
    face: Mapped[str | None] = mapped_column(String(20))
    words: Mapped[str | None] = mapped_column(Text)

    coordinator: Mapped[Person] = relationship(lazy="raise_on_sql")
