"""Meetings (møte) and who is called to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanBound, PlanRow, in_the_team, same_plan
from models.elements._declare import Element, PlanElement, field
from models.i18n import N_
from models.people import Person
from models.vocabulary import Attendance, Family, Level, Scope


class Meeting(PlanElement):
    """A meeting of the team (møte). Calling one needs `write`. FHIR: Appointment."""

    __tablename__ = "meeting"
    element = Element(
        key="meeting",
        label=N_("Meeting"),
        plural=N_("Meetings"),
        scope=Scope.MEETINGS,
        fhir="Appointment",
        moment_column="starts_at",
        order=50,
        pages=frozenset({"list", "edit", "delete"}),
        room="MeetingRoom.page",
        start="MeetingRoom.call",
        add_text=N_("Call a meeting"),
        add_level=Level.WRITE,
    )

    purpose: Mapped[str] = field(String(200), label=N_("What the meeting is about"))
    starts_at: Mapped[datetime] = field(label=N_("Starts"), fhir="start")
    ends_at: Mapped[datetime] = field(label=N_("Ends"), fhir="end")
    place: Mapped[str | None] = field(String(200), label=N_("Place"))
    invitees: Mapped[list[Invitee]] = relationship(back_populates="meeting")


class Invitee(PlanRow):
    """Somebody called to a meeting (innkalla), and the answer. FHIR: Appointment.participant."""

    __tablename__ = "invitee"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"meeting_id"}

    meeting_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    answer: Mapped[Attendance] = mapped_column(default=Attendance.UNANSWERED)
    meeting: Mapped[Meeting] = relationship(
        back_populates="invitees",
        primaryjoin="foreign(Invitee.meeting_id) == Meeting.id",
    )
    person: Mapped[Person] = relationship(
        primaryjoin="foreign(Invitee.person_id) == Person.id", viewonly=True, lazy="raise_on_sql"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("meeting_id", "person_id"),
            same_plan("meeting_id", "meeting"),
            in_the_team("person_id"),
        )

    def subject(self) -> PlanBound:
        return self.meeting
