"""What a row was (versjonar): from the kept history, field by field, and put back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Date, Enum, inspect, select

from models.base import EnumSet, UtcDateTime
from models.elements import PlanElement, declared
from models.history import ElementVersion
from models.people import Person
from models.plan import Plan
from models.vocabulary import GONE
from security import levels
from security.session import GuardedSession
from services.consent import lock, participant_of
from services.errors import Conflict
from services.goals import NotInTwoLevels

Said = Mapping[str, Any]
"""Declared field (of a relation its key) -> value."""


class ChangedMeanwhile(Conflict):
    """Somebody has changed the row since its history was looked at."""


@dataclass(frozen=True, slots=True)
class State:
    """How a row was from `at` on, and by whom. `before`: how it was until then; None: new."""

    number: int
    by_id: int
    at: datetime
    said: Said
    before: Said | None

    @property
    def changed(self) -> list[str]:
        """The fields that were given another value."""
        then = self.before or {}
        return [name for name, value in self.said.items() if name in then and then[name] != value]


def states(session: GuardedSession, row: PlanElement) -> list[State]:
    """How the row is and was, the newest first; changes of marks only tell nothing."""
    v = ElementVersion
    of_it = select(v).where(v.plan_id == row.plan_id, v.key == row.element.key, v.row_id == row.id)
    kept = session.scalars(of_it.order_by(v.version)).all()
    said = [*(_read_back(type(row), one.data) for one in kept), _now(row)]
    numbers = [*(one.version for one in kept), row.version]
    made = [(row.author_id, row.created_at), *((one.changed_by_id, one.changed_at) for one in kept)]
    found = [
        State(numbers[n], by, at, said[n], said[n - 1] if n else None)
        for n, (by, at) in enumerate(made)
    ]
    return [one for one in reversed(found) if one.before is None or one.changed]


def put_back(session: GuardedSession, plan: Plan, row: PlanElement, number: int, seen: int) -> bool:
    """Make the row say again what it said as that version; what is now is kept as one more.
    What it pointed at and is gone, or not for the actor, stays as it is. False: no such version.

    seen: the version the actor looked at. Raises: ChangedMeanwhile, NotInTwoLevels, Forbidden,
    Locked.
    """
    lock(session, plan.id)
    v = ElementVersion
    then = session.scalars(
        select(v).where(
            v.plan_id == plan.id, v.key == row.element.key, v.row_id == row.id, v.version == number
        )
    ).first()
    if then is None:
        return False
    said, now = _read_back(type(row), then.data), _now(row)
    wanted = {
        name: value
        for name, value in said.items()
        if now[name] != value and _is_there(session, row, name, value)
    }
    if row.version != seen:
        if wanted:
            raise ChangedMeanwhile(row.id)
        return True  # the second click
    with session.no_autoflush:
        for name, value in wanted.items():
            setattr(row, name, value)
    try:
        session.flush()
    except levels.WrongLevel as wrong:
        raise NotInTwoLevels from wrong
    return True


def fields(cls: type[PlanElement]) -> dict[str, str]:
    """Column -> label of what a row says; of a relation its key."""
    named = {name: relation.key for name, relation in cls.relations.items()}
    return {named.get(name, name): label for name, label in declared(cls).items()}


def _now(row: PlanElement) -> Said:
    return {name: getattr(row, name) for name in fields(type(row))}


def _read_back(cls: type[PlanElement], data: Mapping[str, Any]) -> Said:
    """What was kept as JSON, as it was; a field that is newer than the version is left out."""
    columns = inspect(cls).columns
    return {n: _value(columns[n].type, data[n]) for n in fields(cls) if n in data}


def _value(kind: Any, kept: Any) -> Any:
    if kept is None:
        return None
    if isinstance(kind, EnumSet):
        return frozenset(kind.members(one) for one in kept)
    if isinstance(kind, Enum):
        return cast(Any, kind.enum_class)(kept)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(kept)
    return date.fromisoformat(kept) if isinstance(kind, Date) else kept


def _is_there(session: GuardedSession, row: PlanElement, name: str, value: Any) -> bool:
    """Whether what a relation pointed at can be pointed at today."""
    target = next((r.target for r in row.relations.values() if r.key == name), None)
    if target is None or value is None:
        return True
    if target is Person:
        one = participant_of(session, row.plan_id, value)
        return one is not None and one.status not in GONE
    with session.no_autoflush:
        here = select(target.id).where(target.id == value, target.removed_at.is_(None))
        return session.scalar(here) is not None


def titles(
    session: GuardedSession, row: PlanElement, found: Sequence[State]
) -> dict[tuple[str, int], str]:
    """(field, key) -> what the row or person it points at is called, where the actor may know."""
    named: dict[tuple[str, int], str] = {}
    for relation in row.relations.values():
        key = relation.key
        keys = {one.said[key] for one in found if one.said.get(key) is not None}
        if not keys:
            continue
        there = select(relation.target).where(relation.target.id.in_(keys))
        for one in session.scalars(there).unique():
            named[key, one.id] = one.name if relation.target is Person else one.title()
    return named
