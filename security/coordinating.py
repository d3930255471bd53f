"""Who cannot become somebody's coordinator (habilitet): asked by services before they write, and
when a department's answer is flushed (security.naming). And who writes what one can take on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from models.coordinator import CoordinatorProfile
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.vocabulary import Role
from security import merging, second_person
from security.actor import Actor
from security.policy import Forbidden


class Unfit(StrEnum):
    """Why not."""

    THEMSELVES = "themselves"
    ACTS_FOR_THEM = "acts_for_them"
    COORDINATES_ALREADY = "coordinates_already"
    OWN_FAMILY = "own_family"


def authorise_profile(actor: Actor, row: CoordinatorProfile, new: bool) -> None:
    """People of this municipality; a leader writes about those of the own department.

    Raises: Forbidden.
    """
    session = object_session(row)
    people = {row.person_id, row.substitute_id or row.person_id}
    if session is None or not second_person.here(session, people):
        raise Forbidden("people of this municipality")
    merging.still_used(session, people)
    if Role.COORDINATING_UNIT in actor.roles:
        return
    pair = select(Person.department_id).where(Person.id.in_({row.person_id, actor.person_id}))
    with session.no_autoflush:
        departments = set(session.scalars(pair))
    if len(departments) != 1 or None in departments:
        raise Forbidden("leaders see to the own department")


def unfit(
    session: Session, actor_id: int, named: Mapping[int, int], from_day: date
) -> dict[int, Unfit]:
    """Person -> why the one named for them cannot coordinate; two questions, however many.

    named: person -> who is to be the coordinator, from the day on. Nobody names themselves, or
    anybody for those they act for or have acted for (forvaltningslova § 6).
    """
    r, a = Representation, CoordinatorAppointment
    acts = select(r.person_id, r.representative_id).where(
        r.person_id.in_(named), r.representative_id.in_({*named.values(), actor_id})
    )
    leads = select(a.person_id, a.coordinator_id).where(
        a.person_id.in_(named),
        a.coordinator_id.in_(set(named.values())),
        holds_on(a, from_day),
    )
    with session.no_autoflush:
        acting = {(row[0], row[1]) for row in session.execute(acts)}
        leading = {(row[0], row[1]) for row in session.execute(leads)}
    found: dict[int, Unfit] = {}
    for pair in named.items():
        if pair[1] in (actor_id, pair[0]):
            found[pair[0]] = Unfit.THEMSELVES
        elif pair[0] == actor_id or (pair[0], actor_id) in acting:
            found[pair[0]] = Unfit.OWN_FAMILY
        elif pair in acting:
            found[pair[0]] = Unfit.ACTS_FOR_THEM
        elif pair in leading:
            found[pair[0]] = Unfit.COORDINATES_ALREADY
    return found
