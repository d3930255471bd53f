"""Rights that two must agree to (systemtilgang): asked for by one, given by another."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Membership
from models.base import MunicipalityBound, Row
from models.four_eyes import ASKED, FourEyes


class RightsRequest(FourEyes, MunicipalityBound, Row):
    """Somebody asks that a hat becomes a system administrator's (førespurnad).

    The role is given in the moment another person says yes.
    """

    __tablename__ = "rights_request"
    immutable = MunicipalityBound.immutable | ASKED | {"membership_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)

    membership: Mapped[Membership] = relationship(lazy="raise_on_sql", viewonly=True)
