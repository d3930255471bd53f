"""Who sees the plan, and who leads it (kven som ser): a short card for the owner's side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from flask import g, url_for
from sqlalchemy import and_, bindparam, func, or_, select

from models.clock import utcnow
from models.consent import Grant
from models.people import CoordinatorAppointment, Person, holds_on
from models.plan import Participant
from models.vocabulary import Package, Scope
from security.acting import NOW, THE_PLAN, TODAY
from views.words import last_day, role_of

SHOWN = 4
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a yes has let in; until: the last whole day."""

    name: str
    role: str
    until: str
    ends_soon: bool


@dataclass(frozen=True, slots=True)
class WhoSees:
    """`more`: how many there are beside those shown. coordinators: (name, role, where one
    writes to them; empty without messages)."""

    readers: list[Reader]
    more: int
    coordinators: list[tuple[str, str, str]]


def who_sees() -> WhoSees | None:
    """For the owner's side with their own eyes; the coordinator first."""
    if not g.access.owners_side:
        return None
    rows = _rows()
    rows.sort(key=lambda row: row.package is not Package.COORDINATOR)
    let_in = [row for row in rows if row.until is not None]
    return WhoSees(
        [_reader(row) for row in let_in[:SHOWN]],
        max(0, len(let_in) - SHOWN),
        [(row.name, _role(row), _write_to(row.person_id)) for row in rows if row.leads],
    )


def _rows() -> list[Any]:
    """Those with a key that opens something now, and those appointed to lead the plan."""
    person = {"plan": g.plan.id, "owner": g.plan.person_id}
    return list(g.session.execute(_question(), person))


@cache
def _question() -> Any:
    """What is asked, put together once: which plan and when are bound at each execution."""
    p, k, a = Participant, Grant, CoordinatorAppointment
    live = (k.starts_at <= NOW, k.ends_at > NOW, k.revoked_at.is_(None))
    until = func.max(k.ends_at)
    leads = (
        select(a.id)
        .where(a.person_id == bindparam("owner"), a.coordinator_id == p.person_id)
        .where(holds_on(a, TODAY))
        .correlate(p)
        .exists()
    )
    return (
        select(
            p.person_id, p.role, p.package, Person.name, until.label("until"), leads.label("leads")
        )
        .join(Person, Person.id == p.person_id)
        .outerjoin(k, and_(k.plan_id == p.plan_id, k.person_id == p.person_id, *live))
        .where(p.plan_id == THE_PLAN, p.package.is_not(None))
        .group_by(p.id, p.person_id, p.role, p.package, Person.name)
        .having(or_(until.is_not(None), leads))
        .order_by(p.id)
    )


def _reader(row: Any) -> Reader:
    until: datetime = row.until
    return Reader(row.name, _role(row), last_day(until), until < utcnow() + SOON)


def _role(row: Any) -> str:
    return role_of(cast(Participant, row))


def _write_to(person_id: int) -> str:
    messages = g.access.level(Scope.MESSAGES) is not None and g.access.is_open
    return url_for("Compose.page", who=person_id) if messages else ""
