"""The half-yearly evaluation (evaluering): opened, answered by each, finished in the meeting.

Forskrift om habilitering, rehabilitering og koordinator § 19.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from models.clock import months_later, today, utcnow
from models.elements.evaluation import Evaluation, EvaluationAnswer, GoalOutcome
from models.elements.goal import Goal
from models.feedback import CoordinatorFeedback
from models.i18n import N_
from models.municipality import EvaluationQuestion
from models.plan import Plan, PlanRegister
from models.types import blind_index
from models.vocabulary import Audience, Continuation, Face, GoalResult, GoalStatus
from security.access import Access
from security.session import GuardedSession
from services.consent import lock, team
from services.errors import Conflict
from services.notices import notify
from services.packages import EVALUATED_WITHIN


class AlreadyOpen(Conflict):
    """One evaluation at a time."""

    words = N_("An evaluation is open already. Finish it before you start a new one.")


class Finished(Conflict):
    """A finished evaluation is not changed."""

    words = N_("This evaluation is finished, and is not changed any more.")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to one question: a face, words, or both."""

    face: Face | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a goal has come, and what is done now."""

    result: GoalResult
    note: str | None


def start(session: GuardedSession, plan: Plan, uid: str) -> Evaluation:
    """Open an evaluation for answers; the team is told. Raises: AlreadyOpen, Forbidden."""
    lock(session, plan.id)
    open_ = select(Evaluation).where(
        Evaluation.plan_id == plan.id,
        Evaluation.locked_at.is_(None),
        Evaluation.removed_at.is_(None),
    )
    if session.scalars(open_).first() is not None:
        raise AlreadyOpen(plan.id)
    evaluation = Evaluation(uid=uid, plan_id=plan.id, held_on=today())
    session.add(evaluation)
    session.flush()
    people = {p.person_id for p in team(session, plan.id)} - {session.actor.person_id}
    notify(session, plan, people, "evaluation", evaluation.id, evaluation.uid)
    session.flush()
    return evaluation


def questions(session: GuardedSession, access: Access) -> Sequence[EvaluationQuestion]:
    """The questions somebody with this access is asked, in order."""
    audiences = [Audience.OWNER] if access.owners_side else [Audience.PARTICIPANT]
    if access.coordinator:
        audiences.append(Audience.TEAM)
    wanted = select(EvaluationQuestion).where(EvaluationQuestion.audience.in_(audiences))
    order = wanted.order_by(EvaluationQuestion.position, EvaluationQuestion.id)
    return session.scalars(order).all()


def own_answers(session: GuardedSession, evaluation: Evaluation) -> dict[int, EvaluationAnswer]:
    """Question id -> what I have answered so far."""
    mine = select(EvaluationAnswer).where(
        EvaluationAnswer.evaluation_id == evaluation.id,
        EvaluationAnswer.author_id == session.actor.person_id,
    )
    return {answer.question_id: answer for answer in session.scalars(mine).unique()}


def answer(
    session: GuardedSession,
    plan: Plan,
    evaluation: Evaluation,
    said: Mapping[int, Said],
    coordinator_id: int | None,
) -> None:
    """Store my answers, new or changed. What is for KE only goes there, without the plan.

    said: question id -> answer. Raises: Finished, Forbidden.
    """
    lock(session, plan.id)
    session.refresh(evaluation)
    if evaluation.locked_at is not None:
        raise Finished(evaluation.id)
    access = session.access(plan.id)
    known = own_answers(session, evaluation)
    for question in questions(session, access) if access else ():
        one = said.get(question.id)
        if one is None or not (one.face or one.words):
            continue
        if question.to_office_only:
            _tell_the_office(session, plan, coordinator_id, one, evaluation.uid)
        elif question.id in known:
            known[question.id].face, known[question.id].words = one.face, one.words
        else:
            session.add(
                EvaluationAnswer(
                    plan_id=plan.id,
                    evaluation_id=evaluation.id,
                    question_id=question.id,
                    question=question.in_language(session.actor.language or ""),
                    face=one.face,
                    words=one.words,
                )
            )
    session.flush()


def _tell_the_office(
    session: GuardedSession, plan: Plan, coordinator_id: int | None, one: Said, evaluation: str
) -> None:
    """Once, however often it is sent; nothing in the row leads back to who said it."""
    by = f"{evaluation} {session.actor.person_id} {one.face} {one.words}"
    uid = blind_index("coordinator_feedback.uid", by)[:60]
    same = select(CoordinatorFeedback.id).where(CoordinatorFeedback.uid == uid)
    if coordinator_id is not None and session.scalars(same).first() is None:
        session.add(
            CoordinatorFeedback(
                uid=uid,
                municipality_id=plan.municipality_id,
                coordinator_id=coordinator_id,
                given_on=today(),
                face=one.face,
                words=one.words,
            )
        )


def open_goals(session: GuardedSession, plan: Plan) -> Sequence[Goal]:
    """Goals somebody still works for, in the order people have put them."""
    wanted = select(Goal).where(
        Goal.plan_id == plan.id,
        Goal.removed_at.is_(None),
        Goal.status.in_((GoalStatus.NEW, GoalStatus.UNDER_WAY)),
    )
    return session.scalars(wanted.order_by(Goal.place.nulls_last(), Goal.id)).unique().all()


def finish(
    session: GuardedSession,
    plan: Plan,
    evaluation: Evaluation,
    outcomes: Mapping[int, Outcome],
    *,
    conclusion: str,
    continuation: Continuation,
    next_on: date,
) -> None:
    """Write results (goal id -> outcome) and conclusion, and lock it all for good.

    The next one is at most six months ahead. Raises: Finished, ValueError, Forbidden.
    """
    lock(session, plan.id)
    session.refresh(evaluation)
    if evaluation.locked_at is not None:
        raise Finished(evaluation.id)
    if not today() < next_on <= months_later(today(), EVALUATED_WITHIN):
        raise ValueError("the next evaluation is within six months")
    now = utcnow()
    for goal in open_goals(session, plan):
        if goal.id in outcomes:
            one = outcomes[goal.id]
            session.add(
                GoalOutcome(
                    plan_id=plan.id,
                    evaluation_id=evaluation.id,
                    goal_id=goal.id,
                    result=one.result,
                    note=one.note,
                    locked_at=now,
                )
            )
    evaluation.conclusion, evaluation.continuation = conclusion, continuation
    evaluation.next_on, evaluation.held_on, evaluation.locked_at = next_on, today(), now
    plan.next_evaluation = next_on
    entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    entry.last_evaluation, entry.next_evaluation = today(), next_on
    session.flush()
