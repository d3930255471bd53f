"""What waits for one in one's plans (startsida): dates and counts of each plan, never its words.

One statement, however many plans. Every part of it goes through the guarded session, so
that what one may not read is not counted. No word of a plan is fetched: a look at the
list is one event in the log, and the plan's own pages note the rest. The one word that is
there is one's own: the nickname.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Executable,
    ScalarSelect,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.orm import aliased

from models.base import BigInt, UtcDateTime
from models.clock import today, utcnow
from models.consent import Consent, Signature
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message
from models.elements.minutes import Minutes
from models.json_list import JsonList
from models.meeting_time import MeetingTime, TimeAnswer
from models.outbox import Delivery, OutboxMessage
from models.own_plan import OwnPlan
from models.people import CoordinatorAppointment, Representation, holds_on
from models.plan import Participant, Plan
from models.vocabulary import (
    GONE,
    ActivityStatus,
    Attendance,
    ConsentStatus,
    Suits,
)
from security import representing
from security.session import GuardedSession
from security.signers import excepted_from
from services.plan_line import NextMeeting, PlanLine
from services.reached import RECENT, unreached

_OPEN = (ActivityStatus.NEW, ActivityStatus.ONGOING)
_ME = bindparam("reader", type_=BigInt)
_DAY = bindparam("reading_day", type_=Date)
_NOW = bindparam("reading_moment", type_=UtcDateTime)
_RECENTLY = bindparam("recently", type_=UtcDateTime)


def plan_lines(session: GuardedSession) -> Sequence[PlanLine]:
    """Every plan the acting person may see, by short name."""
    me, now = session.actor.person_id, utcnow()
    said = {
        "reader": me, "reading_day": today(), "reading_moment": now, "recently": now - RECENT,
    }  # fmt: skip
    return [_line(row, me) for row in session.execute(_wanted(), said)]


def _line(row: Any, me: int) -> PlanLine:
    decide, must, decides = row.deciders
    signed, mine = row.signatures or (0, 0)
    if not decide and row.owner_decides_from <= today():  # nobody does so for the owner
        must, decides = 1, row.person_id == me
    meetings, unanswered, late, first_late = row.meetings
    tasks, my_tasks, my_first, others_first, left = row.tasks
    unsigned = row.signatures is not None
    return PlanLine(
        id=row.id,
        short_name=row.short_name,
        type=row.type,
        status=row.status,
        next_evaluation=row.next_evaluation,
        opened_at=row.opened_at,
        nickname=row.nickname,
        steps_hidden=row.steps_hidden_at is not None,
        own=row.own,
        leads=row.leads,
        asked=bool(unsigned and decides and not mine),
        unsigned=unsigned,
        lacking=max(must - signed, 0) if unsigned else 0,
        lasts_to=row.lasts_to,
        meeting=_meeting(row),
        has_met=bool(meetings),
        unanswered=unanswered,
        without_minutes=late,
        minutes_of=first_late,
        polled=row.polled,
        unreached=row.unreached,
        unread=row.unread,
        tasks=tasks,
        my_tasks=my_tasks,
        my_first_due=_day(my_first),
        others_first_due=_day(others_first),
        left=left,
    )


def _meeting(row: Any) -> NextMeeting | None:
    if row.meeting_id is None:
        return None
    called, silent, mine = row.invitees
    said = Attendance(mine) if mine else None
    return NextMeeting(row.meeting_id, row.starts_at, row.ends_at, called, silent, said)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _wanted() -> Executable:
    """Put together once: who looks and when are said each time. A question for each kind of
    row, and no more: SQLite is slowed by the number of them."""
    n, m = aliased(Meeting), Meeting
    coming = select(m.id).where(m.plan_id == Plan.id, m.takes_place(), m.ends_at > _NOW)
    first = coming.order_by(m.starts_at, m.id).limit(1).scalar_subquery()
    wanted = select(
        Plan.id, Plan.short_name, Plan.type, Plan.status, Plan.next_evaluation, Plan.opened_at,
        Plan.person_id, Plan.owner_decides_from, OwnPlan.nickname, OwnPlan.steps_hidden_at,
        n.id.label("meeting_id"), n.starts_at, n.ends_at, _invitees(n).label("invitees"),
        _own().label("own"), _leads().label("leads"), _deciders().label("deciders"),
        _signatures().label("signatures"), _lasts_to().label("lasts_to"),
        _meetings().label("meetings"), _polled().label("polled"), _unreached().label("unreached"),
        _unread().label("unread"), _tasks().label("tasks"),
    )  # fmt: skip
    joined = wanted.outerjoin(OwnPlan, OwnPlan.plan_id == Plan.id).outerjoin(n, n.id == first)
    done = joined.order_by(Plan.short_name, Plan.id)
    done.compile()  # marks the selects inside as the ORM's: else the cache knows it by two names
    return done


def _any(cls: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is such a row that one may read."""
    return select(cls.id).where(*where).exists()


def _own() -> ColumnElement[bool]:
    """Who acts for the owner takes part without a package; when that has ended, the plan is
    not there."""
    mine = (Participant.person_id == _ME, Participant.package.is_(None))
    return _any(Participant, Participant.plan_id == Plan.id, *mine)


