"""What the office has lists of (lister): who stands in each is said once, for the list and for the
number of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased

from models.case_words import NEEDS_A_COORDINATOR, Reconsidered, Ruling
from models.clock import months_later, today
from models.complaint import Complaint
from models.decision import Decision
from models.nomination import Nomination
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import PlanStatus

Lists = dict[str, ColumnElement[bool]]
"""Key of a list -> who stands in it."""
SOON, AHEAD = timedelta(days=7), timedelta(days=30)
LONG = 6
"""Months without a meeting."""
A_YEAR = 12
"""Months over which it is measured how long things take."""


def plans() -> Lists:
    """Of the plan register."""
    r, day = PlanRegister, today()
    runs = r.status == PlanStatus.ACTIVE
    met = func.coalesce(r.last_meeting, r.started_on, r.opened_on)
    return {
        "active": runs,
        "draft": r.status == PlanStatus.DRAFT,
        "overdue": and_(r.next_evaluation < day, runs),
        "evaluation-soon": and_(r.next_evaluation.between(day, day + AHEAD), runs),
        "run-out": and_(r.consent_until < day, runs),
        "runs-out": and_(r.consent_until.between(day, day + AHEAD), runs),
        "no-meeting": and_(met < months_later(day, -LONG), runs),
    }


def waiting_requests() -> Lists:
    """Of the requests that wait for an answer."""
    r, day = Request, today()
    waits = ~exists().where(Decision.request_id == r.id)
    return {
        "late": and_(r.answer_by < day, waits),
        "soon": and_(r.answer_by.between(day, day + SOON), waits),
        "later": and_(r.answer_by > day + SOON, waits),
    }


def complaints() -> Lists:
    """Of complaints: to be looked at again, and to be answered by whom it is sent on to."""
    c = Complaint
    return {
        "complained": c.reconsidered.is_(None),
        "sent-on": and_(c.reconsidered == Reconsidered.SENT_ON, c.reviewed.is_(None)),
    }


def requests() -> Lists:
    """Of the register of requests: those that wait, those with a complaint, those of a year."""
    r, d, p = Request, Decision, PlanRegister
    with_one = {
        key: exists().where(Complaint.request_id == r.id, condition)
        for key, condition in complaints().items()
    }
    answered = exists().where(d.request_id == r.id, in_time_taken())
    met = exists().where(p.person_id == r.person_id, is_first_meeting())
    return {**waiting_requests(), **with_one, "answered": answered, "met": met}


def nominations() -> Lists:
    """Of the departments that are asked for a coordinator."""
    n, day = Nomination, today()
    waits = n.answered_on.is_(None)
    return {
        "late": and_(n.name_by < day, waits),
        "waits": and_(n.name_by >= day, waits),
        "named": and_(n.nominee_id.is_not(None), n.appointment_id.is_(None)),
    }


def in_time_taken() -> ColumnElement[bool]:
    """Whether a decision answers its request, the last twelve months."""
    return and_(Decision.decided_on >= _a_year_ago(), Decision.outcome != Ruling.WITHDRAWN)


def is_first_meeting() -> ColumnElement[bool]:
    """Whether the first meeting of a plan, the last twelve months, is the first there was after a
    request that was said yes to; the plan and the request are of the same person."""
    r, p, d = Request, PlanRegister, Decision
    other: Any = aliased(p)
    earlier = or_(
        other.first_meeting < p.first_meeting,
        and_(other.first_meeting == p.first_meeting, other.id < p.id),
    )
    since = and_(other.person_id == r.person_id, other.first_meeting >= r.received_on)
    yes = exists().where(d.request_id == r.id, d.outcome.in_(NEEDS_A_COORDINATOR))
    before = exists().where(since, earlier)
    return and_(
        p.first_meeting >= _a_year_ago(),
        p.first_meeting >= r.received_on,
        ~before.correlate_except(other),
        yes.correlate_except(d),
    )


def _a_year_ago() -> date:
    return months_later(today(), -A_YEAR)
