"""Going by oneself (gå ut): a participant ends the own access, as when the service ends."""

from __future__ import annotations

from models.clock import utcnow
from models.i18n import N_
from models.plan import Plan
from models.vocabulary import Package, ParticipantStatus, Recorded
from security.session import GuardedSession
from security.signers import deciders
from services.appointments import coordinators_of
from services.consent import live_grants, lock, participant_of
from services.drafts import take_from
from services.errors import Conflict
from services.evidence import record_withdrawal
from services.notices import notify
from services.withdrawal import AlreadyWithdrawn


class CoordinatesHere(Conflict):
    """A plan has somebody who holds it together until another is appointed."""

    words = N_("You are the coordinator here. Ask the coordinating unit to appoint another.")


def leave(session: GuardedSession, plan: Plan) -> None:
    """End the actor's own access at once; what they have written stays, and those who decide
    and the coordinator are told. Coming back takes a new consent.

    Raises: AlreadyWithdrawn, CoordinatesHere.
    """
    me = session.actor.person_id
    lock(session, plan.id)
    participant = participant_of(session, plan.id, me)
    grants = live_grants(session, plan.id, me)
    if participant is None or not grants:
        raise AlreadyWithdrawn(me)
    if participant.package is Package.COORDINATOR:
        raise CoordinatesHere(me)
    told = deciders(session, plan) | coordinators_of(session, plan.person_id)
    notify(session, plan, told - {me}, "team", plan.id, f"left:{grants[0].uid}")
    record_withdrawal(session, plan.id, Recorded.LEFT, grants)  # while one may still say so
    participant.status = ParticipantStatus.LEFT
    for grant in grants:
        grant.revoked_at = utcnow()
    session.flush()
    take_from(session, plan.id, [me])
