"""What waits for one in one's plans (startsida): dates and counts of each plan, never its words.

One statement, however many plans. Every part of it goes through the guarded session, so
that what one may not read is not counted. No word of a plan is fetched: a look at the
list is one event in the log, and the plan's own pages note the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from models.clock import today, utcnow
from models.consent import Consent, Signature
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import Minutes
from models.outbox import Delivery, OutboxMessage
from models.people import CoordinatorAppointment, Representation, holds_on
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import (
    ActivityStatus,
    Attendance,
    ConsentStatus,
    PlanStatus,
    PlanType,
)
from security import representing
from security.session import GuardedSession
from services.reached import unreached

_OPEN = (ActivityStatus.NEW, ActivityStatus.ONGOING)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan as its line on the start page: what it is, and what is due in it.

    `own`: one is on its owner's side; `leads`: one is its coordinator; `asked`: one has been
    asked to sign, and has not; `unsigned`: somebody has; `lasts_to`: when the consent in
    force ends.
    """

    id: int
    short_name: str
    type: PlanType
    status: PlanStatus
    next_evaluation: date | None
    own: bool
    leads: bool
    asked: bool
    unsigned: bool
    lasts_to: datetime | None
    next_meeting: datetime | None
    unanswered: int
    without_minutes: int
    unreached: int
    tasks: int
    my_tasks: int
    my_first_due: date | None


def plan_lines(session: GuardedSession) -> Sequence[PlanLine]:
    """Every plan the acting person may see, by short name."""
    me, day, now = session.actor.person_id, today(), utcnow()
    wanted = select(
        Plan.id, Plan.short_name, Plan.type, Plan.status, Plan.next_evaluation,
        _own(me), _leads(me, day), _asked(me, day, now), _sent(), _lasts_to(),
        _next_meeting(now), _unanswered(me, now), _without_minutes(now), _unreached(now),
        *_tasks(me),
    )  # fmt: skip
    return [PlanLine(*row) for row in session.execute(wanted.order_by(Plan.short_name))]


def _any(cls: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is such a row that one may read."""
    return select(cls.id).where(*where).exists()


def _own(me: int) -> ColumnElement[bool]:
    """Who acts for the owner takes part without a package; when that has ended, the plan is
    not there."""
    mine = (Participant.person_id == me, Participant.package.is_(None))
    return _any(Participant, Participant.plan_id == Plan.id, *mine)


def _leads(me: int, day: date) -> ColumnElement[bool]:
    a = CoordinatorAppointment
    mine = (a.person_id == Plan.person_id, a.coordinator_id == me, holds_on(a, day))
    return _any(a, *mine)


def _sent(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    waits = (Consent.plan_id == Plan.id, Consent.status == ConsentStatus.SENT)
    return _any(Consent, *waits, *more)


def _asked(me: int, day: date, now: datetime) -> ColumnElement[bool]:
    """The twin of `Access.decides`; the consent page asks that one before it lets anyone sign."""
    r, of_the_owner = Representation, Representation.person_id == Plan.person_id
    by_me = representing.decides(r, Plan, now, day, aliased(r))
    others = _any(r, of_the_owner, representing.signs(r, Plan, now, day))
    of_age = and_(Plan.person_id == me, Plan.owner_decides_from <= day, ~others)
    decides = or_(of_age, _any(r, of_the_owner, r.representative_id == me, by_me))
    mine = (Signature.consent_id == Consent.id, Signature.person_id == me)
    return and_(decides, _sent(~_any(Signature, *mine)))


def _lasts_to() -> ScalarSelect[Any]:
    in_force = (Consent.plan_id == Plan.id, Consent.status == ConsentStatus.SIGNED)
    return select(func.max(Consent.until)).where(*in_force).scalar_subquery()


def _next_meeting(now: datetime) -> ScalarSelect[Any]:
    coming = (Meeting.plan_id == Plan.id, Meeting.takes_place(), Meeting.starts_at > now)
    return select(func.min(Meeting.starts_at)).where(*coming).scalar_subquery()


def _unanswered(me: int, now: datetime) -> ScalarSelect[Any]:
    """Meetings to come one is called to, and has not answered."""
    called = _any(
        Invitee,
        Invitee.plan_id == Meeting.plan_id,
        Invitee.meeting_id == Meeting.id,
        Invitee.person_id == me,
        Invitee.answer == Attendance.UNANSWERED,
    )
    coming = (Meeting.plan_id == Plan.id, Meeting.takes_place(), Meeting.starts_at > now)
    return select(func.count(Meeting.id)).where(*coming, called).scalar_subquery()


def _without_minutes(now: datetime) -> ScalarSelect[Any]:
    written = _any(Minutes, Minutes.plan_id == Meeting.plan_id, Minutes.meeting_id == Meeting.id)
    over = (Meeting.plan_id == Plan.id, Meeting.takes_place(), Meeting.ends_at < now)
    return select(func.count(Meeting.id)).where(*over, ~written).scalar_subquery()


def _unreached(now: datetime) -> ScalarSelect[Any]:
    """How many were not reached by a notice that a date or a signature hangs on."""
    m = OutboxMessage
    lost = select(func.count(m.person_id.distinct())).join(Delivery, Delivery.message_id == m.id)
    return lost.where(m.plan_id == Plan.id, unreached(now)).scalar_subquery()


def _tasks(me: int) -> list[ScalarSelect[Any]]:
    """How many tasks are open, how many of them are mine, and when the first of mine is due."""
    a = Activity
    here = (a.plan_id == Plan.id, a.removed_at.is_(None), a.status.in_(_OPEN))
    mine = a.responsible_id == me
    asked = (
        func.count(a.id),
        func.count(case((mine, 1))),
        func.min(case((mine, a.due))),
    )
    return [select(one).where(*here).scalar_subquery() for one in asked]


@dataclass(frozen=True, slots=True)
class OfficeCounts:
    """What the office looks at first: evaluations overdue, consents that have run out."""

    overdue: int
    run_out: int


def office_counts(session: GuardedSession, department_id: Any = None) -> OfficeCounts:
    """Counted in the register; `department_id`: in that department only."""
    r, day = PlanRegister, today()
    wanted = select(
        func.count(case((r.next_evaluation < day, 1))),
        func.count(case((r.consent_until < day, 1))),
    ).where(r.status == PlanStatus.ACTIVE)
    if department_id is not None:
        wanted = wanted.where(r.department_id.in_(department_id))
    return OfficeCounts(*session.execute(wanted).one())
