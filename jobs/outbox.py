"""Emptying the outbox (utboks): claim, look again at the policy, send, mark.

Killed anywhere, it loses nothing: a claimed delivery comes back when its lease has run out.
Run twice, it sends once: a claim is a compare-and-set on `attempts`, and the Message-ID
is the delivery's own, so that a receiver who gets it twice sees one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, and_, or_, select, update
from sqlalchemy.orm import Session, joinedload

from integrations.catalogue import translate
from integrations.letter import Carrier, Letter, Refused, Unreachable
from jobs.planning import plan
from models.account import Account, Membership
from models.clock import utcnow
from models.database import WRITING
from models.language import Language
from models.municipality import Municipality
from models.outbox import Delivery
from models.people import Person
from models.vocabulary import Channel, Fault
from security.access import load_access
from security.session import SystemSession
from services.notices import KINDS, part_of

LEASE = timedelta(minutes=5)
"""Longer than any one letter takes; taken anew before each."""
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=4)
MOST_ATTEMPTS = 14
"""With waits that double up to the longest, more than a day: as long as a server may be down."""
BATCH = 50


def deliver(engine: Engine, carriers: Mapping[Channel, Carrier]) -> int:
    """Plan what is new and send what is due; the number of letters that left. One bad one
    stops no other."""
    while plan(engine, carriers.keys()):
        pass
    sent = 0
    while claimed := _claim(engine):
        sent += sum(_send(engine, carriers, *one) for one in claimed)
    return sent


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
        dead_end = row.attempts > MOST_ATTEMPTS  # each try killed its worker
        letter = Fault.UNREACHABLE if dead_end else _letter(session, row)
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


def _is_still_for(session: Session, kind: str, person_id: int, plan_id: int) -> bool:
    """Whether the policy lets this person be told now. Of a dead owner nothing is said."""
    access = load_access(session, person_id, plan_id, utcnow())
    if access is None or not access.alive:
        return False
    if kind == "withdrawn" or access.owners_side or access.coordinator:
        return True
    part = part_of(kind)
    return bool(access.grants) if part is None else access.level(part) is not None


def _letter(session: Session, row: Delivery) -> Letter | Fault:
    """What is sent, and where to, as things are now; or why nothing is."""
    person, plan_id = session.get_one(Person, row.person_id), row.message.plan_id
    if person.died_on is not None:
        return Fault.NOT_FOR_THEM
    if plan_id and not _is_still_for(session, row.kind, person.id, plan_id):
        return Fault.NOT_FOR_THEM
    to = person.email if row.channel is Channel.MAIL else person.phone
    if not to:
        return Fault.NO_ADDRESS
    hat = _hat(session, person)
    if hat is not None and not hat.works:
        return Fault.NOT_FOR_THEM
    language = (hat and hat.language) or _of_the_town(session, person)
    text = translate(KINDS[row.kind], language)
    return Letter(uid=row.uid, channel=row.channel, to=to, text=text, language=language)


def _hat(session: Session, person: Person) -> Any:
    """Whether the person's sign-in works, and in which language; None without one."""
    a, m = Account, Membership
    works = and_(a.active, m.active).label("works")
    mine = select(works, a.language).select_from(m).join(a, a.id == m.account_id)
    return session.execute(mine.where(m.person_id == person.id)).first()


def _of_the_town(session: Session, person: Person) -> Language:
    return session.get_one(Municipality, person.municipality_id).language
