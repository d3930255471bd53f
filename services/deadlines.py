"""What must be done in time (fristar): found in the register, never in a plan.

Each kind is one statement over one class, the first to fall due first; `starts` is the column
that `days` are counted from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from models.clock import today
from models.complaint import Complaint
from models.deadline_rule import DeadlineKind, DeadlineRule
from models.decision import Decision
from models.duty import Duty
from models.nomination import Nomination
from models.people import CoordinatorAppointment, Person, holds_on
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import PlanStatus, Role
from models.working_days import on_a_working_day

OF_THE_UNIT = frozenset({DeadlineKind.ANSWER, DeadlineKind.COMPLAINT, DeadlineKind.DUTY})
"""Kinds only the coordinating unit sees to; the last one with the administrators."""
OF_A_COORDINATOR = frozenset(
    {
        DeadlineKind.FIRST_MEETING,
        DeadlineKind.EVALUATION,
        DeadlineKind.MEETING,
        DeadlineKind.CONSENT,
    }
)
"""Kinds a coordinator sees to, of those she coordinates for."""
_SEES: dict[Role, frozenset[DeadlineKind]] = {
    Role.COORDINATING_UNIT: frozenset(DeadlineKind),
    Role.LEADER: frozenset(DeadlineKind) - OF_THE_UNIT,
    Role.COORDINATOR: OF_A_COORDINATOR,
    Role.ADMINISTRATOR: frozenset({DeadlineKind.DUTY}),
}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing, and the last day to do it on. row: of the class its kind is found in."""

    kind: DeadlineKind
    row: Any
    day: date

    @property
    def is_late(self) -> bool:
        return self.day < today()

    @property
    def key(self) -> str:
        """The same for the same thing and the same day, whenever it is asked."""
        return f"{self.kind}:{self.row.uid}:{self.day}"


@dataclass(frozen=True, slots=True)
class Whose:
    """Of these only: a leader's of the departments (ids, as SQL), a coordinator's own."""

    departments: Any = None
    coordinator: int | None = None


def due(
    session: Session,
    rule: DeadlineRule,
    until: date,
    since: date | None = None,
    whose: Whose | None = None,
    most: int | None = None,
) -> Iterator[Due]:
    """What falls due on `until` or before, in the municipality of the rule, the first one first.

    since: nothing that fell due before it. whose: None, everybody's. most: at most so many.
    """
    wanted, starts, department = _FOUND[rule.kind]()
    length = timedelta(days=_length(rule))
    mapped = starts.class_
    wanted = wanted.where(mapped.municipality_id == rule.municipality_id, starts <= until - length)
    if since is not None:
        wanted = wanted.where(starts >= since - length)
    if whose is not None:
        wanted = wanted.where(_of(whose, rule.kind, mapped, department))
    for row in session.scalars(wanted.order_by(starts, mapped.id).limit(most)).unique():
        day = getattr(row, starts.key) + length
        yield Due(rule.kind, row, on_a_working_day(day) if length else day)


def _of(whose: Whose, kind: DeadlineKind, row: Any, department: Any) -> ColumnElement[bool]:
    """The register keeps the name of a coordinator whose last day has been, until there is another:
    she herself sees them no more."""
    if kind is DeadlineKind.DUTY:
        return true()
    theirs: list[ColumnElement[bool]] = []
    if whose.departments is not None and department is not None:
        theirs.append(department.in_(whose.departments))
    if whose.coordinator is not None and kind in OF_A_COORDINATOR:
        a = aliased(CoordinatorAppointment)
        mine = (a.coordinator_id == whose.coordinator, holds_on(a, today()))
        still = row.person_id.in_(select(a.person_id).where(*mine))
        theirs.append(and_(row.coordinator_id == whose.coordinator, still))
    return or_(false(), *theirs)


def _length(rule: DeadlineRule) -> int:
    """Days from where it starts; the day itself is stored where the law or the plan says it."""
    return (rule.days or 0) if rule.kind in _COUNTED else 0


def kinds_for(
    here: Mapping[DeadlineKind, DeadlineRule], roles: Collection[Role]
) -> Collection[DeadlineRule]:
    """In the order they are declared in; a leader follows what coordinators do."""
    seen = {kind for role in roles for kind in _SEES.get(role, ())}
    return [here[k] for k in DeadlineKind if k in here and k in seen]


def _answers() -> Any:
    r = Request
    open_ = ~exists().where(Decision.request_id == r.id)
    beside = (joinedload(r.case_worker), joinedload(r.person))
    return select(r).options(*beside).where(open_), r.answer_by, None


def _complaints() -> Any:
    c = Complaint
    beside = joinedload(c.request).joinedload(Request.case_worker)
    return select(c).options(beside).where(c.reconsidered.is_(None)), c.reconsider_by, None


def _nominations() -> Any:
    n = Nomination
    beside = (joinedload(n.person), joinedload(n.department), joinedload(n.request))
    return select(n).options(*beside).where(n.answered_on.is_(None)), n.name_by, n.department_id


def _first_meetings() -> Any:
    a, r = CoordinatorAppointment, PlanRegister
    has_met = exists().where(r.person_id == a.person_id, r.last_meeting.is_not(None))
    beside = (joinedload(a.person), joinedload(a.coordinator))
    wanted = select(a).options(*beside).where(holds_on(a, today()), ~has_met, _lives(a))
    return wanted, a.starts_on, a.department_id


def _evaluations() -> Any:
    return _running(), PlanRegister.next_evaluation, PlanRegister.department_id


def _meetings() -> Any:
    return _running(), PlanRegister.last_meeting, PlanRegister.department_id


def _consents() -> Any:
    """The last day they last. Those who sign anew are told elsewhere (services.ending)."""
    return _running(), PlanRegister.consent_until, PlanRegister.department_id


def _duties() -> Any:
    d = Duty
    return select(d).options(joinedload(d.responsible)).where(d.done_on.is_(None)), d.due_on, None


def _running() -> Any:
    """Their coordinator is there while appointed: `coordinator_id` may be one whose last day has
    been."""
    r, a = PlanRegister, aliased(CoordinatorAppointment)
    of_them = (a.person_id == r.person_id, a.coordinator_id == Person.id)
    still = exists().where(*of_them, holds_on(a, today())).correlate_except(a)
    beside = (joinedload(r.person), joinedload(r.coordinator.and_(still)))
    return select(r).options(*beside).where(r.status == PlanStatus.ACTIVE, _lives(r))


def _lives(row: Any) -> ColumnElement[bool]:
    """Nobody is reminded of a meeting about somebody who is dead."""
    return exists().where(Person.id == row.person_id, Person.died_on.is_(None))


_FOUND: dict[DeadlineKind, Callable[[], Any]] = {
    DeadlineKind.ANSWER: _answers,
    DeadlineKind.COMPLAINT: _complaints,
    DeadlineKind.NOMINATION: _nominations,
    DeadlineKind.FIRST_MEETING: _first_meetings,
    DeadlineKind.EVALUATION: _evaluations,
    DeadlineKind.MEETING: _meetings,
    DeadlineKind.CONSENT: _consents,
    DeadlineKind.DUTY: _duties,
}
"""Kind -> what finds it: a statement, the column it is counted from, that of the department."""
_COUNTED = frozenset({DeadlineKind.FIRST_MEETING, DeadlineKind.MEETING})
