"""Goals (mål): what the plan's owner wants to achieve."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.base import EnumSet
from models.elements._declare import Element, PlanElement, field, of_its_kind
from models.i18n import N_
from models.vocabulary import GoalStatus, LifeArea, PlanType, Scope


class Goal(PlanElement):
    """A goal in the owner's own words (mål), or a sub-goal (delmål) right below one: there are
    these two levels only (security.levels). FHIR: Goal.

    `place`: where people have put it in the list; None, last, until somebody moves one. It is
    no part of what is said, and no version is kept of it.
    """

    __tablename__ = "goal"
    element = Element(
        key="goal",
        label=N_("Goal"),
        plural=N_("Goals"),
        scope=Scope.GOALS,
        fhir="Goal",
        order=20,
        add_text=N_("New goal"),
        types=frozenset({PlanType.INDIVIDUAL_PLAN, PlanType.RELAY_LOG}),
    )

    goal: Mapped[str] = field(String(200), label=N_("What I want"), fhir="description.text")
    parent_id: Mapped[int | None] = mapped_column(index=True)
    parent: Mapped[Goal | None] = of_its_kind(
        "parent_id",
        label=N_("Part of this main goal"),
        help=N_("Choose only if this is a step on the way. It then has the same life areas."),
        marks=True,
    )
    life_areas: Mapped[frozenset[LifeArea]] = field(
        EnumSet(LifeArea, open_ended=True),
        label=N_("Life areas"),
        default=frozenset(),
        fhir="category",
    )
    why: Mapped[str | None] = field(Text, label=N_("Why it matters to me"), fhir="note.text")
    source: Mapped[str | None] = field(
        String(200),
        label=N_("Where it comes from"),
        help=N_("For instance advice from a specialist, or a talk at school."),
        fhir="expressedBy.display",
    )
    due: Mapped[date | None] = field(label=N_("By when"), fhir="target.dueDate")
    status: Mapped[GoalStatus] = field(
        label=N_("Status"), default=GoalStatus.NEW, fhir="lifecycleStatus"
    )
    place: Mapped[int | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        not_its_own = CheckConstraint("parent_id <> id", name="not_below_itself")
        return (*super().constraints(), not_its_own)
