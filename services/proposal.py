"""Proposing who takes part (framlegg), and asking for signatures; opens nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import select

from models.clock import utcnow
from models.consent import Consent, ConsentLine
from models.i18n import N_
from models.plan import Participant, Plan
from models.vocabulary import GONE, ConsentStatus, Package, ParticipantStatus, PlanType, Role
from security.agreement import ALL_AREAS
from security.session import GuardedSession
from security.signers import deciders
from services.accounts import admit, find_or_make
from services.appointments import coordinators_of
from services.consent import lines_of, lock, participant_of, signatures, team, waiting_consent
from services.errors import Conflict
from services.invitations import Ticket
from services.notices import notify
from services.outside import carry_over, outside_lines
from services.packages import parts


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
    uid: str = field(default_factory=lambda: str(uuid4()))


def propose(session: GuardedSession, plan: Plan, proposal: Proposal) -> list[Ticket]:
    """Put somebody in the proposal that waits for signatures; opens nothing by itself.

    A ticket comes back when somebody is invited to sign in.

    Raises: AlreadyProposed, NotAppointed, accounts.NameTaken, contact.NotAnEmail, Forbidden.
    """
    lock(session, plan.id)
    person = find_or_make(session, proposal.name, proposal.login_name, proposal.organisation)
    if proposal.package is Package.COORDINATOR and person.id not in _appointed(session, plan):
        raise NotAppointed(person.id)
    if participant_of(session, plan.id, person.id) is not None:
        raise AlreadyProposed(person.id)
    participant = Participant(
        uid=proposal.uid,
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
    consent = unsigned(session, plan, plan.type)
    _add_lines(session, consent, [participant])
    if person.id == session.actor.person_id:  # a new coordinator proposes herself
        return []
    ticket = admit(session, person, proposal.login_name, Role.PARTICIPANT)
    return [ticket] if ticket else []


def propose_again(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """Ask once more for somebody who was declined or withdrawn. Raises: AlreadyProposed."""
    lock(session, plan.id)
    participant = participant_of(session, plan.id, person_id)
    if participant is None or participant.status not in GONE:
        raise AlreadyProposed(person_id)
    participant.status = ParticipantStatus.PROPOSED
    session.flush()
    _add_lines(session, unsigned(session, plan, plan.type), [participant])


def send(session: GuardedSession, plan: Plan) -> Consent:
    """Ask for signatures to what is proposed; those who must sign are told.

    Raises: NobodyProposed.
    """
    lock(session, plan.id)
    consent = unsigned(session, plan, plan.type)
    if not lines_of(session, consent) and not outside_lines(session, consent):
        raise NobodyProposed(plan.id)
    return _ask(session, plan, consent)


def propose_conversion(session: GuardedSession, plan: Plan, to: PlanType) -> Consent:
    """Ask for the consent that will make the plan one of type `to`."""
    lock(session, plan.id)
    return _ask(session, plan, unsigned(session, plan, to))


def _ask(session: GuardedSession, plan: Plan, consent: Consent) -> Consent:
    """Those who are asked already see it as it is now."""
    if consent.status is not ConsentStatus.SENT:
        consent.status, consent.sent_at = ConsentStatus.SENT, utcnow()
        notify(session, plan, deciders(session, plan), "consent", consent.id, consent.uid)
        session.flush()
    return consent


def unsigned(
    session: GuardedSession, plan: Plan, plan_type: PlanType, without: str = ""
) -> Consent:
    """The waiting consent if nobody has signed it; else a new version with the whole team.

    Somebody who has signed has signed exactly what was on the page: it is not added to.
    without: `first_uid` of a line about somebody without a sign-in that is not asked any more.
    """
    waiting = waiting_consent(session, plan.id)
    if waiting is not None:
        untouched = not signatures(session, waiting) and not without
        if waiting.plan_type is plan_type and untouched:
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
    carry_over(session, consent, but=without)
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
    owner = select(Plan.person_id).where(Plan.id == at.plan_id).scalar_subquery()
    return coordinators_of(session, owner)
