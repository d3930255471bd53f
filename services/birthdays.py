"""When another is soon to decide (samtykkedagen): those it is about are told 90 and 30 days before,
and on the day. Pasient- og brukarrettslova § 4-3."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import today
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, holds_on
from models.plan import Plan
from models.vocabulary import PlanStatus
from security.ages import follow_decisions
from security.signers import Part, signers
from services.notices import notify

KIND = "birthday"
BEFORE = (0, 30, 90)
"""Days before the owner decides on which one is told; the nearest first."""
LATE = timedelta(days=7)
"""For so long the day itself is told of afterwards, if nothing ran on it."""


def remind(session: Session) -> None:
    """Tell, once each, those whose plans another will decide in; a session without an actor."""
    follow_decisions(session)
    day = today()
    near = select(Plan).where(
        Plan.owner_decides_from.between(day - LATE, day + timedelta(days=max(BEFORE))),
        Plan.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE)),
    )
    living = near.join(Person, Person.id == Plan.person_id).where(Person.died_on.is_(None))
    for plan in session.scalars(living.order_by(Plan.id)).all():
        left = (plan.owner_decides_from - day).days
        stage = next(days for days in BEFORE if left <= days)
        key = f"{plan.uid}:{plan.owner_decides_from}:{stage}"
        told = select(OutboxMessage.person_id).where(
            OutboxMessage.plan_id == plan.id, OutboxMessage.dedup_key.startswith(f"{KIND}:{key}:")
        )
        people = _people(session, plan) - set(session.scalars(told))
        notify(session, plan, people, KIND, plan.id, key)
    session.flush()


def _people(session: Session, plan: Plan) -> set[int]:
    """The owner, those who act for the owner until then, and the coordinator."""
    concerned = (Part.SIGNS, Part.EXCEPTED, Part.ANOTHER_SIGNS, Part.OWNER_DECIDES)
    act = {one.person_id for one in signers(session, plan) if one.part in concerned}
    a = CoordinatorAppointment
    leads = select(a.coordinator_id).where(a.person_id == plan.person_id, holds_on(a, today()))
    return {plan.person_id, *act, *session.scalars(leads)}
