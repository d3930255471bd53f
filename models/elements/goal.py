"""Goals (mål): what the plan's owner wants to achieve."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from models.base import EnumSet
from models.elements._declare import Element, PlanElement, field
from models.i18n import N_
from models.vocabulary import LifeArea, PlanType, Scope


class Goal(PlanElement):
    """A goal in the owner's own words (mål). FHIR: Goal."""

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
    life_areas: Mapped[frozenset[LifeArea]] = field(
        EnumSet(LifeArea), label=N_("Life areas"), default=frozenset(), fhir="category"
    )
    why: Mapped[str | None] = field(Text, label=N_("Why it matters to me"), fhir="note.text")
    due: Mapped[date | None] = field(label=N_("By when"), fhir="target.dueDate")
