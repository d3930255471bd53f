"""Emptying the outbox (utboks): claim, look again at the policy, send, mark.

Killed anywhere, it loses nothing: a claimed delivery comes back when its lease has run out.
Run twice, it sends once: a claim is a compare-and-set on `attempts`, and the Message-ID
is the delivery's own, so that a receiver who gets it twice sees one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session, joinedload

from integrations.letter import Carrier, Refused, Unreachable
from jobs.letters import letter_for, quiet_hours
from jobs.planning import plan
from models.clock import utcnow
from models.database import WRITING
from models.outbox import Delivery, OutboxMessage
from models.vocabulary import Channel, Fault
from security.session import SystemSession
from services.hours import awake
from services.notice_kinds import SIGN_IN_CODE

LEASE = timedelta(minutes=5)
"""Longer than any one letter takes; taken anew before each."""
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=4)
MOST_ATTEMPTS = 14
"""With waits that double up to the longest, more than a day: as long as a server may be down."""
BATCH = 10
"""As many as are tried within a lease when the server hangs: being claimed and not tried would
use a try up."""


def deliver(engine: Engine, carriers: Mapping[Channel, Carrier]) -> int:
    """Plan what is new and send what is due; the number of letters that left. One bad one
    stops no other."""
    while plan(engine, carriers.keys()):
        pass
    sent = 0
    while claimed := _claim(engine):
        sent += sum(_send(engine, carriers, *one) for one in claimed)
    return sent


def has_work(engine: Engine) -> bool:
    """Whether anything is due: a look that locks nothing."""
    m, d, now = OutboxMessage, Delivery, utcnow()
    free = or_(d.leased_until.is_(None), d.leased_until < now)
    new = select(m.id).where(m.planned_at.is_(None), m.due_at <= now)
    due = select(d.id).where(d.sent_at.is_(None), d.failed_at.is_(None), d.due_at <= now, free)
    with SystemSession(engine, because="looking for notices") as session:
        return bool(session.scalar(select(or_(new.exists(), due.exists()))))


def _claim(engine: Engine) -> list[tuple[int, int]]:
    """(id, attempts) of deliveries that are this worker's now."""
    WRITING.set(True)
    now, claimed = utcnow(), []
    with SystemSession(engine, because="sending notices") as session:
        free = or_(Delivery.leased_until.is_(None), Delivery.leased_until < now)
        waiting = (Delivery.sent_at.is_(None), Delivery.failed_at.is_(None))
        due = select(Delivery.id, Delivery.attempts).where(*waiting, Delivery.due_at <= now, free)
        order = due.order_by(Delivery.id).limit(BATCH).with_for_update(skip_locked=True)
        for delivery_id, attempts in session.execute(order).all():
            mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.attempts == attempts)
            taken = session.execute(mine.values(attempts=attempts + 1, leased_until=now + LEASE))
            if taken.rowcount:  # type: ignore[attr-defined]
                claimed.append((delivery_id, attempts + 1))
        session.commit()
    return claimed


def _send(
    engine: Engine, carriers: Mapping[Channel, Carrier], delivery_id: int, attempt: int
) -> bool:
    WRITING.set(True)
    with SystemSession(engine, because="sending notices") as session:
        if not _is_still_mine(session, delivery_id, attempt):
            return False
        row = _delivery(session, delivery_id)
        if _is_quiet(session, row):
            session.commit()
            return False
        dead_end = row.attempts > MOST_ATTEMPTS  # each try killed its worker
        letter = Fault.UNREACHABLE if dead_end else letter_for(session, row)
        if isinstance(letter, Fault):
            row.failed_at, row.fault = utcnow(), letter
            session.commit()
            return False
        session.commit()  # the network is not waited for inside a transaction
        try:
            carriers[letter.channel].send(letter)
        except Refused:
            _give_up(session, delivery_id)
            return False
        except (Unreachable, KeyError):  # KeyError: the settings have no such carrier now
            _try_later(session, delivery_id)
            return False
        row = _delivery(session, delivery_id)
        row.sent_at, row.fault = utcnow(), None
        session.commit()
        return True


def _is_quiet(session: Session, row: Delivery) -> bool:
    """Whether it waits for the morning: a telephone that rings at night wakes somebody. Whoever
    is signing in is awake."""
    if row.channel is not Channel.SMS or row.kind == SIGN_IN_CODE:
        return False
    now = utcnow()
    later = awake(now, *quiet_hours(session, row.person_id))
    if later > now:
        row.due_at, row.leased_until = later, None
    return later > now


def _is_still_mine(session: Session, delivery_id: int, attempt: int) -> bool:
    """Whether no other worker has taken it since: the letters before it may have been slow."""
    mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.attempts == attempt)
    kept = session.execute(mine.values(leased_until=utcnow() + LEASE))
    return bool(kept.rowcount)  # type: ignore[attr-defined]


def _delivery(session: Session, delivery_id: int) -> Delivery:
    with_notice = joinedload(Delivery.message)
    return session.get_one(Delivery, delivery_id, options=[with_notice], populate_existing=True)


def _give_up(session: Session, delivery_id: int) -> None:
    row = _delivery(session, delivery_id)
    row.failed_at, row.fault = utcnow(), Fault.REFUSED
    session.commit()


def _try_later(session: Session, delivery_id: int) -> None:
    row = _delivery(session, delivery_id)
    row.fault, row.leased_until = Fault.UNREACHABLE, None
    row.due_at = utcnow() + min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
    if row.attempts >= MOST_ATTEMPTS:
        row.failed_at = utcnow()
    session.commit()
