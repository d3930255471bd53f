"""What the policy looks at in a row (fakta): from mapped rows to `Facts`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import select, union
from sqlalchemy.orm import Session, object_session

from models.audit import AccessEvent
from models.base import PlanBound
from models.clock import utcnow
from models.consent import Consent, Grant, Pause
from models.draft import Draft
from models.elements import PlanElement
from models.evidence import SignatureRecord
from models.history import Shadow
from models.marks import MARKS
from models.meeting_time import MeetingTime, TimeAnswer
from models.paper import PaperConsent
from models.plan import Participant
from models.vocabulary import Circle, Family, Recorded, Scope
from security.policy import Facts


def seen(row: PlanBound) -> Facts:
    """Enough of `row` to say on which basis it is read; looks nothing up."""
    if not isinstance(row, Shadow):
        return facts(row, who_reads=False)
    return _as_read(row, row.family, row.scope, row.circle)


def _as_read(row: Any, family: Family, scope: Scope, circle: Circle | None = None) -> Facts:
    """What decides over reading a row with the marks of an element."""
    return Facts(
        family=family,
        scope=scope,
        author_id=row.author_id,
        life_areas=row.life_areas or frozenset(),
        hidden_from_guardians=bool(row.hidden_from_guardians),
        shielded_from=row.shielded_from_id,
        created_at=row.created_at,
        circle=circle,
    )


def facts(row: PlanBound, before: dict[str, Any] | None = None, who_reads: bool = True) -> Facts:
    """The facts of `row`; `before` maps changed attributes to their old values. `who_reads`:
    whom it is addressed to is looked up."""
    subject, then = row.subject(), before or {}
    changed = frozenset(then)
    if isinstance(subject, PlanElement):
        judged = _of_element(subject, {} if subject is not row else then, changed, who_reads)
        own = None if subject is row else getattr(row, "person_id", None)
        if isinstance(row, MeetingTime | TimeAnswer):  # asked by whoever writes, of any meeting
            judged = replace(judged, author_id=row.author_id)
        return replace(judged, responsible_id=own) if own else judged  # an invitee's own answer
    if isinstance(subject, Draft):
        whose, part = subject.person_id, subject.scope
        return Facts(family=subject.family, scope=part, author_id=whose, changed=changed)
    if isinstance(subject, AccessEvent):
        return _of_event(subject)
    if isinstance(subject, PaperConsent):
        return _of_paper(subject, then, changed)
    status = then.get("status", subject.status) if isinstance(subject, Consent) else None
    leaves = isinstance(subject, SignatureRecord) and subject.what is Recorded.LEFT
    held = isinstance(subject, Grant | Participant) or leaves
    holder = getattr(subject, "person_id", None) if held else None
    return Facts(
        family=subject.family,
        author_id=subject.paused_by_id if isinstance(subject, Pause) else None,
        responsible_id=holder,
        consent_status=status,
        changed=changed,
    )


def _of_paper(row: PaperConsent, then: dict[str, Any], changed: frozenset[str]) -> Facts:
    unanswered = then.get("confirmed", row.confirmed) is None
    return Facts(
        family=row.family,
        author_id=row.asked_by_id,
        home=row.municipality_id,
        waits=unanswered and row.asked_at is not None and row.lapses_at > utcnow(),
        changed=changed,
    )


def _of_event(row: AccessEvent) -> Facts:
    """A line of the log is as shut as the rows it is about were, when it was written."""
    return Facts(
        family=row.family,
        author_id=row.kept_by_id,
        circle=None if row.kept_by_id is None else Circle.COORDINATOR_ONLY,
        hidden_from_guardians=row.hidden_from_guardians,
        shielded_from=row.shielded_from_id,
        look_by=row.person_id if row.is_look else None,
    )


def _of_element(
    row: PlanElement, then: dict[str, Any], changed: frozenset[str], who_reads: bool
) -> Facts:
    declared = row.element

    def was(name: str) -> Any:
        return then.get(name, getattr(row, name))

    responsible = declared.responsible_column
    return Facts(
        family=row.family,
        scope=declared.scope,
        author_id=was(declared.author_column),
        responsible_id=was(responsible) if responsible else None,
        life_areas=was("life_areas") or frozenset(),
        hidden_from_guardians=bool(was("hidden_from_guardians")),
        shielded_from=was("shielded_from_id"),
        created_at=row.created_at,
        readers=_readers(row) if who_reads else None,
        circle=row.circle_of_readers(),
        add_level=declared.add_level,
        delegated=row.delegated(),
        changed=changed,
        needed=tuple(_needed(row)) if who_reads else (),
    )


def _needed(row: PlanElement) -> Iterator[Facts]:
    """Of the rows it takes to read this one: their columns, where they are not loaded, since
    nothing is brought where the actor could find it."""
    for name, to in row.relations.items():
        if not to.needed:
            continue
        there, key = row.__dict__.get(name), getattr(row, to.key)
        if there is None and key is not None:
            columns = (getattr(to.target, one) for one in ("author_id", "created_at", *MARKS))
            there = cast(Session, object_session(row)).execute(
                select(*columns).where(to.target.id == key),
                execution_options={"unscoped_because": "access is what the scope is made of"},
            ).one()  # fmt: skip
        if there is not None:
            yield _as_read(there, to.target.family, to.target.element.scope)


def _readers(row: PlanElement) -> frozenset[int] | None:
    """Persons the row is addressed to; None when it is for everyone with a grant."""
    audience = row.audience
    if audience is None:
        return None
    listed = getattr(row, "recipients", None)
    if listed is not None:
        return frozenset(one.person_id for one in listed)
    session = object_session(row)
    if session is None:
        return frozenset()
    table, at = audience.table.__table__.c, getattr(row, audience.column)
    wanted: Any = select(table.person_id).where(
        table.plan_id == row.plan_id, table[audience.key] == at
    )
    if audience.but:
        wanted = wanted.where(table[audience.but[0]] != audience.but[1])
    if audience.opens:
        opens, w = getattr(row, audience.opens), cast(Any, audience.written_in).__table__.c
        writers = [select(w[name]).where(w.id == at) for name in audience.writers]
        is_open = opens is not None and opens <= utcnow()
        wanted = union(wanted, *writers) if is_open else union(*writers)
    found = session.scalars(
        wanted, execution_options={"unscoped_because": "access is what the scope is made of"}
    )
    return frozenset(one for one in found if one is not None)
