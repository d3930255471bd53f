"""Opening a plan (registrere plan): by the coordinator KE has appointed, with its guardians."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from models.clock import today, utcnow
from models.i18n import N_
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import (
    Capacity,
    Mandate,
    Package,
    ParticipantStatus,
    PlanStatus,
    PlanType,
    Role,
    Verification,
)
from security.ages import days_of
from security.session import GuardedSession
from services.accounts import admit, find_or_make
from services.errors import Conflict
from services.invitations import Ticket
from services.notices import notify


class BirthDateMissing(Conflict):
    """Without a birth date nobody can say who signs."""

    words = N_("The birth date is missing. Ask the coordinating unit to register it.")


class AlreadyOpen(Conflict):
    """The person has an open plan of this kind."""

    words = N_("There is an open plan of this kind for the person already.")


@dataclass(frozen=True, slots=True)
class Guardian:
    """Somebody who acts for the owner, and how that was checked."""

    name: str
    login_name: str
    capacity: Capacity
    verified_how: Verification
    mandate: Mandate | None = None
    document: str | None = None


def persons_of(session: GuardedSession) -> list[Person]:
    """The living persons I am appointed coordinator for today, by name."""
    mine = (
        select(CoordinatorAppointment)
        .join(Person, Person.id == CoordinatorAppointment.person_id)
        .where(
            Person.died_on.is_(None),
            CoordinatorAppointment.coordinator_id == session.actor.person_id,
            holds_on(CoordinatorAppointment, today()),
        )
        .options(joinedload(CoordinatorAppointment.person))
    )
    people = {a.person_id: a.person for a in session.scalars(mine)}
    return sorted(people.values(), key=lambda person: person.name)


def suggest_short_name(session: GuardedSession, name: str) -> str:
    """Initials and the first free number ("EV 1"), so that no list shows a name."""
    letters = initials(name)
    taken = _short_names(session, letters)
    return next(f"{letters} {n}" for n in range(1, 10_000) if f"{letters} {n}" not in taken)


def initials(name: str) -> str:
    """Those of the first and the last word: EV for Emil Vik."""
    letters = [word[0] for word in re.findall(r"\w+", name)]
    return (letters[0] + letters[-1] if letters else "X").upper()


def _short_names(session: GuardedSession, initials: str) -> set[str]:
    """Short names in use here, other people's too: two plans never share one."""
    plan = Plan.__table__.c
    wanted = select(plan.short_name).where(
        plan.municipality_id == session.actor.municipality_id,
        plan.short_name.startswith(initials, autoescape=True),
    )
    reason = {"unscoped_because": "a short name is taken whoever may see it"}
    return set(session.execute(wanted, execution_options=reason).scalars())


def register_plan(
    session: GuardedSession,
    person: Person,
    plan_type: PlanType,
    short_name: str,
    guardians: Sequence[Guardian],
    uid: str,
    owner_login: str | None = None,
) -> tuple[Plan, list[Ticket]]:
    """A draft plan with its team so far, and a ticket for each who must sign in anew.

    Guardians of a child without any plan act from now on. Where there is something to
    open already, or the owner decides, a new representative acts only when the
    coordinating unit has confirmed it; and the owner's side is told.

    Raises: Forbidden (no appointment), BirthDateMissing, AlreadyOpen, accounts.NameTaken,
    contact.NotAnEmail. Source: forskrift om habilitering, rehabilitering og koordinator §§ 18-22.
    """
    if person.birth_date is None:
        raise BirthDateMissing(person.id)
    _refuse_a_second(session, person, plan_type)
    decides_from, guardian_until = days_of(session, person)
    trusted = today() < decides_from and _is_the_first_plan(session, person)
    plan = Plan(
        uid=uid,
        municipality_id=session.actor.municipality_id,
        person_id=person.id,
        short_name=short_name,
        type=plan_type,
        status=PlanStatus.DRAFT,
        owner_decides_from=decides_from,
        guardian_until=guardian_until,
    )
    session.add(plan)
    session.flush()
    session.add(_register_entry(session, plan))
    _join(session, plan, session.actor.person_id, "", Package.COORDINATOR)
    _join(session, plan, person.id, "", None)
    tickets = [_guardian(session, plan, guardian, trusted) for guardian in guardians]
    if owner_login:
        tickets.append(admit(session, person, owner_login, Role.OWNER))
    session.flush()
    return plan, [ticket for ticket in tickets if ticket is not None]


def _refuse_a_second(session: GuardedSession, person: Person, plan_type: PlanType) -> None:
    open_ = select(PlanRegister.id).where(
        PlanRegister.person_id == person.id,
        PlanRegister.type == plan_type,
        PlanRegister.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE)),
    )
    if session.scalars(open_).first() is not None:
        raise AlreadyOpen(person.id)


def _is_the_first_plan(session: GuardedSession, person: Person) -> bool:
    """Nothing of the person is here yet that a wrong representative could read."""
    plans = select(PlanRegister.id).where(PlanRegister.person_id == person.id)
    acting = select(Representation.id).where(Representation.person_id == person.id)
    known = session.scalars(plans).first() or session.scalars(acting).first()
    return known is None


def _register_entry(session: GuardedSession, plan: Plan) -> PlanRegister:
    appointment = session.scalars(
        select(CoordinatorAppointment).where(
            CoordinatorAppointment.person_id == plan.person_id,
            CoordinatorAppointment.coordinator_id == session.actor.person_id,
            holds_on(CoordinatorAppointment, today()),
        )
    ).first()
    return PlanRegister(
        plan_id=plan.id,
        municipality_id=plan.municipality_id,
        person_id=plan.person_id,
        coordinator_id=session.actor.person_id,
        department_id=appointment.department_id if appointment else None,
        type=plan.type,
        status=plan.status,
        opened_on=today(),
    )


def _join(
    session: GuardedSession, plan: Plan, person_id: int, role: str, package: Package | None
) -> None:
    known = select(Participant.id).where(
        Participant.plan_id == plan.id, Participant.person_id == person_id
    )
    if session.scalars(known).first() is None:
        status = ParticipantStatus.ACTIVE if package is None else ParticipantStatus.PROPOSED
        session.add(
            Participant(
                plan_id=plan.id, person_id=person_id, role=role, package=package, status=status
            )
        )
        session.flush()


def _guardian(
    session: GuardedSession, plan: Plan, guardian: Guardian, trusted: bool
) -> Ticket | None:
    person = find_or_make(session, guardian.name, guardian.login_name)
    acting = _acting(session, plan)
    if person.id not in {r.representative_id for r in acting}:
        session.add(
            Representation(
                municipality_id=plan.municipality_id,
                person_id=plan.person_id,
                representative_id=person.id,
                capacity=guardian.capacity,
                verified_how=guardian.verified_how,
                verified_by_id=session.actor.person_id if trusted else None,
                verified_at=utcnow() if trusted else None,
                mandate=guardian.mandate,
                document=guardian.document,
            )
        )
        session.flush()
        if not trusted:
            told = {plan.person_id, *(r.representative_id for r in acting)}
            notify(session, plan, told, "representative", plan.id, f"{plan.uid}:{person.id}")
    _join(session, plan, person.id, str(guardian.capacity), None)
    return admit(session, person, guardian.login_name, Role.REPRESENTATIVE)


def _acting(session: GuardedSession, plan: Plan) -> Sequence[Representation]:
    now, r = utcnow(), Representation
    wanted = select(r).where(
        r.person_id == plan.person_id, or_(r.ends_at.is_(None), r.ends_at > now)
    )
    return session.scalars(wanted).all()
