"""Signing without one who must sign (unntak): asked for by the child's coordinator, counts when
the coordinating unit or a head of department has confirmed it, for a year at most.

Who may ask and confirm is security.second_person's; here it is said before somebody presses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from models.clock import today, utcnow
from models.i18n import N_
from models.plan import Plan
from models.signing_exception import SigningException
from models.vocabulary import ExceptionReason
from security.four_eyes import take_turn
from security.second_person import confirmers, may_be_excepted
from security.session import GuardedSession
from security.signers import Part, Signer, signers
from services.errors import Conflict
from services.four_eyes import in_turn, is_open
from services.second_person import tell

_E = SigningException


class NobodyLeft(Conflict):
    """An exception for the only one who signs would leave nobody."""

    words = N_("Somebody must be left who signs. This cannot be asked for now.")


def may_be_asked(session: GuardedSession, plan: Plan) -> list[Signer]:
    """Those of several who sign for a child; nobody when there is one, or the owner decides."""
    if plan.owner_decides_from <= today():
        return []
    who = [one for one in signers(session, plan) if one.part is Part.SIGNS]
    return who if len(who) > 1 else []


def ask(
    session: GuardedSession, plan: Plan, representative_id: int, reason: ExceptionReason,
    explanation: str, until: date, uid: str,
) -> SigningException:  # fmt: skip
    """Ask that the others may sign without one. What waits already is not asked twice.

    Raises: NobodyLeft; security.policy.Forbidden.
    """
    take_turn(session, plan.municipality_id)
    if not may_be_excepted(session, plan.person_id, representative_id):
        raise NobodyLeft(plan.id)
    pair = (_E.person_id == plan.person_id, _E.representative_id == representative_id)
    same = session.scalars(select(_E).where(*pair, is_open(_E), _E.ended_at.is_(None))).first()
    if same is not None:
        return same
    row = SigningException(
        municipality_id=plan.municipality_id, person_id=plan.person_id, uid=uid,
        representative_id=representative_id, reason=reason, explanation=explanation, until=until,
        asked_by_id=session.actor.person_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def answer(session: GuardedSession, row: SigningException, yes: bool) -> None:
    """Say yes or no. Raises: AnsweredAlready, NobodyLeft; security.policy.Forbidden."""
    in_turn(session, row)
    if yes and not may_be_excepted(session, row.person_id, row.representative_id):
        raise NobodyLeft(row.id)
    row.confirmed, row.answered_by_id = yes, session.actor.person_id
    session.flush()
    tell(session, row.municipality_id, row.person_id, row.uid)


def end(session: GuardedSession, row: SigningException) -> None:
    """From now on everybody signs again; what is signed stays as it is."""
    session.refresh(row, ["ended_at"])
    if row.ended_at is None:
        row.ended_at = utcnow()
        session.flush()


def waiting(session: GuardedSession) -> Sequence[SigningException]:
    """What nobody has answered, and that is not too old; the oldest first."""
    wanted = with_people().where(is_open(_E), _E.ended_at.is_(None))
    return session.scalars(wanted.order_by(_E.id)).all()


def of_the_plan(session: GuardedSession, plan: Plan) -> Sequence[SigningException]:
    """What waits, and what counts, for the owner of a plan."""
    current = (_E.ended_at.is_(None), _E.until >= today(), _E.confirmed.is_not(False))
    wanted = with_people().where(_E.person_id == plan.person_id, *current)
    return [one for one in session.scalars(wanted.order_by(_E.id)) if one.confirmed or one.is_open]


def may_answer(session: GuardedSession, row: SigningException) -> bool:
    about = {row.person_id, row.representative_id}
    may = confirmers(session, row.municipality_id, row.asked_by_id, about)
    return session.actor.person_id in may


def with_people() -> Select[SigningException]:
    people = (_E.person, _E.representative, _E.asked_by, _E.answered_by)
    return select(_E).options(*(joinedload(one) for one in people))
