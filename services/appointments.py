"""Who is appointed as coordinator (oppnemnd); the office's register follows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Engine, ScalarSelect, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload

from models.account import Membership
from models.clock import today
from models.database import WRITING
from models.people import CoordinatorAppointment, Person, holds_on
from models.plan import PlanRegister
from models.vocabulary import PlanStatus, Role
from security.four_eyes import holders, may_act_as
from security.session import SystemSession


def coordinators_of(session: Session, person_id: int | ScalarSelect[int]) -> set[int]:
    """Whom the coordinating unit has appointed for somebody, today."""
    a = CoordinatorAppointment
    wanted = select(a.coordinator_id).where(a.person_id == person_id, holds_on(a, today()))
    return set(session.scalars(wanted))


def without_the_role(
    session: Session, appointments: Iterable[CoordinatorAppointment]
) -> Sequence[Person]:
    """Those who cannot sign in as a coordinator: administrators give roles, and nobody else."""
    named = {one.coordinator_id: one.municipality_id for one in appointments}
    here = {home: set(holders(session, home, Role.COORDINATOR).values()) for home in named.values()}
    lacking = [one for one, home in named.items() if one not in here[home]]
    if not lacking:
        return ()
    wanted = select(Person).where(Person.id.in_(lacking)).order_by(Person.name, Person.id)
    return session.scalars(wanted).all()


def not_let_in() -> Select[Person, Membership | None]:
    """Everybody who is appointed now or from a later day, and cannot sign in as a coordinator;
    with the hat they have, if any. In no order."""
    a, m = CoordinatorAppointment, Membership
    lasts = or_(a.ends_on.is_(None), a.ends_on >= today())
    appointed = select(a.id).where(a.coordinator_id == Person.id, lasts).correlate(Person)
    with_role = select(m.person_id).join(m.account).where(may_act_as(Role.COORDINATOR))
    wanted = select(Person, m).outerjoin(m, m.person_id == Person.id)
    return wanted.options(joinedload(m.account), joinedload(Person.department)).where(
        appointed.exists(), Person.id.not_in(with_role), Person.merged_into_id.is_(None)
    )


def count_not_let_in(session: Session) -> int:
    counted = not_let_in().with_only_columns(func.count(Person.id), maintain_column_froms=True)
    return session.scalars(counted).one()


def follow(session: Session, *appointments: CoordinatorAppointment) -> None:
    """Let the open plans of these persons stand with their coordinator of today.

    The plan's content stays shut until the owner's side has said yes (security.policy).
    """
    session.flush()
    _stand(session, PlanRegister.person_id.in_({one.person_id for one in appointments}))


def follow_the_day(engine: Engine) -> bool:
    """The same for all: an appointment begins on the day it is from, not when it is written."""
    WRITING.set(True)
    with SystemSession(engine, because="appointments that begin") as session:
        _stand(session)
        session.commit()
    return True


def _stand(session: Session, *which: ColumnElement[bool]) -> None:
    """Who was appointed last, of those who are now. A plan opened by one of several, after they
    all had begun, stays with the one who opened it for as long as that one is appointed."""
    r, a, other = PlanRegister, CoordinatorAppointment, aliased(CoordinatorAppointment)
    day = today()
    theirs = (other.person_id == r.person_id, holds_on(other, day))
    began_later = tuple_(other.starts_on, other.id) > tuple_(a.starts_on, a.id)
    still = select(other.id).where(*theirs, other.coordinator_id == r.coordinator_id)
    wanted = (
        select(r, a)
        .join(a, a.person_id == r.person_id)
        .where(
            *which,
            r.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE)),
            holds_on(a, day),
            ~select(other.id).where(*theirs, began_later).correlate(r, a).exists(),
            or_(a.starts_on >= r.opened_on, ~still.correlate(r).exists()),
            or_(
                a.coordinator_id.is_distinct_from(r.coordinator_id),
                a.department_id.is_distinct_from(r.department_id),
            ),
        )
    )
    for entry, appointment in session.execute(wanted):
        entry.coordinator_id = appointment.coordinator_id
        entry.department_id = appointment.department_id
    session.flush()
