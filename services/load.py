"""How much coordinators have to do (belastning): counted from appointments, never stored."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from models.clock import today
from models.people import CoordinatorAppointment, Person, holds_on
from services.courses import coordinates_on


def load() -> Select[Person, int, int | None]:
    """Everybody who coordinates now: for how many, and agreed hours a week. In no order."""
    a, day = CoordinatorAppointment, today()
    held = (a.coordinator_id == Person.id, holds_on(a, day))
    persons = select(func.count(a.id)).where(*held).correlate(Person).scalar_subquery()
    hours = select(func.sum(a.agreed_hours)).where(*held).correlate(Person).scalar_subquery()
    return select(Person, persons, hours).where(coordinates_on(day))
