"""Closing the row of somebody who stood twice (lukking): what it had ends, and nothing moves.

Done in the very flush in which the question gets its yes, and not by a service, so that no yes
is without it. Nobody gets access by it: the one who is kept is proposed to those who decide.
Nothing is read of a plan but who is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Table, and_, delete, exists, insert, literal, select, update
from sqlalchemy.orm import Session

from models.account import Membership
from models.clock import utcnow
from models.consent import Consent, Grant, Pause
from models.draft import Draft
from models.elements import elements
from models.evidence import SignatureRecord
from models.history import ElementIndex
from models.merging import PersonMerge
from models.outbox import OutboxMessage
from models.people import Person
from models.plan import Participant, Plan
from models.vocabulary import (
    GONE,
    ConsentStatus,
    Package,
    ParticipantStatus,
    PlanStatus,
    Recorded,
)
from security import audit
from security.chain import next_record, values, what_ended
from security.four_eyes import says_yes
from security.policy import Forbidden
from security.sessions import end_of_hats

if TYPE_CHECKING:
    from security.session import GuardedSession

_UNSCOPED: dict[str, Any] = {
    "execution_options": {"unscoped_because": "what a double had ends, whoever may see it"}
}
_PERSON, _PLAN = cast(Table, Person.__table__), cast(Table, Plan.__table__)
_PART, _GRANT = cast(Table, Participant.__table__), cast(Table, Grant.__table__)
_PAUSE = cast(Table, Pause.__table__)
_CONSENT, _DRAFT = cast(Table, Consent.__table__), cast(Table, Draft.__table__)
_HAT = cast(Table, Membership.__table__)
_NOTICE = cast(Table, OutboxMessage.__table__)


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is in the team of one plan, and nothing of what the plan holds.

    `is_open`: whether anything can be done in the plan. `has_kept`: the other one is there too.
    """

    id: int
    plan_id: int
    package: Package | None
    role: str
    organisation: str | None
    why: str | None
    service_type_id: int | None
    owner_id: int
    is_open: bool
    has_kept: bool

    @property
    def proposes(self) -> bool:
        """Whether the one who is kept is proposed where the double was."""
        return self.is_open and self.package is not None and not self.has_kept

    def proposal(self, kept_id: int) -> dict[str, Any]:
        """The row that proposes the one who is kept."""
        same = ("plan_id", "package", "role", "organisation", "why", "service_type_id")
        asked = {"person_id": kept_id, "status": ParticipantStatus.PROPOSED}
        return {name: getattr(self, name) for name in same} | asked


def agreed(rows: Iterable[object]) -> list[PersonMerge]:
    """Questions that get their yes in this flush; security.merging judges them."""
    return [one for one in rows if isinstance(one, PersonMerge) and says_yes(one)]


def carry_out(session: GuardedSession, changed: Iterable[object]) -> None:
    """Before the flush of a yes: the double is closed, and everything it had ends."""
    said_yes = agreed(changed)
    if len(said_yes) > 1:
        raise Forbidden("one at a time: two could point at each other")
    for one in said_yes:
        double = session.get_one(Person, one.double_id)
        if double.merged_into_id != one.kept_id:
            raise Forbidden("a yes closes the double")
        _end(session, one.double_id, one.kept_id)


def places(session: Session, double_id: int, kept_id: int) -> Sequence[Place]:
    """Each plan the double takes part in, or is proposed in."""
    other, p = _PART.alias("other"), _PART.c
    has_kept = exists().where(other.c.plan_id == p.plan_id, other.c.person_id == kept_id)
    open_ = _PLAN.c.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE))
    wanted = (
        select(
            p.id, p.plan_id, p.package, p.role, p.organisation, p.why, p.service_type_id,
            _PLAN.c.person_id, and_(open_, _PERSON.c.died_on.is_(None)), has_kept,
        )
        .join(_PLAN, _PLAN.c.id == p.plan_id)
        .join(_PERSON, _PERSON.c.id == _PLAN.c.person_id)
        .where(p.person_id == double_id, p.status.not_in(GONE))
        .order_by(p.plan_id)
    )  # fmt: skip
    return [Place(*row) for row in session.execute(wanted, **_UNSCOPED)]


def hold(session: Session, double_id: int, kept_id: int) -> None:
    """Hold the plans the double is in, and then the two rows: what is done in a plan at the
    same time comes before, or not at all."""
    plans = [place.plan_id for place in places(session, double_id, kept_id)]
    for table, ids in ((_PLAN, plans), (_PERSON, [double_id, kept_id])):
        held = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id)
        session.execute(held.with_for_update(key_share=True), **_UNSCOPED)


