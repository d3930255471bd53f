"""Consent and what it opens (samtykke, linje, signatur, svar, tilgang)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.base import (
    EnumSet,
    MunicipalityBound,
    PersonKey,
    PlanRow,
    Row,
    in_the_team,
    same_plan,
)
from models.language import Language
from models.vocabulary import (
    Capacity,
    ConsentStatus,
    Family,
    Level,
    LifeArea,
    PlanType,
    Scope,
)


class ConsentText(MunicipalityBound, Row):
    """The words people sign (samtykketekst), per plan type and language, versioned.

    A text that has been signed is not changed: a new version is added.
    """

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("municipality_id", "plan_type", "language", "version"),)
    immutable = MunicipalityBound.immutable | {"plan_type", "language", "version", "body"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    plan_type: Mapped[PlanType]
    language: Mapped[Language]
    version: Mapped[int] = mapped_column(default=1)
    body: Mapped[str] = mapped_column(Text)


class Consent(PlanRow):
    """One version of what the owner is asked (samtykke). GDPR art. 7. FHIR: Consent.

    `plan_type` is what the plan is once everybody has signed: it differs from the
    plan's own when an Enkelt samspill is to become an individual plan. One consent
    of a plan is in force, and one is waiting, says the database.
    """

    __tablename__ = "consent"
    family = Family.PROPOSAL
    immutable = PlanRow.immutable | {"version", "plan_type", "prepared_by_id"}

    version: Mapped[int]
    status: Mapped[ConsentStatus] = mapped_column(default=ConsentStatus.DRAFT)
    plan_type: Mapped[PlanType]
    prepared_by_id: Mapped[PersonKey]
    sent_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    until: Mapped[datetime | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        def only_one(name: str, where: str) -> Index:
            condition = text(where)
            return Index(
                f"uq__consent__{name}",
                "plan_id",
                unique=True,
                sqlite_where=condition,
                postgresql_where=condition,
            )

        return (
            UniqueConstraint("plan_id", "version"),
            only_one("one_in_force", "status = 'signed'"),
            only_one("one_waiting", "status IN ('draft', 'sent')"),
        )


class ConsentLine(PlanRow):
    """One participant, one part of the plan, the proposed level (linje). Never changed: a
    yes to one thing must not become a yes to another."""

    __tablename__ = "consent_line"
    family = Family.PROPOSAL
    immutable = PlanRow.immutable | {"consent_id", "scope", "level", "life_areas"}

    consent_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int]
    scope: Mapped[Scope]
    level: Mapped[Level]
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("consent_id", "consent"),
            in_the_team("person_id"),
            UniqueConstraint("consent_id", "person_id", "scope"),
        )


class Signature(PlanRow):
    """Who signed what, as what, how (signatur). Append-only; eIDAS art. 3(10).

    `digest` is the SHA-256 of the exact text and lines that were on the page.
    """

    __tablename__ = "signature"
    family = Family.SIGNATURE

    consent_id: Mapped[int]
    person_id: Mapped[PersonKey]
    capacity: Mapped[Capacity]
    until: Mapped[date]
    signed_at: Mapped[datetime]
    language: Mapped[Language]
    method: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text, default="")

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_plan("consent_id", "consent"), UniqueConstraint("consent_id", "person_id"))


class SignatureAnswer(PlanRow):
    """What one signer said to one line (svar). Append-only.

    `older` opens what was written before the grant starts; `level` may be narrower
    than proposed, never wider.
    """

    __tablename__ = "signature_answer"
    family = Family.OWNED

    signature_id: Mapped[int] = mapped_column(index=True)
    line_id: Mapped[int]
    accepted: Mapped[bool]
    level: Mapped[Level]
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea))
    older: Mapped[bool]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("signature_id", "signature"),
            same_plan("line_id", "consent_line"),
            UniqueConstraint("signature_id", "line_id"),
        )


class Hearing(PlanRow):
    """What the child means about it (barnet si meining), as one signer wrote it down.

    Barnelova § 31, barnekonvensjonen art. 12. Read by the owner's side only.
    """

    __tablename__ = "hearing"
    family = Family.OWNED

    signature_id: Mapped[int]
    opinion: Mapped[str] = mapped_column(Text)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_plan("signature_id", "signature"), UniqueConstraint("signature_id"))


class Grant(PlanRow):
    """The only key to content (tilgang); made by the last signature, ended by a withdrawal.

    Rows older than `since` stay closed, and so do life areas outside `life_areas`.
    FHIR: Consent.provision.
    """

    __tablename__ = "access_grant"
    family = Family.KEY

    consent_id: Mapped[int]
    person_id: Mapped[PersonKey]
    scope: Mapped[Scope]
    level: Mapped[Level]
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea))
    since: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("consent_id", "consent"),
            in_the_team("person_id"),
            Index(None, "person_id", "plan_id", "scope"),
            Index(
                "uq__access_grant__one_live",
                "plan_id",
                "person_id",
                "scope",
                unique=True,
                sqlite_where=text("revoked_at IS NULL"),
                postgresql_where=text("revoked_at IS NULL"),
            ),
        )
