"""Minutes (referat): what was said and agreed in a meeting."""

from __future__ import annotations

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.schema import SchemaItem

from models.elements._declare import Element, PlanElement, Readers, field, related
from models.elements.meeting import Invitee, Meeting
from models.i18n import N_
from models.vocabulary import Level, Scope


class Minutes(PlanElement):
    """The minutes of one meeting (referat), the owner's account first; locked when finished.

    Read by those called to the meeting, the owner's side and the coordinator.
    FHIR: Composition.
    """

    __tablename__ = "minutes"
    element = Element(
        key="minutes",
        label=N_("Minutes"),
        plural=N_("Minutes"),
        scope=Scope.MEETINGS,
        fhir="Composition",
        order=55,
        pages=frozenset({"list", "show"}),
        menu=False,
        add_level=Level.WRITE,
    )
    audience = Readers(table=Invitee, key="meeting_id", column="meeting_id")

    owner_account: Mapped[str | None] = field(Text, label=N_("How the owner sees it"))
    minutes: Mapped[str] = field(Text, label=N_("What we talked about and decided"))
    meeting_id: Mapped[int]
    meeting: Mapped[Meeting] = related(Meeting, "meeting_id", label=N_("Meeting"), marks=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (*super().constraints(), UniqueConstraint("meeting_id"))

    def delegated(self) -> frozenset[int]:
        meeting: Meeting | None = self.__dict__.get("meeting")  # nothing is looked up for it
        return meeting.delegates if meeting else frozenset()
