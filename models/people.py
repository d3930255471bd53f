"""People and what they are to each other (person, føresett, oppnemning)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import MunicipalityBound, PersonKey, Row
from models.clock import utcnow
from models.municipality import Department
from models.types import EncryptedText
from models.vocabulary import Capacity, Mandate, Verification


class Person(MunicipalityBound, Row):
    """Any human the municipality knows (person): owner, parent, participant, employee.

    Every path to a plan is keyed on the person, not on a login: a grandmother can
    be given access before she has an account. FHIR: Patient, RelatedPerson.

    `shielded` (strengt fortruleg adresse, NO-7): `shown_phone` and `shown_place` are
    empty then, and nothing else in the product may show the two.
    `mail_returned_at`: a letter to this e-mail address came back; a new one is trusted again.
    `merged_into_id`: the same human stood twice in the register; this row is closed for good,
    and the other one is used (models.merging).
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("municipality_id", "identity_index"),
        Index(None, "municipality_id", "email_index"),
        Index(None, "municipality_id", "name"),
        Index(None, "municipality_id", "birth_date"),
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    birth_date: Mapped[date | None]
    organisation: Mapped[str | None] = mapped_column(String(100))
    place: Mapped[str | None] = mapped_column(String(200))
    shielded: Mapped[bool] = mapped_column(default=False)
    died_on: Mapped[date | None]
    identity_number: Mapped[str | None] = mapped_column(EncryptedText("person.identity_number"))
    identity_index: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(EncryptedText("person.email"))
    email_index: Mapped[str | None] = mapped_column(String(64))
    mail_returned_at: Mapped[datetime | None]
    phone: Mapped[str | None] = mapped_column(EncryptedText("person.phone"))
    phone_index: Mapped[str | None] = mapped_column(String(64))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    department: Mapped[Department | None] = relationship(
        foreign_keys=department_id, lazy="raise_on_sql"
    )
    merged_into: Mapped[Person | None] = relationship(
        foreign_keys=merged_into_id, remote_side="Person.id", lazy="raise_on_sql", viewonly=True
    )

    @validates("email_index")
    def _trust_a_new_address(self, _key: str, index: str | None) -> str | None:
        if index != self.email_index:
            self.mail_returned_at = None
        return index

    @property
    def shown_phone(self) -> str | None:
        return None if self.shielded else self.phone

    @property
    def shown_place(self) -> str | None:
        return None if self.shielded else self.place

    def __str__(self) -> str:
        return self.name


class Representation(MunicipalityBound, Row):
    """One person acts for another (føresett, verje, fullmakt); unverified gives nothing.

    What each kind gives is models.representation_rules. `confirmed_at`: a second person has
    looked at it too, which some kinds need. `document`: where the paper lies, never what it says.
    Barnelova ch. 5, verjemålslova § 9. FHIR: RelatedPerson.
    """

    __tablename__ = "representation"
    __table_args__ = (
        CheckConstraint("person_id <> representative_id", name="nobody_represents_themselves"),
        UniqueConstraint("person_id", "representative_id", "capacity", "starts_at"),
    )
    immutable = MunicipalityBound.immutable | {"person_id", "representative_id", "capacity"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    person_id: Mapped[PersonKey]
    representative_id: Mapped[PersonKey]
    capacity: Mapped[Capacity]
    verified_how: Mapped[Verification | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None]
    mandate: Mapped[Mandate | None]
    document: Mapped[str | None] = mapped_column(String(200))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    starts_at: Mapped[datetime] = mapped_column(default=utcnow)
    ends_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(
        primaryjoin="Representation.person_id == Person.id", lazy="raise_on_sql", viewonly=True
    )
    representative: Mapped[Person] = relationship(
        primaryjoin="Representation.representative_id == Person.id",
        lazy="raise_on_sql",
        viewonly=True,
    )

    def __str__(self) -> str:
        return f"{self.representative} – {self.person}"


class CoordinatorAppointment(MunicipalityBound, Row):
    """KE appoints a coordinator for a person (oppnemning), with or without a plan.

    Opens the shell of that person's plans, never the content. Helse- og
    omsorgstenestelova § 7-2. FHIR: PractitionerRole.
    """

    __tablename__ = "coordinator_appointment"
    __table_args__ = (
        CheckConstraint("person_id <> coordinator_id", name="nobody_coordinates_themselves"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index(None, "coordinator_id", "person_id"),
        Index(None, "municipality_id", "starts_on", "id"),
    )
    immutable = MunicipalityBound.immutable | {"person_id", "coordinator_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    person_id: Mapped[PersonKey]
    coordinator_id: Mapped[PersonKey]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    agreed_hours: Mapped[int | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    person: Mapped[Person] = relationship(
        foreign_keys="CoordinatorAppointment.person_id", lazy="raise_on_sql"
    )
    coordinator: Mapped[Person] = relationship(
        foreign_keys="CoordinatorAppointment.coordinator_id", lazy="raise_on_sql"
    )
    department: Mapped[Department | None] = relationship(lazy="raise_on_sql")


def holds_on(a: Any, day: Any) -> ColumnElement[bool]:
    """Whether an appointment holds on a day. `a`: the class, an alias of it, or the columns
    of its table; `day`: a date or what stands for one in SQL."""
    return and_(a.starts_on <= day, or_(a.ends_on.is_(None), a.ends_on >= day))
