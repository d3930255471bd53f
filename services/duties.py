"""What the municipality must do in time (plikter): what comes back, and who is told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.clock import months_later
from models.duty import Duty
from models.vocabulary import Role
from security.four_eyes import holders
from security.session import GuardedSession

DUE = "duty_due"


def come_back(session: GuardedSession, duty: Duty) -> None:
    """When it is done, and repeats: due again, for the one who saw to it. Flushes."""
    session.flush()
    if duty.done_on is None or duty.repeats_months is None:
        return
    again = Duty(
        municipality_id=duty.municipality_id, kind=duty.kind, note=duty.note,
        due_on=months_later(duty.due_on, duty.repeats_months), follows_id=duty.id,
        responsible_id=duty.responsible_id, repeats_months=duty.repeats_months,
    )  # fmt: skip
    session.add(again)
    session.flush()


def who_sees_to(session: Session, duty: Duty) -> set[int]:
    """Whoever it is given to, while they may read it; otherwise the unit, or the administrators."""
    unit = set(holders(session, duty.municipality_id, Role.COORDINATING_UNIT).values())
    others = set(holders(session, duty.municipality_id, Role.ADMINISTRATOR).values())
    return {duty.responsible_id} & (unit | others) or unit or others  # type: ignore[return-value]
