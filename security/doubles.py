"""One human who stands twice (dublett): what stands in the way of making two rows one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.account import Membership
from models.clock import today, utcnow
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import PlanRegister
from models.vocabulary import Role
from security.rights import PLAN_ROLES


class Hindrance(StrEnum):
    """Why two rows do not become one."""

    SAME = "same"
    CLOSED = "closed"
    TWO_NUMBERS = "two numbers"
    ONE_HAS_DIED = "one has died"
    WORK_AND_PRIVATE = "work and private"
    OWNS_A_PLAN = "owns a plan"
    REPRESENTS = "represents"
    HAS_A_COORDINATOR = "has a coordinator"
    COORDINATES_THE_OTHER = "coordinates the other"
    ADMINISTERS = "administers"
    NO_WAY_IN = "no way in"


def hindrance(session: Session, double_id: int, kept_id: int) -> Hindrance | None:
    """The first thing that stands in the way, says the database; None when nothing does."""
    with session.no_autoflush:
        found = (what for what, is_so in _HINDRANCES if is_so(session, double_id, kept_id))
        return next(found, None)


def _pair(session: Session, double_id: int, kept_id: int, column: Any) -> list[Any]:
    """The column's values that the two rows have; less than two are there for strangers."""
    return list(session.scalars(select(column).where(Person.id.in_((double_id, kept_id)))))


def _is_same(_: Session, double_id: int, kept_id: int) -> bool:
    return double_id == kept_id


def _is_closed(session: Session, double_id: int, kept_id: int) -> bool:
    return _pair(session, double_id, kept_id, Person.merged_into_id) != [None, None]


def _has_two_numbers(session: Session, double_id: int, kept_id: int) -> bool:
    return len({*_pair(session, double_id, kept_id, Person.identity_index)} - {None}) > 1


def _one_has_died(session: Session, double_id: int, kept_id: int) -> bool:
    return len({one is None for one in _pair(session, double_id, kept_id, Person.died_on)}) > 1


def _is_work_and_private(session: Session, double_id: int, kept_id: int) -> bool:
    pair = (double_id, kept_id), (kept_id, double_id)
    return any(_works(session, a) and _is_private(session, b) for a, b in pair)


def _works(session: Session, person_id: int) -> bool:
    hats = session.scalars(select(Membership.roles).where(Membership.person_id == person_id))
    return any(roles - PLAN_ROLES for roles in hats) or coordinates(session, person_id)


def _is_private(session: Session, person_id: int) -> bool:
    acts = select(Representation.id).where(Representation.representative_id == person_id)
    return _owns_a_plan(session, person_id) or session.scalars(acts).first() is not None


def _owns_a_plan(session: Session, double_id: int, _: int = 0) -> bool:
    owned = select(PlanRegister.id).where(PlanRegister.person_id == double_id)
    return session.scalars(owned).first() is not None


def _represents(session: Session, double_id: int, _: int) -> bool:
    r = Representation
    mine = or_(r.person_id == double_id, r.representative_id == double_id)
    lasts = or_(r.ends_at.is_(None), r.ends_at > utcnow())
    return session.scalars(select(r.id).where(mine, lasts)).first() is not None


def _lasting(*which: Any) -> Any:
    """Appointments that hold, or will."""
    a = CoordinatorAppointment
    return select(a).where(or_(a.ends_on.is_(None), a.ends_on >= today()), *which)


def _has_a_coordinator(session: Session, double_id: int, _: int) -> bool:
    mine = _lasting(CoordinatorAppointment.person_id == double_id)
    return session.scalars(mine).first() is not None


def _coordinates_the_other(session: Session, double_id: int, kept_id: int) -> bool:
    a = CoordinatorAppointment
    theirs = _lasting(a.coordinator_id == double_id, a.person_id == kept_id)
    return session.scalars(theirs).first() is not None


def _administers(session: Session, double_id: int, _: int) -> bool:
    return any(Role.ADMINISTRATOR in roles for roles in _open_hats(session, double_id))


def _has_no_way_in(session: Session, double_id: int, kept_id: int) -> bool:
    return bool(_open_hats(session, double_id)) and not _open_hats(session, kept_id)


def _open_hats(session: Session, person_id: int) -> Sequence[frozenset[Role]]:
    mine = select(Membership.roles).where(Membership.person_id == person_id, Membership.active)
    return session.scalars(mine).all()


_HINDRANCES: tuple[tuple[Hindrance, Callable[[Session, int, int], bool]], ...] = (
    (Hindrance.SAME, _is_same),
    (Hindrance.CLOSED, _is_closed),
    (Hindrance.TWO_NUMBERS, _has_two_numbers),
    (Hindrance.ONE_HAS_DIED, _one_has_died),
    (Hindrance.WORK_AND_PRIVATE, _is_work_and_private),
    (Hindrance.OWNS_A_PLAN, _owns_a_plan),
    (Hindrance.REPRESENTS, _represents),
    (Hindrance.HAS_A_COORDINATOR, _has_a_coordinator),
    (Hindrance.COORDINATES_THE_OTHER, _coordinates_the_other),
    (Hindrance.ADMINISTERS, _administers),
    (Hindrance.NO_WAY_IN, _has_no_way_in),
)


def appointments_of(session: Session, person_id: int) -> Sequence[CoordinatorAppointment]:
    """Those in which somebody is the coordinator, and that hold or will."""
    mine = _lasting(CoordinatorAppointment.coordinator_id == person_id)
    return cast(Sequence[CoordinatorAppointment], session.scalars(mine).all())


def coordinates(session: Session, person_id: int) -> bool:
    with session.no_autoflush:
        return bool(appointments_of(session, person_id))
