"""What hangs below a row (greiner): tasks and comments of a goal, notes of a contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext
from sqlalchemy import select

from models.elements import PlanElement, elements
from models.people import Person
from views.paging import Order
from views.plan.adding import may_add
from views.words import shown


@dataclass(frozen=True, slots=True)
class Branch:
    """Rows of one kind that hang below a row, each with `title`, `url` and what is `said` below
    it, and where to add one (empty: one may not)."""

    label: str
    rows: list[dict[str, str]]
    add_text: str
    add_url: str


def kinds_below(cls: type[PlanElement]) -> Iterator[tuple[type[PlanElement], str]]:
    """Other kinds that hang below this one, and by which relation."""
    for below in elements():
        offered = below is not cls and g.plan.type in below.element.types
        if offered and {"show", "add"} <= below.element.pages:
            yield from ((below, r.key) for r in below.relations.values() if r.target is cls)


def branch(
    cls: type[PlanElement], name: str, row: PlanElement, order: Order | None = None
) -> Branch:
    """What hangs below the row by the relation `name`, the oldest first unless `order` says."""
    below = select(cls).where(
        cls.plan_id == row.plan_id, getattr(cls, name) == row.id, cls.removed_at.is_(None)
    )
    in_order = order(below) if order else below.order_by(cls.id)
    rows = g.session.scalars(in_order).unique().all()
    who = select(Person.id, Person.name).where(Person.id.in_({r.author_id for r in rows}))
    names = dict(g.session.execute(who).all()) if rows else {}
    lines = [
        {
            "title": r.title(),
            "url": url_for(f"{cls.__name__}View.show", pk=r.id),
            "said": _said(names[r.author_id], r),
        }
        for r in rows
    ]
    here: dict[str, Any] = {name: row.id}
    add = url_for(f"{cls.__name__}View.add", **here) if may_add(cls) else ""
    return Branch(gettext(cls.element.plural), lines, gettext(cls.element.add_text), add)


def _said(author: str, row: PlanElement) -> str:
    """Who wrote it and when, and how it goes with it."""
    said = (author, row.created_at, getattr(row, "status", None))
    return " · ".join(shown(one) for one in said if one)
