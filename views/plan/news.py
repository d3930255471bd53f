"""What is new in the plan since one was last there (nytt sidan sist)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from flask import g
from flask_babel import gettext
from sqlalchemy import and_, or_, select

from models.clock import OSLO, today, utcnow
from models.history import ElementIndex
from models.people import Person
from models.plan_visit import PlanVisit
from security.acting import ME, MY_ACCOUNT, THE_PLAN
from services.visits import is_due, since
from views.plan.timeline import WITH_A_PAGE, Line, line_of
from views.words import of_day

NEWEST = 8
FEW = 3
"""What is shown of the old when there is nothing new."""


@dataclass(frozen=True, slots=True)
class News:
    """`nothing`: said when nothing has come since; what is shown then is older."""

    heading: str
    lines: list[Line]
    nothing: str = ""


def news() -> News:
    """What others have written since the visit before this one; in the first, what is newest."""
    rows, now = _rows(), utcnow()
    own_eyes = not g.access.is_seen
    g.visit_is_due = own_eyes and bool(rows) and is_due(rows[0].seen_at, now)
    before = rows[0].since if rows and own_eyes else None
    if before is None:
        return News(gettext("What is new"), [_line(row) for row in rows])
    new = [row for row in rows if row.ElementIndex.at > before]
    if new:
        return News(_headline(before), [_line(row) for row in new])
    return News(gettext("What is new"), [_line(row) for row in rows[:FEW]], _nothing(before))


def _rows() -> list[Any]:
    """The newest lines, without what one has written since oneself."""
    asked = _question(own_eyes=not g.access.is_seen)
    return list(g.session.execute(asked, {"plan": g.plan.id}))


@cache
def _question(*, own_eyes: bool) -> Any:
    """What is asked, put together once: which plan, who and when are bound at each execution."""
    i, v = ElementIndex, PlanVisit
    before: Any = since()
    wanted = (
        select(i, Person.name, v.seen_at, before.label("since"))
        .outerjoin(Person, Person.id == i.changed_by_id)
        .outerjoin(v, and_(v.plan_id == i.plan_id, v.account_id == MY_ACCOUNT))
        .where(i.plan_id == THE_PLAN, i.key.in_(WITH_A_PAGE))
        .order_by(i.at.desc(), i.id.desc())
        .limit(NEWEST)
    )
    new_or_old = or_(before.is_(None), i.at <= before, i.changed_by_id != ME)
    return wanted.where(new_or_old) if own_eyes else wanted


def _line(row: Any) -> Line:
    return line_of(row.ElementIndex, row.name, row.ElementIndex.at)


def _headline(before: datetime) -> str:
    local = before.astimezone(OSLO)
    ago = today() - local.date()
    if ago <= timedelta(0):
        return str(gettext("New since %(time)s today", time=f"{local:%H:%M}"))
    if ago == timedelta(days=1):
        return str(gettext("New since yesterday"))
    return str(gettext("New since %(day)s", day=_day(local.date(), ago)))


def _nothing(before: datetime) -> str:
    local = before.astimezone(OSLO)
    ago = today() - local.date()
    if ago <= timedelta(0):
        return str(gettext("Nothing new since %(time)s today.", time=f"{local:%H:%M}"))
    if ago == timedelta(days=1):
        return str(gettext("Nothing new since yesterday."))
    return str(gettext("Nothing new since %(day)s.", day=_day(local.date(), ago)))


def _day(day: date, ago: timedelta) -> str:
    """Friday; longer ago than a week, its date."""
    same_year = "EEEE d. MMMM" if day.year == today().year else "EEEE d. MMMM y"
    return of_day(day, "EEEE" if ago < timedelta(days=7) else same_year)
