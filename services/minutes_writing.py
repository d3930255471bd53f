"""Writing minutes (skrive referat): each field by itself, so that two who write lose nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
Sent = tuple[PlanElement, int | None, Typed]
"""A row, the version of it that was looked at, and what its form says."""
Place = tuple[str, int, str]
"""Kind and id of a row, and a column of it."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Where two have written in the same field: what stands there `now`; and every field this
    one has `typed` in."""

    now: Mapping[Place, Any]
    typed: frozenset[Place]


def save(session: GuardedSession, sent: Sequence[Sent]) -> Clash | None:
    """Store what was typed where it says something else than the version that was looked at. When
    two have changed the same field nothing is stored, and the clash is told.

    Raises: Forbidden, Locked.
    """
    seen = _as_seen(session, sent)
    typed = [
        (row, version, name, value)
        for row, version, said in sent
        for name, value in said.items()
        if _plain(value) != seen[row][name]
    ]
    changed = [one for one in typed if _plain(one[3]) != _plain(getattr(one[0], one[2]))]
    now = {
        _place(row, name): getattr(row, name)
        for row, version, name, _ in changed
        if version is None or _plain(getattr(row, name)) != seen[row][name]
    }
    if now:
        return Clash(now, frozenset(_place(row, name) for row, _, name, _ in typed))
    for row, _, name, value in changed:
        setattr(row, name, value)
    session.flush()
    return None


def _place(row: PlanElement, name: str) -> Place:
    return row.element.key, row.id, name


def _as_seen(session: GuardedSession, sent: Sequence[Sent]) -> dict[PlanElement, Typed]:
    """What each row said as the version that was looked at, in plain values; as it is now for no
    version. One question, when somebody else has written since."""
    v, told = ElementVersion, dict[tuple[str, int, int | None], Typed]()
    older = [(row, version) for row, version, _ in sent if version not in (None, row.version)]
    if older:
        wanted = select(v).where(
            v.plan_id == older[0][0].plan_id,
            v.key.in_({row.element.key for row, _ in older}),
            v.row_id.in_({row.id for row, _ in older}),
            v.version.in_({version for _, version in older}),
        )
        told = {(one.key, one.row_id, one.version): one.data for one in session.scalars(wanted)}
    return {
        row: told.get((row.element.key, row.id, version)) or _as_it_is(row)
        for row, version, _ in sent
    }


def _as_it_is(row: PlanElement) -> Typed:
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
    if kinds and AgendaKind.PROMISE not in kinds and uid not in {one.uid for one in there}:
        session.add(item_of(minutes, position, kind=kinds[0], uid=uid))
        session.flush()
