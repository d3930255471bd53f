"""Consent (samtykke): proposed by the coordinator, signed and withdrawn by the owner's side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import or_, select

from models.clock import end_of_day, months_later, today, utcnow
from models.consent import (
    Consent,
    ConsentLine,
    ConsentText,
    Grant,
    Hearing,
    Signature,
    SignatureAnswer,
)
from models.i18n import N_
from models.people import CoordinatorAppointment
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import (
    ConsentStatus,
    Language,
    Level,
    LifeArea,
    Package,
    ParticipantStatus,
    PlanStatus,
    PlanType,
    Role,
    Scope,
    narrowest,
)
from security.agreement import ALL_AREAS, Agreed, agreed, deciders
from security.policy import Forbidden
from security.session import GuardedSession
from services.accounts import Ticket, admit, find_or_make
from services.errors import Conflict
from services.notices import notify
from services.packages import EVALUATED_WITHIN, parts, scopes

LONGEST_MONTHS = 12
GONE = (ParticipantStatus.WITHDRAWN, ParticipantStatus.DECLINED)


class NotOpenForSigning(Conflict):
    """The consent is signed, replaced or withdrawn already, or signed by me."""

    words = N_("This consent is not open for your signature. See what has happened to it.")


class AlreadyWithdrawn(Conflict):
    """Nothing is left to withdraw."""

    words = N_("This access has ended already.")


class AlreadyProposed(Conflict):
    """The person takes part, or is proposed, already."""

    words = N_("This person is in the plan already.")


class NotAppointed(Conflict):
    """Only a coordinator whom the coordinating unit has appointed takes part as one."""

    words = N_("Only an appointed coordinator takes part as the coordinator.")


class NobodyProposed(Conflict):
    """A consent without anybody in it asks nothing."""

    words = N_("Propose somebody before you ask for signatures.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody the coordinator wants in the team."""

    name: str
    login_name: str
    role: str
    organisation: str | None
    package: Package
    why: str | None = None
    service_type_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a signer says to one line: yes or no, and what the yes means."""

    accepted: bool
    level: Level
    life_areas: frozenset[LifeArea]
    older: bool


# Proposing


def propose(session: GuardedSession, plan: Plan, proposal: Proposal) -> Ticket | None:
    """Put somebody in the proposal that waits for signatures; opens nothing by itself.

    Raises: AlreadyProposed, NotAppointed, accounts.NameTaken, contact.NotAnEmail, Forbidden.
    """
    lock(session, plan.id)
    person = find_or_make(session, proposal.name, proposal.login_name, proposal.organisation)
    if proposal.package is Package.COORDINATOR and person.id not in _appointed(session, plan):
        raise NotAppointed(person.id)
    if _participant(session, plan.id, person.id) is not None:
        raise AlreadyProposed(person.id)
    participant = Participant(
        plan_id=plan.id,
        person_id=person.id,
        package=proposal.package,
        role=proposal.role,
        organisation=proposal.organisation,
        why=proposal.why,
        service_type_id=proposal.service_type_id,
    )
    session.add(participant)
    session.flush()
    consent = _unsigned(session, plan, plan.type)
    _add_lines(session, consent, [participant])
    if person.id == session.actor.person_id:  # a new coordinator proposes herself
        return None
    return admit(session, person, proposal.login_name, Role.PARTICIPANT)


def propose_again(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """Ask once more for somebody who was declined or withdrawn. Raises: AlreadyProposed."""
    lock(session, plan.id)
    participant = _participant(session, plan.id, person_id)
    if participant is None or participant.status not in GONE:
        raise AlreadyProposed(person_id)
    participant.status = ParticipantStatus.PROPOSED
    session.flush()
    _add_lines(session, _unsigned(session, plan, plan.type), [participant])


def send(session: GuardedSession, plan: Plan) -> Consent:
    """Ask for signatures to what is proposed; those who must sign are told.

    Raises: NobodyProposed.
    """
    lock(session, plan.id)
    consent = _unsigned(session, plan, plan.type)
    if not lines_of(session, consent):
        raise NobodyProposed(plan.id)
    if consent.status is ConsentStatus.SENT:  # they are asked already, and see it as it is now
        return consent
    consent.status, consent.sent_at = ConsentStatus.SENT, utcnow()
    notify(session, plan, deciders(session, plan), "consent", consent.id, consent.uid)
    session.flush()
    return consent


def propose_conversion(session: GuardedSession, plan: Plan, to: PlanType) -> Consent:
    """Ask for the consent that will make the plan one of type `to`."""
    lock(session, plan.id)
    consent = _unsigned(session, plan, to)
    consent.status, consent.sent_at = ConsentStatus.SENT, utcnow()
    notify(session, plan, deciders(session, plan), "consent", consent.id, consent.uid)
    session.flush()
    return consent


def _unsigned(session: GuardedSession, plan: Plan, plan_type: PlanType) -> Consent:
    """The waiting consent if nobody has signed it; else a new version with the whole team.

    Somebody who has signed has signed exactly what was on the page: it is not added to.
    """
    waiting = waiting_consent(session, plan.id)
    if waiting is not None:
        if waiting.plan_type is plan_type and not signatures(session, waiting):
            return waiting
        waiting.status, waiting.ended_at = ConsentStatus.SUPERSEDED, utcnow()
        session.flush()
    versions = session.scalars(select(Consent.version).where(Consent.plan_id == plan.id)).all()
    consent = Consent(
        plan_id=plan.id,
        version=max(versions, default=0) + 1,
        plan_type=plan_type,
        prepared_by_id=session.actor.person_id,
    )
    session.add(consent)
    session.flush()
    _add_lines(session, consent, team(session, plan.id))
    return consent


def _add_lines(
    session: GuardedSession, consent: Consent, participants: Iterable[Participant]
) -> None:
    there = {(line.person_id, line.scope) for line in lines_of(session, consent)}
    appointed = _appointed(session, consent)
    for participant in participants:
        leads = participant.package is Package.COORDINATOR
        is_asked = participant.person_id in appointed if leads else participant.status not in GONE
        if participant.package is None or not is_asked:
            continue
        for scope, level in parts(participant.package, consent.plan_type).items():
            if (participant.person_id, scope) not in there:
                session.add(
                    ConsentLine(
                        plan_id=consent.plan_id,
                        consent_id=consent.id,
                        person_id=participant.person_id,
                        scope=scope,
                        level=level,
                        life_areas=ALL_AREAS,
                    )
                )
    session.flush()


def _appointed(session: GuardedSession, at: Plan | Consent) -> set[int]:
    """Coordinators the coordinating unit has appointed for the owner, today."""
    a, day = CoordinatorAppointment, today()
    owner = select(Plan.person_id).where(Plan.id == (at.id if isinstance(at, Plan) else at.plan_id))
    wanted = select(a.coordinator_id).where(
        a.person_id == owner.scalar_subquery(),
        a.starts_on <= day,
        or_(a.ends_on.is_(None), a.ends_on >= day),
    )
    return set(session.scalars(wanted))


# Who and what


def waiting_consent(session: GuardedSession, plan_id: int) -> Consent | None:
    """The consent that is being prepared or waits for signatures."""
    return _with_status(session, plan_id, ConsentStatus.DRAFT, ConsentStatus.SENT)


def consent_in_force(session: GuardedSession, plan_id: int) -> Consent | None:
    return _with_status(session, plan_id, ConsentStatus.SIGNED)


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


def _participant(session: GuardedSession, plan_id: int, person_id: int) -> Participant | None:
    wanted = select(Participant).where(
        Participant.plan_id == plan_id, Participant.person_id == person_id
    )
    return session.scalars(wanted).first()


def consent_text(session: GuardedSession, plan_type: PlanType, language: Language) -> str:
    """The newest text of the municipality in a language, in nynorsk when it has no other."""
    for wish in (language, Language.NYNORSK, Language.ENGLISH):
        wanted = select(ConsentText.body).where(
            ConsentText.plan_type == plan_type, ConsentText.language == wish
        )
        body = session.scalars(wanted.order_by(ConsentText.version.desc())).first()
        if body is not None:
            return body
    return ""


def page_digest(text: str, lines: Iterable[ConsentLine]) -> str:
    """SHA-256 of exactly what the signer was shown: the text and every line."""
    shown = [text]
    for line in lines:
        areas = ",".join(sorted(line.life_areas))
        shown.append(f"{line.id}|{line.person_id}|{line.scope}|{line.level}|{areas}")
    return sha256("\n".join(shown).encode()).hexdigest()


# Signing


def sign(
    session: GuardedSession,
    plan: Plan,
    consent: Consent,
    answers: Mapping[int, Answer],
    *,
    until: date,
    language: Language,
    shown: str,
    opinion: str | None,
) -> bool:
    """Sign `consent` with one answer a line; a line without an answer is a no.

    `shown`: the digest of the page that was signed. The last signature puts the consent
    in force: what all signers said yes to, and only that, becomes grants, at the
    narrowest level and areas and the earliest date; the plan takes the consent's type;
    the previous consent ends in the same breath. Answers whether it came into force.

    Raises: NotOpenForSigning, Forbidden. Source: GDPR art. 4(11) and 7.
    """
    lock(session, plan.id)
    session.refresh(consent)
    me, access = session.actor.person_id, session.access(plan.id)
    if access is None or not access.decides or access.capacity is None:
        raise Forbidden("only those who decide sign")
    lines = lines_of(session, consent)
    signed = {s.person_id for s in signatures(session, consent)}
    text = consent_text(session, consent.plan_type, language)
    open_ = consent.status is ConsentStatus.SENT and me not in signed
    if not open_ or shown != page_digest(text, lines):
        raise NotOpenForSigning(consent.id)
    if not today() < until <= months_later(today(), LONGEST_MONTHS):
        raise ValueError("until is out of range")
    signature = Signature(
        plan_id=plan.id,
        consent_id=consent.id,
        person_id=me,
        capacity=access.capacity,
        until=until,
        signed_at=utcnow(),
        language=language,
        method="password",
        digest=shown,
    )
    session.add(signature)
    session.flush()
    for line in lines:
        session.add(_stored(signature, line, answers.get(line.id)))
    if opinion:
        session.add(Hearing(plan_id=plan.id, signature_id=signature.id, opinion=opinion))
    session.flush()
    if not deciders(session, plan) <= {*signed, me}:
        return False
    _put_in_force(session, plan, consent, lines)
    return True


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
    before = _live_grants(session, plan.id)
    known = {(g.person_id, g.scope): g for g in before if g.ends_at > now}
    previous = consent_in_force(session, plan.id)
    if previous is not None:
        previous.status, previous.ended_at = ConsentStatus.SUPERSEDED, now
    for grant in before:
        grant.revoked_at = now
    session.flush()
    until = end_of_day(min(s.until for s in signatures(session, consent)))
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
            )
        )  # fmt: skip
    asked = {line.person_id for line in lines}
    for participant in packages.values():
        if participant.package is not None:
            _settle(participant, participant.person_id in people_in, asked)
    update_register(session, plan, until.date())
    notify(session, plan, people_in - {session.actor.person_id}, "access", consent.id, consent.uid)
    session.flush()


def _settle(participant: Participant, is_in: bool, asked: set[int]) -> None:
    if is_in:
        participant.status = ParticipantStatus.ACTIVE
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


def _live_grants(
    session: GuardedSession, plan_id: int, person_id: int | None = None
) -> Sequence[Grant]:
    wanted = select(Grant).where(Grant.plan_id == plan_id, Grant.revoked_at.is_(None))
    if person_id is not None:
        wanted = wanted.where(Grant.person_id == person_id)
    return session.scalars(wanted).all()


# Withdrawing


def withdraw_person(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """End one participant's access, at once, by one of those who decide alone.

    Raises: AlreadyWithdrawn, Forbidden. Source: GDPR art. 7(3).
    """
    lock(session, plan.id)
    participant, grants = (
        _participant(session, plan.id, person_id),
        _live_grants(session, plan.id, person_id),
    )
    if participant is None or not grants:
        raise AlreadyWithdrawn(person_id)
    for grant in grants:
        grant.revoked_at = utcnow()
    participant.status = ParticipantStatus.WITHDRAWN
    _void_signatures(session, plan, ConsentStatus.SUPERSEDED)
    notify(session, plan, [person_id], "withdrawn", plan.id, f"{grants[0].uid}")
    session.flush()


def withdraw_plan(session: GuardedSession, plan: Plan) -> None:
    """Withdraw the consent in force: everybody is out at once, the coordinator too.
    A signature that waits for others is taken back with it.

    The plan stays, read by the owner's side; a new signed consent starts it again.
    Raises: AlreadyWithdrawn, Forbidden. Source: GDPR art. 7(3).
    """
    lock(session, plan.id)
    consent, taken_back = (
        consent_in_force(session, plan.id),
        _void_signatures(session, plan, ConsentStatus.WITHDRAWN),
    )
    if consent is None:
        if not taken_back:
            raise AlreadyWithdrawn(plan.id)
        return
    now, grants = utcnow(), _live_grants(session, plan.id)
    people = {g.person_id for g in grants}
    for grant in grants:
        grant.revoked_at = now
    consent.status, consent.ended_at = ConsentStatus.WITHDRAWN, now
    for participant in team(session, plan.id):
        if participant.person_id in people:
            participant.status = ParticipantStatus.WITHDRAWN
    update_register(session, plan, None)
    notify(session, plan, people, "withdrawn", plan.id, consent.uid)
    session.flush()


def _void_signatures(session: GuardedSession, plan: Plan, status: ConsentStatus) -> bool:
    """End a waiting consent that somebody has signed: what one parent takes back today,
    the other's signature on yesterday's page must not bring back. Answers whether it did."""
    waiting = waiting_consent(session, plan.id)
    if waiting is None or not signatures(session, waiting):
        return False
    waiting.status, waiting.ended_at = status, utcnow()
    notify(session, plan, [waiting.prepared_by_id], "consent_ended", waiting.id, waiting.uid)
    session.flush()
    return True


# Common ground


def lock(session: GuardedSession, plan_id: int) -> None:
    """Hold the plan for this transaction: two who check and write take turns."""
    held = select(Plan).where(Plan.id == plan_id).with_for_update()
    session.scalars(held, execution_options={"populate_existing": True}).one()
    session.info.pop("access", None)  # what was known before the turn came may be old


def update_register(session: GuardedSession, plan: Plan, consent_until: date | None) -> None:
    """Let the office see what it may: type, status, and how long the consent lasts."""
    entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    entry.type, entry.status, entry.consent_until = plan.type, plan.status, consent_until
    entry.next_evaluation = plan.next_evaluation
