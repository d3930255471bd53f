"""Making two rows of one human one (samanslåing): asked by one, answered by another, none of
them close to the two; and no word more about the row that is closed. Forvaltningslova § 6.

Asked when a row is flushed (security.registers).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.merging import PersonMerge
from models.people import Person, Representation
from models.vocabulary import Role
from security.actor import Actor
from security.closing import agreed, hold
from security.doubles import coordinates, hindrance
from security.four_eyes import authorise_answer, authorise_confirmer, authorise_question, holders
from security.policy import Forbidden


def close_to(session: Session, people: set[int]) -> set[int]:
    """They themselves, those they act or have acted for, and all who act or did for any of
    those: they ask nothing about them, and answer nothing."""
    r = Representation
    acts_for = set(session.scalars(select(r.person_id).where(r.representative_id.in_(people))))
    beside = select(r.representative_id).where(r.person_id.in_(people | acts_for))
    return people | acts_for | set(session.scalars(beside))


def confirmers(session: Session, home: int, asked_by_id: int, pair: tuple[int, int]) -> set[int]:
    """Persons of municipality `home` who may say yes. pair: (double, kept).

    The coordinating unit and the administrators; where appointments go along, the
    coordinating unit, which alone appoints.
    """
    roles = [Role.COORDINATING_UNIT]
    if not coordinates(session, pair[0]):
        roles.append(Role.ADMINISTRATOR)
    may = {one for role in roles for one in holders(session, home, role).values()}
    with session.no_autoflush:
        return may - {asked_by_id} - close_to(session, set(pair))


def authorise_merge(session: Session, actor: Actor, row: PersonMerge, new: bool) -> None:
    """Of two rows of this municipality that nothing keeps apart; asked by one, answered by
    another, none of them close to the two. Raises: Forbidden, NotAgreed."""
    pair = (row.double_id, row.kept_id)
    home = select(Person.municipality_id).where(Person.id.in_(pair))
    if list(session.scalars(home)) != [row.municipality_id] * 2:
        raise Forbidden("both are people of this municipality")
    if new:
        authorise_question(actor, row)
        if actor.person_id in close_to(session, set(pair)):
            raise Forbidden("nobody asks about themselves or their own family")
    elif not authorise_answer(session, actor, row):
        may = confirmers(session, row.municipality_id, row.asked_by_id, pair)
        authorise_confirmer(actor, may)
    if new or row.confirmed:
        if row.confirmed:
            hold(session, *pair)
        why = hindrance(session, *pair)
        if why is not None:
            raise Forbidden(why)


def authorise_closing(session: Session, row: Person) -> None:
    """A row is closed by a yes that is said in this very flush. Raises: Forbidden."""
    pair = (row.id, row.merged_into_id)
    if pair not in {(one.double_id, one.kept_id) for one in agreed(session.dirty)}:
        raise Forbidden("two rows are made one by two persons")


def still_used(session: Session, people: Iterable[int], *, changing: bool = False) -> None:
    """Nothing is written about a row that is closed, nor while it is being closed.

    changing: the rows themselves are about to change. Raises: Forbidden.
    """
    wanted = select(Person.merged_into_id).where(Person.id.in_(set(people))).order_by(Person.id)
    if any(session.scalars(wanted.with_for_update(read=not changing, key_share=changing))):
        raise Forbidden("this person is registered once more, and this row is closed")
