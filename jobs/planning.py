"""By which channel somebody is told (plan for varsel): one delivery for each, made once.

A notice becomes deliveries in one transaction: killed anywhere, it is planned again.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine, select

from models.clock import today, utcnow
from models.database import WRITING
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.vocabulary import Channel, Fault
from security.session import SystemSession
from services.plans import CONSENT_AGE, birthday

BATCH = 200


def plan(engine: Engine, channels: Collection[Channel]) -> int:
    """Make deliveries for notices that are due; the number of notices planned.

    channels: those this installation has a carrier for.
    """
    WRITING.set(True)
    now = utcnow()
    with SystemSession(engine, because="planning notices") as session:
        due = select(OutboxMessage).where(
            OutboxMessage.planned_at.is_(None), OutboxMessage.due_at <= now
        )
        oldest = due.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(BATCH)
        notices = session.scalars(oldest.with_for_update(skip_locked=True)).all()
        wanted = select(Person).where(Person.id.in_({one.person_id for one in notices}))
        people = {person.id: person for person in session.scalars(wanted)}
        for notice in notices:
            notice.planned_at = now
            person = people.get(notice.person_id or 0)
            if person is not None and not _is_told_by_others(person):
                session.add(_delivery(notice, person, channels))
        session.commit()
        return len(notices)


def _is_told_by_others(person: Person) -> bool:
    """A child without an address of its own: those who act for it are told, and it finds the
    notice in Medspel."""
    own = person.email_index or person.phone_index
    born = person.birth_date
    return not own and born is not None and today() < birthday(born, CONSENT_AGE)


def _delivery(notice: OutboxMessage, person: Person, channels: Collection[Channel]) -> Delivery:
    """By mail when there is an address, else by SMS; when neither can be, it says so."""
    known = {Channel.MAIL: person.email_index, Channel.SMS: person.phone_index}
    able = [one for one in Channel if one in channels and known[one]]
    made = Delivery(
        municipality_id=notice.municipality_id,
        message_id=notice.id,
        person_id=person.id,
        kind=notice.kind,
        channel=able[0] if able else Channel.MAIL,
    )
    if not able:
        made.failed_at, made.fault = utcnow(), Fault.NO_ADDRESS
    return made
