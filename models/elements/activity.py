"""Activities (tiltak, avtale): who does what, for a goal or just agreed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, Text, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.elements._declare import Element, PlanElement, field
from models.elements._related import member, related
from models.elements.goal import Goal
from models.i18n import N_
from models.people import Person
from models.plan import Participant
from models.vocabulary import GONE, ActivityStatus, Scope


class Activity(PlanElement):
    """Something agreed that somebody does (tiltak; without a goal: avtale, oppgåve).

    The responsible *service* is named, and a contact person in it, who may change the
    row at the level `contribute`. FHIR: CarePlan.activity.
    """

    __tablename__ = "activity"
    element = Element(
        key="activity",
        label=N_("Agreed task"),
        plural=N_("Agreed tasks"),
        scope=Scope.GOALS,
        fhir="CarePlan.activity",
        order=30,
        add_text=N_("New task"),
        responsible_column="responsible_id",
    )

    what: Mapped[str] = field(String(200), label=N_("What we do"), fhir="detail.description")
    how: Mapped[str | None] = field(Text, label=N_("How"), fhir="detail.description")
    extent: Mapped[str | None] = field(
        String(200), label=N_("How much"), fhir="detail.scheduledString"
    )
    service: Mapped[str | None] = field(
        String(100), label=N_("Responsible service"), fhir="detail.performer"
    )
    responsible_id: Mapped[int | None] = mapped_column(index=True)
    responsible: Mapped[Person | None] = member("responsible_id", label=N_("Contact person"))
    starts_on: Mapped[date | None] = field(
        label=N_("From when"), fhir="detail.scheduledPeriod.start"
    )
    due: Mapped[date | None] = field(label=N_("By when"), fhir="detail.scheduledPeriod.end")
    status: Mapped[ActivityStatus] = field(
        label=N_("Status"), default=ActivityStatus.NEW, fhir="detail.status"
    )
    goal_id: Mapped[int | None] = mapped_column(index=True)
    goal: Mapped[Goal | None] = related(Goal, "goal_id", label=N_("Goal"), marks=True)

    taker: Mapped[Participant | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Activity.responsible_id) == Participant.person_id,
            Activity.plan_id == Participant.plan_id,
        ),
        viewonly=True,
        lazy="raise_on_sql",
    )

    @property
    def needs_a_new_one(self) -> bool:
        """Whoever was to do it takes no part any more; `taker` must be loaded."""
        return self.taker is not None and self.taker.status in GONE
