"""The pauses that are on (pausar), and the keys they keep shut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from models.clock import utcnow
from models.consent import Consent, Grant, Pause
from models.vocabulary import Scope
from security.session import GuardedSession


def open_pauses(session: GuardedSession, plan_id: int) -> dict[int, Pause]:
    """Person -> the pause that is on."""
    wanted = select(Pause).where(Pause.plan_id == plan_id, Pause.ended_at.is_(None))
    return {one.person_id: one for one in session.scalars(wanted)}


def end_pause(session: GuardedSession, on: Pause) -> datetime:
    """It is over, by the actor; when."""
    on.ended_at, on.ended_by_id = utcnow(), session.actor.person_id
    session.flush()
    return on.ended_at


def paused_keys(session: GuardedSession, consent: Consent, on: Pause) -> Sequence[Grant]:
    """The keys of `consent` that the pause keeps shut: of each part the newest."""
    wanted = select(Grant).where(
        Grant.consent_id == consent.id,
        Grant.person_id == on.person_id,
        Grant.revoked_at >= on.created_at,
    )
    newest: dict[Scope, Grant] = {}
    for grant in session.scalars(wanted.order_by(Grant.id)):
        newest[grant.scope] = grant
    return list(newest.values())
