"""The steps of the job as use cases, for tests that disturb them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from models.clock import months_later, today, utcnow
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.evaluation import Evaluation
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.language import Language
from models.people import CoordinatorAppointment, Person
from models.plan import Plan
from models.vocabulary import (
    Capacity,
    Circle,
    Continuation,
    Face,
    GoalResult,
    Heard,
    LifeArea,
    Package,
    PlanType,
    Verification,
)
from services import (
    appointments,
    consent,
    conversion,
    evaluation,
    meetings,
    messages,
    minutes,
    minutes_giving,
    proposal,
    signing,
    withdrawal,
)
from services.answer import Answer, ChildHeard
from services.plans import Guardian, register_plan
from services.statement import asked
from tests.conftest import Desk
from tests.factories import Town

ORDER = (
    "appoint", "register", "propose", "send", "sign", "message", "meeting", "minutes", "convert",
    "sign the conversion", "goal", "activity", "comment", "evaluation", "answers", "finish",
)  # fmt: skip


def prepare(step: str, desk: Desk, town: Town) -> None:
    """Everything that comes before `step`, by the newcomer and the child's mother."""
    with desk.session("office") as session:
        born = months_later(today(), -120)
        child = Person(municipality_id=town.municipality_id, name="Eli Vik", birth_date=born)
        session.add(child)
        session.flush()
        session.commit()
        town.people["child"] = child.id
    before = ORDER[: ORDER.index(step)] if step in ORDER else ORDER[:5]
    for one in before:
        run(one, desk, town)


def run(step: str, desk: Desk, town: Town) -> None:
    with desk.session(DOES.get(step, "newcomer")) as session:
        plan = session.scalars(select(Plan).where(Plan.person_id == town.people["child"])).first()
        DO[step](session, plan, town)
        session.commit()


def _appoint(session, _plan, town):
    at = {"municipality_id": town.municipality_id, "person_id": town.people["child"]}
    who = town.people["newcomer"]
    made = CoordinatorAppointment(**at, coordinator_id=who, starts_on=today())
    session.add(made)
    session.flush()
    appointments.follow(session, made)


def _register(session, _plan, town):
    guardian = Guardian("Mother", "mother", Capacity.PARENTAL_RESPONSIBILITY, Verification.DOCUMENT)
    child = session.get(Person, town.people["child"])
    kind = PlanType.SIMPLE_COLLABORATION
    register_plan(session, child, kind, "EV 1", [guardian], str(uuid4()))


def _propose(session, plan, _town):
    who = proposal.Proposal("Teacher", "teacher", "teacher", None, Package.PROFESSIONAL)
    proposal.propose(session, plan, who)


def _sign(session, plan, _town):
    waiting = consent.waiting_consent(session, plan.id)
    lines = consent.lines_of(session, waiting)
    signing.sign(
        session, plan, waiting,
        {line.id: Answer(True, line.level, line.life_areas, False) for line in lines},
        until=months_later(today(), 6), language=Language.ENGLISH,
        shown=asked(session, waiting, "en").digest,
        child=ChildHeard(Heard.TALKED, today(), "Fine"),
    )  # fmt: skip


def _message(session, plan, _town):
    team = messages.reachable(session, plan)
    messages.send_message(
        session, plan, team, subject="Hei", body="Alle", circle=Circle.CHOSEN,
        to=[p.person_id for p in team], uid=str(uuid4()),
    )  # fmt: skip


def _meeting(session, plan, town):
    starts = utcnow() + timedelta(days=3)
    meetings.call(
        session, plan, purpose="Start", starts_at=starts, ends_at=starts + timedelta(hours=1),
        place=None, agenda=None, people=[town.people["teacher"]], uid=str(uuid4()),
    )  # fmt: skip


def _minutes(session, plan, _town):
    meeting = session.scalars(select(Meeting).where(Meeting.plan_id == plan.id)).first()
    begun = minutes.begin(session, plan, meeting)
    point = minutes.items(session, begun)[0]
    point.said, point.agreed = "Done", "Ring"
    minutes_giving.give(session, plan, begun, "We sat together")


def _goal(session, plan, _town):
    session.add(Goal(plan_id=plan.id, goal="Swim", life_areas=frozenset({LifeArea.HEALTH})))


def _activity(session, plan, _town):
    goal = session.scalars(select(Goal).where(Goal.plan_id == plan.id)).one()
    session.add(Activity(plan_id=plan.id, what="Practise", goal_id=goal.id, due=today()))


def _comment(session, plan, _town):
    goal = session.scalars(select(Goal).where(Goal.plan_id == plan.id)).one()
    session.add(Comment(plan_id=plan.id, comment="Well done", goal_id=goal.id))


def _evaluation(session, plan):
    return session.scalars(select(Evaluation).where(Evaluation.plan_id == plan.id)).unique().one()


def _answers(session, plan, town):
    asked = evaluation.questions(session, session.access(plan.id))
    said = {question.id: evaluation.Said(Face.GOOD, "Well") for question in asked}
    who = town.people["newcomer"]
    evaluation.answer(session, plan, _evaluation(session, plan), said, who)


def _finish(session, plan, _town):
    results = {
        goal.id: evaluation.Outcome(GoalResult.REACHED, None)
        for goal in evaluation.open_goals(session, plan)
    }
    evaluation.finish(
        session, plan, _evaluation(session, plan), results, conclusion="On we go",
        continuation=Continuation.GO_ON, next_on=months_later(today(), 6),
    )  # fmt: skip


DOES = {
    "appoint": "office", "sign": "mother", "sign the conversion": "mother", "answers": "mother",
    "withdraw": "mother", "withdraw a person": "mother",
}  # fmt: skip
DO = {
    "appoint": _appoint,
    "register": _register,
    "propose": _propose,
    "send": lambda session, plan, _: proposal.send(session, plan),
    "sign": _sign,
    "message": _message,
    "meeting": _meeting,
    "minutes": _minutes,
    "goal": _goal,
    "activity": _activity,
    "comment": _comment,
    "evaluation": lambda session, plan, _: evaluation.start(session, plan, str(uuid4())),
    "answers": _answers,
    "finish": _finish,
    "sign the conversion": _sign,
    "withdraw a person": lambda session, plan, town: withdrawal.withdraw_person(
        session, plan, town.people["teacher"]
    ),
    "withdraw": lambda session, plan, _: withdrawal.withdraw_plan(session, plan),
    "convert": lambda session, plan, _: conversion.convert(session, plan),
}
