"""Minutes (referat): what was said and agreed in a meeting, and who was there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanBound, PlanRow, in_the_team, same_plan
from models.clock import utcnow
from models.elements._declare import Element, PlanElement, field
from models.elements._related import Readers, related
from models.elements.meeting import Invitee, Meeting
from models.i18n import N_
from models.people import Person
from models.vocabulary import Attendance, Face, Family, Level, Presence, Scope

FOR_REMARKS = timedelta(days=7)
INVITED = Readers(
    table=Invitee,
    key="meeting_id",
    column="meeting_id",
    but=("answer", Attendance.NOT_NEEDED),
    opens="opens_at",
    written_in=Meeting,
    writers=("leader_id", "referent_id"),
)
"""Those called to the meeting, when the owner has had it; who writes it reads it before."""


class Minutes(PlanElement):
    """The minutes of one meeting (referat), the owner's account first; their points are rows of
    their own. Locked when the week for remarks is over; what is put right then is a new version.

    Read by the owner's side, the coordinator and who writes them; by those called to the meeting
    from `opens_at` on, which is the owner's day later than they are handed over. `skipped_because`:
    why the owner did not get them first. `told_at`: those called have been told of them.
    `minutes`: what was written as one text. FHIR: Composition.
    """

    __tablename__ = "minutes"
    element = Element(
        key="minutes",
        label=N_("Minutes"),
        plural=N_("Minutes"),
        scope=Scope.MEETINGS,
        fhir="Composition",
        order=55,
        pages=frozenset({"list"}),
        room="MinutesRoom.page",
        corrected=frozenset({"owner_account", "minutes"}),
        menu=False,
        add_level=Level.WRITE,
    )
    immutable = PlanElement.immutable | {"meeting_id"}
    audience = INVITED

    owner_account: Mapped[str | None] = field(Text, label=N_("How the owner sees it"))
    minutes: Mapped[str] = field(Text, label=N_("What we talked about and decided"), default="")
    others: Mapped[str | None] = mapped_column(String(200))
    heard: Mapped[Face | None]
    useful: Mapped[Face | None]
    together: Mapped[Face | None]
    next_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    opens_at: Mapped[datetime | None]
    skipped_because: Mapped[str | None] = mapped_column(String(200))
    told_at: Mapped[datetime | None]
    meeting_id: Mapped[int]
    meeting: Mapped[Meeting] = related(Meeting, "meeting_id", label=N_("Meeting"), marks=True)
    attended: Mapped[list[Attended]] = relationship(back_populates="minutes")

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (*super().constraints(), UniqueConstraint("meeting_id"))

    @property
    def is_open(self) -> bool:
        """Whether those called to the meeting may read them by now."""
        return self.opens_at is not None and self.opens_at <= utcnow()

    @property
    def is_remarked_on(self) -> bool:
        """Whether one may still say that something is wrong."""
        over = self.opens_at is not None and self.opens_at + FOR_REMARKS <= utcnow()
        return self.given_at is not None and self.locked_at is None and not over

    def title(self) -> str:
        """What the meeting was about: of what was said no list should tell."""
        meeting: Meeting | None = self.__dict__.get("meeting")
        return meeting.title() if meeting else super().title()

    def delegated(self) -> frozenset[int]:
        meeting: Meeting | None = self.__dict__.get("meeting")  # nothing is looked up for it
        return meeting.delegates if meeting else frozenset()


class Attended(PlanRow):
    """Whether somebody was there (oppmøte); None: nobody has said it."""

    __tablename__ = "attended"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"minutes_id"}

    minutes_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    presence: Mapped[Presence | None]
    minutes: Mapped[Minutes] = relationship(
        back_populates="attended", primaryjoin="foreign(Attended.minutes_id) == Minutes.id"
    )
    person: Mapped[Person] = relationship(
        primaryjoin="foreign(Attended.person_id) == Person.id", viewonly=True, lazy="raise_on_sql"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("minutes_id", "person_id"),
            same_plan("minutes_id", "minutes"),
            in_the_team("person_id"),
        )

    def subject(self) -> PlanBound:
        return self.minutes
