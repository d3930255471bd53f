"""Ways round the scope (omvegar): text, and guarded tables without their mapped class."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import AliasedReturnsRows, ColumnClause, Table, TextClause
from sqlalchemy.sql.selectable import SelectBase

from models.base import Bound, Model


class Unscoped(Exception):
    """A statement would have gone round the policy; give it a reason or write it with the ORM."""


@cache
def guarded_tables() -> frozenset[Table]:
    """Tables whose rows belong to somebody; asked first when all models are there."""
    bound = (m for m in Model.registry.mappers if issubclass(m.class_, Bound))
    return frozenset(t for m in bound for t in m.tables if isinstance(t, Table))


def refuse_core(statement: Any) -> None:
    """Refuse text, and every SELECT inside that reads a guarded table past its class.

    Raises: Unscoped.
    """
    selects = [statement]
    while selects:
        selects.extend(_refuse_in(selects.pop()))


def _refuse_in(select: Any) -> list[Any]:
    """A mapped class brings its scope to the table *or alias* it stands for, within its
    own SELECT only. Answers with the SELECTs inside, each to be judged alone."""
    past: set[Any] = set()
    scoped: set[Any] = set()
    inner: list[Any] = []
    stack = [select]
    while stack:
        part = stack.pop()
        if isinstance(part, TextClause):
            raise Unscoped(str(part))
        if part is not select and isinstance(part, SelectBase):
            inner.append(part)
            continue
        source = part.table if isinstance(part, ColumnClause) else part
        if _base(source) in guarded_tables():
            (scoped if "parententity" in part._annotations else past).add(source)
            continue  # an alias is judged as itself, not by the table inside
        stack.extend(part.get_children())
    if past - scoped:
        raise Unscoped(", ".join(str(_base(source)) for source in past - scoped))
    return inner


def _base(source: Any) -> Any:
    while isinstance(source, AliasedReturnsRows):
        source = source.element
    return source
