"""Rights that two must agree to (systemtilgang): asked for by one, given by another."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Membership
from models.base import MunicipalityBound, PersonKey, Row
from models.clock import utcnow
from models.people import Person

WAITS = timedelta(days=14)


class RightsRequest(MunicipalityBound, Row):
    """Somebody asks that a hat becomes a system administrator's (førespurnad).

    The role is given in the moment another person says yes (`confirmed`); after `WAITS` it is
    too late. A row is answered once, and stays: who asked, and who answered.
    """

    __tablename__ = "rights_request"
    immutable = MunicipalityBound.immutable | {"membership_id", "asked_by_id", "asked_at"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)
    asked_by_id: Mapped[PersonKey]
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed: Mapped[bool | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    membership: Mapped[Membership] = relationship(lazy="raise_on_sql", viewonly=True)
    asked_by: Mapped[Person] = relationship(
        foreign_keys="RightsRequest.asked_by_id", lazy="raise_on_sql", viewonly=True
    )
    answered_by: Mapped[Person | None] = relationship(
        foreign_keys="RightsRequest.answered_by_id", lazy="raise_on_sql", viewonly=True
    )

    @property
    def lapses_at(self) -> datetime:
        return self.asked_at + WAITS

    @property
    def is_open(self) -> bool:
        """Nobody has answered, and it is not too late."""
        return self.confirmed is None and self.lapses_at > utcnow()
