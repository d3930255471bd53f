"""When a coordinator leaves (avløysing): others coordinate for those the one coordinated for, all
of them in one transaction or nobody. Nobody reads more by it: a new coordinator has the shell of
a plan until the owner's side has said yes (security.policy)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from models.clock import today
from models.people import CoordinatorAppointment, Person, holds_on
from security.coordinating import Unfit, unfit
from security.session import GuardedSession
from services.appointments import follow
from services.notices import tell

BEGINS, ENDS = "coordinating", "coordinating_ends"
_DAY = timedelta(days=1)


class Hindrance(StrEnum):
    """Why somebody is not handed over, beside what makes the other one unfit."""

    MEANWHILE = "meanwhile"  # somebody else has done it, or ended it
    NOT_BEGUN = "not_begun"  # the last day is before the first
    GAP = "gap"  # it ends before the new one begins


class NotHandedOver(ValueError):
    """Nobody is. `why`: key of an appointment -> what hinders it."""

    def __init__(self, why: Mapping[int, Unfit | Hindrance]) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Led:
    """Somebody the coordinator is or was appointed for; `beside`: the other coordinators there."""

    appointment: CoordinatorAppointment
    beside: Sequence[CoordinatorAppointment]

    @property
    def successors(self) -> Sequence[CoordinatorAppointment]:
        """Those appointed later who go on when this one has ended, without a day between."""
        a, last = self.appointment, self.appointment.ends_on
        if last is None:
            return ()
        return [
            one
            for one in self.beside
            if (a.starts_on, a.id) < (one.starts_on, one.id)
            and one.starts_on <= last + _DAY
            and lasts(one, last)
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be handed over."""
        a, day = self.appointment, today()
        holds = a.starts_on <= day and (a.ends_on is None or a.ends_on >= day)
        return holds and not self.successors


def lasts(one: CoordinatorAppointment, day: date) -> bool:
    """Whether it goes on after the day."""
    return one.ends_on is None or one.ends_on > day


def led_by(
    session: GuardedSession, coordinator_id: int, also: Collection[int] = (), held: bool = False
) -> list[Led]:
    """The living persons somebody coordinates for now, by name; two questions, however many.

    also: keys of appointments that were shown, and may have ended meanwhile. held: nobody else
    hands them over until this transaction is over.
    """
    a, mine = CoordinatorAppointment, aliased(CoordinatorAppointment)
    whom = select(mine.person_id).where(
        mine.coordinator_id == coordinator_id, or_(holds_on(mine, today()), mine.id.in_(also))
    )
    theirs = a.person_id.in_(whom)
    if held:  # a statement of its own: what others wrote while one waited is read after it
        session.execute(select(a.id).where(theirs).order_by(a.id).with_for_update())
    wanted = (
        select(a)
        .join(a.person)
        .where(theirs, Person.died_on.is_(None))
        .options(joinedload(a.person), joinedload(a.coordinator), joinedload(a.department))
        .order_by(Person.name, Person.id, a.starts_on, a.id)
        .execution_options(populate_existing=held)
    )
    rows, day = session.scalars(wanted).all(), today()
    return [
        Led(one, [
            other for other in rows
            if other.person_id == one.person_id and other.coordinator_id != coordinator_id
            and lasts(other, day - _DAY)
        ])
        for one in rows
        if one.coordinator_id == coordinator_id
    ]  # fmt: skip


def hand_over(
    session: GuardedSession, coordinator_id: int, chosen: Mapping[int, int], last: date, first: date
) -> list[CoordinatorAppointment]:
    """End the chosen appointments and write new ones; the new ones and the old one are told.

    chosen: key of an appointment -> who takes over. What is done already, by the first of two
    clicks, is left as it is. Raises: NotHandedOver.
    """
    rows = {one.appointment.id: one for one in led_by(session, coordinator_id, chosen, held=True)}
    named = {rows[key].appointment.person_id: to for key, to in chosen.items() if key in rows}
    unfit_ = unfit(session, session.actor.person_id, named, first)
    why: dict[int, Unfit | Hindrance] = {}
    going: list[tuple[CoordinatorAppointment, int]] = []
    for key, to in chosen.items():
        row = rows.get(key)
        if row is None or not row.is_open:
            if row is None or all(one.coordinator_id != to for one in row.beside):
                why[key] = Hindrance.MEANWHILE
            continue
        found = unfit_.get(row.appointment.person_id) or _hindrance(row.appointment, last, first)
        if found is None:
            going.append((row.appointment, to))
        else:
            why[key] = found
    if why:
        raise NotHandedOver(why)
    made = [_pass_on(one, to, last, first) for one, to in going]
    session.add_all(made)
    session.flush()
    follow(session, *made)
    if made:
        _tell(session, coordinator_id, made, last, first)
    return made


def _hindrance(one: CoordinatorAppointment, last: date, first: date) -> Hindrance | None:
    if last < one.starts_on:
        return Hindrance.NOT_BEGUN
    return Hindrance.GAP if first > min(last, one.ends_on or last) + _DAY else None


def _pass_on(
    one: CoordinatorAppointment, to: int, last: date, first: date
) -> CoordinatorAppointment:
    """Nobody stays longer than was said already; the new one goes on until it is said."""
    one.ends_on = min(last, one.ends_on or last)
    return CoordinatorAppointment(
        municipality_id=one.municipality_id, person_id=one.person_id, coordinator_id=to,
        department_id=one.department_id, agreed_hours=one.agreed_hours, starts_on=first,
    )  # fmt: skip


def _tell(
    session: GuardedSession, coordinator_id: int, made: Sequence[CoordinatorAppointment],
    last: date, first: date,
) -> None:  # fmt: skip
    """Each once, however many were handed over."""
    here, key, row = made[0].municipality_id, str(uuid4()), made[0].id
    tell(session, here, {one.coordinator_id for one in made}, BEGINS, row, key, first)
    tell(session, here, {coordinator_id} - {session.actor.person_id}, ENDS, row, key, last)
    session.flush()
