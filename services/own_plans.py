"""What one keeps of a plan for oneself (kallenamn, gøymd rettleiing); nobody else ever sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from models.account import Account
from models.clock import utcnow
from models.own_plan import OwnPlan
from models.plan import Plan
from security.session import GuardedSession

_ELEVEN_DIGITS = re.compile(r"(?:\d[\s.-]*){11}")


class Named(NamedTuple):
    """A plan as one knows it: its short name, and what one calls it oneself."""

    plan_id: int
    short_name: str
    nickname: str | None


def looks_like_a_number(text: str) -> bool:
    """Whether an identity number may stand in it."""
    return _ELEVEN_DIGITS.search(text) is not None


def own_names(session: GuardedSession) -> Sequence[Named]:
    """Every plan one may see, by short name."""
    wanted = (
        select(Plan.id, Plan.short_name, OwnPlan.nickname)
        .outerjoin(OwnPlan, OwnPlan.plan_id == Plan.id)
        .order_by(Plan.short_name, Plan.id)
    )
    return [Named(*row) for row in session.execute(wanted)]


def give_names(session: GuardedSession, names: Mapping[int, str | None]) -> None:
    """plan id -> what one calls it from now on; None: its short name is enough."""
    mine = _rows(session)
    for plan_id, name in names.items():
        if plan_id in mine:
            mine[plan_id].nickname = name
        elif name is not None:
            session.add(_new(session, plan_id, nickname=name))
    session.flush()


def hide_steps(session: GuardedSession, plan: Plan) -> None:
    """No more help to get started in this plan, for the acting person."""
    mine = _rows(session).get(plan.id)
    if mine is None:
        session.add(_new(session, plan.id, steps_hidden_at=utcnow()))
    else:
        mine.steps_hidden_at = mine.steps_hidden_at or utcnow()
    session.flush()


def _rows(session: GuardedSession) -> dict[int, OwnPlan]:
    """Held through the account: two clicks at once come one by one."""
    account = select(Account.id).where(Account.id == session.actor.account_id)
    session.execute(account.with_for_update())
    mine = select(OwnPlan).where(OwnPlan.account_id == session.actor.account_id)
    return {row.plan_id: row for row in session.scalars(mine)}


def _new(session: GuardedSession, plan_id: int, **kept: object) -> OwnPlan:
    return OwnPlan(account_id=session.actor.account_id, plan_id=plan_id, **kept)
