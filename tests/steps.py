"""The steps of the job as use cases, for tests that disturb them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from models.clock import months_later, today, utcnow
from models.elements.meeting import Meeting
from models.people import CoordinatorAppointment, Person
from models.plan import Plan
from models.vocabulary import Capacity, Circle, Language, Package, PlanType, Verification
from services import consent, conversion, meetings, messages
from services.plans import Guardian, register_plan
from tests.conftest import Desk
from tests.factories import Town

ORDER = ("register", "propose", "send", "sign", "message", "meeting", "minutes")


def prepare(step: str, desk: Desk, town: Town) -> None:
    """Everything that comes before `step`, by the newcomer and the child's mother."""
    with desk.session("office") as session:
        born = months_later(today(), -120)
        child = Person(municipality_id=town.municipality_id, name="Eli Vik", birth_date=born)
        session.add(child)
        session.flush()
        at = {"municipality_id": town.municipality_id, "person_id": child.id}
        who = town.people["newcomer"]
        session.add(CoordinatorAppointment(**at, coordinator_id=who, starts_on=today()))
        session.commit()
        town.people["child"] = child.id
    before = ORDER[: ORDER.index(step)] if step in ORDER else ORDER[:4]
    for one in before:
        run(one, desk, town)


def run(step: str, desk: Desk, town: Town) -> None:
    who = "mother" if step in ("sign", "withdraw") else "newcomer"
    with desk.session(who) as session:
        plan = session.scalars(select(Plan).where(Plan.person_id == town.people["child"])).first()
        DO[step](session, plan, town)
        session.commit()


def _register(session, _plan, town):
    guardian = Guardian("Mother", "mother", Capacity.PARENTAL_RESPONSIBILITY, Verification.DOCUMENT)
    child = session.get(Person, town.people["child"])
    kind = PlanType.SIMPLE_COLLABORATION
    register_plan(session, child, kind, "EV 1", [guardian], str(uuid4()))


def _propose(session, plan, _town):
    who = consent.Proposal("Teacher", "teacher", "teacher", None, Package.PROFESSIONAL)
    consent.propose(session, plan, who)


def _sign(session, plan, _town):
    waiting = consent.waiting_consent(session, plan.id)
    lines = consent.lines_of(session, waiting)
    text = consent.consent_text(session, waiting.plan_type, Language.ENGLISH)
    consent.sign(
        session, plan, waiting,
        {line.id: consent.Answer(True, line.level, line.life_areas, False) for line in lines},
        until=months_later(today(), 6), language=Language.ENGLISH,
        shown=consent.page_digest(text, lines), opinion="Fine",
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
    agreed = [meetings.Agreed("Ring", None, None)]
    meetings.write_minutes(
        session, plan, meeting, owner_account=None, text="Done", agreed=agreed, uid=str(uuid4())
    )


DO = {
    "register": _register,
    "propose": _propose,
    "send": lambda session, plan, _: consent.send(session, plan),
    "sign": _sign,
    "message": _message,
    "meeting": _meeting,
    "minutes": _minutes,
    "withdraw": lambda session, plan, _: consent.withdraw_plan(session, plan),
    "convert": lambda session, plan, _: conversion.convert(session, plan),
}
