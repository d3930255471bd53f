"""When another is soon to decide (samtykkedagen): those it is about are told 90 and 30 days before,
and on the day; and what a child's guardians alone have signed ends some days after it.

A consent is signed for no longer than that (security.agreement). What is ended here was signed
before the day was known: before a birth date was corrected, say. Pasient- og brukarrettslova § 4-3.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import end_of_day, today, utcnow
from models.consent import Consent, Grant, Signature
from models.municipality import Municipality
from models.outbox import OutboxMessage
from models.people import Person
from models.plan import Plan, PlanRegister
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.vocabulary import ConsentStatus, PlanStatus, Recorded
from security.session import SystemSession
from security.signers import Part, signers
from services.appointments import coordinators_of
from services.evidence import hold, record_end
from services.notices import notify

KIND = "birthday"
BEFORE = (0, 30, 90)
"""Days before the owner decides on which one is told; the nearest first."""
LATE = timedelta(days=7)
"""For so long the day itself is told of afterwards, if nothing ran on it."""


def remind(session: Session) -> None:
    """Tell, once each, those whose plans another will decide in; a session without an actor."""
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
    return {plan.person_id, *act, *coordinators_of(session, plan.person_id)}


def end_overdue(session: SystemSession) -> None:
    """End what should have ended by now; those who are out are told."""
    c, day, now = Consent, today(), utcnow()
    signed = select(Signature.id).where(Signature.consent_id == c.id)
    by_others = signed.where(Signature.capacity.not_in(UNTIL_THE_OWNER_DECIDES))
    wanted = (
        select(c, Plan, Municipality.grace_days)
        .join(Plan, Plan.id == c.plan_id)
        .join(Municipality, Municipality.id == Plan.municipality_id)
        .where(c.status == ConsentStatus.SIGNED, c.until > now, signed.exists())
        .where(Plan.owner_decides_from < day, ~by_others.exists())
    )
    for consent, plan, grace in session.execute(wanted).all():
        if end_of_day(plan.owner_decides_from + timedelta(days=grace)) <= now:
            _end(session, consent, plan)


def _end(session: SystemSession, consent: Consent, plan: Plan) -> None:
    """It was open throughout the days of grace, or until a birth date was put right: the register
    has the last whole day it lasted, and not the birthday. Otherwise what has run out is late from
    the start, and those who are told of what is late are told too late (services.deadlines)."""
    hold(session, [plan.id])
    session.refresh(consent)
    if consent.status is not ConsentStatus.SIGNED:
        return
    now = utcnow()
    live = select(Grant).where(Grant.plan_id == plan.id, Grant.revoked_at.is_(None))
    grants = session.scalars(live).all()
    for grant in grants:
        grant.revoked_at = now
    consent.status, consent.ended_at = ConsentStatus.EXPIRED, now
    register = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    register.consent_until = today() - timedelta(days=1)
    session.flush()
    owner = plan.person_id
    record_end(session, plan.id, Recorded.OWNER_DECIDES, grants, [consent], owner)
    people = {grant.person_id for grant in grants}
    notify(session, plan, people, "withdrawn", plan.id, consent.uid)
    session.flush()
