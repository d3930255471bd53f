"""Notices (varsel): what is told to whom, written with the change and sent by the worker.

A notice says what kind of thing has happened and nothing else: no name, no title, no
place. The words are chosen when it is sent, in the receiver's language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from models.clock import utcnow
from models.outbox import OutboxMessage
from models.people import Representation
from models.plan import Plan
from security.session import GuardedSession
from services.notice_kinds import LETTERS, ROWS, about

_KEPT: dict[str, Any] = {"unscoped_because": "nothing is told of what is kept from somebody"}


def notify(
    session: Session,
    plan: Plan,
    people: Iterable[int],
    kind: str,
    row_id: int,
    key: str,
    deadline: date | None = None,
) -> None:
    """Put one notice for each of `people` (person ids) in the outbox, once for each `key`; none
    for those the row is kept from.

    deadline: the last day to answer.
    """
    told = set(people) - kept_out(session, plan, kind, row_id)
    tell(session, plan.municipality_id, told, kind, row_id, key, deadline, plan.id)


def tell(
    session: Session,
    municipality_id: int,
    people: Iterable[int],
    kind: str,
    row_id: int,
    key: str,
    deadline: date | None = None,
    plan_id: int | None = None,
) -> None:
    """`notify`, also about something that is in no plan; whoever asks knows who may be told."""
    session.add_all(
        OutboxMessage(
            municipality_id=municipality_id,
            plan_id=plan_id,
            person_id=person_id,
            kind=kind,
            row_id=row_id,
            deadline=deadline,
            dedup_key=f"{kind}:{key}:{person_id}",
        )
        for person_id in sorted(people)
    )


def kept_out(session: Session, plan: Plan, kind: str, row_id: int) -> set[int]:
    """Persons who are told nothing of that row (security.policy.is_kept_from)."""
    found = about(kind)
    if found is None:
        return set()
    cls, column = found
    marks = select(cls.hidden_from_guardians, cls.shielded_from_id).where(
        cls.plan_id == plan.id, getattr(cls, column) == row_id
    )
    rows = session.execute(marks, execution_options=_KEPT).all()
    out = {row.shielded_from_id for row in rows if row.shielded_from_id is not None}
    if any(row.hidden_from_guardians for row in rows):
        out |= acting_for(session, plan)
    return out


def acting_for(session: Session, plan: Plan) -> set[int]:
    """Everybody registered as acting for the owner, now or once."""
    acting = select(Representation.representative_id)
    return set(session.scalars(acting.where(Representation.person_id == plan.person_id)))


def hush(session: Session, plan: Plan, kinds: Collection[str], row_id: int) -> None:
    """Notices of a row that is kept from somebody from now on: those on their way to them do not
    leave, and none is new to them."""
    for kind in kinds:
        m, out = OutboxMessage, kept_out(session, plan, kind, row_id)
        theirs = (m.plan_id == plan.id, m.kind == kind, m.row_id == row_id, m.person_id.in_(out))
        for name in ("seen_at", "planned_at"):
            waits = (*theirs, getattr(m, name).is_(None))
            session.execute(
                update(m).where(*waits).values({name: utcnow()}),
                execution_options={"synchronize_session": False, **_KEPT},
            )


def tell_oneself(session: GuardedSession, kind: str) -> None:
    """Send the actor a letter that is not looked at in Medspel (one of the letters above)."""
    session.add(
        OutboxMessage(
            municipality_id=session.actor.municipality_id, person_id=session.actor.person_id,
            kind=kind, dedup_key=f"{kind}:{uuid4()}", seen_at=utcnow(),
        )
    )  # fmt: skip


def own_notices(
    session: GuardedSession, limit: int, before: int | None = None
) -> Sequence[OutboxMessage]:
    """The actor's notices in this hat, the newest first; `before`: older than that one (its id)."""
    wanted = select(OutboxMessage).where(_mine(session), ~_kept_from(session.actor.person_id))
    if before is not None:
        wanted = wanted.where(OutboxMessage.id < before)
    newest = wanted.order_by(OutboxMessage.id.desc()).limit(limit)
    return session.scalars(newest, execution_options=_KEPT).all()


def _kept_from(person_id: int) -> ColumnElement[bool]:
    """Whether the row a notice is about is kept from this person now."""
    m, r = OutboxMessage, Representation
    acts = select(r.id).join(Plan, Plan.person_id == r.person_id)
    acts = acts.where(Plan.id == m.plan_id, r.representative_id == person_id)
    kept = []
    for kind, (cls, column) in ROWS.items():
        shut = or_(
            cls.shielded_from_id == person_id, and_(cls.hidden_from_guardians, acts.exists())
        )
        here = select(cls.id).where(cls.plan_id == m.plan_id, getattr(cls, column) == m.row_id)
        kept.append(and_(m.kind == kind, here.where(shut).exists()))
    return or_(*kept)


def see(
    session: GuardedSession,
    plan_id: int | None,
    kinds: str | Collection[str],
    rows: int | Collection[int | None] | None,
) -> None:
    """The actor has seen their notices of these kinds in a plan, of one row or some unless None."""
    m, wanted = OutboxMessage, {kinds} if isinstance(kinds, str) else set(kinds)
    which = [m.plan_id == plan_id, m.kind.in_(wanted)]
    of_rows = {rows} if isinstance(rows, int) else rows
    _see(session, *which, *([] if of_rows is None else [m.row_id.in_(of_rows)]))


def see_all(session: GuardedSession) -> None:
    """The actor has seen all their notices in this hat."""
    _see(session)


def _see(session: GuardedSession, *which: ColumnElement[bool]) -> None:
    unseen = (_mine(session), OutboxMessage.seen_at.is_(None), *which)
    session.execute(
        update(OutboxMessage).where(*unseen).values(seen_at=utcnow()),
        execution_options={
            "synchronize_session": False,
            "unscoped_because": "one's own notices are marked as seen",
        },
    )


def _mine(session: GuardedSession) -> ColumnElement[bool]:
    mine = OutboxMessage.person_id == session.actor.person_id
    return mine & OutboxMessage.kind.not_in(LETTERS)
