"""Keeping history and index beside each change (versjon, innhaldsregister).

Before the flush the old values of changed rows are remembered; after it, when new rows
have their keys, versions and index lines are written, in the same transaction. What is encrypted
is in neither of them: an old number is of use to nobody, and a new key must open all there is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, inspect, update
from sqlalchemy.orm import Session

from models.clock import utcnow
from models.elements import PlanElement, encrypted
from models.folding import fold
from models.history import ElementIndex, ElementVersion
from models.marks import MARKS

_UNSCOPED = {"unscoped_because": "history and index follow their row"}
_KEPT_OUT = {"id", "uid", "plan_id", "created_at", "author_id"}


def remember(session: Session) -> None:
    """Note, before a flush, what is new and what changed ones were."""
    pending = session.info.setdefault("pending", {"new": [], "changed": []})
    for row in session.new:
        if isinstance(row, PlanElement):
            pending["new"].append(row)
    for row in session.dirty:
        if isinstance(row, PlanElement) and session.is_modified(row):
            pending["changed"].append((row, row.version, _before(row)))


def _before(row: PlanElement) -> dict[str, Any]:
    state: Any = inspect(row)
    old, kept_out = {}, _KEPT_OUT | encrypted(type(row))
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        value = history.deleted[0] if history.deleted else getattr(row, attribute.key)
        if attribute.key not in kept_out:
            old[attribute.key] = _plain(value)
    return old


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def write(session: Session) -> None:
    """Write, after a flush, versions of what changed and index lines of what is there."""
    pending = session.info.pop("pending", None)
    if not pending:
        return
    versions = [_version(session, *changed) for changed in pending["changed"]]
    lines = [_line(session, row) for row in pending["new"] if row.has_a_line]
    if versions:
        session.execute(insert(ElementVersion.__table__), versions, execution_options=_UNSCOPED)  # type: ignore[arg-type]
    if lines:
        session.execute(insert(ElementIndex.__table__), lines, execution_options=_UNSCOPED)  # type: ignore[arg-type]
    for row, *_ in pending["changed"]:
        _update_line(session, row)


def _shadow(row: PlanElement) -> dict[str, Any]:
    return {
        "uid": row.uid + ":i",
        "plan_id": row.plan_id,
        "created_at": row.created_at,
        "scope": row.element.scope,
        "key": row.element.key,
        "row_id": row.id,
        "author_id": row.author_id,
        "circle": row.circle_of_readers(),
        **{mark: getattr(row, mark) for mark in MARKS},
    }


def _version(
    session: Session, row: PlanElement, version: int, data: dict[str, Any]
) -> dict[str, Any]:
    return _shadow(row) | {
        "uid": f"{row.uid}:{version}",
        "version": version,
        "data": data,
        "changed_by_id": _writer(session, row),
        "changed_at": utcnow(),
    }


def _writer(session: Session, row: PlanElement) -> int:
    """Who writes; the author, when the system does."""
    actor = session.info.get("actor")
    return actor.person_id if actor else row.author_id


def _line(session: Session, row: PlanElement) -> dict[str, Any]:
    title, text = row.title(), row.text()
    return _shadow(row) | {
        "at": row.created_at, "changed_by_id": _writer(session, row),
        "happens_at": getattr(row, row.element.moment_column),
        "title": title, "text": text, "words": fold(f"{title} {text}"),
    }  # fmt: skip


def _update_line(session: Session, row: PlanElement) -> None:
    t = ElementIndex.__table__
    same = (t.c.plan_id == row.plan_id, t.c.key == row.element.key, t.c.row_id == row.id)
    if row.removed_at is not None:
        session.execute(delete(t).where(*same), execution_options=_UNSCOPED)  # type: ignore[arg-type]
        return
    values = _line(session, row) | {"at": utcnow()}
    kept = {"title", "text", "words", "at", "changed_by_id", "happens_at", *MARKS}
    session.execute(
        update(t).where(*same).values({k: v for k, v in values.items() if k in kept}),  # type: ignore[arg-type]
        execution_options=_UNSCOPED,
    )
