"""What the office counts (tal for kontoret): in its register, never in a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, exists, func, select

from models.clock import today
from models.decision import Decision
from models.nomination import Nomination
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import PlanStatus
from security.session import GuardedSession


@dataclass(frozen=True, slots=True)
class OfficeCounts:
    """What the office looks at first: evaluations overdue, consents that have run out; and of
    the coordinating unit only, requests nobody sees to, and those nobody has answered in time;
    departments asked for a coordinator who have not answered, and whoever is named and waits."""

    overdue: int
    run_out: int
    requests: int
    unanswered: int
    asked: int
    named: int


def office_counts(session: GuardedSession, department_id: Any = None) -> OfficeCounts:
    """Counted in the register; `department_id`: in that department only."""
    r, day = PlanRegister, today()
    asked = select(func.count(Request.id))
    nobodys = asked.where(Request.case_worker_id.is_(None))
    answered = exists().where(Decision.request_id == Request.id)
    unanswered = asked.where(Request.answer_by < day, ~answered)
    questions = select(func.count(Nomination.id))
    waits = (Nomination.nominee_id.is_not(None), Nomination.appointment_id.is_(None))
    wanted = select(
        func.count(case((r.next_evaluation < day, 1))),
        func.count(case((r.consent_until < day, 1))),
        nobodys.scalar_subquery(),
        unanswered.scalar_subquery(),
        questions.where(Nomination.answered_on.is_(None)).scalar_subquery(),
        questions.where(*waits).scalar_subquery(),
    ).where(r.status == PlanStatus.ACTIVE)
    if department_id is not None:
        wanted = wanted.where(r.department_id.in_(department_id))
    return OfficeCounts(*session.execute(wanted).one())
