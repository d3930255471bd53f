"""What one person may do in one plan right now (tilgang). Frozen; loaded in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from models.base import BigInt, UtcDateTime
from models.clock import OSLO
from models.consent import Grant
from models.municipality import Municipality
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.plan import Plan
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.vocabulary import Capacity, Level, LifeArea, PlanStatus, PlanType, Scope
from security.representing import decides, rank, reads, signs


@dataclass(frozen=True, slots=True)
class Granted:
    """A live grant, as far as the policy needs to know it."""

    id: int
    scope: Scope
    level: Level
    life_areas: frozenset[LifeArea]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The facts the policy decides on; nothing in here can query.

    decides: signs and withdraws, as the owner or for the owner.
    of_age: the owner is of consent age; no representative takes the way out from them.
    parts: those open to the way one has signed in, whatever else one may.
    side_parts: those that acting for the owner opens; fewer when a youth decides alone.
    alive: the plan of somebody who has died is read by those who may, and not written.
    is_seen: somebody else sees the plan with these eyes (security.seeing).
    confirms_in: the municipality one is a second person in, whatever the plan.
    """

    person_id: int
    plan_id: int = 0
    type: PlanType = PlanType.INDIVIDUAL_PLAN
    status: PlanStatus = PlanStatus.ACTIVE
    owner_id: int = 0
    owner: bool = False
    representative: bool = False
    decides: bool = False
    of_age: bool = False
    alive: bool = True
    is_seen: bool = False
    confirms_in: int | None = None
    capacity: Capacity | None = None
    coordinator: bool = False
    grants: tuple[Granted, ...] = ()
    parts: frozenset[Scope] = frozenset(Scope)
    side_parts: frozenset[Scope] = frozenset(Scope)

    @property
    def is_open(self) -> bool:
        """Whether anything may be written at all."""
        return self.alive and self.status.is_open

    @property
    def withdraws(self) -> bool:
        return self.decides or (self.owner and self.of_age)

    @property
    def owners_side(self) -> bool:
        return self.owner or self.representative

    def acts_in(self, scope: Scope | None, *, or_in_messages: bool = False) -> bool:
        """Whether acting for the owner opens this part. `or_in_messages`: messages too, of which
        one then reads those one is in."""
        mine = or_in_messages and scope is Scope.MESSAGES
        return scope is None or scope in self.side_parts or mine

    def level(self, scope: Scope) -> Level | None:
        """How far a live grant reaches into `scope`; write for the owner's side. None in a part
        that is shut to this way of signing in."""
        if scope not in self.parts:
            return None
        if self.owner or (self.representative and self.acts_in(scope, or_in_messages=True)):
            return Level.WRITE
        levels = [g.level for g in self.grants if g.scope is scope]
        return levels[0] if levels else None


@cache
def _question() -> Select[Any]:
    """What is asked, put together once: who, which plan and when are bound at each execution."""
    p, g = Plan.__table__.c, Grant.__table__.c
    a = CoordinatorAppointment.__table__.alias("a").c
    r, beside = Representation.__table__.alias("r"), Representation.__table__.alias("beside")
    me, now = bindparam("me", type_=BigInt), bindparam("now", type_=UtcDateTime())
    day: Any = bindparam("day", type_=Date())
    live = and_(g.starts_at <= now, now < g.ends_at, g.revoked_at.is_(None))
    mine = and_(r.c.person_id == p.person_id, r.c.representative_id == me)
    capacity = (
        select(r.c.capacity)
        .where(mine, reads(r.c, p, now, day))
        .order_by(rank(r.c), r.c.id)
        .limit(1)
    )
    by_me = exists().where(mine, decides(r.c, p, now, day, beside))
    by_others = exists().where(r.c.person_id == p.person_id, signs(r.c, p, now, day))
    coordinates = exists().where(
        a.person_id == p.person_id, a.coordinator_id == me, holds_on(a, day)
    )
    return (
        select(
            p.status, p.type, p.person_id, p.owner_decides_from, Person.__table__.c.died_on,
            Municipality.__table__.c.parts_until_18,
            capacity.scalar_subquery().label("capacity"), by_me.label("decides"),
            by_others.label("others"), coordinates.label("coordinates"),
            p.id.label("plan_id"), g.id, g.scope, g.level, g.life_areas, g.since,
        )
        .select_from(Plan.__table__)
        .join(Person.__table__, Person.__table__.c.id == p.person_id)
        .join(Municipality.__table__, Municipality.__table__.c.id == p.municipality_id)
        .outerjoin(Grant.__table__, and_(g.plan_id == p.id, g.person_id == me, live))
        .where(p.id.in_(bindparam("plans", type_=BigInt, expanding=True)))
    )  # fmt: skip


def load_access(session: Session, person_id: int, plan_id: int, now: datetime) -> Access | None:
    """Access of one person to one plan at `now` (aware); None when there is no such plan.

    On a write it is loaded inside the writing transaction, so that a withdrawal a
    second ago counts.
    """
    return load_accesses(session, person_id, {plan_id}, now).get(plan_id)


def load_accesses(
    session: Session, person_id: int, plans: Collection[int], now: datetime
) -> dict[int, Access]:
    """The same for several plans, in one question."""
    day = now.astimezone(OSLO).date()
    rows = session.execute(
        _question(),
        {"me": person_id, "plans": sorted(plans), "now": now, "day": day},
        execution_options={"unscoped_because": "access is what the scope is made of"},
    ).all()
    of_each: dict[int, list[Any]] = {}
    for row in rows:
        of_each.setdefault(row.plan_id, []).append(row)
    return {plan_id: _of_one(person_id, lines, day) for plan_id, lines in of_each.items()}


def _of_one(person_id: int, rows: list[Any], day: date) -> Access:
    row = rows[0]
    of_age = row.owner_decides_from <= day
    access = Access(
        person_id=person_id,
        plan_id=row.plan_id,
        type=row.type,
        status=row.status,
        owner_id=row.person_id,
        owner=row.person_id == person_id,
        of_age=of_age,
        alive=row.died_on is None,
        coordinator=bool(row.coordinates),
        grants=tuple(Granted(*line[11:]) for line in rows if line.id is not None),
    )
    if access.owner:
        return replace(access, capacity=Capacity.OWNER, decides=of_age and not row.others)
    if row.capacity is None:
        return access
    as_ = Capacity(row.capacity)
    acting = replace(access, representative=True, capacity=as_, decides=bool(row.decides))
    limited = of_age and as_ in UNTIL_THE_OWNER_DECIDES
    return replace(acting, side_parts=row.parts_until_18) if limited else acting
