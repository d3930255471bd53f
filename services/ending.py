"""When a consent runs out (utløp): told in time; afterwards the rows say what has been so since.

Nothing is opened or shut here: a key that has run out opens nothing at read time already.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from models.clock import last_day, today, utcnow
from models.consent import Consent, Grant
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, holds_on
from models.plan import Participant, Plan
from models.vocabulary import ConsentStatus, Package, ParticipantStatus, PlanStatus, Recorded
from security.session import SystemSession
from security.signers import deciders
from services.appointments import coordinators_of
from services.evidence import hold, record_end
from services.notices import notify

WARNED = (30, 7)
"""Days before the end when those who decide and the coordinator are told."""
_AT_ONCE = 200


def tell_of_the_end(engine: Engine) -> bool:
    """Warn of consents that run out soon, once for each warning, and mark those that have."""
    with SystemSession(engine, because="consents that run out") as session:
        for consent in _soon(session):
            _warn(session, consent)
        session.commit()
        while found := _over(session):
            for consent in found:
                _mark(session, consent)
            session.commit()
        while keys := _without_appointment(session):
            _end(session, keys)
            session.commit()
    return True


def _soon(session: Session) -> list[Consent]:
    now = utcnow()
    wanted = (
        select(Consent)
        .join(Plan, Plan.id == Consent.plan_id)
        .join(Person, Person.id == Plan.person_id)
        .where(
            Consent.status == ConsentStatus.SIGNED,
            Consent.until > now,
            Consent.until <= now + timedelta(days=max(WARNED)),
            Plan.status == PlanStatus.ACTIVE,
            Person.died_on.is_(None),
        )
    )
    return list(session.scalars(wanted))


def _warn(session: Session, consent: Consent) -> None:
    """The nearest warning that is due; of a consent that was short from the start not all."""
    assert consent.until is not None
    left = consent.until - utcnow()
    days = min(one for one in WARNED if left <= timedelta(days=one))
    plan = session.get_one(Plan, consent.plan_id)
    told = deciders(session, plan) | coordinators_of(session, plan.person_id)
    notify(
        session, plan, _not_told(session, told, f"{consent.uid}:{days}"), "consent_ends",
        consent.id, f"{consent.uid}:{days}", last_day(consent.until),
    )  # fmt: skip


def _not_told(session: Session, people: set[int], key: str) -> set[int]:
    keys = {f"consent_ends:{key}:{one}": one for one in people}
    told = select(OutboxMessage.dedup_key).where(OutboxMessage.dedup_key.in_(keys))
    return people - {keys[one] for one in session.scalars(told)}


def _over(session: Session) -> list[Consent]:
    ended = (Consent.status == ConsentStatus.SIGNED, Consent.until <= utcnow())
    return list(session.scalars(select(Consent).where(*ended).limit(_AT_ONCE)))


def _mark(session: Session, consent: Consent) -> None:
    """Say so in the rows, and to those who were in."""
    consent.status, consent.ended_at = ConsentStatus.EXPIRED, consent.until
    in_it = select(Grant.person_id).where(
        Grant.consent_id == consent.id, Grant.revoked_at.is_(None)
    )
    people = set(session.scalars(in_it))
    team = select(Participant).where(
        Participant.plan_id == consent.plan_id,
        Participant.person_id.in_(people),
        Participant.status == ParticipantStatus.ACTIVE,
    )
    for participant in session.scalars(team):
        participant.status = ParticipantStatus.EXPIRED
    plan = session.get_one(Plan, consent.plan_id)
    owner = session.get_one(Person, plan.person_id)
    if owner.died_on is None:
        notify(session, plan, people, "withdrawn", plan.id, f"ended:{consent.uid}")
    session.flush()


def _without_appointment(session: Session) -> list[Grant]:
    """Keys of coordinators who are appointed no longer: they were let in as that."""
    a = CoordinatorAppointment
    still = (a.person_id == Plan.person_id, a.coordinator_id == Grant.person_id)
    wanted = (
        select(Grant)
        .join(Plan, Plan.id == Grant.plan_id)
        .join(
            Participant,
            and_(Participant.plan_id == Grant.plan_id, Participant.person_id == Grant.person_id),
        )
        .where(
            Participant.package == Package.COORDINATOR,
            Grant.revoked_at.is_(None),
            ~select(a.id).where(*still, holds_on(a, today())).exists(),
        )
    )
    return list(session.scalars(wanted.limit(_AT_ONCE)))


def _end(session: SystemSession, found: list[Grant]) -> None:
    hold(session, {key.plan_id for key in found})
    there = select(Grant).where(Grant.id.in_([key.id for key in found]), Grant.revoked_at.is_(None))
    keys = session.scalars(there, execution_options={"populate_existing": True}).all()
    for key in keys:
        key.revoked_at = utcnow()
    for plan_id, person_id in sorted({(key.plan_id, key.person_id) for key in keys}):
        mine = [key for key in keys if (key.plan_id, key.person_id) == (plan_id, person_id)]
        record_end(session, plan_id, Recorded.APPOINTMENT_ENDED, mine, (), person_id)
        part = select(Participant).where(
            Participant.plan_id == plan_id, Participant.person_id == person_id
        )
        session.scalars(part).one().status = ParticipantStatus.EXPIRED
        plan = session.get_one(Plan, plan_id)
        last = max(key.id for key in keys if key.plan_id == plan_id)
        notify(session, plan, [person_id], "withdrawn", plan_id, f"appointment:{last}")
    session.flush()
