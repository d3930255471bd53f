"""How much waits for a second person's yes or no (stadfesting), of all that takes one."""

from __future__ import annotations

from sqlalchemy import func, select

from models.competence import CompetenceDecision
from models.signing_exception import SigningException
from security.session import GuardedSession
from services import competence, exceptions, papers, second_person
from services.four_eyes import is_open


def count_for_me(session: GuardedSession) -> int:
    """How many of them are the actor's to answer. One statement when none waits."""
    asked = (
        select(func.count(cls.id)).where(is_open(cls), cls.ended_at.is_(None)).scalar_subquery()
        for cls in (SigningException, CompetenceDecision)
    )
    counted = (second_person.how_many_wait(), papers.how_many_wait(session), *asked)
    if not any(session.execute(select(*counted)).one()):
        return 0
    waits = [
        (second_person.may_confirm(session, one) for one in second_person.waiting(session)),
        (exceptions.may_answer(session, one) for one in exceptions.waiting(session)),
        (competence.may_answer(session, one) for one in competence.waiting(session)),
    ]
    return sum(sum(each) for each in waits) + papers.are_mine(session)
