"""Main goals and sub-goals (hovudmål, delmål): two levels, whoever writes and however."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, object_session

from models.base import Bound
from models.elements.goal import Goal
from models.i18n import N_


class WrongLevel(Exception):
    """A goal stands where no goal can stand. `words`: why not (a msgid)."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


ITSELF = N_("A goal cannot be part of itself.")
A_SUB_GOAL = N_("That is a sub-goal. Choose its main goal instead.")
HAS_SUB_GOALS = N_("This goal has sub-goals of its own, so it stays a main goal.")
_UNSCOPED = {"unscoped_because": "a goal has one level above it, whoever may see it"}


def keep_two_levels(session: Session, rows: Iterable[Bound]) -> None:
    """Before a flush: rows newly put below a goal are put below a main goal, and are none.

    Raises: WrongLevel.
    """
    moved = {row: _above(row) for row in rows if isinstance(row, Goal) and _is_moved(row)}
    below_now = {id(one) for one in moved.values() if one is not None}
    for row, above in moved.items():
        if above is None:
            continue
        wrong = cannot_be_below(session, row.id, above.id) if above.id else ""
        if above in moved and moved[above] is not None:  # both are moved at once
            wrong = A_SUB_GOAL
        if wrong or id(row) in below_now:
            raise WrongLevel(wrong or HAS_SUB_GOALS)


def _above(row: Goal) -> Goal | None:
    for set_object in inspect(row).attrs.parent.history.added or ():
        if isinstance(set_object, Goal):
            return set_object
    session = object_session(row)
    return session.get(Goal, row.parent_id) if session and row.parent_id is not None else None


def cannot_be_below(session: Session, goal_id: int | None, parent_id: int) -> str:
    """Why the goal (None: a new one) cannot be a sub-goal of that one, a msgid; empty when it
    can. Other sub-goals count whoever may see them; no word of them is said."""
    if goal_id == parent_id:
        return ITSELF
    g, below_it = Goal.__table__.c, Goal.__table__.alias("below")
    above = select(g.id).where(g.id == parent_id, g.parent_id.is_not(None))
    if session.scalar(above, execution_options=_UNSCOPED) is not None:
        return A_SUB_GOAL
    hanging = select(below_it.c.id).where(
        below_it.c.parent_id == goal_id, below_it.c.removed_at.is_(None)
    )
    found = goal_id is not None and session.scalar(hanging.limit(1), execution_options=_UNSCOPED)
    return HAS_SUB_GOALS if found else ""


def _is_moved(row: Goal) -> bool:
    state = inspect(row)
    return state.attrs.parent_id.history.has_changes() or state.attrs.parent.history.has_changes()
