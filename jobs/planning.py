"""By which channel somebody is told (plan for varsel): one delivery for each, made once.

A notice becomes deliveries in one transaction: killed anywhere, it is planned again. What
somebody wants gathered waits for the day's digest instead.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.ages import birthday
from models.clock import OSLO, today, utcnow
from models.database import WRITING
from models.municipality import Municipality
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.vocabulary import Channel, Fault, Topic
from security.session import SystemSession
from services.hours import next_digest
from services.notice_choices import Wish, at_work, chosen, usual
from services.notice_kinds import CONSENT_HERE, DIGEST, INVITATION, KINDS, SIGN_IN_CHANGED

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
        if notices:
            _plan(session, notices, channels)
        session.commit()
        return len(notices)


def _plan(
    session: Session, notices: Sequence[OutboxMessage], channels: Collection[Channel]
) -> None:
    wanted = select(Person).where(Person.id.in_({one.person_id for one in notices}))
    one_planner_each = wanted.order_by(Person.id).with_for_update(key_share=True)
    people = {person.id: person for person in session.scalars(one_planner_each)}
    wishes = Wishes(chosen(session, people), at_work(session, people))
    digests = Digests(session, people)
    towns = session.execute(select(Municipality.id, Municipality.consent_age))
    ages = {home: age for home, age in towns}
    for notice in notices:
        notice.planned_at = utcnow()
        person = people.get(notice.person_id or 0)
        if person is None or _is_told_by_others(person, ages[person.municipality_id]):
            continue
        wish = wishes.of(person.id, notice.kind)
        if wish.daily and wish.channels != frozenset():
            notice.gathered_in_id = digests.of(person).id
        else:
            session.add_all(_deliveries(notice, person, wish, channels))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the people of a batch want: as they have chosen, or as is usual for them."""

    chosen: dict[tuple[int, Topic], Wish]
    at_work: set[int]

    def of(self, person_id: int, kind: str) -> Wish:
        if kind == INVITATION:
            return Wish(frozenset({Channel.MAIL}), daily=False)
        if kind == CONSENT_HERE:
            return Wish(frozenset({Channel.SMS}), daily=False)
        if kind == SIGN_IN_CHANGED:
            return Wish(None, daily=False)
        if kind == DIGEST:
            return Wish(self._of_digests(person_id), daily=False)
        topic = KINDS[kind].topic
        return self.chosen.get((person_id, topic)) or usual(topic, person_id in self.at_work)

    def _of_digests(self, person_id: int) -> frozenset[Channel] | None:
        """Each channel that something is gathered for."""
        mine = [self.chosen.get((person_id, topic)) for topic in Topic]
        wanted = [one.channels for one in mine if one is not None and one.daily and one.channels]
        return frozenset[Channel]().union(*wanted) or None


@dataclass(slots=True)
class Digests:
    """The next digest of each of `people`; made when the first thing is put in it."""

    session: Session
    people: Collection[int]
    known: dict[str, OutboxMessage] | None = None
    due: datetime = field(default_factory=lambda: next_digest(utcnow()))

    def of(self, person: Person) -> OutboxMessage:
        if self.known is None:
            keys = [self._key(one) for one in self.people]
            there = select(OutboxMessage).where(OutboxMessage.dedup_key.in_(keys))
            self.known = {one.dedup_key: one for one in self.session.scalars(there)}
        key = self._key(person.id)
        if key not in self.known:
            self.known[key] = OutboxMessage(
                municipality_id=person.municipality_id, person_id=person.id, kind=DIGEST,
                dedup_key=key, due_at=self.due, seen_at=utcnow(),
            )  # fmt: skip
            self.session.add(self.known[key])
            self.session.flush()
        return self.known[key]

    def _key(self, person_id: int) -> str:
        return f"{DIGEST}:{self.due.astimezone(OSLO):%Y-%m-%d}:{person_id}"


def _is_told_by_others(person: Person, consent_age: int) -> bool:
    """A child without an address of its own: those who act for it are told, and it finds the
    notice in Medspel."""
    own = person.email_index or person.phone_index
    born = person.birth_date
    return not own and born is not None and today() < birthday(born, consent_age)


def _deliveries(
    notice: OutboxMessage, person: Person, wish: Wish, channels: Collection[Channel]
) -> list[Delivery]:
    """As somebody wishes; without a wish, or when none of it can be, by mail before SMS.
    When nothing can be, it says so: an address letters come back from is none."""
    if wish.channels == frozenset():
        return []
    known = {Channel.MAIL: person.email_index, Channel.SMS: person.phone_index}
    able = [one for one in known if one in channels and known[one]]
    if person.mail_returned_at and Channel.MAIL in able:
        able.remove(Channel.MAIL)
    wanted = [one for one in able if wish.channels and one in wish.channels]
    if notice.kind != INVITATION:  # whose link is for that address alone
        wanted = wanted or able[:1]
    if not wanted:
        fault = Fault.REFUSED if person.mail_returned_at else Fault.NO_ADDRESS
        return [_delivery(notice, person, Channel.MAIL, fault)]
    return [_delivery(notice, person, one) for one in wanted]


def _delivery(
    notice: OutboxMessage, person: Person, channel: Channel, fault: Fault | None = None
) -> Delivery:
    return Delivery(
        municipality_id=notice.municipality_id,
        message_id=notice.id,
        person_id=person.id,
        kind=notice.kind,
        channel=channel,
        fault=fault,
        failed_at=utcnow() if fault else None,
    )
