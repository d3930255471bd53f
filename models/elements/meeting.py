"""Meetings (møte) and who is called to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanBound, PlanRow, in_the_team, same_plan
from models.elements._declare import Element, PlanElement, field
from models.elements._related import member
from models.i18n import N_
from models.people import Person
from models.vocabulary import Attendance, Family, Level, MeetingState, Scope, Settled


class Meeting(PlanElement):
    """A meeting of the team (møte). Calling one needs `write`. FHIR: Appointment.

    `is_planned`: nobody has been called yet. `settled`: how the agenda is settled with the
    owner's side, who says so and when; if it is not, the reason. `cancelled_at`: those called
    were told that it does not take place; it is kept.
    """

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
    video_link: Mapped[str | None] = field(
        String(500),
        label=N_("Video link"),
        help=N_("The whole address, from https. It stands here only, never in a letter or an SMS."),
        reads="link",
        fhir="virtualService.address",
    )
    leader_id: Mapped[int | None] = mapped_column(index=True)
    leader: Mapped[Person | None] = member(
        "leader_id",
        label=N_("Who leads the meeting"),
        help=N_("Puts the agenda in order and may write the minutes of this meeting."),
    )
    referent_id: Mapped[int | None] = mapped_column(index=True)
    referent: Mapped[Person | None] = member(
        "referent_id",
        label=N_("Who writes the minutes"),
        help=N_("Puts the agenda in order and may write the minutes of this meeting."),
    )
    is_planned: Mapped[bool] = mapped_column(default=False)
    settled: Mapped[Settled | None]
    settled_because: Mapped[str | None] = mapped_column(String(200))
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[str | None] = mapped_column(String(200))
    invitees: Mapped[list[Invitee]] = relationship(back_populates="meeting")
    settled_by: Mapped[Person | None] = relationship(
        primaryjoin="foreign(Meeting.settled_by_id) == Person.id", viewonly=True,
        lazy="raise_on_sql",
    )  # fmt: skip

    @property
    def delegates(self) -> frozenset[int]:
        """Persons who write agenda and minutes of this meeting, and of no other."""
        return frozenset({self.leader_id, self.referent_id} - {None})  # type: ignore[arg-type]

    @property
    def called(self) -> list[Invitee]:
        """Those who are to come."""
        return [one for one in self.invitees if one.answer is not Attendance.NOT_NEEDED]

    @property
    def state(self) -> MeetingState | None:
        """What it is when it does not take place as it stands."""
        if self.cancelled_at is not None:
            return MeetingState.CANCELLED
        return MeetingState.PLANNED if self.is_planned else None

    @classmethod
    def takes_place(cls) -> ColumnElement[bool]:
        """Meetings people are called to."""
        on = and_(cls.removed_at.is_(None), cls.cancelled_at.is_(None))
        return and_(on, cls.is_planned.is_(False))


class Invitee(PlanRow):
    """Somebody called to a meeting (innkalla), and the answer; or one it was planned with who need
    not come. FHIR: Appointment.participant.

    `told_to_id`: who wrote the answer down, when they gave it on the telephone or face to face.
    `prepared_at`: they say that they are ready, in up to two lines: what they bring up, and
    what they have done.
    """

    __tablename__ = "invitee"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"meeting_id"}

    meeting_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    answer: Mapped[Attendance] = mapped_column(default=Attendance.UNANSWERED)
    reason: Mapped[str | None] = mapped_column(String(200))
    told_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[datetime | None]
    brings: Mapped[str | None] = mapped_column(String(200))
    has_done: Mapped[str | None] = mapped_column(String(200))
    meeting: Mapped[Meeting] = relationship(
        back_populates="invitees",
        primaryjoin="foreign(Invitee.meeting_id) == Meeting.id",
    )
    person: Mapped[Person] = relationship(
        primaryjoin="foreign(Invitee.person_id) == Person.id", viewonly=True, lazy="raise_on_sql"
    )
    told_to: Mapped[Person | None] = relationship(
        primaryjoin="foreign(Invitee.told_to_id) == Person.id", viewonly=True, lazy="raise_on_sql"
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
