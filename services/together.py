"""Signing together (signere saman): how far each signer has come, and the way to their phone.

Read by the column: the page asks again every few seconds, and has looked at one consent, not at
hundreds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select

from models.clock import utcnow
from models.consent import Consent, Signature
from models.i18n import N_
from models.outbox import OutboxMessage
from models.people import Person, Representation
from models.plan import Plan
from models.vocabulary import Capacity, ConsentStatus
from security.policy import Forbidden
from security.session import GuardedSession
from security.signers import deciders
from services.consent import lock
from services.errors import Conflict
from services.notice_kinds import CONSENT_HERE
from services.notices import notify

PAUSE = timedelta(minutes=5)
MOST_A_DAY = 5
"""How often one phone is called for: an SMS is late now and then, and nobody is pestered."""


class NothingToSign(Conflict):
    """No consent waits for this person's signature."""

    words = N_("Nothing waits for that signature any more. See how far it has come.")


class JustSent(Conflict):
    """The phone was called for a moment ago, or often enough today."""

    words = N_("It was sent a short while ago. Wait a little before you send it again.")


class NoPhone(Conflict):
    """There is no mobile number to send to."""

    words = N_("We have no mobile number for this person. Use the picture instead.")


class Step(StrEnum):
    """How far one signer has come."""

    NOT_OPENED = "not_opened"
    OPENED = "opened"
    SIGNED = "signed"


class Stage(StrEnum):
    """How far the consent has come. `REPLACED`: another is asked now, or none."""

    NOTHING = "nothing"
    PREPARING = "preparing"
    WAITING = "waiting"
    SIGNED = "signed"
    REPLACED = "replaced"


_STAGES = {
    ConsentStatus.DRAFT: Stage.PREPARING,
    ConsentStatus.SENT: Stage.WAITING,
    ConsentStatus.SIGNED: Stage.SIGNED,
}


@dataclass(frozen=True, slots=True)
class Signer:
    """One who must sign. `has_phone`: whether there is a mobile number, never which."""

    id: int
    name: str
    capacity: Capacity
    step: Step
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Stage
    consent_id: int = 0
    signers: Sequence[Signer] = ()


def progress(session: GuardedSession, plan: Plan, consent_id: int | None = None) -> Progress:
    """Of that consent, or of the plan's newest: how far it has come, and who in it."""
    wanted = select(Consent.id, Consent.status, Consent.sent_at).where(Consent.plan_id == plan.id)
    if consent_id is not None:
        wanted = wanted.where(Consent.id == consent_id)
    row = session.execute(wanted.order_by(Consent.version.desc()).limit(1)).first()
    if row is None:
        return Progress(Stage.NOTHING)
    known = _STAGES.get(row.status)
    if known is None:
        return Progress(Stage.NOTHING if consent_id is None else Stage.REPLACED, row.id)
    if known is Stage.PREPARING:
        return Progress(known, row.id)
    return Progress(known, row.id, _signers(session, plan, row.id, known, row.sent_at))


def _signers(
    session: GuardedSession, plan: Plan, consent_id: int, stage: Stage, sent_at: datetime | None
) -> list[Signer]:
    said = select(Signature.person_id, Signature.capacity).where(
        Signature.plan_id == plan.id, Signature.consent_id == consent_id
    )
    signed = {row.person_id: row.capacity for row in session.execute(said)}
    must = deciders(session, plan) if stage is Stage.WAITING else set()
    opened = _opened(session, plan, consent_id, sent_at)
    capacities = _capacities(session, plan) | signed
    p = Person
    people = select(p.id, p.name, p.phone_index).where(p.id.in_(must | signed.keys()))
    return [
        Signer(
            id=row.id,
            name=row.name,
            capacity=capacities.get(row.id, Capacity.OWNER),
            step=_step(row.id in signed, row.id in opened),
            has_phone=row.phone_index is not None,
        )
        for row in session.execute(people.order_by(p.name, p.id))
    ]


def _step(signed: bool, opened: bool) -> Step:
    if signed:
        return Step.SIGNED
    return Step.OPENED if opened else Step.NOT_OPENED


def _opened(
    session: GuardedSession, plan: Plan, consent_id: int, sent_at: datetime | None
) -> set[int]:
    """Whose notice of this consent was looked at: the mark that opening its page leaves."""
    m = OutboxMessage
    seen = select(m.person_id).where(
        m.plan_id == plan.id, m.row_id == consent_id, m.kind.in_(("consent", CONSENT_HERE)),
        m.seen_at >= (sent_at or utcnow()),
    )  # fmt: skip
    return {one for one in session.scalars(seen) if one is not None}


def _capacities(session: GuardedSession, plan: Plan) -> dict[int, Capacity]:
    """Person id -> as what they act for the owner, today."""
    r, now = Representation, utcnow()
    acting = select(r.representative_id, r.capacity).where(
        r.person_id == plan.person_id, r.verified_at.is_not(None), r.starts_at <= now,
        or_(r.ends_at.is_(None), r.ends_at > now), r.capacity != Capacity.PARENT_INFORMED,
    )  # fmt: skip
    return {row.representative_id: row.capacity for row in session.execute(acting)}


def send_to_phone(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """Tell a signer by SMS, at once, that the consent waits: no name, no key, no link but the
    front page. Signing in shows who they are.

    Raises: NothingToSign, NoPhone, JustSent, Forbidden.
    """
    access = session.access(plan.id)
    if access is None or not access.coordinator or not access.is_open:
        raise Forbidden("the coordinator has the consent signed together")
    lock(session, plan.id)
    now = progress(session, plan)
    signer = next((one for one in now.signers if one.id == person_id), None)
    if now.stage is not Stage.WAITING or signer is None or signer.step is Step.SIGNED:
        raise NothingToSign(person_id)
    if not signer.has_phone:
        raise NoPhone(person_id)
    _not_too_often(session, plan, person_id)
    key = f"{now.consent_id}:{utcnow():%Y-%m-%d %H:%M}"
    notify(session, plan, [person_id], CONSENT_HERE, now.consent_id, key)
    session.flush()


def _not_too_often(session: GuardedSession, plan: Plan, person_id: int) -> None:
    m, now = OutboxMessage, utcnow()
    mine = (m.plan_id == plan.id, m.person_id == person_id, m.kind == CONSENT_HERE)
    sent = select(func.count(m.id), func.max(m.created_at)).where(
        *mine, m.created_at > now - timedelta(days=1)
    )
    many, last = session.execute(sent).one()
    if many >= MOST_A_DAY or (last is not None and last > now - PAUSE):
        raise JustSent(person_id)
