"""The points of minutes (sak i referatet): one row each, so that two may write at once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.base import same_plan
from models.elements._declare import Element, PlanElement, field
from models.elements._related import member, related
from models.elements.activity import Activity
from models.elements.minutes import INVITED, Minutes
from models.i18n import N_
from models.people import Person
from models.vocabulary import AgendaKind, Level, Outcome, Scope


class MinutesItem(PlanElement):
    """What was said about one point, and what was agreed: what, who, by when. Rows at the same
    `position` are about the same point; the later ones are only more that was agreed.

    `task_id`: the agreed task it has become. `promise`: a task that was agreed in the minutes
    before, and its `outcome`; its words are the task's own, and who may not read those does not
    read the row. Read as the minutes are, whose `meeting_id` and `opens_at` it carries. FHIR:
    Composition.section.
    """

    __tablename__ = "minutes_item"
    element = Element(
        key="minutes_item",
        label=N_("Point in the minutes"),
        plural=N_("Points in the minutes"),
        scope=Scope.MEETINGS,
        fhir="Composition.section",
        order=56,
        pages=frozenset(),
        corrected=frozenset({"said"}),
        menu=False,
        add_level=Level.WRITE,
    )
    immutable = PlanElement.immutable | {
        "meeting_id", "minutes_id", "kind", "position", "promise_id",
    }  # fmt: skip
    audience = INVITED

    topic: Mapped[str | None] = field(String(200), label=N_("Point"), fhir="title")
    said: Mapped[str | None] = field(Text, label=N_("What was said"), fhir="text")
    agreed: Mapped[str | None] = field(String(200), label=N_("What we agreed"))
    responsible_id: Mapped[int | None] = mapped_column(index=True)
    responsible: Mapped[Person | None] = member("responsible_id", label=N_("Who does it"))
    due: Mapped[date | None] = field(label=N_("By when"))
    kind: Mapped[AgendaKind] = mapped_column(default=AgendaKind.PROPOSED)
    position: Mapped[int]
    task_id: Mapped[int | None]
    outcome: Mapped[Outcome | None]
    promise_id: Mapped[int | None]
    promise: Mapped[Activity | None] = related(
        Activity, "promise_id", label=N_("What was agreed last time"), needed=True
    )
    opens_at: Mapped[datetime | None]
    meeting_id: Mapped[int] = mapped_column(index=True)
    minutes_id: Mapped[int] = mapped_column(index=True)
    minutes: Mapped[Minutes] = related(Minutes, "minutes_id", label=N_("Minutes"), marks=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        of_its_meeting: ForeignKeyConstraint = same_plan("meeting_id", "meeting")
        return (*super().constraints(), of_its_meeting, same_plan("task_id", "activity"))

    @property
    def has_a_line(self) -> bool:
        return self.promise_id is None

    def delegated(self) -> frozenset[int]:
        minutes: Minutes | None = self.__dict__.get("minutes")  # nothing is looked up for it
        return minutes.delegated() if minutes else frozenset()
