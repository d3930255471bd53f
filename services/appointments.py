"""Appointing a coordinator (oppnemne): the office's register follows at once."""

from __future__ import annotations

from sqlalchemy import select

from models.people import CoordinatorAppointment
from models.plan import PlanRegister
from models.vocabulary import PlanStatus
from security.session import GuardedSession


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
