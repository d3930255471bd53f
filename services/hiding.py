"""Keeping a row from those who act for the owner, or from one of them (skjerming).

Barnelova § 47 and helsepersonellova § 21: what a child has told in confidence, or what would be
misused between parents, is not theirs to read. A professional says so, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from models.clock import utcnow
from models.elements import PlanElement
from models.elements.evaluation import Evaluation
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.i18n import N_
from models.marks import below
from models.people import Person, Representation
from models.plan import Plan
from models.vocabulary import Capacity
from security.session import GuardedSession
from services import drafts
from services.consent import lock
from services.errors import Conflict
from services.notice_kinds import ABOUT_A_MEETING, OWNER_FIRST, TIMES
from services.notices import acting_for, hush


class AnotherStandsThere(Conflict):
    """A plan has one row of the kind, and those it was kept from have written their own."""

    words = N_("Those it was kept from have written here too. Put it all in one text first.")


@dataclass(frozen=True, slots=True)
class KeptFrom:
    """From whom a row is kept: everybody who acts for the owner, one of them, or nobody."""

    everybody: bool = False
    person_id: int | None = None

    @classmethod
    def of(cls, row: PlanElement) -> KeptFrom:
        return cls(row.hidden_from_guardians, row.shielded_from_id)


def those_who_act(session: GuardedSession, plan: Plan, row: PlanElement) -> Sequence[Person]:
    """Those one of whom a row can be kept from: its author is not."""
    r, now = Representation, utcnow()
    acting = select(r.representative_id).where(
        r.person_id == plan.person_id,
        r.verified_at.is_not(None),
        or_(r.ends_at.is_(None), r.ends_at > now),
        r.capacity != Capacity.PARENT_INFORMED,
    )
    here = select(Person).where(Person.id.in_(acting), Person.id != row.author_id)
    return session.scalars(here.order_by(Person.name, Person.id)).all()


def keep_from(
    session: GuardedSession, plan: Plan, row: PlanElement, whom: KeptFrom, reason: str
) -> None:
    """Keep the row, and all that hangs below it, from `whom`; or open it again.

    What they had begun to change there goes, and notices of it are new to them no longer.
    Raises: Forbidden, Locked (before_flush), AnotherStandsThere.
    """
    lock(session, plan.id)
    row.hidden_from_guardians, row.shielded_from_id = whom.everybody, whom.person_id
    row.hidden_because = reason
    try:
        session.flush()
    except IntegrityError as refused:
        raise AnotherStandsThere from refused
    shut = list(_with_all_below(session, row))
    for one in shut:
        _forget(session, plan, one)


def _with_all_below(session: GuardedSession, row: PlanElement) -> Iterator[PlanElement]:
    yield row
    for one in below(session, row):
        yield from _with_all_below(session, one)


def _forget(session: GuardedSession, plan: Plan, row: PlanElement) -> None:
    out = {row.shielded_from_id} if row.shielded_from_id is not None else set()
    if row.hidden_from_guardians:
        out |= acting_for(session, plan)
    if not out:
        return
    address = f"/plan/{plan.id}/{row.element.key}/edit/{row.id}"
    drafts.take_forms(session, plan.id, out, [address])
    if isinstance(row, Meeting):
        hush(session, plan, (*ABOUT_A_MEETING, TIMES, "minutes", OWNER_FIRST), row.id)
    elif isinstance(row, Minutes):
        hush(session, plan, ("minutes", OWNER_FIRST), row.meeting_id)
    elif isinstance(row, Evaluation):
        hush(session, plan, ("evaluation",), row.id)
