"""A department is asked for a coordinator (utpeiking): who, or why not."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, PersonKey, Row
from models.municipality import Department
from models.people import Person
from models.request import Request
from models.types import EncryptedText


class Asked(StrEnum):
    """How far it has come (stode)."""

    WAITS = "waits"
    NAMED = "named"
    DECLINED = "declined"
    APPOINTED = "appointed"


class Nomination(MunicipalityBound, Row):
    """The coordinating unit asks a department; its leader names somebody by `name_by`, or says why
    not (`declined`); the unit appoints. Leaders name (utpeiker), the unit appoints (oppnemner).

    `note`: what the leader needs to know, and the wish of whoever asked. Read by the unit and by
    leaders of the department, but by no party to the request. Helse- og omsorgstenestelova § 7-2.
    """

    __tablename__ = "nomination"
    __table_args__ = (Index(None, "municipality_id", "name_by", "id"),)
    immutable = MunicipalityBound.immutable | {
        "request_id", "person_id", "department_id", "note", "asked_by_id",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    person_id: Mapped[PersonKey]
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    note: Mapped[str | None] = mapped_column(EncryptedText("nomination.note"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name_by: Mapped[date]
    nominee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    agreed_hours: Mapped[int | None]
    declined: Mapped[str | None] = mapped_column(EncryptedText("nomination.declined"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    answered_on: Mapped[date | None]
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("coordinator_appointment.id"), unique=True
    )

    request: Mapped[Request] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(foreign_keys="Nomination.person_id", lazy="raise_on_sql")
    department: Mapped[Department] = relationship(lazy="raise_on_sql")
    nominee: Mapped[Person | None] = relationship(foreign_keys=nominee_id, lazy="raise_on_sql")

    @property
    def so_far(self) -> Asked:
        if self.answered_on is None:
            return Asked.WAITS
        if self.appointment_id is not None:
            return Asked.APPOINTED
        return Asked.NAMED if self.nominee_id else Asked.DECLINED

    @property
    def due(self) -> date | None:
        """The day to name somebody by; nothing when it is answered."""
        return self.name_by if self.answered_on is None else None
