"""What one person may do in one plan right now (tilgang). Frozen; loaded in one query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from models.clock import OSLO
from models.consent import Grant
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.plan import Plan
from models.vocabulary import OF_A_CHILD, Capacity, Level, LifeArea, PlanStatus, PlanType, Scope


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
    alive: the plan of somebody who has died is read by those who may, and not written.
    is_seen: somebody else sees the plan with these eyes (security.seeing).
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
    capacity: Capacity | None = None
    coordinator: bool = False
    grants: tuple[Granted, ...] = ()
    parts: frozenset[Scope] = frozenset(Scope)

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

    def level(self, scope: Scope) -> Level | None:
        """How far a live grant reaches into `scope`; write for the owner's side. None in a part
        that is shut to this way of signing in."""
        if scope not in self.parts:
            return None
        if self.owners_side:
            return Level.WRITE
        levels = [g.level for g in self.grants if g.scope is scope]
        return levels[0] if levels else None


def load_access(session: Session, person_id: int, plan_id: int, now: datetime) -> Access | None:
    """Access of one person to one plan at `now` (aware); None when there is no such plan.

    On a write it is loaded inside the writing transaction, so that a withdrawal a
    second ago counts.
    """
    p, g = Plan.__table__.c, Grant.__table__.c
    r, a = Representation.__table__.alias("r").c, CoordinatorAppointment.__table__.alias("a").c
    other = Representation.__table__.alias("other").c
    day = now.astimezone(OSLO).date()
    live = and_(g.starts_at <= now, now < g.ends_at, g.revoked_at.is_(None))

    def holds(c: object) -> object:
        return (
            c.person_id == p.person_id,  # type: ignore[attr-defined]
            c.verified_at.is_not(None),  # type: ignore[attr-defined]
            c.starts_at <= now,  # type: ignore[attr-defined]
            or_(c.ends_at.is_(None), now < c.ends_at),  # type: ignore[attr-defined]
            c.capacity != Capacity.PARENT_INFORMED,  # type: ignore[attr-defined]
        )

    of_a_child = r.capacity.in_(OF_A_CHILD)
    mine = (
        select(r.capacity)
        .where(*holds(r), r.representative_id == person_id)  # type: ignore[misc]
        .where(or_(~of_a_child, p.guardian_until > day))
        .order_by(of_a_child)
    )
    by_others = exists().where(
        *holds(other),
        or_(other.capacity.not_in(OF_A_CHILD), p.owner_decides_from > day),
    )  # type: ignore[misc]
    coordinates = exists().where(
        a.person_id == p.person_id,
        a.coordinator_id == person_id,
        holds_on(a, day),
    )
    rows = session.execute(
        select(
            p.status, p.type, p.person_id, p.owner_decides_from, Person.__table__.c.died_on,
            mine.limit(1).scalar_subquery().label("capacity"),
            by_others.label("others"), coordinates.label("coordinates"),
            g.id, g.scope, g.level, g.life_areas, g.since,
        )
        .select_from(Plan.__table__)
        .join(Person.__table__, Person.__table__.c.id == p.person_id)
        .outerjoin(Grant.__table__, and_(g.plan_id == p.id, g.person_id == person_id, live))
        .where(p.id == plan_id),
        execution_options={"unscoped_because": "access is what the scope is made of"},
    ).all()  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    of_age = row.owner_decides_from <= day
    access = Access(
        person_id=person_id,
        plan_id=plan_id,
        type=row.type,
        status=row.status,
        owner_id=row.person_id,
        owner=row.person_id == person_id,
        of_age=of_age,
        alive=row.died_on is None,
        coordinator=bool(row.coordinates),
        grants=tuple(Granted(*line[8:]) for line in rows if line.id is not None),
    )
    if access.owner:
        return replace(access, capacity=Capacity.OWNER, decides=of_age and not row.others)
    if row.capacity is None:
        return access
    capacity = Capacity(row.capacity)
    decides = capacity not in OF_A_CHILD or not of_age
    return replace(access, representative=True, capacity=capacity, decides=decides)