def _end(session: GuardedSession, double_id: int, kept_id: int) -> None:
    """Grants, part in teams, what waits for signatures there, drafts, notices on their way, hats;
    noted in the log of each plan."""
    here, now = places(session, double_id, kept_id), utcnow()
    live = and_(_GRANT.c.person_id == double_id, _GRANT.c.revoked_at.is_(None))
    waits = and_(
        _CONSENT.c.plan_id.in_([place.plan_id for place in here]),
        _CONSENT.c.status.in_((ConsentStatus.DRAFT, ConsentStatus.SENT)),
    )
    paused = and_(_PAUSE.c.person_id == double_id, _PAUSE.c.ended_at.is_(None))
    part, hat = _PART.c.id.in_([place.id for place in here]), _HAT.c.person_id == double_id
    shut = [
        session.execute(wanted, **_UNSCOPED).all()
        for wanted in (
            select(*(_GRANT.c[n] for n in ("id", "plan_id", "person_id", "scope"))).where(live),
            select(*(_CONSENT.c[n] for n in ("id", "plan_id", "version"))).where(waits),
        )
    ]
    noted = [
        *_change(session, _GRANT, live, revoked_at=now),
        *_change(session, _PAUSE, paused, ended_at=now, ended_by_id=session.actor.person_id),
        *_change(session, _CONSENT, waits, status=ConsentStatus.SUPERSEDED, ended_at=now),
        *_change(session, _PART, part, status=ParticipantStatus.WITHDRAWN),
        *_propose(session, [place for place in here if place.proposes], kept_id),
    ]
    for table in (*(cls.__table__ for cls in elements()), ElementIndex.__table__):
        kept_from = table.c.shielded_from_id  # the same human: what is kept from one stays so
        moved = update(cast(Table, table)).where(kept_from == double_id)
        session.execute(moved.values(shielded_from_id=kept_id), **_UNSCOPED)
    session.execute(delete(_DRAFT).where(_DRAFT.c.person_id == double_id), **_UNSCOPED)
    unsent = and_(_NOTICE.c.person_id == double_id, _NOTICE.c.planned_at.is_(None))
    session.execute(update(_NOTICE).where(unsent).values(planned_at=now), **_UNSCOPED)
    end_of_hats(session, session.scalars(select(_HAT.c.id).where(hat), **_UNSCOPED).all())
    noted += _change(session, _HAT, and_(hat, _HAT.c.active), active=False)
    _record(session, *shut)
    audit.append(session, session.actor, noted)


def _record(session: GuardedSession, grants: Sequence[Any], waiting: Sequence[Any]) -> None:
    """In the evidence of each plan where a key ended: who said that the two are one."""
    for plan_id in sorted({one.plan_id for one in grants}):
        ended, over = ([r for r in rows if r.plan_id == plan_id] for rows in (grants, waiting))
        said, me = what_ended(plan_id, ended, over), session.actor.person_id
        row = next_record(session, plan_id, Recorded.MERGED, said, me, utcnow())
        session.execute(insert(SignatureRecord.__table__).values(values(row)), **_UNSCOPED)  # type: ignore[arg-type]


def _change(session: Session, table: Table, which: Any, **values: Any) -> list[audit.Noted]:
    """Change rows, and answer with what the log says of it."""
    plan_id = table.c.get("plan_id")
    found = select(table.c.id, literal(0) if plan_id is None else plan_id).where(which)
    rows = [(row[0], row[1]) for row in session.execute(found, **_UNSCOPED)]
    these = table.c.id.in_([key for key, _ in rows])
    if rows:
        session.execute(update(table).where(these).values(**values), **_UNSCOPED)
    return _noted("change", table, rows)


def _propose(session: Session, where: Sequence[Place], kept_id: int) -> list[audit.Noted]:
    if not where:
        return []
    session.execute(insert(_PART), [place.proposal(kept_id) for place in where], **_UNSCOPED)
    made = select(_PART.c.id, _PART.c.plan_id).where(
        _PART.c.person_id == kept_id, _PART.c.plan_id.in_([place.plan_id for place in where])
    )
    rows = [(row[0], row[1]) for row in session.execute(made, **_UNSCOPED)]
    return _noted("add", _PART, rows)


def _noted(action: str, table: Table, rows: Iterable[tuple[int, int]]) -> list[audit.Noted]:
    """rows: (its id, its plan); plan 0: in the log of the municipality."""
    by_plan: dict[int, audit.Noted] = {}
    for key, plan_id in rows:
        one = audit.Noted(plan_id, action, table.name, "merging" if plan_id else "role")
        by_plan.setdefault(plan_id, one).rows.add(key)
    return list(by_plan.values())
