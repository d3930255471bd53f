"""Telling of deadlines in time (fristvarsel), and somebody else when they have passed.

Each is told once, however often this runs, and no more when the thing is done: what is done is
not found (services.deadlines).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.clock import today
from models.complaint import Complaint
from models.database import WRITING
from models.deadline_rule import DeadlineKind, DeadlineRule
from models.municipality import Municipality
from models.outbox import OutboxMessage
from models.request import Request
from models.vocabulary import Role
from security.four_eyes import holders
from security.session import SystemSession
from services import duties
from services.appointments import coordinators_of
from services.deadline_rules import TOLD_ELSEWHERE
from services.deadlines import OF_THE_UNIT, Due, due
from services.naming import ASKED, who_answers
from services.requests import UNREAD, readers

KIND, LATE, FIRST_MEETING = "deadline", "deadline_passed", "first_meeting_due"
EVALUATION, MEETING = "evaluation_due", "meeting_due"
OF_A_PLAN = {DeadlineKind.EVALUATION: EVALUATION, DeadlineKind.MEETING: MEETING}
_KINDS = OF_A_PLAN | {
    DeadlineKind.FIRST_MEETING: FIRST_MEETING,
    DeadlineKind.NOMINATION: ASKED,
    DeadlineKind.DUTY: duties.DUE,
}
BACK = timedelta(days=31)
"""How long afterwards a coordinator is told who was not, say because no worker ran. What the unit
sees to is told of however late it is: there is little of it, and it may be written down late."""
_AT_ONCE = 500


def remind(engine: Engine) -> bool:
    """Tell of what is due soon or is late, municipality by municipality; once a day."""
    with SystemSession(engine, because="deadlines") as session:
        towns = session.scalars(select(Municipality.id).order_by(Municipality.id)).all()
        for municipality_id in towns:
            WRITING.set(True)
            here = DeadlineRule.municipality_id == municipality_id
            for rule in session.scalars(select(DeadlineRule).where(here)).all():
                _remind(session, rule)
            session.commit()
    return True


def _remind(session: Session, rule: DeadlineRule) -> None:
    day = today()
    soon, passed = day + timedelta(days=rule.warn_before), day - timedelta(days=rule.escalate_after)
    since = None if rule.kind in OF_THE_UNIT else passed - BACK
    found = list(due(session, rule, soon, since))
    told = () if rule.kind in TOLD_ELSEWHERE else found
    notices = [notice for one in told for notice in _notices(session, one)]
    if rule.escalate_to_id:
        late = [one for one in found if one.day < passed]
        notices += [_told_of_the_rest(one, rule.escalate_to_id) for one in late]
    session.add_all(_new(session, notices))
    session.flush()


def _who(session: Session, one: Due) -> set[int]:
    """Who sees to it; of what nobody sees to, everybody in the unit who may read it."""
    if one.kind is DeadlineKind.NOMINATION:
        return who_answers(session, one.row, one.row.request)
    if one.kind is DeadlineKind.DUTY:
        return duties.who_sees_to(session, one.row)
    if one.kind not in OF_THE_UNIT:
        return _coordinators(session, one.row)
    request: Request = one.row.request if isinstance(one.row, Complaint) else one.row
    may = readers(session, request)
    return {request.case_worker_id} & may or may  # type: ignore[return-value]


def _coordinators(session: Session, row: Any) -> set[int]:
    """The register keeps the name of a coordinator whose last day has been, until there is another:
    she is not told any more, but whoever coordinates for the person today."""
    now = coordinators_of(session, row.person_id)
    return {row.coordinator_id} & now or now


def _notices(session: Session, one: Due) -> Iterator[OutboxMessage]:
    """To whoever sees to it. Where nobody coordinates any more, that is the unit. A request that
    nobody may read any more, because all of the unit are parties by now, is told of to those who
    give hats."""
    kind, people = _KINDS.get(one.kind, KIND), _who(session, one)
    if not people and one.kind in OF_A_PLAN:
        unit = holders(session, one.row.municipality_id, Role.COORDINATING_UNIT)
        kind, people = KIND, set(unit.values())
    if not people and one.kind in OF_THE_UNIT:
        admins = holders(session, one.row.municipality_id, Role.ADMINISTRATOR)
        kind, people = UNREAD, set(admins.values())
    plan_id = one.row.plan_id if kind in OF_A_PLAN.values() else None
    for person_id in sorted(people):
        yield _message(one, kind, person_id, plan_id)


def _told_of_the_rest(one: Due, person_id: int) -> OutboxMessage:
    return _message(one, LATE, person_id, None)


def _message(one: Due, kind: str, person_id: int, plan_id: int | None) -> OutboxMessage:
    return OutboxMessage(
        municipality_id=one.row.municipality_id, plan_id=plan_id, person_id=person_id, kind=kind,
        row_id=one.row.id, deadline=one.day, dedup_key=f"{kind}:{one.key}:{person_id}",
    )  # fmt: skip


def _new(session: Session, notices: list[OutboxMessage]) -> Iterable[OutboxMessage]:
    """Those that nobody has been told of yet."""
    keys = [notice.dedup_key for notice in notices]
    told: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        part = OutboxMessage.dedup_key.in_(keys[start : start + _AT_ONCE])
        told.update(session.scalars(select(OutboxMessage.dedup_key).where(part)))
    return (notice for notice in notices if notice.dedup_key not in told)
