"""Sending a message (sende melding): to all, to some, to the coordinator only; and answering."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.elements.message import Message, MessageRecipient
from models.outbox import OutboxMessage
from models.plan import Participant, Plan
from models.vocabulary import Circle, Package, ParticipantStatus
from security.session import GuardedSession
from services.attachments import File, attach
from services.notices import notify

OUT = (ParticipantStatus.PROPOSED, ParticipantStatus.DECLINED, ParticipantStatus.WITHDRAWN)
TOLD_AGAIN = timedelta(minutes=10)
"""Who has just been told of a message is not told that it was put right."""


def reachable(session: GuardedSession, plan: Plan) -> list[Participant]:
    """Everybody in the team who can be written to, the sender left out."""
    return to_be_written_to(others(session, plan))


def others(session: GuardedSession, plan: Plan) -> Sequence[Participant]:
    """All who take part, or have done so, or are proposed; the actor left out."""
    wanted = (
        select(Participant)
        .where(Participant.plan_id == plan.id, Participant.person_id != session.actor.person_id)
        .options(joinedload(Participant.person))
        .order_by(Participant.id)
    )
    return session.scalars(wanted).all()


def to_be_written_to(people: Sequence[Participant]) -> list[Participant]:
    """Those of them who take part now."""
    return [p for p in people if p.package is None or p.status not in OUT]


def answered_by(people: Sequence[Participant], message: Message) -> list[Participant]:
    """Those of them whom an answer to the message reaches when it goes to the same people: its
    author and its receivers, who can still be written to."""
    wanted = {message.author_id, *(one.person_id for one in message.recipients)}
    between = message.circle is Circle.OWNERS_SIDE  # a coordinator who is only proposed yet
    asked = [
        p for p in people
        if between and p.package is Package.COORDINATOR and p.status is ParticipantStatus.PROPOSED
    ]  # fmt: skip
    return [p for p in (*to_be_written_to(people), *asked) if p.person_id in wanted]


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
    files: Sequence[File] = (),
    thread: str | None = None,
) -> Message:
    """Store a message and tell its receivers, in one transaction.

    team: everybody who can be written to; to: person ids, counted only for CHOSEN, and for an
    answer; thread: that of the message it answers.
    Raises: Forbidden (before_flush), IntegrityError (the same `uid` a second time).
    """
    receivers = {p.person_id for p in team} & set(to) if thread else receivers_of(team, circle, to)
    message = Message(
        uid=uid,
        plan_id=plan.id,
        subject_line=subject,
        body=body,
        circle=circle,
        thread=thread or uid,
        locked_at=utcnow(),
        author_id=session.actor.person_id,
    )
    message.recipients = [
        MessageRecipient(plan_id=plan.id, person_id=person_id) for person_id in sorted(receivers)
    ]
    session.add(message)
    attach(session, message, files)
    session.flush()
    notify(session, plan, receivers, "message", message.id, message.uid)
    session.flush()
    return message


def receivers_of(team: Sequence[Participant], circle: Circle, to: Collection[int]) -> set[int]:
    """Person ids of those who get a message of this circle; to: counted only for CHOSEN."""
    if circle is Circle.COORDINATOR_ONLY:
        return {p.person_id for p in team if p.package is Package.COORDINATOR}
    if circle is Circle.OWNERS_SIDE:
        return {p.person_id for p in team if p.package is None}
    return {p.person_id for p in team} & set(to)


def correct(session: GuardedSession, plan: Plan, message: Message, said: dict[str, Any]) -> None:
    """Put the words of one's own message right; what it said is kept, and who gets it stays.
    Receivers are told once more, unless they have just been told of it.

    said: column -> what it says from now on. Raises: Forbidden, Locked.
    """
    if all(getattr(message, name) == words for name, words in said.items()):
        return
    for name, words in said.items():
        setattr(message, name, words)
    session.flush()
    m = OutboxMessage
    of_it = (m.plan_id == plan.id, m.kind == "message", m.row_id == message.id)
    told = session.scalar(select(func.max(m.created_at)).where(*of_it))
    if told is None or told < utcnow() - TOLD_AGAIN:
        still = {p.person_id for p in reachable(session, plan)}
        receivers = {one.person_id for one in message.recipients} & still
        notify(session, plan, receivers, "message", message.id, f"{message.uid}:{message.version}")
        session.flush()
