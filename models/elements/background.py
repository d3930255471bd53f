"""How it is now (bakgrunn, "slik er det no"): each part of the owner's life, in words."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped
from sqlalchemy.schema import SchemaItem

from models.base import EnumSet
from models.elements._declare import Element, PlanElement, field
from models.i18n import N_
from models.vocabulary import LifeArea, PlanType, Scope

_ONE_AREA = ", ".join(str(1 << place) for place in range(len(LifeArea)))


class Background(PlanElement):
    """How it is now in one life area (bakgrunn). FHIR: Observation."""

    __tablename__ = "background"
    immutable = PlanElement.immutable | {"life_areas"}
    element = Element(
        key="background",
        label=N_("How it is now"),
        plural=N_("How it is now"),
        scope=Scope.BACKGROUND,
        fhir="Observation",
        order=15,
        types=frozenset({PlanType.INDIVIDUAL_PLAN}),
        pages=frozenset({"show", "add", "edit", "delete"}),
        home="BackgroundRoom.page",
        one_each=("life_areas",),
        add_text=N_("Write how it is now"),
    )

    life_areas: Mapped[frozenset[LifeArea]] = field(
        EnumSet(LifeArea, single=True), label=N_("Life area"), fixed=True, fhir="category"
    )
    situation: Mapped[str | None] = field(Text, label=N_("How it is"), fhir="valueString")
    functioning: Mapped[str | None] = field(
        Text, label=N_("What works, and what is hard"), fhir="component.valueString"
    )
    resources: Mapped[str | None] = field(
        Text, label=N_("Strengths, and what helps"), fhir="component.valueString"
    )
    wishes: Mapped[str | None] = field(
        Text, label=N_("Wishes and dreams"), fhir="component.valueString"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        one_area = CheckConstraint(f"life_areas IN ({_ONE_AREA})", name="one_life_area")
        return (*super().constraints(), one_area)
