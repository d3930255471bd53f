"""Marks that follow their root (merke): hidden from guardians or one of them, life areas.

A comment on a hidden goal must be as hidden as the goal. Each row below a root
carries a copy, so that one criterion on one table decides and no join is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from models.elements import PlanElement, elements

MARKS = ("hidden_from_guardians", "shielded_from_id", "life_areas")


def spread(session: Session) -> None:
    """Copy marks from changed roots to stored rows, however far below, and from roots to
    changed rows.

    Runs before each flush, after the policy: the copy is a consequence, not a wish.
    """
    dirty = {row for row in session.dirty if isinstance(row, PlanElement)}
    rows = [*(row for row in session.new if isinstance(row, PlanElement)), *dirty]
    for row in rows:  # grows while it is walked
        if _follow(row, list(_parents(session, row))) or row in dirty:
            rows.extend(below(session, row))


def below(session: Session, root: PlanElement) -> Iterator[PlanElement]:
    """The rows right below `root` that carry its marks, whoever may read them."""
    for cls in elements():
        for relation in cls.relations.values():
            if relation.marks and isinstance(root, relation.target):
                hanging = select(cls).where(getattr(cls, relation.key) == root.id)
                yield from session.scalars(
                    hanging, execution_options={"unscoped_because": "marks follow their root"}
                )


def _parents(session: Session, row: PlanElement) -> Iterator[Any]:
    """What carries the marks of the rows above, whether or not the actor can read them."""
    for name, relation in row.relations.items():
        if relation.marks:
            added = inspect(row).attrs[name].history.added
            parent = added[0] if added else None
            key = getattr(row, relation.key)
            if parent is None and key is not None:
                parent = session.identity_map.get(identity_key(relation.target, key))
            if parent is None and key is not None:
                parent = _marks_of(session, relation.target, key)
            yield from [parent] if parent else []


def _marks_of(session: Session, target: type[PlanElement], key: int) -> Any:
    """The columns and no row: nothing is brought where the actor could find it."""
    columns = (getattr(target, mark) for mark in MARKS)
    return session.execute(
        select(*columns).where(target.id == key),
        execution_options={"unscoped_because": "marks follow their root"},
    ).first()


def _follow(row: PlanElement, parents: list[Any]) -> bool:
    """Be as hidden as the most hidden root, or as one's own author wished with a reason,
    and as narrow as all roots together. What is shielded from two is hidden from all who act
    for the owner: a row names one."""
    if not parents:
        return False
    shield = row.shielded_from_id if row.hidden_because else None
    own = bool(row.hidden_from_guardians and row.hidden_because and shield is None)
    above = [p.shielded_from_id for p in parents]
    shields = {one for one in (*above, shield) if one is not None}
    hidden = own or any(p.hidden_from_guardians for p in parents) or len(shields) > 1
    marks = {
        "hidden_from_guardians": hidden,
        "shielded_from_id": shield or min(shields, default=None),
        "life_areas": frozenset.intersection(*(p.life_areas or frozenset() for p in parents)),
    }
    changed = {name: mark for name, mark in marks.items() if getattr(row, name) != mark}
    for name, mark in changed.items():
        setattr(row, name, mark)
    return bool(changed)
