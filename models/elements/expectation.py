"""What two who work together may expect of each other (forventing)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.elements._declare import Element, PlanElement, field
from models.elements._related import member
from models.i18n import N_
from models.people import Person
from models.vocabulary import PlanType, Scope


class Expectation(PlanElement):
    """What somebody who takes part and the owner's side expect of each other (forventing).

    Whom it is about may change it at the level `contribute`. FHIR: CareTeam.participant.
    """

    __tablename__ = "expectation"
    element = Element(
        key="expectation",
        label=N_("Expectations"),
        plural=N_("Expectations"),
        scope=Scope.CONTACTS,
        fhir="CareTeam.participant",
        order=80,
        types=frozenset(PlanType) - {PlanType.MEETING_LOG},
        add_text=N_("Write expectations"),
        responsible_column="participant_id",
    )

    participant_id: Mapped[int] = mapped_column(index=True)
    participant: Mapped[Person] = member("participant_id", label=N_("Who it is about"))
    of_me: Mapped[str | None] = field(Text, label=N_("What you can expect of me"), fhir="note")
    of_you: Mapped[str | None] = field(Text, label=N_("What I expect of you"), fhir="note")
    reach: Mapped[str | None] = field(
        String(200), label=N_("How we reach each other"), fhir="member.telecom"
    )
    again_on: Mapped[date | None] = field(label=N_("When we look at it again"), fhir="period.end")
