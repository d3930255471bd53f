"""When one was last in a plan (førre besøk), to be told what is new since then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, Table, bindparam, case
from sqlalchemy.dialects import postgresql, sqlite

from models.base import UtcDateTime
from models.clock import utcnow
from models.plan_visit import PlanVisit
from security.session import GuardedSession

A_PAUSE = timedelta(minutes=30)
"""Whoever has not looked for so long comes back: what they see then is a new visit."""
TOUCH_AFTER = timedelta(minutes=1)
_VISIT = cast(Table, PlanVisit.__table__)
_OWN = {"unscoped_because": "one's own last visit is noted"}


def since() -> ColumnElement[Any]:
    """The last look of the visit before this one, in SQL; NULL in the first."""
    v = PlanVisit
    away: Any = bindparam("away", callable_=lambda: utcnow() - A_PAUSE, type_=UtcDateTime())
    return case((v.seen_at < away, v.seen_at), else_=v.before_at)


def is_due(seen_at: datetime | None, now: datetime) -> bool:
    """Whether this look is worth writing down: once a minute is enough."""
    return seen_at is None or seen_at < now - TOUCH_AFTER


def note(session: GuardedSession, plan_id: int) -> None:
    """The actor looks at the plan now. In one statement: two windows do not hurt each other."""
    now, v = utcnow(), _VISIT.c
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    look = dialect.insert(_VISIT).values(
        uid=str(uuid4()), account_id=session.actor.account_id, plan_id=plan_id, seen_at=now
    )
    before = case((v.seen_at < now - A_PAUSE, v.seen_at), else_=v.before_at)
    session.execute(
        look.on_conflict_do_update(
            index_elements=["account_id", "plan_id"], set_={"before_at": before, "seen_at": now}
        ),
        execution_options=_OWN,
    )
