"""What counts when a second person has confirmed it (den andre): who that may be, and when.

Representations on paper, exceptions from signing, decisions that somebody cannot consent. Asked
when a row is flushed (security.registers). Forvaltningslova § 6.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models.clock import months_later, today, utcnow
from models.competence import CompetenceDecision
from models.people import Person, Representation
from models.plan import Plan
from models.representation_rules import RULES
from models.signing_exception import SigningException
from models.vocabulary import SECOND_PERSONS, Role
from security.actor import Actor
from security.four_eyes import (
    NotAgreed,
    authorise_answer,
    authorise_confirmer,
    authorise_question,
    holders,
)
from security.merging import close_to
from security.policy import Forbidden
from security.signers import deciders
from security.way_in import coordinated_by

LONGEST = 12
"""Months an exception lasts at most."""
_FIRST = frozenset({"verified_at", "verified_by_id", "verified_how"})
_SECOND = frozenset({"confirmed_at", "confirmed_by_id"})


def confirmers(session: Session, home: int, first_id: int | None, people: set[int]) -> set[int]:
    """Persons of municipality `home` who may confirm what `first_id` has said about `people`:
    the coordinating unit and the heads of department, none of them close to those it is about."""
    may = {one for role in SECOND_PERSONS for one in holders(session, home, role).values()}
    with session.no_autoflush:
        return may - {first_id} - close_to(session, people)


def authorise_representation(session: Session, actor: Actor, row: Representation) -> None:
    """In one's own name, with what the table asks for, and once. Raises: Forbidden, NotAgreed."""
    was, changed = _was(row), _changed(row)
    rule = RULES.get(row.capacity)
    if rule is None:
        raise Forbidden("nobody acts for somebody as that")
    if changed & _FIRST - {"verified_how"} and row.verified_at is not None:
        if was["verified_at"] is not None or row.verified_by_id != actor.person_id:
            raise Forbidden("one says once, and in one's own name, what one has checked")
        if (rule.personal_matters and row.mandate is None) or (rule.document and not row.document):
            raise Forbidden("without its paper, and what the paper is for, it is not checked")
    elif was["verified_at"] is not None and changed & (_FIRST | {"mandate"}):
        raise Forbidden("what somebody has checked stays as they saw it")
    if changed & _SECOND:
        _authorise_second(session, actor, row, was)


def _authorise_second(session: Session, actor: Actor, row: Any, was: dict[str, Any]) -> None:
    first = row.verified_by_id
    if was["confirmed_at"] is not None or was["verified_at"] is None or not row.confirmed_at:
        raise NotAgreed("a second person confirms, once, what a first has checked")
    if row.confirmed_by_id != actor.person_id:
        raise Forbidden("one confirms in one's own name")
    about = {row.person_id, row.representative_id}
    authorise_confirmer(actor, confirmers(session, row.municipality_id, first, about))
    row.confirmed_at = utcnow()


def authorise_exception(session: Session, actor: Actor, row: SigningException, new: bool) -> None:
    """Asked for by the child's coordinator, about one who must sign, when another is left who
    does; confirmed by somebody else. Raises: Forbidden, NotAgreed."""
    about = {row.person_id, row.representative_id}
    if new:
        authorise_question(actor, row)
        _refuse_far(row)
        if row.ended_at is not None or row.person_id not in coordinated_by(session, actor):
            raise Forbidden("an exception is asked for by the child's coordinator")
        if actor.person_id in close_to(session, about):
            raise Forbidden("nobody asks about their own family")
    elif _ends(row):
        may = Role.COORDINATING_UNIT in actor.roles
        if not may and row.person_id not in coordinated_by(session, actor):
            raise Forbidden("an exception is ended by the office, or the coordinator")
        return
    elif not authorise_answer(session, actor, row):
        first = row.asked_by_id
        authorise_confirmer(actor, confirmers(session, row.municipality_id, first, about))
    pair = (row.person_id, row.representative_id)
    if (new or row.confirmed) and not may_be_excepted(session, *pair):
        raise Forbidden("somebody must be left who signs")


def _refuse_far(row: SigningException) -> None:
    if not today() < row.until <= months_later(today(), LONGEST):
        raise Forbidden("an exception lasts a year at most")


def may_be_excepted(session: Session, person_id: int, representative_id: int) -> bool:
    """Whether this is one of several who sign for a child now."""
    plan = _a_plan_of(session, person_id)
    if plan is None or plan.owner_decides_from <= today():
        return False
    who = signing_for(session, person_id)
    return representative_id in who and len(who) > 1


def signing_for(session: Session, person_id: int) -> set[int]:
    """Those who sign for an owner, or the owner; in all plans the same."""
    plan = _a_plan_of(session, person_id)
    with session.no_autoflush:
        return set() if plan is None else deciders(session, plan)


def _a_plan_of(session: Session, person_id: int) -> Plan | None:
    """Any of them: who signs follows from the person, and is the same in all."""
    p = Plan.__table__.c
    days = select(p.owner_decides_from, p.guardian_until).where(p.person_id == person_id)
    reason = {"unscoped_because": "the days of a plan follow the register"}
    found = session.execute(days.limit(1), execution_options=reason).first()
    if found is None:
        return None
    return Plan(person_id=person_id, owner_decides_from=found[0], guardian_until=found[1])


def authorise_decision(session: Session, actor: Actor, row: CompetenceDecision, new: bool) -> None:
    """Registered by the coordinating unit, confirmed by somebody else. Raises: Forbidden,
    NotAgreed."""
    if new:
        authorise_question(actor, row)
        if Role.COORDINATING_UNIT not in actor.roles or row.ended_at is not None:
            raise Forbidden("a decision is registered by the coordinating unit")
        if row.decided_on > today() or row.starts_on < row.decided_on:
            raise Forbidden("what is decided counts from then on")
        if actor.person_id in close_to(session, {row.person_id}):
            raise Forbidden("nobody decides about their own family")
    elif _ends(row):
        if Role.COORDINATING_UNIT not in actor.roles:
            raise Forbidden("a decision is ended by the coordinating unit")
    elif not authorise_answer(session, actor, row):
        may = confirmers(session, row.municipality_id, row.asked_by_id, {row.person_id})
        authorise_confirmer(actor, may)


def here(session: Session, people: set[int]) -> bool:
    """Whether they all are persons of the actor's municipality."""
    return set(session.scalars(select(Person.id).where(Person.id.in_(people)))) == people


def _ends(row: Any) -> bool:
    """Whether this change ends it, once, and does nothing else."""
    if _changed(row) != {"ended_at"}:
        return False
    if _was(row)["ended_at"] is not None or row.ended_at is None:
        raise Forbidden("what has ended stays ended")
    row.ended_at = utcnow()
    return True


def _changed(row: object) -> set[str]:
    state: Any = inspect(row)
    return {a.key for a in state.mapper.column_attrs if state.attrs[a.key].history.has_changes()}


def _was(row: object) -> dict[str, Any]:
    """What each column held before."""
    state: Any = inspect(row)
    found = {}
    for a in state.mapper.column_attrs:
        history = state.attrs[a.key].load_history()
        before = [*(history.deleted or ()), *(history.unchanged or ())]
        found[a.key] = before[0] if before and not state.transient and not state.pending else None
    return found
