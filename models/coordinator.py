"""What a coordinator can take on (kapasitet): hours, languages, and when somebody is away."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.language import Tongue, TongueCodes
from models.people import Person


class CoordinatorProfile(MunicipalityBound, Row):
    """About one who coordinates; without a row nothing is known.

    `languages`: those spoken beside the ones here. `substitute`: who is asked while the
    coordinator is away. It is said and nothing more: it opens no plan, which is a line in the
    consent.
    """

    __tablename__ = "coordinator_profile"
    __table_args__ = (
        CheckConstraint("capacity_hours > 0", name="capacity_is_some"),
        CheckConstraint(
            "absent_until IS NULL OR (absent_from IS NOT NULL AND absent_until >= absent_from)",
            name="absence_has_a_start",
        ),
        CheckConstraint("substitute_id <> person_id", name="nobody_is_their_own_substitute"),
    )
    immutable = MunicipalityBound.immutable | {"person_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    capacity_hours: Mapped[int | None]
    languages: Mapped[tuple[Tongue, ...]] = mapped_column(TongueCodes, default=())
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    person: Mapped[Person] = relationship(
        foreign_keys="CoordinatorProfile.person_id", lazy="raise_on_sql"
    )
    substitute: Mapped[Person | None] = relationship(
        foreign_keys="CoordinatorProfile.substitute_id", lazy="raise_on_sql"
    )

    def is_away(self, day: date) -> bool:
        """On the day, or later."""
        return self.absent_from is not None and not (self.absent_until and self.absent_until < day)
