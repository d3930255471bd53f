"""Who is appointed as coordinator (oppnemnd); the office's register follows at once."""

from __future__ import annotations

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from models.clock import today
from models.people import CoordinatorAppointment, holds_on
from models.plan import PlanRegister
from models.vocabulary import PlanStatus, Role
from security.four_eyes import holders
from security.session import GuardedSession


def coordinators_of(session: Session, person_id: int | ScalarSelect[int]) -> set[int]:
    """Whom the coordinating unit has appointed for somebody, today."""
    a = CoordinatorAppointment
    wanted = select(a.coordinator_id).where(a.person_id == person_id, holds_on(a, today()))
    return set(session.scalars(wanted))


def has_the_role(session: Session, appointment: CoordinatorAppointment) -> bool:
    """Whether the coordinator can sign in as one: administrators give roles, and nobody else."""
    can = holders(session, appointment.municipality_id, Role.COORDINATOR)
    return appointment.coordinator_id in can.values()


def follow(session: GuardedSession, appointment: CoordinatorAppointment) -> None:
    """Let the open plans of the person stand with the new coordinator and department.

    The plan's content stays shut until the owner's side has said yes (security.policy).
    """
    open_ = select(PlanRegister).where(
        PlanRegister.person_id == appointment.person_id,
        PlanRegister.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE)),
    )
    for entry in session.scalars(open_):
        entry.coordinator_id = appointment.coordinator_id
        entry.department_id = appointment.department_id
    session.flush()
