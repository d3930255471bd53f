"""The plan, its team and its register entry (plan, deltakar, planregister)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym
from sqlalchemy.schema import SchemaItem

from models.base import MunicipalityBound, PersonKey, PlanBound, PlanRow, Row
from models.clock import utcnow
from models.municipality import Department, ServiceType
from models.people import Person
from models.vocabulary import Family, Package, ParticipantStatus, PlanStatus, PlanType

_OPEN_IP = text("type = 'individual_plan' AND status IN ('draft', 'active')")


class Plan(PlanBound, Row):
    """One person's plan (individuell plan, Enkelt samspill). FHIR: CarePlan.

    At most one open individual plan per person: pasient- og brukarrettslova § 2-5.
    `owner_decides_from` is the day the owner signs alone (16 years), `guardian_until`
    the day parental responsibility ends (18 years): dates, so that SQL needs no ages.
    """

    __tablename__ = "plan"
    __table_args__ = (
        Index(
            "uq__plan__one_open_individual_plan",
            "person_id",
            unique=True,
            sqlite_where=_OPEN_IP,
            postgresql_where=_OPEN_IP,
        ),
        UniqueConstraint("municipality_id", "short_name"),
    )
    family = Family.PLAN
    immutable = PlanBound.immutable | {"opened_at", "owner_decides_from", "guardian_until"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    person_id: Mapped[PersonKey]
    short_name: Mapped[str] = mapped_column(String(20))
    type: Mapped[PlanType]
    status: Mapped[PlanStatus] = mapped_column(default=PlanStatus.DRAFT)
    owner_decides_from: Mapped[date]
    guardian_until: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    closed_at: Mapped[datetime | None]
    next_evaluation: Mapped[date | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    plan_id: Mapped[int] = synonym("id")


class PlanRegister(MunicipalityBound, Row):
    """What the coordinating unit may know about a plan (planregister): never its text.

    Kept by services in the transaction that changes the plan. Lists, counts and
    exports of the office read this and nothing else, so that no role name has to
    stand in the policy of the plan itself. `opened_on`: registered; `started_on`: a consent was
    signed for the first time; `closed_on`: the last day it ran, when it is closed;
    `individual_since`: it became an individual plan, or has been one from the start.
    """

    __tablename__ = "plan_register"
    __table_args__ = (
        Index(None, "municipality_id", "opened_on", "id"),
        Index(None, "municipality_id", "next_evaluation", "id"),
        Index(None, "municipality_id", "last_meeting", "id"),
        Index(None, "municipality_id", "consent_until", "id"),
        Index(None, "municipality_id", "first_meeting", "id"),
    )
    immutable = MunicipalityBound.immutable | {"plan_id", "person_id"}

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), unique=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    person_id: Mapped[PersonKey]
    coordinator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    type: Mapped[PlanType]
    status: Mapped[PlanStatus]
    opened_on: Mapped[date]
    started_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    individual_since: Mapped[date | None]
    consent_until: Mapped[date | None]
    first_meeting: Mapped[date | None]
    last_meeting: Mapped[date | None]
    last_evaluation: Mapped[date | None]
    next_evaluation: Mapped[date | None]

    person: Mapped[Person] = relationship(
        foreign_keys="PlanRegister.person_id", lazy="raise_on_sql"
    )
    coordinator: Mapped[Person | None] = relationship(
        foreign_keys="PlanRegister.coordinator_id", lazy="raise_on_sql"
    )
    department: Mapped[Department | None] = relationship(lazy="raise_on_sql")


def ran_on(day: date) -> ColumnElement[bool]:
    """Whether a plan of the register ran on a day: signed by then, and not closed before it."""
    r = PlanRegister
    return and_(r.started_on <= day, or_(r.closed_on.is_(None), r.closed_on >= day))


class Participant(PlanRow):
    """Someone in the plan's team (deltakar). Opens nothing: only a Grant does.

    The owner and those who act for the owner stand here too (`package` None), so that
    they can be invited and written to. FHIR: CareTeam.participant.
    """

    __tablename__ = "participant"
    family = Family.TEAM

    person_id: Mapped[PersonKey]
    package: Mapped[Package | None]
    role: Mapped[str] = mapped_column(String(100))
    organisation: Mapped[str | None] = mapped_column(String(100))
    why: Mapped[str | None] = mapped_column(String(300))
    service_type_id: Mapped[int | None] = mapped_column(ForeignKey("service_type.id"))
    status: Mapped[ParticipantStatus] = mapped_column(default=ParticipantStatus.PROPOSED)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    service_type: Mapped[ServiceType | None] = relationship(lazy="raise_on_sql")

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("plan_id", "person_id"),)
