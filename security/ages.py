"""When an owner decides (aldersgrenser): the two dates of a plan, from all they follow from.

One function makes them, whatever has changed: a birth date, the municipality's consent age, or a
decision that somebody cannot consent. `GuardedSession` and `SystemSession` call it in the flush
that changes one of these, so that no page and no job can forget it.
Pasient- og brukarrettslova § 4-3, verjemålslova § 8.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, inspect, select, update
from sqlalchemy.orm import Session

from models.ages import FULL_AGE, birthday
from models.clock import end_of_day, today
from models.competence import CompetenceDecision
from models.municipality import Municipality
from models.people import Person
from models.plan import Plan

NEVER = date(9999, 12, 31)
"""The day an owner decides who cannot, and nobody has said until when."""
_PLAN, _DECISION = cast(Table, Plan.__table__), cast(Table, CompetenceDecision.__table__)
_PERSON, _TOWN = cast(Table, Person.__table__), cast(Table, Municipality.__table__)
_UNSCOPED: dict[str, Any] = {
    "execution_options": {"unscoped_because": "the days of a plan follow the register"}
}
Span = tuple[date, date | None]


def decides_from(born: date, consent_age: int, cannot: Iterable[Span]) -> date:
    """From when somebody decides. cannot: (from, until) of confirmed decisions that stand.

    What is decided about a youth lasts until they are of age: then it is decided anew.
    """
    day, grown_up = birthday(born, consent_age), birthday(born, FULL_AGE)
    for starts, until in sorted(cannot, key=lambda span: span[0]):
        if starts > max(day, today()):
            break  # between the two the owner decides
        ends = NEVER if until is None else until + timedelta(days=1)
        day = max(day, min(ends, grown_up) if starts < grown_up else ends)
    return day


def decisions_of(session: Session, people: Collection[int]) -> dict[int, list[Span]]:
    """Person -> the spans of the decisions that are confirmed and not ended."""
    d = _DECISION.c
    wanted = select(d.person_id, d.starts_on, d.until).where(
        d.person_id.in_(people), d.confirmed.is_(True), d.ended_at.is_(None)
    )
    spans: dict[int, list[Span]] = {}
    for person_id, starts, until in session.execute(wanted, **_UNSCOPED):
        spans.setdefault(person_id, []).append((starts, until))
    return spans


def days_of(session: Session, person: Person) -> tuple[date, date]:
    """(from when the owner decides, until when a guardian of a child acts). The birth date is
    there."""
    assert person.birth_date is not None
    town = session.get_one(Municipality, person.municipality_id)
    cannot = decisions_of(session, [person.id]).get(person.id, ())
    day = decides_from(person.birth_date, town.consent_age, cannot)
    return day, birthday(person.birth_date, FULL_AGE)


def follow(session: Session, *which: Any) -> None:
    """Have every plan of some persons say what is true now. which: conditions on the tables of
    plans, persons and municipalities."""
    wanted = (
        select(
            _PLAN.c.id, _PLAN.c.person_id, _PLAN.c.owner_decides_from, _PLAN.c.guardian_until,
            _PERSON.c.birth_date, _TOWN.c.consent_age,
        )
        .join(_PERSON, _PERSON.c.id == _PLAN.c.person_id)
        .join(_TOWN, _TOWN.c.id == _PLAN.c.municipality_id)
        .where(_PERSON.c.birth_date.is_not(None), *which)
    )  # fmt: skip
    plans = session.execute(wanted, **_UNSCOPED).all()
    cannot = decisions_of(session, {plan.person_id for plan in plans}) if plans else {}
    for plan in plans:
        day = decides_from(plan.birth_date, plan.consent_age, cannot.get(plan.person_id, ()))
        now = (day, birthday(plan.birth_date, FULL_AGE))
        if now != (plan.owner_decides_from, plan.guardian_until):
            values = dict(zip(("owner_decides_from", "guardian_until"), now, strict=True))
            session.execute(update(_PLAN).where(_PLAN.c.id == plan.id).values(values), **_UNSCOPED)
            loaded = session.identity_map.get(session.identity_key(Plan, plan.id))
            if loaded is not None:
                session.expire(loaded, list(values))


def follow_people(session: Session, people: Collection[int]) -> None:
    follow(session, _PERSON.c.id.in_(people))


def follow_decisions(session: Session) -> None:
    """What has been decided for later counts from its day on: asked every day."""
    follow(session, _PLAN.c.person_id.in_(select(_DECISION.c.person_id)))


def touched(rows: Iterable[object]) -> tuple[set[int], set[int]]:
    """(persons, municipalities) whose plans must be looked at, of the rows of one flush."""
    people, towns = set(), set()
    for row in rows:
        if isinstance(row, Person) and row.id and _has_changed(row, "birth_date"):
            people.add(row.id)
        elif isinstance(row, Municipality) and row.id and _has_changed(row, "consent_age"):
            towns.add(row.id)
        elif isinstance(row, CompetenceDecision) and row.person_id:
            people.add(row.person_id)
    return people, towns


def carry_out(session: Session, touched: tuple[set[int], set[int]]) -> None:
    """After the flush in which something has changed."""
    people, towns = touched
    if people:
        follow_people(session, people)
    if towns:
        follow(session, _TOWN.c.id.in_(towns))


def _has_changed(row: object, name: str) -> bool:
    state: Any = inspect(row)
    return bool(state.attrs[name].history.has_changes())


def last_moment(session: Session, plan: Plan, owner_signed: bool) -> datetime | None:
    """When what only a child's guardians have signed ends at the latest: after the day the owner
    decides, and the municipality's days of grace. None: it has no such end."""
    if owner_signed or plan.owner_decides_from <= today() or plan.owner_decides_from == NEVER:
        return None
    town = session.get_one(Municipality, plan.municipality_id)
    return end_of_day(plan.owner_decides_from + timedelta(days=town.grace_days))
