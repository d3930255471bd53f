"""Making two rows of one human one (samanslåing): asked for by one, done by another's yes.

What stands in the way is security.doubles', what ends is security.closing's; here it is said
before somebody presses, and what the register alone says is carried over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import joinedload

from models.account import Membership
from models.clock import today
from models.i18n import N_
from models.merging import PersonMerge
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, holds_on
from models.vocabulary import Role
from security.closing import Place, hold, places
from security.doubles import Hindrance, appointments_of, hindrance
from security.four_eyes import take_turn
from security.merging import close_to, confirmers
from security.session import GuardedSession
from services.appointments import follow
from services.errors import Conflict
from services.four_eyes import in_turn, is_answered, is_open

_M = PersonMerge
WORDS: dict[Hindrance, str] = {
    Hindrance.SAME: N_("This is the same entry. Choose the other one."),
    Hindrance.CLOSED: N_("One of the two is merged already. Load the page again."),
    Hindrance.TWO_NUMBERS: N_(
        "They have different identity numbers, so they are two people. If one of the numbers is "
        "wrong, correct it in the register of persons first."
    ),
    Hindrance.ONE_HAS_DIED: N_(
        "One of the two is registered as dead, and the other is not. Correct it in the register "
        "of persons first."
    ),
    Hindrance.WORK_AND_PRIVATE: N_(
        "One is an employee, and the other has a plan or acts for somebody. Work and private are "
        "kept apart: they go on as two entries with an account each."
    ),
    Hindrance.OWNS_A_PLAN: N_(
        "The one to be closed has a plan, and a plan stays with its owner. Keep that one, and "
        "close the other."
    ),
    Hindrance.REPRESENTS: N_(
        "The one to be closed acts for somebody, or has somebody acting for them. Have it "
        "registered for the one you keep, and end it for the other in “Who acts for whom” first."
    ),
    Hindrance.HAS_A_COORDINATOR: N_(
        "A coordinator is appointed for the one to be closed. Appoint one for the one you keep, "
        "and end the other appointment first."
    ),
    Hindrance.COORDINATES_THE_OTHER: N_(
        "One is appointed coordinator for the other, so they seem to be two people. If not, end "
        "the appointment first."
    ),
    Hindrance.ADMINISTERS: N_(
        "The one to be closed is system administrator. The role must be taken away first."
    ),
    Hindrance.NO_WAY_IN: N_(
        "The one to be closed has an account, and the other has none. Keep the one with the "
        "account: what is missing there is filled in."
    ),
}
FILLED = (
    "birth_date", "organisation", "place", "department_id", "identity_number", "identity_index",
    "email", "email_index", "phone", "phone_index",
)  # fmt: skip
"""What the one who is kept gets from the double when it is empty there."""
MOVED = frozenset(FILLED) - {"birth_date", "organisation", "place", "department_id"}
"""What a person is found or reached by: it stands in one place."""


class CannotMerge(Conflict):
    """`why`: the first thing that stands in the way."""

    def __init__(self, why: Hindrance) -> None:
        super().__init__(why)
        self.why, self.words = why, WORDS[why]


class OwnFamily(Conflict):
    """Nobody asks about themselves, or those near to them."""

    words = N_("This is about yourself or your own family. Somebody else must ask for it.")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as the office may see it: how many plans, and never which."""

    person: Person
    hat: Membership | None
    plans: int
    leads: int

    @property
    def in_use(self) -> bool:
        """Somebody signs in as this one."""
        hat = self.hat
        return bool(hat and hat.active and hat.account.password_hash is not None)

    @property
    def lacks_role(self) -> bool:
        """It could not work as a coordinator."""
        return self.hat is None or Role.COORDINATOR not in self.hat.roles


def sides(session: GuardedSession, double: Person, kept: Person) -> tuple[Side, Side]:
    return _side(session, double, kept), _side(session, kept, double)


def _side(session: GuardedSession, one: Person, other: Person) -> Side:
    wanted = select(Membership).where(Membership.person_id == one.id)
    hat = session.scalars(wanted.options(joinedload(Membership.account))).first()
    plans = len(places(session, one.id, other.id))
    return Side(one, hat, plans, len(appointments_of(session, one.id)))


def waiting(session: GuardedSession) -> Sequence[PersonMerge]:
    """Questions nobody has answered, and that are not too old; the oldest first."""
    return session.scalars(_with_people().where(is_open(_M)).order_by(_M.id)).all()


def answered(session: GuardedSession, limit: int) -> Sequence[PersonMerge]:
    """Those that were answered within a year, the newest first."""
    late = _with_people().where(is_answered(_M))
    return session.scalars(late.order_by(_M.id.desc()).limit(limit)).all()


def how_many_wait(session: GuardedSession) -> ScalarSelect[int]:
    """How many questions that others have asked wait; counted together with something else."""
    theirs = _M.asked_by_id != session.actor.person_id
    return select(func.count(_M.id)).where(is_open(_M), theirs).scalar_subquery()


def wait_for_me(session: GuardedSession) -> int:
    """How many of them are the actor's to answer."""
    return sum(may_answer(session, one) for one in waiting(session))


def may_answer(session: GuardedSession, asked: PersonMerge) -> bool:
    """Whether the actor is somebody who may say yes, or no."""
    pair = (asked.double_id, asked.kept_id)
    may = confirmers(session, asked.municipality_id, asked.asked_by_id, pair)
    return session.actor.person_id in may


