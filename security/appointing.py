"""Who appoints coordinators (oppnemner): the coordinating unit, and the leader of a department to
which the municipality has left it for those under an age. Helse- og omsorgstenestelova § 7-3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from models.ages import birthday
from models.clock import today
from models.municipality import Department
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.plan import PlanRegister
from models.vocabulary import Role
from security import merging, people
from security.actor import Actor
from security.coordinating import unfit
from security.policy import Forbidden

CHANGED = frozenset({"ends_on", "agreed_hours"})
"""What a leader changes afterwards."""
FOLLOWS = frozenset({"coordinator_id", "department_id"})
"""What the plan register says after an appointment."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What is left to a department: for those younger than `under`, in years."""

    department_id: int
    under: int

    def covers(self, person: Person | None, day: date) -> bool:
        """Whether it holds for a person on `day`; of an unknown birth date it does not."""
        born = person.birth_date if person is not None else None
        return born is not None and day < birthday(born, self.under)


def authority(session: Session, actor: Actor) -> Authority | None:
    """What is left to whoever leads the own department; one question."""
    if Role.LEADER not in actor.roles:
        return None
    wanted = (
        select(Department.id, Department.appoints_under)
        .join(Person, Person.department_id == Department.id)
        .where(Person.id == actor.person_id, Department.appoints_under.is_not(None))
    )
    with session.no_autoflush:
        row = session.execute(wanted).first()
    return Authority(row[0], row[1]) if row and row[1] else None


def authorise(actor: Actor, row: CoordinatorAppointment, new: bool) -> None:
    """People of this municipality, and nobody the actor acts for. Raises: Forbidden."""
    session = object_session(row)
    if session is None:
        raise Forbidden("an appointment outside a session")
    merging.still_used(session, [row.person_id, row.coordinator_id])
    if new and acts_for(session, actor.person_id, row.person_id):
        raise Forbidden("nobody appoints for those they act for")
    if Role.COORDINATING_UNIT in actor.roles:
        return
    if not new and not people.changed_in(row) <= CHANGED:
        raise Forbidden("it is ended, and another is appointed")
    day = row.starts_on if new else None
    if not is_left_to(session, actor, row.person_id, row.department_id, day):
        raise Forbidden("the coordinating unit appoints")
    if new and unfit(session, actor.person_id, {row.person_id: row.coordinator_id}, row.starts_on):
        raise Forbidden("somebody who cannot be their coordinator")


def follows(session: Session, actor: Actor, row: PlanRegister) -> bool:
    """Whether the register entry is changed to say whom a leader has appointed."""
    if not people.changed_in(row) <= FOLLOWS:
        return False
    a = CoordinatorAppointment
    made = select(a.id).where(
        a.person_id == row.person_id, a.coordinator_id == row.coordinator_id,
        a.department_id.is_not_distinct_from(row.department_id), holds_on(a, today()),
    )  # fmt: skip
    with session.no_autoflush:
        holds = session.scalars(made).first() is not None
    return holds and is_left_to(session, actor, row.person_id, row.department_id)


def acts_for(session: Session, actor_id: int, person_id: int) -> bool:
    """Whether it is about oneself, or somebody one acts or has acted for. Forvaltningslova § 6."""
    r = Representation
    acts = select(r.id).where(r.person_id == person_id, r.representative_id == actor_id)
    with session.no_autoflush:
        return person_id == actor_id or session.scalars(acts).first() is not None


def is_left_to(
    session: Session,
    actor: Actor,
    person_id: int,
    department_id: int | None,
    day: date | None = None,
) -> bool:
    """Whether the actor, by leading the department, appoints for this person today and on `day`."""
    left = authority(session, actor)
    if left is None or department_id != left.department_id:
        return False
    with session.no_autoflush:
        person = session.get(Person, person_id)
    return left.covers(person, max(day or today(), today()))
