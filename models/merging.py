"""One human who stands twice in the register of persons (dublett), made one by two persons."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, PersonKey, Row
from models.four_eyes import ASKED, FourEyes
from models.people import Person


class PersonMerge(FourEyes, MunicipalityBound, Row):
    """Somebody asks that `double` is closed, and is `kept` from then on (samanslåing).

    Nothing that is signed or logged moves: the double stays, with a pointer to the one who is
    kept (`Person.merged_into_id`), set in the moment another person says yes.
    """

    __tablename__ = "person_merge"
    __table_args__ = (CheckConstraint("double_id <> kept_id", name="two_rows"),)
    immutable = MunicipalityBound.immutable | ASKED | {"double_id", "kept_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    double_id: Mapped[PersonKey]
    kept_id: Mapped[PersonKey]

    double: Mapped[Person] = relationship(
        foreign_keys="PersonMerge.double_id", lazy="raise_on_sql", viewonly=True
    )
    kept: Mapped[Person] = relationship(
        foreign_keys="PersonMerge.kept_id", lazy="raise_on_sql", viewonly=True
    )