def names_of_confirmers(session: GuardedSession, double: Person, kept: Person) -> Sequence[str]:
    """Who may say yes, if the actor asks, by name."""
    me = session.actor
    may = confirmers(session, me.municipality_id, me.person_id, (double.id, kept.id))
    wanted = select(Person.name).where(Person.id.in_(may)).order_by(Person.name)
    return session.scalars(wanted).all()


def direction(session: GuardedSession, one: int, other: int) -> tuple[int, int]:
    """(double, kept) of two persons (ids): `one` is kept, unless only the other can be, or
    only the other's account is in use."""
    usual, turned = hindrance(session, other, one), hindrance(session, one, other)
    if bool(usual) is bool(turned):
        people = [session.get_one(Person, key) for key in (one, other)]
        mine, theirs = sides(session, *people)
        is_turned = theirs.in_use and not mine.in_use
    else:
        is_turned = bool(usual)
    return (one, other) if is_turned else (other, one)


def check(session: GuardedSession, double: Person, kept: Person) -> None:
    """Whether it may be asked for, or done. Raises: CannotMerge, OwnFamily."""
    why = hindrance(session, double.id, kept.id)
    if why is not None:
        raise CannotMerge(why)
    if session.actor.person_id in close_to(session, {double.id, kept.id}):
        raise OwnFamily


def ask(session: GuardedSession, double: Person, kept: Person) -> PersonMerge:
    """Ask that `double` becomes `kept`; what waits already is not asked twice.

    Raises: what `check` raises.
    """
    take_turn(session, double.municipality_id)
    check(session, double, kept)
    same = select(_M).where(_M.double_id == double.id, _M.kept_id == kept.id, is_open(_M))
    found = session.scalars(same).first()
    if found is not None:
        return found
    asked = PersonMerge(
        municipality_id=double.municipality_id, double_id=double.id, kept_id=kept.id,
        asked_by_id=session.actor.person_id,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    return asked


def answer(session: GuardedSession, asked: PersonMerge, yes: bool) -> None:
    """Say yes or no; with a yes the double is closed in this very transaction.

    Raises: AnsweredAlready, CannotMerge; security.policy.Forbidden, when it is not the actor's
    to say.
    """
    if not yes:
        in_turn(session, asked)
        asked.confirmed, asked.answered_by_id = False, session.actor.person_id
        return session.flush()
    hold(session, asked.double_id, asked.kept_id)  # plans before the town, as in a plan
    in_turn(session, asked)
    double = session.get_one(Person, asked.double_id, populate_existing=True)
    kept = session.get_one(Person, asked.kept_id, populate_existing=True)
    check(session, double, kept)
    _merge(session, asked, double, kept)


def _merge(session: GuardedSession, asked: PersonMerge, double: Person, kept: Person) -> None:
    here = places(session, double.id, kept.id)
    leads = appointments_of(session, double.id)
    appointments = _appointments(session, leads, kept)
    carried = {
        name: getattr(double, name)
        for name in FILLED
        if getattr(double, name) and not getattr(kept, name)
    }
    returned_at = double.mail_returned_at
    for name in MOVED & carried.keys():
        setattr(double, name, None)
    for one in leads:
        one.ends_on = max(today() - timedelta(days=1), one.starts_on)
    double.merged_into_id = kept.id
    asked.confirmed, asked.answered_by_id = True, session.actor.person_id
    session.flush()
    for name, value in carried.items():
        setattr(kept, name, value)
    if "email" in carried:
        kept.mail_returned_at = returned_at
    kept.shielded = kept.shielded or double.shielded
    _let_in(session, kept, here)
    session.add_all(appointments)
    session.flush()
    follow(session, *appointments)
    _tell(session, asked, here)


def _let_in(session: GuardedSession, kept: Person, here: Iterable[Place]) -> None:
    """Whoever is proposed in a plan may come as far as to its door."""
    hat = session.scalars(select(Membership).where(Membership.person_id == kept.id)).first()
    if hat is not None and any(place.proposes for place in here):
        hat.roles = hat.roles | {Role.PARTICIPANT}


def _appointments(
    session: GuardedSession, leads: Iterable[CoordinatorAppointment], kept: Person
) -> list[CoordinatorAppointment]:
    """What takes the place of `leads`: those the one who is kept has, else new ones from today."""
    theirs = {one.person_id: one for one in appointments_of(session, kept.id)}
    return [
        theirs.get(one.person_id)
        or CoordinatorAppointment(
            municipality_id=one.municipality_id, person_id=one.person_id, coordinator_id=kept.id,
            department_id=one.department_id, agreed_hours=one.agreed_hours,
            starts_on=max(today(), one.starts_on), ends_on=one.ends_on,
        )
        for one in leads
    ]  # fmt: skip


def _tell(session: GuardedSession, asked: PersonMerge, here: Iterable[Place]) -> None:
    """The coordinators of the plans the double was in see to the rest."""
    a = CoordinatorAppointment
    for place in here:
        if not place.is_open:
            continue
        leads = select(a.coordinator_id).where(
            a.person_id == place.owner_id,
            a.coordinator_id != asked.double_id,
            holds_on(a, today()),
        )
        session.add_all(
            OutboxMessage(
                municipality_id=asked.municipality_id, plan_id=place.plan_id, person_id=person_id,
                kind="team", row_id=place.plan_id,
                dedup_key=f"team:{asked.uid}:{place.plan_id}:{person_id}",
            )
            for person_id in sorted(set(session.scalars(leads)))
        )  # fmt: skip
    session.flush()


def _with_people() -> Select[Any]:
    people = (_M.double, _M.kept, _M.asked_by, _M.answered_by)
    return select(_M).options(*(joinedload(one) for one in people))
