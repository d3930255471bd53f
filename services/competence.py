"""Decisions that somebody cannot consent (samtykkekompetanse): registered by the coordinating
unit, count when another has confirmed that the decision is there.

What follows for plans is security.ages'. Pasient- og brukarrettslova § 4-3.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from models.competence import CompetenceDecision
from security.second_person import confirmers
from security.session import GuardedSession
from services.four_eyes import in_turn, is_open
from services.second_person import tell

_D = CompetenceDecision


def answer(session: GuardedSession, row: CompetenceDecision, yes: bool) -> None:
    """Say yes or no; with a yes the days of the person's plans move in this very flush.

    Raises: AnsweredAlready; security.policy.Forbidden.
    """
    in_turn(session, row)
    row.confirmed, row.answered_by_id = yes, session.actor.person_id
    session.flush()
    if yes:
        tell(session, row.municipality_id, row.person_id, row.uid)


def waiting(session: GuardedSession) -> Sequence[CompetenceDecision]:
    """What nobody has answered, and that is not too old; the oldest first."""
    wanted = with_people().where(is_open(_D), _D.ended_at.is_(None))
    return session.scalars(wanted.order_by(_D.id)).all()


def may_answer(session: GuardedSession, row: CompetenceDecision) -> bool:
    may = confirmers(session, row.municipality_id, row.asked_by_id, {row.person_id})
    return session.actor.person_id in may


def with_people() -> Select[CompetenceDecision]:
    people = (_D.person, _D.asked_by, _D.answered_by)
    return select(_D).options(*(joinedload(one) for one in people))
