"""Those who have no sign-in (utan innlogging): what may be fetched from a service or a person,
given to them, and whether they come to meetings; all or one. Opens nothing in Medspel itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import EnumSet, PlanRow, same_plan
from models.elements.meeting import Meeting
from models.vocabulary import Exchange, Family


class OutsideLine(PlanRow):
    """One service or person, what is asked for, and which information (linje). Never changed.

    `first_uid`: the line of an earlier version that asks the same; its own uid when it is the
    first. A guest at one meeting has `meeting_id`, and `meeting_on`, its day when it was asked.
    Helsepersonellova § 22, forvaltningslova § 13 a.
    """

    __tablename__ = "outside_line"
    family = Family.PROPOSAL
    immutable = PlanRow.immutable | {
        "consent_id", "first_uid", "name", "organisation", "ways", "about", "meeting_id",
        "meeting_on",
    }  # fmt: skip

    consent_id: Mapped[int] = mapped_column(index=True)
    first_uid: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(100))
    ways: Mapped[frozenset[Exchange]] = mapped_column(EnumSet(Exchange))
    about: Mapped[str | None] = mapped_column(String(300))
    meeting_id: Mapped[int | None]
    meeting_on: Mapped[date | None]

    meeting: Mapped[Meeting | None] = relationship(
        primaryjoin="foreign(OutsideLine.meeting_id) == Meeting.id", lazy="raise_on_sql"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("consent_id", "consent"),
            same_plan("meeting_id", "meeting"),
            UniqueConstraint("consent_id", "first_uid"),
        )


class OutsideAnswer(PlanRow):
    """What one signer said to one line (svar): `ways` said yes to, none for a no. Append-only."""

    __tablename__ = "outside_answer"
    family = Family.OWNED

    signature_id: Mapped[int] = mapped_column(index=True)
    line_id: Mapped[int]
    ways: Mapped[frozenset[Exchange]] = mapped_column(EnumSet(Exchange))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("signature_id", "signature"),
            same_plan("line_id", "outside_line"),
            UniqueConstraint("signature_id", "line_id"),
        )


class OutsideGrant(PlanRow):
    """What all signers said yes to (løyve), from the last signature until it ends or is taken
    back. FHIR: Consent.provision.action."""

    __tablename__ = "outside_grant"
    family = Family.KEY
    immutable = PlanRow.immutable | {"consent_id", "line_id", "ways", "starts_at", "ends_at"}

    consent_id: Mapped[int]
    line_id: Mapped[int]
    ways: Mapped[frozenset[Exchange]] = mapped_column(EnumSet(Exchange))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    line: Mapped[OutsideLine] = relationship(
        primaryjoin="foreign(OutsideGrant.line_id) == OutsideLine.id", lazy="raise_on_sql"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("consent_id", "consent"),
            same_plan("line_id", "outside_line"),
            Index("uq__outside_grant__one_of_a_line", "line_id", unique=True),
        )
