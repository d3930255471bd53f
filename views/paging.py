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
        column, key, last_key = getattr(self.cls, self.column), self.cls.id, literal(last)
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
