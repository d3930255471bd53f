"""Who somebody is in a plan (rolla i planen), as SQL: the owner and who acts for them, the
coordinator, and who has been let in.

Who and when are bound values read at execution (security.acting).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    literal_column,
    or_,
    select,
    true,
)

from models.municipality import Municipality
from models.people import CoordinatorAppointment, Representation, holds_on
from models.plan import Plan
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.vocabulary import PlanStatus
from security.acting import (
    ME,
    NOW,
    TODAY,
)
from security.representing import reads, word

Condition = ColumnElement[bool]


def own(plan_id: ColumnElement[int]) -> Condition:
    plan = Plan.__table__.alias("own_plan")
    return plan_id.in_(select(plan.c.id).where(plan.c.person_id == ME))


def represented(plan_id: ColumnElement[int], bit: Any = None) -> Condition:
    """bit: that of a part, which a youth who decides alone may have shut to parents."""
    plan, r = Plan.__table__.alias("their_plan"), Representation.__table__.alias("r")
    mine = and_(
        r.c.person_id == plan.c.person_id,
        r.c.representative_id == ME,
        reads(r.c, plan.c, NOW, TODAY),
    )
    theirs = select(plan.c.id).join_from(plan, r, mine)
    if bit is not None:
        town = Municipality.__table__.alias("their_town")
        open_ = town.c.parts_until_18.op("&")(bit) != literal_column("0")
        kinds = (r.c.capacity != word(kind) for kind in sorted(UNTIL_THE_OWNER_DECIDES))
        unlimited = or_(and_(*kinds), plan.c.owner_decides_from > TODAY, open_)
        theirs = theirs.join(town, town.c.id == plan.c.municipality_id).where(unlimited)
    return plan_id.in_(theirs)


def coordinated(plan_id: ColumnElement[int], status: PlanStatus | None = None) -> Condition:
    plan = Plan.__table__.alias("coordinated_plan")
    a = CoordinatorAppointment.__table__.alias("a")
    appointed = and_(
        a.c.person_id == plan.c.person_id,
        a.c.coordinator_id == ME,
        holds_on(a.c, TODAY),
        true() if status is None else plan.c.status == word(status),
    )
    return plan_id.in_(select(plan.c.id).join_from(plan, a, appointed))


def granted(plan_id: ColumnElement[int], *more: Condition, g: FromClause) -> Condition:
    live = and_(
        g.c.person_id == ME,
        g.c.starts_at <= NOW,
        g.c.ends_at > NOW,
        g.c.revoked_at.is_(None),
    )
    return plan_id.in_(select(g.c.plan_id).where(live, *more))
