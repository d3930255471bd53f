"""Turning the pages of a long list (å bla): by key, what comes after a row, never by counting.

The address names the row, not its value: a name does not belong there. What has no value
comes last, whichever way the list is turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, literal, or_, select, tuple_
from sqlalchemy.orm import aliased


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: rows of `cls` by one column, and by key where it is the same."""

    cls: Any
    column: str
    falling: bool

    def __call__(self, query: Any) -> Any:
        by = (getattr(self.cls, self.column), self.cls.id)
        turned = [one.desc() if self.falling else one.asc() for one in by]
        if self._has_gaps:
            turned[0] = turned[0].nulls_last()
        return query.order_by(*turned)

    def after(self, query: Any, last: int) -> Any:
        """Those of the rows (a query or a select) that come after the row `last`."""
        there = aliased(self.cls)
        value: Any = select(getattr(there, self.column)).where(there.id == last).scalar_subquery()
        return self._beyond(query, value, literal(last))

    def place(self, row: Any) -> tuple[Any, int]:
        """Where a row stands: its value, and its key."""
        return getattr(row, self.column), row.id

    def beyond(self, query: Any, value: Any, key: int) -> Any:
        """Those of the rows that come after a place, whether or not its row is still there."""
        kind = self.cls.__mapper__.columns[self.column].type
        return self._beyond(query, literal(value, kind), literal(key))

    def _beyond(self, query: Any, value: Any, last_key: Any) -> Any:
        column, key = getattr(self.cls, self.column), self.cls.id
        if not self._has_gaps:
            return query.filter(self._further(tuple_(column, key), tuple_(value, last_key)))
        same = and_(column.is_not_distinct_from(value), self._further(key, last_key))
        gap = and_(column.is_(None), value.is_not(None))
        return query.filter(or_(self._further(column, value), same, gap))

    @property
    def _has_gaps(self) -> bool:
        return bool(self.cls.__mapper__.columns[self.column].nullable)

    def _further(self, one: Any, other: Any) -> Any:
        return one < other if self.falling else one > other
