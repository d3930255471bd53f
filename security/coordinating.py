"""Who cannot become somebody's coordinator (habilitet): asked by services before they write, and
when a department's answer is flushed (security.naming). And who writes what one can take on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from models.coordinator import CoordinatorProfile
from models.people import CoordinatorAppointment, Person, Representation
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


@dataclass(frozen=True, slots=True)
class Bonds:
    """What binds people to one another: who acts for whom, and who coordinates for whom.

    Both are asked by (person, who acts or coordinates). leading: from and until, in which the
    last may be open.
    """

    actor_id: int
    acting: Set[tuple[int, int]]
    leading: Mapping[tuple[int, int], Sequence[tuple[date, date | None]]]

    def unfit(self, person_id: int, named_id: int, day: date) -> Unfit | None:
        """Why one cannot coordinate for the other from the day on; None: nothing hinders it.

        Nobody names themselves, or anybody for those they act for or have acted for
        (forvaltningslova § 6).
        """
        pair = (person_id, named_id)
        if named_id in (self.actor_id, person_id):
            return Unfit.THEMSELVES
        if person_id == self.actor_id or (person_id, self.actor_id) in self.acting:
            return Unfit.OWN_FAMILY
        if pair in self.acting:
            return Unfit.ACTS_FOR_THEM
        held = self.leading.get(pair, ())
        if any(first <= day and (last is None or last >= day) for first, last in held):
            return Unfit.COORDINATES_ALREADY
        return None

    def leads_from(self, day: date) -> Set[tuple[int, int]]:
        """Who coordinates for whom on the day, or will later."""
        return {
            pair
            for pair, held in self.leading.items()
            if any(last is None or last >= day for _, last in held)
        }


def bonds(
    session: Session, actor_id: int, people: Collection[int], named: Collection[int]
) -> Bonds:
    """Those between `people` and whoever is `named` for them; two questions, however many."""
    r, a = Representation, CoordinatorAppointment
    acts = select(r.person_id, r.representative_id).where(
        r.person_id.in_(people), r.representative_id.in_({*named, actor_id})
    )
    leads = select(a.person_id, a.coordinator_id, a.starts_on, a.ends_on).where(
        a.person_id.in_(people), a.coordinator_id.in_(named)
    )
    leading: dict[tuple[int, int], list[tuple[date, date | None]]] = {}
    with session.no_autoflush:
        acting = {(row[0], row[1]) for row in session.execute(acts)}
        for person_id, who, first, last in session.execute(leads):
            leading.setdefault((person_id, who), []).append((first, last))
    return Bonds(actor_id, acting, leading)


def unfit(
    session: Session, actor_id: int, named: Mapping[int, int], from_day: date
) -> dict[int, Unfit]:
    """Person -> why the one named for them cannot coordinate; two questions, however many.

    named: person -> who is to be the coordinator, from the day on.
    """
    between = bonds(session, actor_id, named.keys(), set(named.values()))
    found = {one: between.unfit(one, who, from_day) for one, who in named.items()}
    return {one: why for one, why in found.items() if why is not None}
