"""How much coordinators have to do (belastning), counted from appointments and never stored; and
what they can take on, which is written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, String, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.clock import today
from models.coordinator import CoordinatorProfile
from models.language import TongueCodes
from models.people import CoordinatorAppointment, Person, holds_on
from services.courses import coordinates_on


def load() -> Select[Person, int, int | None, CoordinatorProfile | None]:
    """Everybody who coordinates now: for how many, agreed hours a week, and what is known of
    them. In no order."""
    a, day = CoordinatorAppointment, today()
    held = (a.coordinator_id == Person.id, holds_on(a, day))
    persons = select(func.count(a.id)).where(*held).correlate(Person).scalar_subquery()
    hours = select(func.sum(a.agreed_hours)).where(*held).correlate(Person).scalar_subquery()
    known = CoordinatorProfile
    wanted = select(Person, persons, hours, known).outerjoin(known, known.person_id == Person.id)
    return wanted.options(joinedload(known.substitute)).where(coordinates_on(day))


def speaks(codes: Iterable[str]) -> ColumnElement[bool]:
    """Whether one of the languages is spoken, in `load`."""
    like = CoordinatorProfile.languages.expression.cast(String).like
    return or_(false(), *(like(TongueCodes.holding(code)) for code in codes))


def away(session: Session, people: Iterable[int]) -> Sequence[CoordinatorProfile]:
    """What is known of those of the people who are away, or soon will be; by name."""
    known = CoordinatorProfile
    wanted = select(known).join(known.person).options(
        joinedload(known.person), joinedload(known.substitute)
    )  # fmt: skip
    theirs = wanted.where(known.person_id.in_(set(people)), known.absent_from.is_not(None))
    found = session.scalars(theirs.order_by(Person.name, Person.id)).all()
    return [one for one in found if one.is_away(today())]


def profile(session: Session, person_id: int) -> CoordinatorProfile | None:
    known = CoordinatorProfile
    return session.scalars(select(known).where(known.person_id == person_id)).first()