def _leads() -> ColumnElement[bool]:
    a = CoordinatorAppointment
    mine = (a.person_id == Plan.person_id, a.coordinator_id == _ME, holds_on(a, _DAY))
    return _any(a, *mine)


def _deciders() -> ScalarSelect[Any]:
    """How many decide for the owner, how many of them no exception spares, and whether one does
    oneself. With `_line` the twin of `Access.decides`; the page of the consent asks that one."""
    r = Representation
    decides = representing.decides(r, Plan, _NOW, _DAY, aliased(r))
    asked = JsonList(
        func.count(r.id),
        func.count(case((excepted_from(_DAY).is_(None), r.representative_id)).distinct()),
        func.count(case((r.representative_id == _ME, 1))),
    )
    return select(asked).where(r.person_id == Plan.person_id, decides).scalar_subquery()


def _signatures() -> ScalarSelect[Any]:
    """Of the consent that waits: how many there are, and whether one's own is; else nothing."""
    c, s = Consent, Signature
    asked = JsonList(func.count(s.id), func.count(case((s.person_id == _ME, 1))))
    wanted = select(asked).select_from(c).outerjoin(s, s.consent_id == c.id).group_by(c.id)
    waits = (c.plan_id == Plan.id, c.status == ConsentStatus.SENT)
    return wanted.where(*waits).order_by(c.id.desc()).limit(1).scalar_subquery()


def _lasts_to() -> ScalarSelect[Any]:
    in_force = (Consent.plan_id == Plan.id, Consent.status == ConsentStatus.SIGNED)
    return select(func.max(Consent.until)).where(*in_force).scalar_subquery()


def _invitees(n: Any) -> ScalarSelect[Any]:
    """How many are called to the next meeting, those who are silent, and my own answer."""
    i = Invitee
    silent = and_(i.answer == Attendance.UNANSWERED, i.person_id != _ME)
    is_called = i.answer != Attendance.NOT_NEEDED
    mine = func.max(case((and_(i.person_id == _ME, is_called), i.answer)))
    asked = JsonList(func.count(case((is_called, 1))), func.count(case((silent, 1))), mine)
    return select(asked).where(i.meeting_id == n.id).scalar_subquery()


def _meetings() -> ScalarSelect[Any]:
    """How many there are or have been, how many to come I have not answered, and how many that
    are over have no minutes, and the oldest of these."""
    m, i = Meeting, Invitee
    mine = (i.plan_id == m.plan_id, i.meeting_id == m.id, i.person_id == _ME)
    silent = and_(m.starts_at > _NOW, _any(i, *mine, i.answer == Attendance.UNANSWERED))
    of_it = (Minutes.plan_id == m.plan_id, Minutes.meeting_id == m.id)
    written = _any(Minutes, *of_it, Minutes.given_at.is_not(None))
    late = and_(m.ends_at < _NOW, ~written)
    asked = JsonList(
        func.count(m.id),
        func.count(case((silent, 1))),
        func.count(case((late, 1))),
        func.min(case((late, m.id))),
    )
    return select(asked).where(m.plan_id == Plan.id, m.takes_place()).scalar_subquery()


def _polled() -> ScalarSelect[Any]:
    """The oldest planned meeting that asks me which time suits, and I have not said it of them
    all."""
    m, t, a = Meeting, MeetingTime, TimeAnswer
    asked = select(func.min(a.meeting_id)).join(t, t.id == a.time_id).join(m, m.id == a.meeting_id)
    mine = (a.plan_id == Plan.id, a.person_id == _ME, a.answer == Suits.UNANSWERED)
    open_ = (t.closed_at.is_(None), t.starts_at > _NOW, m.is_planned, m.cancelled_at.is_(None))
    return asked.where(*mine, *open_, m.removed_at.is_(None)).scalar_subquery()


def _unreached() -> ScalarSelect[Any]:
    """How many were not reached by a notice that a date or a signature hangs on."""
    m = OutboxMessage
    lost = select(func.count(m.person_id.distinct())).join(Delivery, Delivery.message_id == m.id)
    return lost.where(m.plan_id == Plan.id, unreached(_RECENTLY)).scalar_subquery()


def _unread() -> ScalarSelect[Any]:
    """Messages one has been told of and has not looked at, and may read."""
    m = OutboxMessage
    new = (m.plan_id == Plan.id, m.person_id == _ME, m.seen_at.is_(None), m.kind == "message")
    readable = _any(Message, Message.plan_id == m.plan_id, Message.id == m.row_id)
    return select(func.count(m.row_id.distinct())).where(*new, readable).scalar_subquery()


def _tasks() -> ScalarSelect[Any]:
    """How many are open, how many of them are mine, when the first of mine is due and of the
    others', and how many belong to people who take part no more."""
    a, p = Activity, Participant
    mine = and_(a.responsible_id.is_not(None), a.responsible_id == _ME)
    gone = (p.plan_id == a.plan_id, p.person_id == a.responsible_id, p.status.in_(GONE))
    asked = JsonList(
        func.count(a.id),
        func.count(case((mine, 1))),
        func.min(case((mine, a.due))),
        func.min(case((~mine, a.due))),
        func.count(case((_any(p, *gone), 1))),
    )
    here = (a.plan_id == Plan.id, a.removed_at.is_(None), a.status.in_(_OPEN))
    return select(asked).where(*here).scalar_subquery()
