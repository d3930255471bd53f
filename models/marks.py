"""Marks that follow their root (merke): hidden from guardians, life areas.

A comment on a hidden goal must be as hidden as the goal. Each row below a root
carries a copy, so that one criterion on one table decides and no join is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.elements import PlanElement, elements

MARKS = ("hidden_from_guardians", "life_areas")


def spread(session: Session) -> None:
    """Copy marks from changed roots to stored rows, however far below, and from roots to
    changed rows.

    Runs before each flush, after the policy: the copy is a consequence, not a wish.
    """
    dirty = {row for row in session.dirty if isinstance(row, PlanElement)}
    rows = [*(row for row in session.new if isinstance(row, PlanElement)), *dirty]
    for row in rows:  # grows while it is walked
        if _follow(row, list(_parents(session, row))) or row in dirty:
            rows.extend(_below(session, row))


def _below(session: Session, root: PlanElement) -> Iterator[PlanElement]:
    for cls in elements():
        for relation in cls.relations.values():
            if relation.marks and isinstance(root, relation.target):
                below = select(cls).where(getattr(cls, relation.key) == root.id)
                yield from session.scalars(
                    below, execution_options={"unscoped_because": "marks follow their root"}
                )


def _parents(session: Session, row: PlanElement) -> Iterator[PlanElement]:
    for name, relation in row.relations.items():
        key = getattr(row, relation.key)
        set_object = vars(row).get(name)
        if relation.marks and (set_object is not None or key is not None):
            parent = set_object or session.get(relation.target, key)
            yield from [parent] if parent else []


def _follow(row: PlanElement, parents: list[PlanElement]) -> bool:
    """Be as hidden as the most hidden root, and as narrow as all of them together."""
    if not parents:
        return False
    marks = {
        "hidden_from_guardians": any(p.hidden_from_guardians for p in parents),
        "life_areas": frozenset.intersection(*(p.life_areas or frozenset() for p in parents)),
    }
    changed = {name: mark for name, mark in marks.items() if getattr(row, name) != mark}
    for name, mark in changed.items():
        setattr(row, name, mark)
    return bool(changed)
