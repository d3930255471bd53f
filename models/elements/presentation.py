"""Who the owner is (presentasjon), in the owner's own words."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped

from models.elements._declare import Element, PlanElement, field
from models.i18n import N_
from models.vocabulary import PlanType, Scope


class Presentation(PlanElement):
    """What the owner wants others to know (presentasjon, "om meg"). FHIR: Observation."""

    __tablename__ = "presentation"
    element = Element(
        key="presentation",
        label=N_("Presentation"),
        plural=N_("Presentation"),
        scope=Scope.PRESENTATION,
        fhir="Observation",
        order=10,
        types=frozenset(PlanType) - {PlanType.MEETING_LOG},
        pages=frozenset({"show", "add", "edit", "delete"}),
        home="PresentationRoom.page",
        one_each=(),
        add_text=N_("Write about me"),
    )

    who: Mapped[str | None] = field(Text, label=N_("Who I am"), fhir="valueString")
    matters: Mapped[str | None] = field(
        Text, label=N_("What matters to me"), fhir="component.valueString"
    )
    strengths: Mapped[str | None] = field(
        Text, label=N_("What I am good at"), fhir="component.valueString"
    )
    help: Mapped[str | None] = field(
        Text, label=N_("How you can help me"), fhir="component.valueString"
    )
    avoid: Mapped[str | None] = field(
        Text, label=N_("What you should know, and what to avoid"), fhir="component.valueString"
    )
