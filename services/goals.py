"""Goals (mål): the order people have put them in, and turns for who puts one below another."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from models.elements.goal import Goal
from models.i18n import N_
from models.plan import Plan
from security import audit, levels
from security.facts import facts
from security.policy import Action, Forbidden, permits
from security.session import GuardedSession
from services.consent import lock
from services.errors import Conflict

_ONE_ORDER = {"unscoped_because": "goals have one order, whoever may see them"}


class NotInTwoLevels(Conflict):
    """Somebody else has just made the one a sub-goal, or hung something below the other."""

    words = N_("Goals have two levels: a main goal, and the sub-goals below it.")


def store(session: GuardedSession, plan: Plan, goal: Goal) -> None:
    """Store a new or changed goal. Those who put goals below each other take turns.

    Raises: NotInTwoLevels, Forbidden, StaleDataError.
    """
    with session.no_autoflush:
        lock(session, plan.id)
    session.add(goal)
    try:
        session.flush()
    except levels.WrongLevel as wrong:
        raise NotInTwoLevels from wrong


def move(session: GuardedSession, plan: Plan, goal: Goal, past: Goal, *, up: bool) -> None:
    """Put the goal right before `past`, or right after it: once, however often it is asked.

    The words are as they were: no version is kept. The log says who moved it.
    Raises: Forbidden, for who may not change both.
    """
    lock(session, plan.id)
    access = session.access(plan.id)
    if not all(permits(access, Action.CHANGE, facts(one)) for one in (goal, past)):
        raise Forbidden("goals are moved by those who may change them")
    places = _places(session, plan.id)
    order = list(places)
    if (order.index(goal.id) < order.index(past.id)) is up or goal.id == past.id:
        return
    order.remove(goal.id)
    order.insert(order.index(past.id) + (0 if up else 1), goal.id)
    _put(session, {key: n for n, key in enumerate(order, 1) if places[key] != n})
    audit.append(session, session.actor, audit.gather([("change", goal)], session.access))


def _places(session: GuardedSession, plan_id: int) -> dict[int, int | None]:
    """Key -> place of all goals of the plan, in their order."""
    wanted = select(Goal.id, Goal.place).where(Goal.plan_id == plan_id)
    in_order = wanted.order_by(Goal.place.nulls_last(), Goal.id)
    rows = session.execute(in_order, execution_options=_ONE_ORDER)
    return {row.id: row.place for row in rows}


def _put(session: GuardedSession, places: dict[int, int]) -> None:
    t = Goal.__table__
    to = update(t).where(t.c.id == bindparam("key")).values(place=bindparam("to"))  # type: ignore[arg-type]
    values = [{"key": key, "to": place} for key, place in places.items()]
    session.execute(to, values, execution_options=_ONE_ORDER)
