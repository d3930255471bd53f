"""Threads of messages (trådar): each once, by the newest message in it that one may read.

Read by key, the newest first, a few from each plan: ten thousand messages cost as ten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import String, and_, cast, func, select
from sqlalchemy.orm import aliased, joinedload

from models.elements.message import Message
from models.outbox import OutboxMessage
from models.people import Person
from models.plan import Plan
from security.session import GuardedSession

A_PAGE = 20
IN_A_THREAD = 50
"""How many messages of a thread are shown at once."""


class Show(StrEnum):
    """Which threads: all, those with something unread, and those with a message of one's own."""

    ALL = "all"
    UNREAD = "unread"
    SENT = "sent"


def threads(
    session: GuardedSession, show: Show, plan_id: int | None = None, before: int | None = None
) -> list[tuple[Message, str]]:
    """(newest message of the thread, short name of its plan), one more than A_PAGE when there
    are more. plan_id: in that plan only; before: older than that message (its id)."""
    wanted = select(Message, Plan.short_name).join(Plan, Plan.id == Message.plan_id)
    if plan_id is None:
        wanted = wanted.where(Message.id.in_(_of_all_plans(session, show, before)))
    else:
        newest = _newest(Message, _which(session, show), before)
        wanted = wanted.where(Plan.id == plan_id, *newest).limit(A_PAGE + 1)
    found = session.execute(wanted.options(*_with_people()).order_by(Message.id.desc())).unique()
    return [(row[0], row[1]) for row in found]


def _newest(cls: Any, which: Any, before: int | None) -> list[Any]:
    """Of each thread the newest message that one may read."""
    y = aliased(Message)
    newer = select(y.id).where(y.plan_id == cls.plan_id, y.thread == cls.thread, y.id > cls.id)
    older = [] if before is None else [cls.id < before]
    return [~newer.where(*which(y)).exists(), *which(cls), *older]


def _of_all_plans(session: GuardedSession, show: Show, before: int | None) -> list[int]:
    """A page of each plan, put together as words: neither database then begins with a look at
    all messages there are."""
    x = aliased(Message)
    newest = _newest(x, _which(session, show), before)
    here = select(x.id).where(x.plan_id == Plan.id, *newest).order_by(x.id.desc())
    some = here.limit(A_PAGE + 1).correlate(Plan).subquery()
    of_each = select(func.aggregate_strings(cast(some.c.id, String), ",")).scalar_subquery()
    found = [ids for ids in session.scalars(select(of_each).select_from(Plan)) if ids]
    return sorted((int(one) for ids in found for one in ids.split(",")), reverse=True)[: A_PAGE + 1]


def _with_people() -> tuple[Any, ...]:
    return joinedload(Message.recipients), joinedload(Message.author).load_only(Person.name)


def _which(session: GuardedSession, show: Show) -> Any:
    me = session.actor.person_id

    def rules(cls: Any) -> list[Any]:
        there = [cls.removed_at.is_(None)]
        if show is Show.UNREAD:
            return [*there, select(OutboxMessage.id).where(_is_news(cls, me)).exists()]
        return [*there, cls.author_id == me] if show is Show.SENT else there

    return rules


def _is_news(cls: Any, person_id: int) -> Any:
    """Whether somebody has been told of the message, and has not opened it since."""
    m = OutboxMessage
    told = (m.plan_id == cls.plan_id, m.kind == "message", m.row_id == cls.id)
    return and_(*told, m.person_id == person_id, m.seen_at.is_(None))


def unread(session: GuardedSession, threads: Collection[str]) -> set[tuple[int, str]]:
    """(message id, thread) of what is unread by the actor in these threads. Of others nobody is
    told, whoever sees with their eyes."""
    if session.only_sees or not threads:
        return set()
    wanted = (
        select(Message.id, Message.thread)
        .join(OutboxMessage, _is_news(Message, session.actor.person_id))
        .where(Message.thread.in_(threads))
    )
    return {(row.id, row.thread) for row in session.execute(wanted)}


def thread_of(
    session: GuardedSession, plan_id: int, message_id: int, before: int | None = None
) -> Sequence[Message]:
    """What one may read in the thread of a message one may read, the oldest first: the newest
    IN_A_THREAD, one more in front when there are older ones; nothing when one may not read it.
    before: older than that one (its id)."""
    opened = aliased(Message)
    thread = select(opened.thread).where(*_there(opened, plan_id), opened.id == message_id)
    wanted = select(Message).where(
        *_there(Message, plan_id), Message.thread == thread.scalar_subquery()
    )
    if before is not None:
        wanted = wanted.where(Message.id < before)
    newest = wanted.order_by(Message.id.desc()).limit(IN_A_THREAD + 1)
    found = session.scalars(newest.options(*_with_people())).unique().all()
    return found[::-1]


def message_of(session: GuardedSession, plan_id: int, message_id: int) -> Message | None:
    """A message one may read."""
    wanted = select(Message).where(Message.id == message_id, *_there(Message, plan_id))
    return session.scalars(wanted.options(*_with_people())).unique().first()


def _there(cls: Any, plan_id: int) -> tuple[Any, ...]:
    return cls.plan_id == plan_id, cls.removed_at.is_(None)
