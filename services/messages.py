"""Sending a message (sende melding): to all, to some, to the coordinator only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.elements.message import Message, MessageRecipient
from models.plan import Participant, Plan
from models.vocabulary import Circle, Package, ParticipantStatus
from security.session import GuardedSession
from services.notices import notify

OUT = (ParticipantStatus.PROPOSED, ParticipantStatus.DECLINED, ParticipantStatus.WITHDRAWN)


def reachable(session: GuardedSession, plan: Plan) -> list[Participant]:
    """Everybody in the team who can be written to, the sender left out."""
    wanted = (
        select(Participant)
        .where(Participant.plan_id == plan.id, Participant.person_id != session.actor.person_id)
        .options(joinedload(Participant.person))
        .order_by(Participant.id)
    )
    return [p for p in session.scalars(wanted) if p.package is None or p.status not in OUT]


def send_message(
    session: GuardedSession,
    plan: Plan,
    team: Sequence[Participant],
    *,
    subject: str,
    body: str,
    circle: Circle,
    to: Collection[int],
    uid: str,
) -> Message:
    """Store a message and tell its receivers, in one transaction; never changed afterwards.

    team: everybody who can be written to; to: person ids, counted only for CHOSEN.
    Raises: Forbidden (before_flush), IntegrityError (the same `uid` a second time).
    """
    receivers = _receivers(team, circle, to)
    message = Message(
        uid=uid,
        plan_id=plan.id,
        subject_line=subject,
        body=body,
        circle=circle,
        locked_at=utcnow(),
        author_id=session.actor.person_id,
    )
    message.recipients = [
        MessageRecipient(plan_id=plan.id, person_id=person_id) for person_id in sorted(receivers)
    ]
    session.add(message)
    session.flush()
    notify(session, plan, receivers, "message", message.id, message.uid)
    session.flush()
    return message


def _receivers(team: Sequence[Participant], circle: Circle, to: Collection[int]) -> set[int]:
    if circle is Circle.COORDINATOR_ONLY:
        return {p.person_id for p in team if p.package is Package.COORDINATOR}
    if circle is Circle.OWNERS_SIDE:
        return {p.person_id for p in team if p.package is None}
    return {p.person_id for p in team} & set(to)
