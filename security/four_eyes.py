"""What it takes two persons to do (fire auge): asked in one's own name, answered once, in time,
by another. Asked when a row is flushed (security.registers)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, and_, inspect, select, type_coerce
from sqlalchemy.orm import Session

from models.account import Account, Membership
from models.base import EnumSet
from models.clock import utcnow
from models.four_eyes import FourEyes
from models.municipality import Municipality
from models.vocabulary import Role
from security.actor import Actor
from security.policy import Forbidden


class NotAgreed(Forbidden):
    """It takes a yes from somebody else, in time."""


def take_turn(session: Session, municipality_id: int) -> None:
    """Hold the municipality for this transaction: two who do what takes two take turns."""
    held = select(Municipality.id).where(Municipality.id == municipality_id)
    session.execute(held.with_for_update(key_share=True))


def may_act_as(role: Role) -> ColumnElement[bool]:
    """Whether a `Membership`, joined with its `Account`, has a role now and may sign in."""
    m, bit = Membership, EnumSet(Role).bits({role})
    return and_(m.active, Account.active, type_coerce(m.roles, Integer).op("&")(bit) != 0)


def holders(session: Session, municipality_id: int, role: Role) -> dict[int, int]:
    """Hat -> person of all who have a role now, and may sign in, says the database."""
    m = Membership
    here = m.municipality_id == municipality_id
    wanted = select(m.id, m.person_id).join(Account, Account.id == m.account_id)
    wanted = wanted.where(here, may_act_as(role))
    with session.no_autoflush:
        return {hat: person for hat, person in session.execute(wanted)}


def authorise_question(actor: Actor, row: FourEyes) -> None:
    """In one's own name, unanswered, and never dated so that it lasts longer.

    Raises: Forbidden.
    """
    row.asked_at = utcnow()
    answered = row.confirmed is not None or row.answered_by_id is not None
    if row.asked_by_id != actor.person_id or answered:
        raise Forbidden("one asks in one's own name")


def authorise_answer(session: Session, actor: Actor, row: Any) -> bool:
    """Once, in time, in one's own name. Answers whether the one who asked takes it back; any
    other must be somebody who may answer. Raises: Forbidden, NotAgreed."""
    take_turn(session, row.municipality_id)
    stored = select(type(row).confirmed).where(type(row).id == row.id)
    if session.execute(stored).scalar() is not None or row.lapses_at <= utcnow():
        raise NotAgreed("answered already, or too late")
    if row.confirmed is None or row.answered_by_id != actor.person_id:
        raise Forbidden("an answer is yes or no, and one's own")
    row.answered_at = utcnow()
    return row.confirmed is False and row.asked_by_id == actor.person_id


def authorise_confirmer(actor: Actor, may: Collection[int]) -> None:
    """may: persons who may answer. Raises: NotAgreed."""
    if actor.person_id not in may:
        raise NotAgreed("neither the one who asked nor the one it is about says yes")


def says_yes(row: FourEyes) -> bool:
    """Whether this is a yes that is said in this very flush: an old one does nothing."""
    history = cast(Any, inspect(row)).attrs.confirmed.history
    return bool(row.confirmed and history.has_changes())
