"""Writing minutes (skrive referat): each field by itself, so that two who write lose nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import inspect, select

from models.elements import PlanElement
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.history import ElementVersion
from models.vocabulary import AgendaKind
from security.session import GuardedSession
from services.agenda import MOST
from services.minutes import Finished, item_of, items

Typed = Mapping[str, Any]
"""Column -> what it should say."""


def save(
    session: GuardedSession, sent: Sequence[tuple[PlanElement, int | None, Typed]]
) -> dict[tuple[str, int, str], Any]:
    """Store what was typed where it says something else than the version that was looked at. What
    two have changed in the same field is stored for none of them: (kind, id, column) -> what
    stands there now.

    sent: row, version looked at, and what its form says. Raises: Forbidden, Locked.
    """
    changes, both = [], {}
    for row, version, typed in sent:
        base = _seen_as(session, row, version)
        for name, value in typed.items():
            now = getattr(row, name)
            if _plain(value) in (_plain(now), base[name]):
                continue
            if _plain(now) != base[name] or version is None:
                both[row.element.key, row.id, name] = now
            changes.append((row, name, value))
    for row, name, value in () if both else changes:
        setattr(row, name, value)
    session.flush()
    return both


def is_typed(
    session: GuardedSession, row: PlanElement, version: int | None, typed: Typed
) -> set[str]:
    """The columns that were given something else than the version that was looked at."""
    base = _seen_as(session, row, version)
    return {name for name, value in typed.items() if _plain(value) != base[name]}


def _seen_as(session: GuardedSession, row: PlanElement, version: int | None) -> Typed:
    """Column -> what the row said as that version, in plain values; as it is for no version."""
    if version is not None and version != row.version:
        v = ElementVersion
        there = session.scalars(
            select(v).where(
                v.plan_id == row.plan_id, v.key == row.element.key, v.row_id == row.id,
                v.version == version,
            )
        ).first()  # fmt: skip
        if there is not None:
            return dict(there.data)
    return {a.key: _plain(getattr(row, a.key)) for a in inspect(type(row)).column_attrs}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def add_point(session: GuardedSession, minutes: Minutes, topic: str, uid: str) -> MinutesItem:
    """Write down a point that was not on the agenda; once for each `uid`. Raises: Finished,
    Forbidden."""
    there = items(session, minutes)
    for one in there:
        if one.uid == uid:
            return one
    if minutes.given_at is not None or len(there) >= MOST:
        raise Finished(minutes.id)
    last = [one.position for one in there if one.kind is not AgendaKind.OTHER]
    item = item_of(minutes, max(last, default=0) + 1, topic=topic, uid=uid)
    session.add(item)
    session.flush()
    return item


def add_decision(session: GuardedSession, minutes: Minutes, position: int, uid: str) -> None:
    """One more line for what was agreed about a point; once for each `uid`. Raises: Finished,
    Forbidden."""
    there = items(session, minutes)
    if minutes.given_at is not None or len(there) >= MOST:
        raise Finished(minutes.id)
    kinds = [one.kind for one in there if one.position == position]
    if kinds and uid not in {one.uid for one in there}:
        session.add(item_of(minutes, position, kind=kinds[0], uid=uid))
        session.flush()
