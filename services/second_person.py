"""What waits for a second person (den andre): representations on paper.

Who may confirm is security.second_person's; here it is said before somebody presses.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.i18n import N_
from models.outbox import OutboxMessage
from models.people import Representation
from models.plan import PlanRegister
from models.representation_rules import RULES
from models.vocabulary import PlanStatus
from security.four_eyes import take_turn
from security.second_person import confirmers, signing_for
from security.session import GuardedSession
from services.appointments import coordinators_of
from services.errors import Conflict

SIGNERS = "signers"
"""The kind of notice that says that something is changed about who signs."""
_BY_TWO = [kind for kind, rule in RULES.items() if rule.second_person]


class ConfirmedAlready(Conflict):
    """Somebody else was first, or it has ended."""

    words = N_("This is confirmed already, or it has ended. Load the page again.")


def waiting(session: GuardedSession) -> Sequence[Representation]:
    """What one has checked, and nobody confirmed; the oldest first."""
    return session.scalars(_waiting().order_by(Representation.id)).all()


def how_many_wait() -> ScalarSelect[int]:
    """Counted together with something else."""
    return select(func.count(Representation.id)).where(*_waits()).scalar_subquery()


def _waiting() -> Select[Representation]:
    r = Representation
    people = (joinedload(r.person), joinedload(r.representative))
    return select(r).where(*_waits()).options(*people)


def _waits() -> tuple[ColumnElement[bool], ...]:
    r = Representation
    lasts = or_(r.ends_at.is_(None), r.ends_at > utcnow())
    return r.capacity.in_(_BY_TWO), r.verified_at.is_not(None), r.confirmed_at.is_(None), lasts


def may_confirm(session: GuardedSession, row: Representation) -> bool:
    """Whether the actor is somebody who may."""
    about = {row.person_id, row.representative_id}
    may = confirmers(session, row.municipality_id, row.verified_by_id, about)
    return session.actor.person_id in may


def confirm(session: GuardedSession, row: Representation) -> None:
    """Say that it is so: from the next request on it opens what its kind opens.

    Raises: ConfirmedAlready; security.policy.Forbidden, when it is not the actor's to say.
    """
    take_turn(session, row.municipality_id)
    session.refresh(row, ["confirmed_at", "ends_at"])
    if row.confirmed_at is not None or (row.ends_at is not None and row.ends_at <= utcnow()):
        raise ConfirmedAlready(row.id)
    row.confirmed_at, row.confirmed_by_id = utcnow(), session.actor.person_id
    session.flush()
    tell(session, row.municipality_id, row.person_id, row.uid)


def tell(session: GuardedSession, home: int, person_id: int, key: str) -> None:
    """In each plan of somebody, the coordinators and those who sign now hear that something is
    changed about who signs."""
    p = PlanRegister
    told = coordinators_of(session, person_id) | signing_for(session, person_id)
    plans = select(p.plan_id).where(
        p.person_id == person_id, p.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE))
    )
    session.add_all(
        OutboxMessage(
            municipality_id=home, plan_id=plan_id, person_id=one, kind=SIGNERS, row_id=plan_id,
            dedup_key=f"{SIGNERS}:{key}:{plan_id}:{one}",
        )
        for plan_id in session.scalars(plans).all()
        for one in sorted(told - {session.actor.person_id})
    )  # fmt: skip
    session.flush()
