"""The agenda (sakliste): one row for each point of a meeting, standing or proposed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.elements._declare import Element, PlanElement, field
from models.elements._related import member, related
from models.elements.meeting import Meeting
from models.i18n import N_
from models.people import Person
from models.vocabulary import AgendaKind, Scope


class AgendaItem(PlanElement):
    """A point of the agenda (sak), of who proposed it; as open as its meeting. Standing ones
    have no words of their own, and are read in the reader's. FHIR: Composition.section.

    `position`: where it stands; two that are alike stand as they came. `needed_id`: without whom
    the point is of no use, beside who proposed it.
    """

    __tablename__ = "agenda_item"
    element = Element(
        key="agenda_item",
        label=N_("Agenda item"),
        plural=N_("Agenda"),
        scope=Scope.MEETINGS,
        fhir="Composition.section",
        order=52,
        pages=frozenset(),
        menu=False,
    )

    immutable = PlanElement.immutable | {"meeting_id", "kind"}

    topic: Mapped[str | None] = field(String(200), label=N_("What to talk about"), fhir="title")
    kind: Mapped[AgendaKind] = mapped_column(default=AgendaKind.PROPOSED)
    needed_id: Mapped[int | None] = mapped_column(index=True)
    needed: Mapped[Person | None] = member("needed_id", label=N_("Who is needed for it"))
    position: Mapped[int]
    meeting_id: Mapped[int] = mapped_column(index=True)
    meeting: Mapped[Meeting] = related(Meeting, "meeting_id", label=N_("Meeting"), marks=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        says_what = CheckConstraint("kind <> 'proposed' OR topic IS NOT NULL", name="says_what")
        return (*super().constraints(), says_what)

    def delegated(self) -> frozenset[int]:
        meeting: Meeting | None = self.__dict__.get("meeting")  # nothing is looked up for it
        return meeting.delegates if meeting else frozenset()
