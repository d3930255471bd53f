"""What is written of people, and of who acts for them (personreglar): asked by security.registers
when a row is flushed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, object_session

from models.people import Person, Representation
from models.plan import PlanRegister
from models.types import blind_index
from models.vocabulary import PlanStatus, Role
from security import merging, second_person, way_in
from security.actor import Actor
from security.policy import Forbidden

WHAT_DECIDES = frozenset(
    {"name", "email", "email_index", "identity_number", "identity_index", "birth_date", "died_on"}
)
"""By what people are found again, and what says who decides for whom."""
WHAT_LETS_IN = frozenset({"identity_number", "identity_index"})
"""Whoever has an electronic ID with the number on record comes in by it."""
HOW_ONE_IS_REACHED = frozenset({"email", "email_index", "mail_returned_at", "phone", "phone_index"})
"""What everybody may change of their own person, and nothing else of it."""


def authorise_person(actor: Actor, row: Person, new: bool) -> None:
    """Nobody becomes somebody else, or the only one left to decide in their own family;
    a coordinator adds people, and the office keeps them. Forvaltningslova § 6."""
    session = object_session(row)
    if new and row.merged_into_id is not None:
        raise Forbidden("two rows are made one by two persons")
    if new or session is None:
        return
    changed = changed_in(row)
    merging.still_used(session, [row.id], changing=True)
    if "merged_into_id" in changed:
        merging.authorise_closing(session, row)
    if row.id == actor.person_id and changed <= HOW_ONE_IS_REACHED:
        return _authorise_address(row, changed)
    if not actor.roles & {Role.COORDINATING_UNIT, Role.ADMINISTRATOR}:
        raise Forbidden("people are changed by the office")
    if changed & WHAT_DECIDES and row.id in _own_family(session, actor):
        raise Forbidden("nobody changes what decides in their own family")
    if changed & WHAT_LETS_IN:
        way_in.authorise_way_in(session, actor, row.id)


def _authorise_address(row: Person, changed: set[str]) -> None:
    """One is found by the address one has, not by somebody else's; and only a new address
    is trusted again."""
    for name in ("email", "phone"):
        value, index = getattr(row, name), f"{name}_index"
        right = value and blind_index(f"person.{name}", value)
        if changed & {name, index} and getattr(row, index) != right:
            raise Forbidden(f"the {index} of something else")
    if "mail_returned_at" in changed and (row.mail_returned_at or "email_index" not in changed):
        raise Forbidden("what has come back is known by the post")


def _own_family(session: Session, actor: Actor) -> set[int]:
    """The actor, those the actor acts for, and all who act for them."""
    r = Representation
    acts_for = select(r.person_id).where(r.representative_id == actor.person_id)
    near = {actor.person_id, *session.scalars(acts_for)}
    return near | set(session.scalars(select(r.representative_id).where(r.person_id.in_(near))))


def authorise_representation(actor: Actor, row: Representation, new: bool) -> None:
    """A coordinator registers those who act for a person she is appointed for; only the
    coordinating unit confirms or ends it later."""
    here = select(Person.id).where(Person.id.in_((row.person_id, row.representative_id)))
    session = object_session(row)
    if session is None or len(session.scalars(here).all()) != 2:
        raise Forbidden("both are people of this municipality")
    merging.still_used(session, [row.person_id, row.representative_id])
    if row.person_id in _own_family(session, actor):
        raise Forbidden("nobody decides who acts in their own family")
    second_person.authorise_representation(session, actor, row)
    changed = changed_in(row)
    if Role.COORDINATING_UNIT in actor.roles:
        return
    if not new and Role.LEADER in actor.roles and changed <= {"confirmed_at", "confirmed_by_id"}:
        return
    if not new or row.person_id not in way_in.coordinated_by(session, actor):
        raise Forbidden("without an appointment nobody is registered as acting for a person")
    more = select(PlanRegister.id).where(
        PlanRegister.person_id == row.person_id, PlanRegister.status != PlanStatus.DRAFT
    )
    if row.verified_at is not None and session.scalars(more).first() is not None:
        raise Forbidden("where there is a plan to read, the coordinating unit confirms")


def changed_in(row: object) -> set[str]:
    state: Any = inspect(row)
    return {a.key for a in state.mapper.column_attrs if state.attrs[a.key].history.has_changes()}
