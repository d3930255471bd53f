"""The demo's families (familiar): who they are, and how far each has come."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, update

from deploy.town.family import Family
from deploy.town.hall import HEALTH, SCHOOL, Town, give_number, has_accepted
from deploy.town.life import live
from models.account import Account, Invitation, Membership
from models.clock import CLOCK, months_later, today, utcnow
from models.people import CoordinatorAppointment, Person
from models.types import blind_index
from models.vocabulary import (
    Capacity,
    PlanType,
    Verification,
)
from security.session import SystemSession
from services.own_plans import give_names
from services.plans import Guardian, register_plan, suggest_short_name

SAMI = "Biret-Elle Risten Sárá-Máret Guttorm Somby Hætta Vuolab Eira Ánne"
URDU = "محمد عبدالرحمٰن صدیقی احمد خان فاطمہ زہرا نور جہاں بیگم چوہدری"


FAMILIES = {
    "": (  # the oldest first: a log is written in the order things happened
        Family("Sara Eikeland", 14, (("Siri Eikeland", "siri"),), "samspill", months_ago=7),
        Family("Ella Vikane", 10, (("Marte Vikane", "marte"), ("Jonas Bergheim", "jonas")), "plan"),
        Family(
            "Odin Haugen",
            8,
            (("Kari Haugen", "kari"), ("Ola Haugen", "ola")),
            "samspill",
            therapist="tora",
        ),
        Family("Lea Strand", 5, (("Lise Strand", "lise"),), "draft", coordinator="arild"),
        Family("Noah Dahl", 12, (("Nina Dahl", "nina"), ("Nils Dahl", "nils")), "half signed"),
        Family(SAMI, 7, (("Inga Somby", "inga"),), "samspill", coordinator="arild"),
        Family(URDU, 9, (("Sana Khan", "sana"), ("Bilal Khan", "bilal")), "samspill"),
        Family("Iben Lie", 11, (("Ida Lie", "ida"),), "withdrawn"),
        Family("Jon Aas", 13, (("Jorunn Aas", "jorunn"),), "overdue", coordinator="arild"),
        Family("Mia Vold", 6, (("Mona Vold", "mona"),), "closed"),
        Family("Tiril Moe", 4, (("Tone Moe", "tone"),), "samspill", shielded=True),
        Family("Emil Ruud", 15, (("Eva Ruud", "eva"), ("Even Ruud", "even")), "converting"),
        Family("Sunniva Holm", 24, (), "plan", owner_login="sunniva"),
        Family("Vilde Foss", 3, (("Vigdis Foss", "vigdis"),), "appointed"),
        Family("Brage Lien", 6, (("Bente Lien", "bente"),), "appointed", coordinator="arild"),
    ),
    ".lund": (
        Family("Solveig Lunde", 9, (("Sofie Lunde", "sofie"),), "samspill", coordinator="tora"),
        Family("Trym Sletten", 12, (("Tuva Sletten", "tuva"),), "plan"),
        Family("Hedda Moen", 7, (("Hege Moen", "hege"), ("Hans Moen", "hans")), "half signed"),
        Family("Jakob Lund", 5, (("Jenny Lund", "jenny"),), "appointed"),
    ),
}
BY_TELEPHONE, UNREACHED = "ida", "even"
NICKNAMES = {"plan": "ho med fløyta", "half signed": "onsdag etter lunsj"}
SHOWN = {"": ("marte", "jonas", "sunniva"), ".lund": ("sofie",)}


def families(town: Town, hashed: str) -> None:
    for family in FAMILIES[town.tail]:
        began = utcnow() - timedelta(days=30 * family.months_ago)
        with CLOCK.stopped_at(began) if family.months_ago else nullcontext():
            _family(town, family, hashed)
        for name, login in family.deciders:
            if login in SHOWN[town.tail]:
                role = town.people[login][3]
                town.shown.append((str(role), f"{name} ({town.name})", login))


def _family(town: Town, family: Family, hashed: str) -> None:
    coordinator = family.coordinator + town.tail
    person_id = _appoint(town, family, coordinator)
    if family.state == "appointed":
        return
    with town.acting(coordinator) as session:
        capacity, checked = Capacity.PARENTAL_RESPONSIBILITY, Verification.POPULATION_REGISTER
        guardians = [Guardian(name, login, capacity, checked) for name, login in family.guardians]
        owner = session.get_one(Person, person_id)
        short = suggest_short_name(session, family.name)
        kind = PlanType.SIMPLE_COLLABORATION
        plan, _ = register_plan(
            session, owner, kind, short, guardians, str(uuid4()), family.owner_login or None
        )
        plan_id = plan.id
    _let_in(town, family, hashed)
    _call_it(town, family, plan_id, coordinator)
    live(town, family, plan_id, coordinator)


def _call_it(town: Town, family: Family, plan_id: int, coordinator: str) -> None:
    """A name for the plan that only its coordinator sees."""
    if family.state in NICKNAMES and not family.owner_login:
        with town.acting(coordinator) as session:
            give_names(session, {plan_id: town.says(NICKNAMES[family.state])})


def _appoint(town: Town, family: Family, coordinator: str) -> int:
    """Register the person and appoint the coordinator; the person's key."""
    with town.acting("ke" + town.tail) as session:
        person = Person(
            municipality_id=town.municipality,
            name=family.name,
            birth_date=months_later(today(), -12 * family.years - 3),
            place=town.says("Hemmeleg 1" if family.shielded else "Fjordvegen 12"),
            shielded=family.shielded,
        )
        session.add(person)
        session.flush()
        appointment = CoordinatorAppointment(
            municipality_id=town.municipality,
            person_id=person.id,
            coordinator_id=town.people[coordinator][0],
            department_id=town.departments[
                town.says(SCHOOL if family.coordinator == "arild" else HEALTH)
            ],
            starts_on=today(),
            agreed_hours=2,
        )
        session.add(appointment)
        session.flush()
        return person.id


def _let_in(town: Town, family: Family, hashed: str) -> None:
    with SystemSession(town.engine, because="filling the demo") as session:
        for _, login in family.deciders:
            account = session.scalars(select(Account).where(Account.login_name == login)).one()
            account.password_hash = hashed
            mine = Invitation.account_id == account.id
            session.execute(update(Invitation).where(mine).values(answered_at=utcnow()))
            hat = select(Membership).where(Membership.account_id == account.id)
            row = session.scalars(hat).one()
            has_accepted(session, town, row)
            (role,) = row.roles
            town.people[login] = (row.person_id, account.id, row.id, role)
            person = session.get_one(Person, row.person_id)
            give_number(person, login)
            _reach(person, login)
        session.commit()


def _reach(person: Person, login: str) -> None:
    """Most have an e-mail address, one has a telephone, and one can be reached by nothing."""
    if login == UNREACHED:
        return
    if login == BY_TELEPHONE:
        person.phone = "+4790000001"
        person.phone_index = blind_index("person.phone", person.phone)
        return
    person.email = f"{login}@medspel.invalid"
    person.email_index = blind_index("person.email", person.email)
