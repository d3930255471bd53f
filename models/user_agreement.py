"""What everybody agrees to who uses Medspel (brukaravtale), and that they have (aksept)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Personal, Row
from models.clock import utcnow
from models.language import Language
from models.municipality import Named
from models.people import Person

_UNPUBLISHED = text("published_at IS NULL")


class UserAgreement(Named):
    """The municipality's text, in versions; the published one with the highest is in force.

    Being written until it is published, by `published_by` or, without anybody, as shipped.
    What is published is never changed: a new version is made from it, one at a time.
    """

    __tablename__ = "user_agreement"
    deletable = False
    longest = 2_000  # what is read through on a telephone
    __table_args__ = (
        UniqueConstraint("municipality_id", "version"),
        Index(
            "uq__user_agreement__one_written",
            "municipality_id",
            unique=True,
            sqlite_where=_UNPUBLISHED,
            postgresql_where=_UNPUBLISHED,
        ),
    )
    immutable = MunicipalityBound.immutable | {"version"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    version: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[datetime | None] = mapped_column(active_history=True)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    published_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class AgreementAcceptance(Personal, Row):
    """That somebody has accepted one version, in one hat, and in which language it was shown.
    Append-only."""

    __tablename__ = "agreement_acceptance"
    __table_args__ = (UniqueConstraint("membership_id", "agreement_id"),)
    immutable = Personal.immutable | {
        "account_id", "membership_id", "agreement_id", "language", "accepted_at",
    }  # fmt: skip

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("user_agreement.id"))
    language: Mapped[Language]
    accepted_at: Mapped[datetime] = mapped_column(default=utcnow)

    agreement: Mapped[UserAgreement] = relationship(lazy="raise_on_sql")
