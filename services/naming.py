"""From a yes to a coordinator (utpeiking og oppnemning): a department is asked, its leader names
somebody or says why not, the coordinating unit appoints. Nobody names or appoints themselves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.clock import today
from models.deadline_rule import DeadlineKind
from models.nomination import Nomination
from models.people import CoordinatorAppointment, Person
from models.request import Request
from models.vocabulary import Role
from models.working_days import on_a_working_day
from security.appointing import is_left_to
from security.coordinating import Unfit, unfit
from security.four_eyes import holders
from security.parties import parties
from security.session import GuardedSession
from services.appointments import follow
from services.deadline_rules import days_for
from services.notices import tell

ASKED, ANSWERED = "nomination", "nomination_answered"


class NobodyLeads(ValueError):
    """The department has no leader who can answer: none at all, or only a party."""


class Themselves(ValueError):
    """Nobody names or appoints themselves."""


class ActsForThem(ValueError):
    """Whoever acts for somebody is not their coordinator too."""


class IsTheCoordinator(ValueError):
    """They coordinate for that person already."""


class OwnFamily(ValueError):
    """Nobody names or appoints a coordinator for those they act for."""


class EitherOr(ValueError):
    """Somebody is named, or a reason is given why nobody is."""


REFUSED: dict[Unfit, type[ValueError]] = {
    Unfit.THEMSELVES: Themselves,
    Unfit.ACTS_FOR_THEM: ActsForThem,
    Unfit.COORDINATES_ALREADY: IsTheCoordinator,
    Unfit.OWN_FAMILY: OwnFamily,
}


def leaders(session: Session, municipality_id: int, department_id: int) -> set[int]:
    """Persons who lead the department and can sign in."""
    all_ = set(holders(session, municipality_id, Role.LEADER).values())
    there = select(Person.id).where(Person.id.in_(all_), Person.department_id == department_id)
    return set(session.scalars(there))


def who_answers(session: Session, row: Nomination, request: Request) -> set[int]:
    """Leaders of the department who are no party to the request."""
    return leaders(session, row.municipality_id, row.department_id) - parties(session, request)


def ask(session: GuardedSession, request: Request, row: Nomination) -> None:
    """Ask a department, and tell its leaders. Raises: NobodyLeads."""
    told = who_answers(session, row, request)
    if not told:
        raise NobodyLeads
    days = days_for(session, row.municipality_id, DeadlineKind.NOMINATION)
    row.name_by = on_a_working_day(today() + timedelta(days=days))
    session.add(row)
    session.flush()
    _tell(session, row, ASKED, told)


def answer(session: GuardedSession, row: Nomination) -> None:
    """Somebody is named, or it is said why not; the unit is told. Where appointing is left to
    the department (security.appointing), whoever is named is appointed at once.

    Raises: EitherOr, Themselves, ActsForThem, IsTheCoordinator, OwnFamily.
    """
    if (row.nominee_id is None) == (row.declined is None):
        raise EitherOr
    if row.nominee_id is not None:
        _judge(session, row, row.nominee_id)
    row.answered_by_id, row.answered_on = session.actor.person_id, today()
    session.flush()
    left = is_left_to(session, session.actor, row.person_id, row.department_id)
    if row.nominee_id is not None and left:
        _appointed(session, row, row.nominee_id)
    _tell(session, row, ANSWERED, {row.asked_by_id})


def _judge(session: GuardedSession, row: Nomination, nominee_id: int) -> None:
    why = unfit(session, session.actor.person_id, {row.person_id: nominee_id}, today())
    if why:
        raise REFUSED[why[row.person_id]]


def appoint(session: GuardedSession, row: Nomination) -> CoordinatorAppointment:
    """Make whoever is named the coordinator, once; the plan register follows.

    Raises: EitherOr when nobody is named; Themselves; IsTheCoordinator when it is done already.
    """
    if row.nominee_id is None:
        raise EitherOr
    if row.nominee_id == session.actor.person_id:
        raise Themselves
    if row.appointment_id is not None:
        raise IsTheCoordinator
    return _appointed(session, row, row.nominee_id)


def _appointed(
    session: GuardedSession, row: Nomination, coordinator_id: int
) -> CoordinatorAppointment:
    made = CoordinatorAppointment(
        municipality_id=row.municipality_id, person_id=row.person_id,
        coordinator_id=coordinator_id, department_id=row.department_id,
        agreed_hours=row.agreed_hours, starts_on=today(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    row.appointment_id = made.id
    follow(session, made)
    return made


def nomination(session: GuardedSession, key: int, held: bool = False) -> Nomination | None:
    """held: nobody else answers or appoints until this transaction is over."""
    n = Nomination
    beside = (joinedload(n.person), joinedload(n.department), joinedload(n.nominee))
    wanted = select(n).where(n.id == key).options(*beside)
    return session.scalars(wanted.with_for_update(of=n) if held else wanted).first()


def _tell(session: Session, row: Nomination, kind: str, people: set[int]) -> None:
    tell(session, row.municipality_id, people, kind, row.id, row.uid, row.due)
