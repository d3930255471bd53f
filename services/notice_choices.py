"""How people want to be told (varselval): what they have chosen, or what is usual for them.

Families are told at once. Professionals get one digest a day, but for what must arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from models.account import Account, Membership
from models.clock import today
from models.notice_choice import NoticeChoice
from models.people import CoordinatorAppointment, holds_on
from models.plan import Participant
from models.vocabulary import Channel, Package, Topic
from security.session import GuardedSession

_AT_WORK = (Package.COORDINATOR, Package.SUBSTITUTE, Package.PROFESSIONAL)


class MustArrive(ValueError):
    """Somebody would be told of this by Medspel alone, and a date or a signature hangs on it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """channels: None, when any one will do. daily: gathered, not at once."""

    channels: frozenset[Channel] | None
    daily: bool


def usual(topic: Topic, at_work: bool) -> Wish:
    """What holds for somebody who has chosen nothing."""
    return Wish(None, at_work and not topic.must_arrive)


def at_work(session: Session, people: Collection[int]) -> set[int]:
    """Those of `people` (person ids) who take part in a plan, or lead one, in their job."""
    p, a = Participant, CoordinatorAppointment
    takes_part = select(p.person_id).where(p.person_id.in_(people), p.package.in_(_AT_WORK))
    leads = select(a.coordinator_id).where(a.coordinator_id.in_(people), holds_on(a, today()))
    return set(session.scalars(union(takes_part, leads)))


def chosen(session: Session, people: Collection[int]) -> dict[tuple[int, Topic], Wish]:
    """(person id, topic) -> what they have chosen."""
    c, m = NoticeChoice, Membership
    wanted = select(m.person_id, c.topic, c.channels, c.daily).join(c, c.membership_id == m.id)
    rows = session.execute(wanted.where(m.person_id.in_(people)))
    return {(row.person_id, row.topic): Wish(row.channels, row.daily) for row in rows}


def own(session: GuardedSession) -> dict[Topic, Wish]:
    """Topic -> how the actor is told of it."""
    me = session.actor.person_id
    mine, working = chosen(session, [me]), me in at_work(session, [me])
    return {topic: mine.get((me, topic)) or usual(topic, working) for topic in Topic}


def choose(
    session: GuardedSession, wishes: Mapping[Topic, Wish], quiet: tuple[int | None, int | None]
) -> None:
    """Store how the actor wants to be told, in this hat; `quiet`: from which hour to which.

    Raises: MustArrive, when nothing is left to send what must arrive.
    """
    actor = session.actor
    mine = select(Account).where(Account.id == actor.account_id)
    account = session.scalars(mine.with_for_update()).one()  # two clicks at once: one by one
    rows = select(NoticeChoice).where(NoticeChoice.membership_id == actor.membership_id)
    there = {row.topic: row for row in session.scalars(rows)}
    for topic, wish in wishes.items():
        if topic.must_arrive and not wish.channels:
            raise MustArrive(topic)
        row = there.get(topic)
        if row is None:
            row = NoticeChoice(
                account_id=actor.account_id, membership_id=actor.membership_id, topic=topic
            )
            session.add(row)
        row.channels, row.daily = wish.channels or frozenset(), wish.daily
    account.quiet_from, account.quiet_to = quiet
    session.flush()
