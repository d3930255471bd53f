"""Who does what now (kven gjer kva no): agreed tasks, by the service that is to do them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from flask import g, url_for
from flask_babel import get_locale, gettext
from sqlalchemy import Row, and_, func, literal, select

from models.clock import OSLO, today
from models.consent import Grant
from models.elements.activity import Activity
from models.municipality import ServiceType
from models.people import Person
from models.plan import Participant
from models.vocabulary import GONE, ParticipantStatus, Scope
from security.acting import NOW, THE_PLAN
from services.nine_items import OPEN
from services.reminding import is_left_in_peace, is_near, last_reminder
from views.plan.handing_over import may_hand_over
from views.words import of_day, role_of

MOST = 6
_OUT = (*GONE, ParticipantStatus.EXPIRED)
_NOT_IN_YET = (ParticipantStatus.PROPOSED, ParticipantStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Task:
    """One line. `who`: the contact person; empty when it is oneself, or nobody.
    `reminded`: the day somebody was reminded, as long as that is enough."""

    id: int
    what: str
    due: date | None
    who: str
    is_mine: bool
    is_late: bool
    reminded: str
    may_remind: bool
    hand_over: str
    """Where it is given to somebody new, when whoever was to do it has left."""


@dataclass(slots=True)
class Service:
    """Everything one service is to do, the most urgent first."""

    name: str
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WhoDoes:
    """`total`: how many there are, of which the most urgent are shown."""

    services: list[Service]
    total: int

    @property
    def more(self) -> bool:
        return self.total > MOST


def who_does() -> WhoDoes | None:
    """The open tasks; None when there are none that one reads."""
    rows = _rows()
    if not rows:
        return None
    services: dict[str, Service] = {}
    for row in rows:
        name = _service(row)
        name = f"{name[:1].upper()}{name[1:]}"
        services.setdefault(name.casefold(), Service(name)).tasks.append(_task(row))
    return WhoDoes(list(services.values()), rows[0].total)


def _rows() -> Sequence[Row[Any]]:
    if g.access.level(Scope.GOALS) is None:
        return ()
    around = bool(g.access.owners_side or g.access.coordinator)
    found: Sequence[Row[Any]] = g.session.execute(_question(around), {"plan": g.plan.id}).all()
    return found


@cache
def _question(around: bool) -> Any:
    """What is asked, put together once: which plan and when are bound at each execution."""
    a, p = Activity, Participant
    taker = and_(p.plan_id == a.plan_id, p.person_id == a.responsible_id)
    return (
        select(
            a.id, a.what, a.due, a.service, a.responsible_id, ServiceType, Person.name,
            p.id.label("taker"), p.role, p.package, p.organisation, p.status,
            last_reminder().label("reminded_at"), _has_access(around).label("let_in"),
            func.count().over().label("total"),
        )
        .select_from(a)
        .outerjoin(Person, Person.id == a.responsible_id)
        .outerjoin(p, taker)
        .outerjoin(ServiceType, ServiceType.id == p.service_type_id)
        .where(a.plan_id == THE_PLAN, a.removed_at.is_(None), a.status.in_(OPEN))
        .order_by(a.due.is_(None), a.due, a.id)
        .limit(MOST)
    )  # fmt: skip


def _has_access(around: bool) -> Any:
    """Whether a key opens something to whoever is to do it. Others than those around the plan
    do not see each other's keys: to them the status must do."""
    if not around:
        return literal(True)
    k = Grant
    live = (k.starts_at <= NOW, k.ends_at > NOW, k.revoked_at.is_(None))
    theirs = (k.plan_id == Activity.plan_id, k.person_id == Activity.responsible_id)
    return select(k.id).where(*theirs, *live).correlate(Activity).exists()


def _service(row: Row[Any]) -> str:
    """That of the task; else what the one who does it is."""
    if row.service:
        return str(row.service)
    if row.ServiceType is not None:
        return str(row.ServiceType.in_language(str(get_locale())))
    if row.taker is None:
        return str(row.name or gettext("Nobody yet"))
    return str(row.organisation or role_of(cast(Participant, row)))


def _task(row: Row[Any]) -> Task:
    mine = row.responsible_id == g.actor.person_id
    left = row.taker is not None and not mine and _has_left(row)
    late = row.due is not None and row.due < today()
    peace = is_left_in_peace(row.reminded_at)
    somebody = row.responsible_id is not None and not mine and not left
    open_ = g.access.is_open and not g.access.is_seen
    give = left and may_hand_over() and not g.access.is_seen
    return Task(
        id=row.id, what=row.what, due=row.due, is_mine=mine, is_late=late,
        who="" if mine else row.name or "",
        reminded=_day(row.reminded_at) if peace and somebody else "",
        may_remind=bool(open_ and somebody and not peace and is_near(row.due)),
        hand_over=url_for("HandingOver.page", from_id=row.responsible_id) if give else "",
    )  # fmt: skip


def _day(moment: datetime) -> str:
    return of_day(moment.astimezone(OSLO).date(), "d. MMM")


def _has_left(row: Row[Any]) -> bool:
    """Out of the team; or let in once, and no key opens anything to them any more."""
    shut = row.package is not None and not row.let_in and row.status not in _NOT_IN_YET
    return row.status in _OUT or bool(shut)
