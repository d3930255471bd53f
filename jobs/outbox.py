"""Emptying the outbox (utboks): claim, look again at the policy, send, mark.

Killed anywhere, it loses nothing: a claimed row comes back when its lease has run out.
Run twice, it sends once: a claim is a compare-and-set on `attempts`, and the Message-ID
is the row's own, so that a receiver who gets it twice sees one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session

from integrations.catalogue import translate
from models.account import Account, Membership
from models.clock import utcnow
from models.database import WRITING
from models.language import Language
from models.outbox import OutboxMessage
from models.people import Person
from security.access import load_access
from security.session import SystemSession
from services.notices import KINDS, part_of

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
BATCH = 50


class Sink(Protocol):
    def send(self, message_id: str, to: str, text: str) -> None: ...


def deliver(engine: Engine, sink: Sink) -> int:
    """Send what is due; the number of notices that left. One bad one stops no other."""
    sent = 0
    for message_id in _claim(engine):
        sent += _send(engine, sink, message_id)
    return sent


def _claim(engine: Engine) -> list[int]:
    WRITING.set(True)
    now, claimed = utcnow(), []
    with SystemSession(engine, because="sending notices") as session:
        free = or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now)
        waiting = (OutboxMessage.sent_at.is_(None), OutboxMessage.failed_at.is_(None))
        due = select(OutboxMessage.id, OutboxMessage.attempts).where(
            *waiting, OutboxMessage.due_at <= now, free
        )
        order = due.order_by(OutboxMessage.id).limit(BATCH).with_for_update(skip_locked=True)
        for message_id, attempts in session.execute(order).all():
            mine = update(OutboxMessage).where(
                OutboxMessage.id == message_id, OutboxMessage.attempts == attempts
            )
            taken = session.execute(mine.values(attempts=attempts + 1, leased_until=now + LEASE))
            if taken.rowcount:  # type: ignore[attr-defined]
                claimed.append(message_id)
        session.commit()
    return claimed


def _send(engine: Engine, sink: Sink, message_id: int) -> bool:
    WRITING.set(True)
    with SystemSession(engine, because="sending notices") as session:
        row = session.get_one(OutboxMessage, message_id)
        to = _address(session, row)
        if to is None:
            row.failed_at, row.fault = utcnow(), "not for this person any more"
            session.commit()
            return False
        uid, text, attempts = row.uid, translate(KINDS[row.kind], to[1]), row.attempts
        session.rollback()  # the network is not waited for inside a transaction
        try:
            sink.send(uid, to[0], text)
        except OSError as fault:
            _again(session, message_id, attempts, type(fault).__name__)
            return False
        session.get_one(OutboxMessage, message_id).sent_at = utcnow()
        session.commit()
        return True


def _again(session: Session, message_id: int, attempts: int, fault: str) -> None:
    row = session.get_one(OutboxMessage, message_id)
    row.fault, row.leased_until = fault, None
    row.due_at = utcnow() + timedelta(minutes=2**attempts)
    if attempts >= MOST_ATTEMPTS:
        row.failed_at = utcnow()
    session.commit()


def _is_still_for(session: Session, kind: str, person_id: int, plan_id: int) -> bool:
    """Whether the policy lets this person be told now. Of a dead owner nothing is said."""
    access = load_access(session, person_id, plan_id, utcnow())
    if access is None or not access.alive:
        return False
    if kind == "withdrawn" or access.owners_side or access.coordinator:
        return True
    part = part_of(kind)
    return bool(access.grants) if part is None else access.level(part) is not None


def _address(session: Session, row: OutboxMessage) -> tuple[str, str] | None:
    """Where to, and in which language; None when the person may not, or cannot, be told."""
    person = session.get(Person, row.person_id)
    if person is None or person.died_on is not None:
        return None
    if row.plan_id and not _is_still_for(session, row.kind, person.id, row.plan_id):
        return None
    hat = select(Membership).where(Membership.person_id == person.id)
    membership = session.scalars(hat).first()
    account = session.get(Account, membership.account_id) if membership else None
    language = account.language if account and account.language else Language.NYNORSK
    return person.email or person.phone or f"person {person.id}", str(language)
