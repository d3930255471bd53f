"""Who can read a message before it is sent (lesarar): named, from the same rules that will let
them in (security.policy)."""

from __future__ import annotations

from sqlalchemy import select

from models.clock import today, utcnow
from models.municipality import Municipality
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.plan import Plan
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.vocabulary import Scope
from security.representing import reads
from security.session import GuardedSession


def always(session: GuardedSession, plan: Plan) -> list[tuple[int, str]]:
    """(person id, name) of those who read whatever is not for the coordinator only: the owner,
    those who act for the owner in messages, and the coordinator. The actor is left out."""
    me, day = session.actor.person_id, today()
    r, a = Representation, CoordinatorAppointment
    acts = select(r.representative_id).where(
        r.person_id == plan.person_id, reads(r, plan, utcnow(), day)
    )
    if _shut_to_parents(session, plan):
        acts = acts.where(r.capacity.not_in(UNTIL_THE_OWNER_DECIDES))
    leads = select(a.coordinator_id).where(a.person_id == plan.person_id, holds_on(a, day))
    people = Person.id.in_(acts) | Person.id.in_(leads) | (Person.id == plan.person_id)
    named = select(Person.id, Person.name).where(people, Person.id != me).order_by(Person.id)
    return [(row.id, row.name) for row in session.execute(named)]


def _shut_to_parents(session: GuardedSession, plan: Plan) -> bool:
    """Whether the owner has come to decide alone, in a town where messages then are their own."""
    if plan.owner_decides_from > today():
        return False
    town = select(Municipality.parts_until_18).where(Municipality.id == plan.municipality_id)
    open_to_them: frozenset[Scope] = session.scalars(town).one()
    return Scope.MESSAGES not in open_to_them
