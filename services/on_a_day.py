"""Who had a plan or a coordinator on a given day (stode på ein dato): as the registers know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import joinedload

from models.people import CoordinatorAppointment, Person, holds_on
from models.plan import PlanRegister, ran_on
from security.session import GuardedSession


@dataclass(frozen=True, slots=True)
class Had:
    """What one person had that day, the oldest first."""

    plans: list[PlanRegister] = field(default_factory=list)
    appointments: list[CoordinatorAppointment] = field(default_factory=list)


def persons_on(day: date) -> Select[Person]:
    """Those who had a plan that ran, or a coordinator, in no order."""
    r, a = PlanRegister, CoordinatorAppointment
    plan = exists().where(r.person_id == Person.id, ran_on(day))
    coordinator = exists().where(a.person_id == Person.id, holds_on(a, day))
    return select(Person).where(or_(plan, coordinator))


def had_on(session: GuardedSession, day: date, people: Iterable[Person]) -> dict[int, Had]:
    """What each of them had, by the person's id: two questions, however many they are."""
    r, a = PlanRegister, CoordinatorAppointment
    had = {one.id: Had() for one in people}
    plans = select(r).where(r.person_id.in_(had), ran_on(day)).order_by(r.started_on, r.id)
    for plan in session.scalars(plans):
        had[plan.person_id].plans.append(plan)
    appointed = select(a).where(a.person_id.in_(had), holds_on(a, day))
    oldest = appointed.options(joinedload(a.coordinator)).order_by(a.starts_on, a.id)
    for one in session.scalars(oldest):
        had[one.person_id].appointments.append(one)
    return had


def was_individual(plan: PlanRegister, day: date) -> bool:
    """Whether it was an individual plan already that day."""
    return plan.individual_since is not None and plan.individual_since <= day


def days_of(rows: Sequence[PlanRegister | CoordinatorAppointment]) -> list[date]:
    """Since when."""
    days = (one.started_on if isinstance(one, PlanRegister) else one.starts_on for one in rows)
    return [day for day in days if day]
