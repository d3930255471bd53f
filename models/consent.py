"""Consent and what it opens (samtykke, linje, signatur, svar, tilgang)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
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
from models.clock import today
from models.language import Tongue
from models.people import Person
from models.vocabulary import (
    Capacity,
    ConsentStatus,
    Family,
    Heard,
    Level,
    LifeArea,
    PlanType,
    Scope,
)


class ConsentText(MunicipalityBound, Row):
    """The words people sign (samtykketekst), per plan type and language, versioned.

    `body` is what is read before one answers, on one screen of a telephone; `details` is for who
    wants to know more. Both are signed. Being written until somebody approves it; from
    `starts_on` it is what is asked with. What is approved is never changed: a new version is
    added. The language is any, whether Medspel speaks it or not.
    """

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("municipality_id", "plan_type", "language", "version"),)
    immutable = MunicipalityBound.immutable | {"plan_type", "language", "version"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    plan_type: Mapped[PlanType]
    language: Mapped[Tongue]
    version: Mapped[int] = mapped_column(default=1)
    body: Mapped[str] = mapped_column(Text)
    details: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(default=today)
    approved_at: Mapped[datetime | None] = mapped_column(active_history=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    approved_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")


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
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea, open_ended=True))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("consent_id", "consent"),
            in_the_team("person_id"),
            UniqueConstraint("consent_id", "person_id", "scope"),
        )


class Signature(PlanRow):
    """Who signed what, as what, how (signatur). Append-only; eIDAS art. 3(10).

    `statement` is the exact text and every line that was on the page (services.statement);
    `digest` its SHA-256. `language`: what the text was read in.
    """

    __tablename__ = "signature"
    family = Family.SIGNATURE

    consent_id: Mapped[int]
    person_id: Mapped[PersonKey]
    capacity: Mapped[Capacity]
    until: Mapped[date]
    signed_at: Mapped[datetime]
    language: Mapped[Tongue]
    method: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text, server_default="")

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
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea, open_ended=True))
    older: Mapped[bool]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("signature_id", "signature"),
            same_plan("line_id", "consent_line"),
            UniqueConstraint("signature_id", "line_id"),
        )


class Hearing(PlanRow):
    """Whether the child was heard (barnet si meining), as one signer wrote it down.

    `how`, `heard_on` and `opinion` of a child that was; else `reason`, why it was not.
    Barnelova § 31, barnekonvensjonen art. 12. Read by the owner's side only.
    """

    __tablename__ = "hearing"
    family = Family.OWNED

    signature_id: Mapped[int]
    how: Mapped[Heard | None]
    heard_on: Mapped[date | None]
    opinion: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)

    @property
    def heard(self) -> bool:
        return self.how is not None

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("signature_id", "signature"),
            UniqueConstraint("signature_id"),
            CheckConstraint(
                "(how IS NULL) = (opinion IS NULL) AND (how IS NULL) = (heard_on IS NULL) "
                "AND (how IS NULL) = (reason IS NOT NULL)",
                name="heard_or_why_not",
            ),
        )


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
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea, open_ended=True))
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


class Pause(PlanRow):
    """One who decides has shut somebody out for a while (pause), until they open again.

    The keys are ended when it begins; when whoever began it ends it, those that the consent in
    force then has are made anew (services.pausing). What one parent has paused the other does
    not open: they can only withdraw it, which ends the pause and opens nothing. GDPR art. 7(3).
    """

    __tablename__ = "pause"
    family = Family.PAUSE
    immutable = PlanRow.immutable | {"paused_by_id"}

    person_id: Mapped[int]
    paused_by_id: Mapped[PersonKey]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            in_the_team("person_id"),
            CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
            Index(
                "uq__pause__one_open",
                "plan_id",
                "person_id",
                unique=True,
                sqlite_where=text("ended_at IS NULL"),
                postgresql_where=text("ended_at IS NULL"),
            ),
        )
