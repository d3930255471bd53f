"""What everybody who must sign has said (semje): asked when a consent is to take force,
when a key is made and when a plan becomes another, so that no service decides alone.

Barnelova § 30, pasient- og brukarrettslova §§ 4-3 and 4-4, GDPR art. 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import end_of_day
from models.consent import Consent, ConsentLine, Grant, Pause, Signature, SignatureAnswer
from models.plan import Plan
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.vocabulary import ConsentStatus, Level, LifeArea, Scope, narrowest
from security.ages import last_moment
from security.policy import Forbidden
from security.signers import deciders

ALL_AREAS = frozenset(LifeArea)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What all signers said yes to for one person and one part of the plan."""

    level: Level
    life_areas: frozenset[LifeArea]
    older: bool


def agreed(session: Session, consent_id: int) -> dict[tuple[int, Scope], Agreed]:
    """(person, part) -> what everybody who has signed said yes to. Not there: somebody
    said no or was not asked, or nothing is left in common."""
    signed = select(Signature.id).where(Signature.consent_id == consent_id)
    signers = set(session.scalars(signed))
    pairs = (
        select(ConsentLine, SignatureAnswer)
        .join(SignatureAnswer, SignatureAnswer.line_id == ConsentLine.id)
        .where(ConsentLine.consent_id == consent_id)
        .order_by(ConsentLine.id)
    )
    result = {}
    for line, of_it in groupby(session.execute(pairs).all(), key=lambda pair: pair[0]):
        said = [pair[1] for pair in of_it]
        if {a.signature_id for a in said} != signers or not all(a.accepted for a in said):
            continue
        areas = frozenset.intersection(line.life_areas, *(a.life_areas for a in said))
        areas = areas if line.scope.has_life_areas else ALL_AREAS
        level = line.level
        for answer in said:
            level = narrowest(level, answer.level)
        if areas:
            key = (line.person_id, line.scope)
            result[key] = Agreed(level, areas, all(a.older for a in said))
    return result


def authorise_force(session: Session, consent: Consent) -> None:
    """A consent takes force when all who decide have signed it, and for the shortest time
    one of them said. Raises: Forbidden."""
    wanted = select(Signature).where(Signature.consent_id == consent.id)
    signed = session.scalars(wanted).all()
    plan = session.get_one(Plan, consent.plan_id)
    must, until = deciders(session, plan), consent.until
    if not must or not must <= {one.person_id for one in signed}:
        raise Forbidden("not everybody who decides has signed")
    if until is None or until > longest(session, plan, signed):
        raise Forbidden("a consent lasts no longer than each signer said, or could say")


def longest(session: Session, plan: Plan, signed: Sequence[Signature]) -> datetime:
    """When a consent with these signatures ends: as the first of them said; what only a child's
    guardians have signed some days after the child decides (security.ages)."""
    said = end_of_day(min(one.until for one in signed))
    as_ = {one.capacity for one in signed}
    of_a_child = all(as_what in UNTIL_THE_OWNER_DECIDES for as_what in as_)
    last = last_moment(session, plan, owner_signed=not of_a_child)
    return said if last is None else min(said, last)


def authorise_keys(session: Session, grants: Iterable[Grant]) -> None:
    """A key opens what all signers of a consent in force said yes to, for as long, and
    no more. Raises: Forbidden."""
    in_order = sorted(grants, key=lambda grant: grant.consent_id)
    for consent_id, keys in groupby(in_order, key=lambda grant: grant.consent_id):
        consent = session.get(Consent, consent_id)
        if consent is None or consent.status is not ConsentStatus.SIGNED or not consent.until:
            raise Forbidden("no grant without a consent in force")
        yes = agreed(session, consent_id)
        for key in keys:
            said = yes.get((key.person_id, key.scope))
            inside = said and said.level.covers(key.level) and key.life_areas <= said.life_areas
            if not inside or key.ends_at > consent.until:
                raise Forbidden("no grant beyond what every signer said yes to")
            _authorise_anew(session, key)


def _authorise_anew(session: Session, key: Grant) -> None:
    """What has been taken back once is not given again by the same signatures: a key is made
    anew when it becomes less, in the same breath, or when a pause ends by whoever began it.

    Raises: Forbidden.
    """
    earlier = select(Grant).where(
        Grant.consent_id == key.consent_id,
        Grant.person_id == key.person_id,
        Grant.scope == key.scope,
        Grant.id.is_not(None) if key.id is None else Grant.id != key.id,
    )
    last = session.scalars(earlier.order_by(Grant.id.desc()).limit(1)).first()
    if last is None:
        return
    inside = last.level.covers(key.level) and key.life_areas <= last.life_areas
    if not inside or key.since < last.since or key.ends_at > last.ends_at:
        raise Forbidden("a key made anew opens no more than the one before")
    if last.revoked_at is None or last.revoked_at == key.starts_at:
        return
    pause = select(Pause.id).where(
        Pause.plan_id == key.plan_id,
        Pause.person_id == key.person_id,
        Pause.created_at <= last.revoked_at,
        Pause.ended_at == key.starts_at,
        Pause.ended_by_id == Pause.paused_by_id,
    )
    if session.scalars(pause).first() is None:
        raise Forbidden("what was taken back takes a new consent")


def authorise_plan(session: Session, plan: Plan) -> None:
    """A plan becomes active, or of another type, as the consent in force says.

    Raises: Forbidden.
    """
    consents = session.scalars(select(Consent).where(Consent.plan_id == plan.id))
    if not any(c.status is ConsentStatus.SIGNED and c.plan_type is plan.type for c in consents):
        raise Forbidden("a plan changes with a consent in force")
