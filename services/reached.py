"""Who is reached by a notice (nådd): of a meeting, its minutes, a consent to sign, or a task.

For these only. Of other notices nobody sees who has read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import aliased

from models.clock import OSLO, utcnow
from models.consent import Consent, Signature
from models.elements.meeting import Invitee, Meeting
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.plan import Plan
from models.vocabulary import Attendance, Channel, Fault
from security.policy import TRACED, Forbidden, follows_up
from security.session import GuardedSession
from services.deliveries import LOST
from services.notice_kinds import REMINDER
from services.notices import notify

RECENT = timedelta(days=30)
"""How long somebody who was not reached is shown among what waits."""

LOOKED_AT = ("minutes", REMINDER)
"""What there is no answer to but to look at it."""


class Reach(StrEnum):
    """How far a notice has come to one person; the first is what somebody must see to."""

    NOT_REACHED = "not_reached"
    ON_ITS_WAY = "on_its_way"
    REACHED = "reached"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Told:
    """One person of a notice: what was tried, when it was looked at, and the answer if any.

    answer: of a meeting; signing a consent and looking at minutes or a task answer too.
    """

    person: Person
    tries: Sequence[Delivery]
    seen_at: datetime | None
    is_waiting: bool
    answered: bool
    answer: Attendance | None = None

    @property
    def reach(self) -> Reach:
        if self.answered:
            return Reach.ANSWERED
        if self.seen_at or any(one.sent_at for one in self.tries):
            return Reach.REACHED
        if self.is_waiting or any(one.failed_at is None for one in self.tries):
            return Reach.ON_ITS_WAY
        failed = any(one.fault is not Fault.NOT_FOR_THEM for one in self.tries)
        return Reach.NOT_REACHED if failed else Reach.REACHED  # told by others: in Medspel

    @property
    def sent(self) -> Sequence[Delivery]:
        return [one for one in self.tries if one.sent_at]

    @property
    def faults(self) -> Sequence[Delivery]:
        return [one for one in self.tries if one.failed_at and not self.sent]


def reached(session: GuardedSession, plan: Plan, kind: str, row_id: int) -> list[Told]:
    """Everybody who was told of it, those not reached first."""
    if kind not in TRACED:
        raise ValueError(f"who has read {kind} is nobody's business")
    notices = session.scalars(
        select(OutboxMessage).where(*_of(plan, kind, row_id)).order_by(OutboxMessage.id)
    ).all()
    tries = _tries(session, notices)
    wanted = {one.person_id for one in notices}
    people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(wanted)))}
    answers = _answers(session, plan, kind, row_id)
    found = []
    for person_id, person in people.items():
        mine = [one for one in notices if one.person_id == person_id]
        found.append(_told(person, mine, tries, kind, answers))
    order = list(Reach)
    return sorted(found, key=lambda one: (order.index(one.reach), one.person.name.casefold()))


def _told(
    person: Person,
    mine: Sequence[OutboxMessage],
    tries: Mapping[int, Sequence[Delivery]],
    kind: str,
    answers: Mapping[int, Attendance | None],
) -> Told:
    seen = max((one.seen_at for one in mine if one.seen_at), default=None)
    own = [row for one in mine for key in _ways(one) for row in tries.get(key, ())]
    digests = (one.gathered_in_id for one in mine if one.gathered_in_id)
    return Told(
        person=person,
        tries=own,
        seen_at=seen,
        is_waiting=any(one.planned_at is None for one in mine)
        or any(not tries.get(key) for key in digests),
        answered=person.id in answers or (kind in LOOKED_AT and seen is not None),
        answer=answers.get(person.id),
    )


def _ways(notice: OutboxMessage) -> Iterator[int]:
    """Ids of the notices whose deliveries carry this one: itself, and the digest it is in."""
    yield notice.id
    if notice.gathered_in_id is not None:
        yield notice.gathered_in_id


def _of(plan: Plan, kind: str, row_id: int) -> tuple[ColumnElement[bool], ...]:
    m = OutboxMessage
    return (m.plan_id == plan.id, m.kind == kind, m.row_id == row_id)


def _tries(session: GuardedSession, notices: Iterable[OutboxMessage]) -> dict[int, list[Delivery]]:
    """Notice id -> its deliveries, in the order they were made."""
    wanted = {key for one in notices for key in _ways(one)}
    found: dict[int, list[Delivery]] = {}
    rows = select(Delivery).where(Delivery.message_id.in_(wanted)).order_by(Delivery.id)
    for row in session.scalars(rows):
        found.setdefault(row.message_id, []).append(row)
    return found


def _answers(
    session: GuardedSession, plan: Plan, kind: str, row_id: int
) -> dict[int, Attendance | None]:
    """Those who have answered: person id -> what they said to a meeting, None for a signature."""
    if kind == "meeting":
        said = select(Invitee.person_id, Invitee.answer).where(
            Invitee.plan_id == plan.id,
            Invitee.meeting_id == row_id,
            Invitee.answer.in_((Attendance.COMING, Attendance.NOT_COMING)),
        )
        return {row.person_id: row.answer for row in session.execute(said)}
    if kind == "consent":
        signed = select(Signature.person_id).where(
            Signature.plan_id == plan.id, Signature.consent_id == row_id
        )
        return dict.fromkeys(session.scalars(signed))
    return {}


def _last(
    session: GuardedSession, plan: Plan, kind: str, row_id: int, person_id: int
) -> OutboxMessage | None:
    mine = select(OutboxMessage).where(
        *_of(plan, kind, row_id), OutboxMessage.person_id == person_id
    )
    return session.scalars(mine.order_by(OutboxMessage.id.desc()).limit(1)).first()


class NeverTold(LookupError):
    """There is no such notice to this person."""


def told_by_hand(
    session: GuardedSession, plan: Plan, kind: str, row_id: int, person_id: int, how: Channel
) -> None:
    """Note that somebody was called, or sent a letter. Raises: NeverTold, Forbidden."""
    notice = _last(session, plan, kind, row_id, person_id)
    if notice is None:
        raise NeverTold(person_id)
    there = select(Delivery.id).where(Delivery.message_id == notice.id, Delivery.channel == how)
    if session.scalars(there).first() is not None:
        return
    session.add(
        Delivery(
            municipality_id=notice.municipality_id, message_id=notice.id, person_id=person_id,
            kind=kind, channel=how, sent_at=utcnow(),
        )
    )  # fmt: skip
    session.flush()


def remind(session: GuardedSession, plan: Plan, kind: str, row_id: int, person_id: int) -> bool:
    """Tell somebody once more; whether it was done. Once a day, for whom it has reached.

    Raises: NeverTold, Forbidden.
    """
    if kind == REMINDER or not follows_up(session.access(plan.id), kind):
        raise Forbidden("who is reached is followed up by those who called")
    notice = _last(session, plan, kind, row_id, person_id)
    if notice is None:
        raise NeverTold(person_id)
    now, tries = utcnow(), _tries(session, [notice]).get(notice.id, [])
    lost = any(tries) and all(one.failed_at for one in tries)
    again = f"{now.astimezone(OSLO):{'%Y-%m-%d %H:%M' if lost else '%Y-%m-%d'}}"
    if again == f"{notice.created_at.astimezone(OSLO):%Y-%m-%d %H:%M}"[: len(again)]:
        return False
    notify(session, plan, [person_id], kind, row_id, f"{row_id}:again:{again}", notice.deadline)
    session.flush()
    return True


def unreached(since: Any) -> ColumnElement[bool]:
    """Of `OutboxMessage` joined with `Delivery`: given up, not looked at, about something that
    is still there for the reader, and nobody has reached this person in any other way since. Of
    a reminder nothing hangs on it. since: told after that."""
    m, n, other = OutboxMessage, aliased(OutboxMessage), aliased(Delivery)
    same = and_(
        n.plan_id == m.plan_id, n.kind == m.kind, n.row_id == m.row_id, n.person_id == m.person_id
    )
    arrived = select(other.id).join(n, n.id == other.message_id)
    return and_(
        m.kind.in_(TRACED - {REMINDER}),
        _is_there(m),
        m.created_at > since,
        m.seen_at.is_(None),
        Delivery.failed_at.is_not(None),
        Delivery.fault.in_(LOST),
        ~arrived.where(same, other.sent_at.is_not(None)).exists(),
    )


def _is_there(m: type[OutboxMessage]) -> ColumnElement[bool]:
    """Whether what the notice is about can be read, and is not taken away."""
    meeting = select(Meeting.id).where(
        Meeting.id == m.row_id, Meeting.plan_id == m.plan_id, Meeting.removed_at.is_(None)
    )
    consent = select(Consent.id).where(Consent.id == m.row_id, Consent.plan_id == m.plan_id)
    return case((m.kind == "consent", consent.exists()), else_=meeting.exists())


def first_unreached(session: GuardedSession, plan: Plan) -> tuple[str, int] | None:
    """Kind and row of the newest notice that did not reach somebody, in what waits."""
    m = OutboxMessage
    lost = select(m.kind, m.row_id).join(Delivery, Delivery.message_id == m.id)
    here = lost.where(m.plan_id == plan.id, unreached(utcnow() - RECENT))
    row = session.execute(here.order_by(m.id.desc()).limit(1)).first()
    return None if row is None else (row.kind, row.row_id)
