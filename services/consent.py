"""The consent and who it is about (samtykke): what stands, what waits, who takes part.

Proposing, signing and withdrawing live beside it, each in its own file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from models.clock import OSLO, today, utcnow
from models.consent import Consent, ConsentLine, Grant, Signature
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import ConsentStatus, PlanStatus, PlanType
from security.session import GuardedSession


def waiting_consent(session: GuardedSession, plan_id: int) -> Consent | None:
    """The consent that is being prepared or waits for signatures."""
    return _with_status(session, plan_id, ConsentStatus.DRAFT, ConsentStatus.SENT)


def consent_in_force(session: GuardedSession, plan_id: int) -> Consent | None:
    return _with_status(session, plan_id, ConsentStatus.SIGNED)


class Standing(NamedTuple):
    """How a plan stands at this moment.

    waiting: what is being prepared or waits for signatures. in_force: what is signed and
    lasts. signed: whether the acting person has signed what waits.
    """

    waiting: Consent | None
    in_force: Consent | None
    signed: bool


def standing(session: GuardedSession, plan_id: int) -> Standing:
    """Both consents that matter, and one's own signature, in one question."""
    mine = and_(Signature.consent_id == Consent.id, Signature.person_id == session.actor.person_id)
    alive = (ConsentStatus.DRAFT, ConsentStatus.SENT, ConsentStatus.SIGNED)
    wanted = (
        select(Consent, Signature.id)
        .outerjoin(Signature, mine)
        .where(Consent.plan_id == plan_id, Consent.status.in_(alive))
        .order_by(Consent.id)
    )
    waiting, in_force, signed = None, None, False
    for consent, signature in session.execute(wanted):
        if consent.status is not ConsentStatus.SIGNED:
            waiting, signed = consent, signature is not None
        elif consent.until is not None and consent.until > utcnow():
            in_force = consent
    return Standing(waiting, in_force, signed)


def _with_status(session: GuardedSession, plan_id: int, *statuses: ConsentStatus) -> Consent | None:
    wanted = select(Consent).where(Consent.plan_id == plan_id, Consent.status.in_(statuses))
    return session.scalars(wanted).first()


def lines_of(session: GuardedSession, consent: Consent) -> Sequence[ConsentLine]:
    wanted = select(ConsentLine).where(ConsentLine.consent_id == consent.id)
    return session.scalars(wanted.order_by(ConsentLine.id)).all()


def signatures(session: GuardedSession, consent: Consent) -> Sequence[Signature]:
    wanted = select(Signature).where(Signature.consent_id == consent.id)
    return session.scalars(wanted.order_by(Signature.id)).all()


def team(session: GuardedSession, plan_id: int) -> Sequence[Participant]:
    wanted = select(Participant).where(Participant.plan_id == plan_id)
    return session.scalars(wanted.order_by(Participant.id)).all()


def team_with_people(session: GuardedSession, plan_id: int) -> Sequence[Participant]:
    """The same, each with the person: what a page shows."""
    wanted = select(Participant).where(Participant.plan_id == plan_id)
    with_person = wanted.options(joinedload(Participant.person)).order_by(Participant.id)
    return session.scalars(with_person).all()


def participant_of(session: GuardedSession, plan_id: int, person_id: int) -> Participant | None:
    wanted = select(Participant).where(
        Participant.plan_id == plan_id, Participant.person_id == person_id
    )
    return session.scalars(wanted).first()


def live_grants(
    session: GuardedSession, plan_id: int, person_id: int | None = None
) -> Sequence[Grant]:
    wanted = select(Grant).where(Grant.plan_id == plan_id, Grant.revoked_at.is_(None))
    if person_id is not None:
        wanted = wanted.where(Grant.person_id == person_id)
    return session.scalars(wanted).all()


def lock(session: GuardedSession, plan_id: int) -> None:
    """Hold the plan for this transaction: two who check and write take turns."""
    held = select(Plan).where(Plan.id == plan_id).with_for_update()
    session.scalars(held, execution_options={"populate_existing": True}).one()
    session.info.pop("access", None)  # what was known before the turn came may be old


def update_register(session: Session, plan: Plan, consent_until: date | None) -> None:
    """Let the office see what it may: type, status, since when and until when it has run, and how
    long the consent lasts."""
    entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    entry.type, entry.status, entry.consent_until = plan.type, plan.status, consent_until
    entry.next_evaluation = plan.next_evaluation
    if plan.status is PlanStatus.ACTIVE and entry.started_on is None:
        entry.started_on = today()
    if entry.started_on and plan.type is PlanType.INDIVIDUAL_PLAN:
        entry.individual_since = entry.individual_since or today()
    entry.closed_on = plan.closed_at.astimezone(OSLO).date() if plan.closed_at else None
