"""A pause (pause): somebody is shut out at once, and let in again without a new signature."""

from __future__ import annotations

from models.clock import utcnow
from models.consent import Pause
from models.i18n import N_
from models.plan import Plan
from models.vocabulary import ParticipantStatus, Recorded
from security.session import GuardedSession
from services.consent import consent_in_force, live_grants, lock, participant_of
from services.errors import Conflict
from services.evidence import record_withdrawal
from services.narrowing import remade
from services.notices import notify
from services.pauses import end_pause, open_pauses, paused_keys
from services.withdrawal import AlreadyWithdrawn


class NotPaused(Conflict):
    """There is no pause, or somebody else began it."""

    words = N_("There is no pause here that you can end. Whoever began it ends it.")


def pause(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """Shut somebody out until the actor opens again. What they have written stays.

    Raises: AlreadyWithdrawn, Forbidden.
    """
    lock(session, plan.id)
    grants = live_grants(session, plan.id, person_id)
    participant = participant_of(session, plan.id, person_id)
    if participant is None or not grants:
        raise AlreadyWithdrawn(person_id)
    now = utcnow()
    made = Pause(
        plan_id=plan.id, person_id=person_id, paused_by_id=session.actor.person_id, created_at=now
    )
    session.add(made)
    for grant in grants:
        grant.revoked_at = now
    participant.status = ParticipantStatus.PAUSED
    session.flush()
    record_withdrawal(session, plan.id, Recorded.PAUSED, grants)
    notify(session, plan, [person_id], "paused", plan.id, made.uid)
    session.flush()


def resume(session: GuardedSession, plan: Plan, person_id: int) -> None:
    """End the actor's own pause: what the consent in force opens is open again, no more than
    it was. Raises: NotPaused, Forbidden."""
    lock(session, plan.id)
    on = open_pauses(session, plan.id).get(person_id)
    participant = participant_of(session, plan.id, person_id)
    if on is None or participant is None or on.paused_by_id != session.actor.person_id:
        raise NotPaused(person_id)
    now = end_pause(session, on)
    consent = consent_in_force(session, plan.id)
    shut = [k for k in (paused_keys(session, consent, on) if consent else ()) if k.ends_at > now]
    for key in shut:
        session.add(remade(key, now, key.level, key.life_areas))
    participant.status = ParticipantStatus.ACTIVE if shut else ParticipantStatus.EXPIRED
    session.flush()
    record_withdrawal(session, plan.id, Recorded.RESUMED, shut)
    if shut:
        notify(session, plan, [person_id], "access", plan.id, on.uid)
        session.flush()
