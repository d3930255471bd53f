"""Taking it back (trekke tilbake): one person, or the whole consent, effective at once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.consent import Consent
from models.i18n import N_
from models.outside import OutsideGrant
from models.plan import Plan
from models.vocabulary import ConsentStatus, ParticipantStatus, Recorded
from security.session import GuardedSession
from services.appointments import coordinators_of
from services.consent import (
    consent_in_force,
    live_grants,
    lock,
    participant_of,
    signatures,
    team,
    update_register,
    waiting_consent,
)
from services.drafts import take_from
from services.errors import Conflict
from services.evidence import record_withdrawal
from services.notices import notify
from services.outside import end_all
from services.papers import papers_wait_of
from services.pauses import end_pause, open_pauses


class AlreadyWithdrawn(Conflict):
    """Nothing is left to withdraw."""

    words = N_("This access has ended already.")


def withdraw_person(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """End one participant's access, at once, by one of those who decide alone.

    Raises: AlreadyWithdrawn, Forbidden. Source: GDPR art. 7(3).
    """
    lock(session, plan.id)
    participant = participant_of(session, plan.id, person_id)
    grants = live_grants(session, plan.id, person_id)
    paused = open_pauses(session, plan.id).get(person_id)
    if participant is None or not (grants or paused):
        raise AlreadyWithdrawn(person_id)
    for grant in grants:
        grant.revoked_at = utcnow()
    if paused is not None:
        end_pause(session, paused)
    participant.status = ParticipantStatus.WITHDRAWN
    take_from(session, plan.id, [person_id])
    taken_back = void_signatures(session, plan)
    record_withdrawal(session, plan.id, Recorded.PERSON_OUT, grants, taken_back)
    ended = grants[0] if grants else paused
    notify(session, plan, [person_id], "withdrawn", plan.id, f"{ended and ended.uid}")
    session.flush()


def withdraw_outside(session: GuardedSession, plan: Plan, grant_id: int) -> str:
    """End what one service or person without a sign-in was let do, at once, by one of those who
    decide alone; the coordinator is told. Answers with the name.

    Raises: AlreadyWithdrawn, Forbidden. Source: GDPR art. 7(3).
    """
    lock(session, plan.id)
    g = OutsideGrant
    wanted = select(g).where(g.id == grant_id, g.plan_id == plan.id).options(joinedload(g.line))
    grant = session.scalars(wanted).first()
    if grant is None or grant.revoked_at is not None or grant.ends_at <= utcnow():
        raise AlreadyWithdrawn(grant_id)
    grant.revoked_at = utcnow()
    session.flush()
    taken_back = void_signatures(session, plan)
    record_withdrawal(session, plan.id, Recorded.OUTSIDE_OUT, [], taken_back, [grant])
    told = coordinators_of(session, plan.person_id)
    notify(session, plan, told, "outside_ended", plan.id, grant.uid)
    session.flush()
    return grant.line.name


def withdraw_plan(session: GuardedSession, plan: Plan) -> None:
    """Withdraw the consent in force: everybody is out at once, the coordinator too.
    A signature that waits for others is taken back with it.

    The plan stays, read by the owner's side; a new signed consent starts it again.
    Raises: AlreadyWithdrawn, Forbidden. Source: GDPR art. 7(3).
    """
    lock(session, plan.id)
    taken_back = void_signatures(session, plan, ConsentStatus.WITHDRAWN)
    consent = consent_in_force(session, plan.id)
    if consent is None and not taken_back:
        raise AlreadyWithdrawn(plan.id)
    if consent is None:
        record_withdrawal(session, plan.id, Recorded.CONSENT_WITHDRAWN, [], taken_back)
        return
    now, grants = utcnow(), live_grants(session, plan.id)
    paused = open_pauses(session, plan.id)
    people = {g.person_id for g in grants} | paused.keys()
    for grant in grants:
        grant.revoked_at = now
    for one in paused.values():
        end_pause(session, one)
    consent.status, consent.ended_at = ConsentStatus.WITHDRAWN, now
    for participant in team(session, plan.id):
        if participant.person_id in people:
            participant.status = ParticipantStatus.WITHDRAWN
    take_from(session, plan.id, people)
    update_register(session, plan, None)
    over, outside = [*taken_back, consent], end_all(session, plan.id)
    record_withdrawal(session, plan.id, Recorded.CONSENT_WITHDRAWN, grants, over, outside)
    notify(session, plan, people, "withdrawn", plan.id, consent.uid)
    session.flush()


def void_signatures(
    session: GuardedSession, plan: Plan, status: ConsentStatus = ConsentStatus.SUPERSEDED
) -> list[Consent]:
    """End a waiting consent that somebody has signed, on paper too: what one parent takes back
    today, the other's signature on yesterday's page must not bring back. Answers with what it
    ended."""
    waiting = waiting_consent(session, plan.id)
    if waiting is None or not (signatures(session, waiting) or papers_wait_of(session, waiting)):
        return []
    waiting.status, waiting.ended_at = status, utcnow()
    notify(session, plan, [waiting.prepared_by_id], "consent_ended", waiting.id, waiting.uid)
    session.flush()
    return [waiting]
