"""A copy of the plan to take along (kopi av planen): every row one may read, each by its `uid`.

The right of access and to a copy: pasient- og brukarrettslova § 5-1, GDPR articles 15 and 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.elements import PlanElement, elements
from models.people import Person
from models.plan import Plan
from security.session import GuardedSession

_OURS = {
    "id", "uid", "version", "created_at", "removed_at", "locked_at", "hidden_from_guardians",
    "hidden_because",
}  # fmt: skip
"""Columns that are no words of anybody's; those that are said beside the words are named there."""


def plan_copy(session: GuardedSession, plan: Plan) -> dict[str, Any]:
    """The plan as text, numbers and lists only, in the order one meets its parts. `words`: by
    name of column; whom or what a row points at is the name of a person, or the `uid` of a row."""
    rows = [_said(row) for row in _rows(session, plan)]
    return {
        "uid": plan.uid, "type": str(plan.type), "made_at": utcnow().isoformat(), "rows": rows,
    }  # fmt: skip


def _rows(session: GuardedSession, plan: Plan) -> Iterator[PlanElement]:
    for cls in elements():
        here = select(cls).where(cls.plan_id == plan.id, cls.removed_at.is_(None))
        by = joinedload(cls.author).load_only(Person.name)
        yield from session.scalars(here.options(by).order_by(cls.id)).unique()


def _said(row: PlanElement) -> dict[str, Any]:
    author: Any = row.author
    words = {
        column.key: _plain(getattr(row, column.key))
        for column in inspect(type(row)).column_attrs
        if column.key not in _OURS and not column.key.endswith("_id")
    }
    for name, relation in row.relations.items():
        there: Any = getattr(row, name)
        words[name] = there and (there.name if relation.target is Person else there.uid)
    return {
        "uid": row.uid, "kind": row.element.key, "fhir": row.element.fhir, "version": row.version,
        "by": author and author.name, "at": row.created_at.isoformat(), "words": words,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    return str(value) if isinstance(value, StrEnum) else value
