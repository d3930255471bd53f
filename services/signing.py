"""Signing a consent (underskrift): the last signature opens what all said yes to."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from models.clock import months_later, today, utcnow
from models.consent import Consent, ConsentLine, Grant, Hearing, Signature, SignatureAnswer
from models.i18n import N_
from models.language import Tongue
from models.plan import Participant, Plan
from models.vocabulary import (
    ConsentStatus,
    Package,
    ParticipantStatus,
    PlanStatus,
    Scope,
    narrowest,
)
from security.agreement import Agreed, agreed, longest
from security.policy import Forbidden
from security.session import GuardedSession
from security.signers import deciders
from services.answer import Answer, ChildHeard
from services.consent import (
    consent_in_force,
    lines_of,
    live_grants,
    lock,
    signatures,
    team,
    update_register,
)
from services.drafts import take_from
from services.errors import Conflict
from services.evidence import BY_PASSWORD, Proof, record_signature
from services.notices import notify, see
from services.outside import Ways, answers_to, open_agreed, outside_lines
from services.packages import EVALUATED_WITHIN, scopes
from services.pauses import end_pause, open_pauses, paused_keys
from services.statement import asked

LONGEST_MONTHS = 12


class NotOpenForSigning(Conflict):
    """The consent is signed, replaced or withdrawn already, or signed by me."""

    words = N_("This consent is not open for your signature. See what has happened to it.")


def sign(
    session: GuardedSession,
    plan: Plan,
    consent: Consent,
    answers: Mapping[int, Answer],
    *,
    until: date,
    language: str,
    shown: str,
    child: ChildHeard | None,
    outside: Mapping[int, Ways] = MappingProxyType({}),
    proof: Proof = BY_PASSWORD,
) -> bool:
    """Sign `consent` with one answer a line; a line without an answer is a no. `outside`: the
    answers to lines about those without a sign-in.

    `shown`: the digest of the page that was signed; `language`: of the text on it. `child`: how
    the child was heard, while it is under the consent age. `proof`: how it was shown who signs,
    kept in the record of it. The last signature puts the consent
    in force: what all signers said yes to, and only that, becomes grants, at the
    narrowest level and areas and the earliest date; the plan takes the consent's type;
    the previous consent ends in the same breath. Answers whether it came into force.

    Raises: NotOpenForSigning, Forbidden; ValueError, when `until` is out of range or nothing is
    said of a child. Source: GDPR art. 4(11) and 7, barnelova § 31.
    """
    lock(session, plan.id)
    session.refresh(consent)
    me, access = session.actor.person_id, session.access(plan.id)
    if access is None or not access.decides or access.capacity is None:
        raise Forbidden("only those who decide sign")
    lines = lines_of(session, consent)
    signed = {s.person_id for s in signatures(session, consent)}
    said = asked(session, consent, language)
    open_ = consent.status is ConsentStatus.SENT and me not in signed
    if not open_ or shown != said.digest:
        raise NotOpenForSigning(consent.id)
    if not today() < until <= months_later(today(), LONGEST_MONTHS):
        raise ValueError("until is out of range")
    if child is None and not access.of_age:
        raise ValueError("nothing is said of what the child means")
    signature = Signature(
        plan_id=plan.id,
        consent_id=consent.id,
        person_id=me,
        capacity=access.capacity,
        until=until,
        signed_at=utcnow(),
        language=Tongue(language),
        method=proof.method[:40],
        digest=said.digest,
        statement=said.content,
    )
    session.add(signature)
    session.flush()
    see(session, plan.id, "consent", consent.id)
    stored = [_stored(signature, line, answers.get(line.id)) for line in lines]
    without = outside_lines(session, consent)
    about_them = answers_to(signature, without, outside)
    session.add_all([*stored, *about_them])
    heard = _hearing(signature, child) if child is not None else None
    if heard is not None:
        session.add(heard)
    pairs = list(zip(without, about_them, strict=True))
    record_signature(session, plan, consent, signature, stored, heard, proof, pairs)
    if not deciders(session, plan) <= {*signed, me}:
        return False
    _put_in_force(session, plan, consent, lines)
    return True


def _hearing(signature: Signature, child: ChildHeard) -> Hearing:
    return Hearing(
        plan_id=signature.plan_id,
        signature_id=signature.id,
        how=child.how,
        heard_on=child.on,
        opinion=child.opinion,
        reason=child.reason,
    )


def conclude(session: GuardedSession, plan: Plan, consent: Consent) -> None:
    """Put a consent in force that everybody has signed who must do so now: one who had not, need
    not any more. By somebody who decides, and has signed it.

    Raises: NotOpenForSigning, Forbidden.
    """
    lock(session, plan.id)
    session.refresh(consent)
    me, access = session.actor.person_id, session.access(plan.id)
    signed = {s.person_id for s in signatures(session, consent)}
    if access is None or not access.decides or me not in signed:
        raise Forbidden("only those who decide, and have signed")
    must = deciders(session, plan)
    if consent.status is not ConsentStatus.SENT or not must or not must <= signed:
        raise NotOpenForSigning(consent.id)
    _put_in_force(session, plan, consent, lines_of(session, consent))


def _stored(signature: Signature, line: ConsentLine, answer: Answer | None) -> SignatureAnswer:
    answer = answer or Answer(False, line.level, line.life_areas, False)
    return SignatureAnswer(
        plan_id=line.plan_id,
        signature_id=signature.id,
        line_id=line.id,
        accepted=answer.accepted,
        level=narrowest(answer.level, line.level),  # never wider than proposed
        life_areas=answer.life_areas & line.life_areas,
        older=answer.older,
    )


def _put_in_force(
    session: GuardedSession, plan: Plan, consent: Consent, lines: Sequence[ConsentLine]
) -> None:
    now = utcnow()
    before = live_grants(session, plan.id)
    known = {(g.person_id, g.scope): g for g in before if g.ends_at > now}
    previous = consent_in_force(session, plan.id)
    paused = open_pauses(session, plan.id)
    if previous is not None:
        for on in paused.values():
            keys = paused_keys(session, previous, on)
            known |= {(key.person_id, key.scope): key for key in keys}
        previous.status, previous.ended_at = ConsentStatus.SUPERSEDED, now
    for grant in before:
        grant.revoked_at = now
    session.flush()
    until = longest(session, plan, signatures(session, consent))
    consent.status, consent.signed_at, consent.until = ConsentStatus.SIGNED, now, until
    plan.status, plan.type = PlanStatus.ACTIVE, consent.plan_type
    if plan.next_evaluation is None and Scope.EVALUATION in scopes(plan.type):
        plan.next_evaluation = months_later(today(), EVALUATED_WITHIN)
    session.flush()
    given = agreed(session, consent.id)
    packages = {p.person_id: p for p in team(session, plan.id)}
    people_in = set()
    for line in lines:
        yes = given.get((line.person_id, line.scope))
        if yes is None:
            continue
        had = known.get((line.person_id, line.scope))
        since = _since(plan, packages[line.person_id], yes, now, had)
        people_in.add(line.person_id)
        session.add(
            Grant(
                plan_id=plan.id, consent_id=consent.id, person_id=line.person_id,
                scope=line.scope, level=yes.level, life_areas=yes.life_areas,
                since=since, starts_at=now, ends_at=until,
                revoked_at=now if line.person_id in paused else None,
            )
        )  # fmt: skip
    proposed = {line.person_id for line in lines}
    for participant in packages.values():
        if participant.package is not None:
            _settle(participant, participant.person_id in people_in, proposed, paused)
    open_agreed(session, consent, outside_lines(session, consent))
    for person_id in paused.keys() - people_in:
        end_pause(session, paused[person_id])
    take_from(session, plan.id, {grant.person_id for grant in before} - people_in)
    update_register(session, plan, until.date())
    told = people_in - paused.keys() - {session.actor.person_id}
    notify(session, plan, told, "access", consent.id, consent.uid)
    session.flush()


def _settle(participant: Participant, is_in: bool, asked: set[int], paused: Container[int]) -> None:
    if is_in:
        is_out = participant.person_id in paused
        participant.status = ParticipantStatus.PAUSED if is_out else ParticipantStatus.ACTIVE
    elif participant.person_id in asked:
        participant.status = ParticipantStatus.DECLINED
    elif participant.status is ParticipantStatus.ACTIVE:
        participant.status = ParticipantStatus.WITHDRAWN


def _since(
    plan: Plan, participant: Participant, yes: Agreed, now: datetime, had: Grant | None
) -> datetime:
    """The coordinator works with the whole plan, drafts included; others from now on
    unless every signer opened what is older. What was open yesterday, in these life
    areas and without a gap, stays open as far back."""
    if participant.package is Package.COORDINATOR or yes.older:
        return plan.opened_at
    return had.since if had is not None and yes.life_areas <= had.life_areas else now
