"""What the office counts (tal for kontoret): in its register, never in a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median_low
from typing import Any

from sqlalchemy import case, func, select

from models.clock import today
from models.complaint import Complaint
from models.decision import Decision
from models.municipality import Department
from models.nomination import Nomination
from models.people import Person
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import PlanStatus, PlanType
from security.session import GuardedSession
from services import office_lists
from services.courses import coordinates_on
from services.office_lists import Lists

MOST = 5_000
"""The newest of a year that it is measured on how long they took: more than a town has."""


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
    r, plans = PlanRegister, office_lists.plans()
    asked = select(func.count(Request.id))
    nobodys = asked.where(Request.case_worker_id.is_(None))
    unanswered = asked.where(office_lists.waiting_requests()["late"])
    questions = select(func.count(Nomination.id))
    wanted = select(
        func.count(case((plans["overdue"], 1))),
        func.count(case((plans["run-out"], 1))),
        nobodys.scalar_subquery(),
        unanswered.scalar_subquery(),
        questions.where(Nomination.answered_on.is_(None)).scalar_subquery(),
        questions.where(office_lists.nominations()["named"]).scalar_subquery(),
    ).where(r.status == PlanStatus.ACTIVE)
    if department_id is not None:
        wanted = wanted.where(r.department_id.in_(department_id))
    return OfficeCounts(*session.execute(wanted).one())


@dataclass(frozen=True, slots=True)
class PlansOf:
    """Open plans of one kind in one department (None: in none), by list."""

    department: str | None
    type: PlanType
    counts: dict[str, int]


def plans(session: GuardedSession, departments: Any = None) -> list[PlansOf]:
    """departments: ids, as SQL; only of those."""
    r = PlanRegister
    lists = office_lists.plans()
    wanted = _counting(lists).add_columns(Department.name, r.type).select_from(r)
    wanted = wanted.outerjoin(Department, Department.id == r.department_id)
    wanted = wanted.where(r.status.in_((PlanStatus.ACTIVE, PlanStatus.DRAFT)))  # no list of others
    if departments is not None:
        wanted = wanted.where(r.department_id.in_(departments))
    rows = session.execute(wanted.group_by(Department.name, r.type)).all()
    return [PlansOf(row[-2], row[-1], dict(zip(lists, row, strict=False))) for row in rows]


def waiting_requests(session: GuardedSession) -> dict[str, int]:
    return _counted(session, office_lists.waiting_requests(), Request)


def complaints(session: GuardedSession) -> dict[str, int]:
    return _counted(session, office_lists.complaints(), Complaint)


def nominations(session: GuardedSession) -> dict[str, int]:
    return _counted(session, office_lists.nominations(), Nomination)


def coordinators(session: GuardedSession, departments: Any = None) -> int:
    """How many coordinate for somebody today."""
    wanted = select(func.count(Person.id)).where(coordinates_on(today()))
    if departments is not None:
        wanted = wanted.where(Person.department_id.in_(departments))
    return session.scalars(wanted).one()


def _counting(lists: Lists) -> Any:
    """A select of how many stand in each."""
    return select(*(func.count(case((who, 1))).label(key) for key, who in lists.items()))


def _counted(session: GuardedSession, lists: Lists, cls: Any) -> dict[str, int]:
    row = session.execute(_counting(lists).select_from(cls)).one()
    return dict(zip(lists, row, strict=True))


@dataclass(frozen=True, slots=True)
class TimeTaken:
    """How many took their time, and how many days those in the middle needed; None of nobody."""

    many: int
    days: int | None


def until_answered(session: GuardedSession) -> TimeTaken:
    """From a request to its decision, the last twelve months."""
    d = Decision
    wanted = select(Request.received_on, d.decided_on).join(Request, Request.id == d.request_id)
    return _taken(session, wanted.where(office_lists.in_time_taken()).order_by(d.decided_on.desc()))


def until_first_meeting(session: GuardedSession) -> TimeTaken:
    """From a request that was said yes to, to the first meeting, the last twelve months."""
    p = PlanRegister
    wanted = select(Request.received_on, p.first_meeting).select_from(p)
    joined = wanted.join(Request, Request.person_id == p.person_id)
    met = joined.where(office_lists.is_first_meeting())
    return _taken(session, met.order_by(p.first_meeting.desc()))


def _taken(session: GuardedSession, pairs: Any) -> TimeTaken:
    """pairs: a select of the first day and the last, the newest first."""
    days = [_between(*pair) for pair in session.execute(pairs.limit(MOST)).all()]
    return TimeTaken(len(days), median_low(days) if days else None)


def _between(first: date, last: date) -> int:
    return (last - first).days
