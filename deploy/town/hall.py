"""The town hall (kommunehuset): a municipality of the demo, its departments and its staff."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from deploy.town.asked import ask
from deploy.town.bokmal import BOKMAL
from deploy.town.languages import consent_texts
from deploy.town.numbers import identity_number
from models.account import Account, Membership
from models.base import LoginUser
from models.clock import today
from models.coordinator import CoordinatorProfile
from models.language import Language, Tongue
from models.municipality import Department, Municipality
from models.people import Person
from models.types import blind_index
from models.user_agreement import AgreementAcceptance, UserAgreement
from models.vocabulary import (
    Role,
)
from security.actor import Actor
from security.session import GuardedSession, SystemSession
from services.shipped import equip


@dataclass
class Town:
    """Who is who while the town is built."""

    engine: Engine
    municipality: int = 0
    name: str = ""
    language: Language = Language.NYNORSK
    agreement: int = 0
    tail: str = ""
    departments: dict[str, int] = field(default_factory=dict)
    people: dict[str, tuple[int, int, int, Role]] = field(default_factory=dict)
    shown: list[tuple[str, str, str]] = field(default_factory=list)

    def says(self, nynorsk: str) -> str:
        """The words as people here write them."""
        return BOKMAL.get(nynorsk, nynorsk) if self.language == Language.BOKMAL else nynorsk

    @contextmanager
    def acting(self, who: str) -> Iterator[GuardedSession]:
        person, account, hat, role = self.people[who]
        with SystemSession(self.engine, because="who acts in the demo") as system:
            name = system.get_one(Person, person).name
        with GuardedSession(self.engine) as session:
            session.act_as(
                Actor(
                    account_id=account,
                    person_id=person,
                    municipality_id=self.municipality,
                    name=name,
                    roles=frozenset({role}),
                    municipality=self.name,
                    membership_id=hat,
                )
            )
            yield session
            session.commit()


HEALTH, SCHOOL = "Helse og meistring", "Oppvekst"
STAFF = {
    "": (
        ("Siv Moen", "ke", Role.COORDINATING_UNIT, HEALTH),
        ("Terje Lid", "leiar", Role.LEADER, HEALTH),
        ("Gro Aasen", "leiar2", Role.LEADER, SCHOOL),
        ("Anne Berg", "admin", Role.ADMINISTRATOR, HEALTH),
        ("Magnhild Tveit", "gruppe", Role.COMPETENCE_GROUP, SCHOOL),
        ("Turid Nesse", "turid", Role.COORDINATOR, HEALTH),
        ("Arild Moe", "arild", Role.COORDINATOR, SCHOOL),
        ("Ane Furuset", "ane", Role.PARTICIPANT, SCHOOL),
        ("Pål Myrvang", "paal", Role.PARTICIPANT, HEALTH),
        ("Tora Fjeld", "tora", Role.PARTICIPANT, HEALTH),
    ),
    ".lund": (
        ("Berit Sagen", "ke", Role.COORDINATING_UNIT, HEALTH),
        ("Rune Holt", "leiar", Role.LEADER, HEALTH),
        ("Mette Viken", "admin", Role.ADMINISTRATOR, HEALTH),
        ("Kjell Brenna", "turid", Role.COORDINATOR, HEALTH),
        ("Anita Krogh", "ane", Role.PARTICIPANT, SCHOOL),
        ("Jan Eide", "paal", Role.PARTICIPANT, HEALTH),
        ("Tora Fjeld", "tora", Role.COORDINATOR, HEALTH),
    ),
}
IN_BOTH = {"tora"}
"""Those who work in both towns: one account, and a hat in each."""
WORK = {"ane": "Solvik skule", "paal": "Fysioterapitenesta",
        "ane.lund": "Lundmarka skole", "paal.lund": "Fysioterapitjenesten",
        "tora": "Ergoterapitenesta"}  # fmt: skip


def municipality(engine: Engine, name: str, language: Language, hashed: str) -> Town:
    town = Town(engine, name=name, language=language)
    with SystemSession(engine, because="filling the demo") as session:
        row = Municipality(name=name, language=language, phone="+4755000000")
        row.adults_by_password = True  # the demo lists its passwords, with OIDC=1 too
        row.keeps_cases = language == Language.NYNORSK  # one of the two towns
        session.add(row)
        session.flush()
        town.municipality = row.id
        equip(session, row)
        session.add_all(consent_texts(row.id))
        here = select(UserAgreement.id).where(UserAgreement.municipality_id == row.id)
        town.agreement = session.scalars(here).one()
        for department in (HEALTH, SCHOOL):
            session.add(Department(municipality_id=row.id, name=town.says(department)))
        session.flush()
        town.departments = {d.name: d.id for d in session.scalars(_departments_of(row.id))}
        town.tail = "" if name == "Fjordvik" else ".lund"
        for person, login, role, department in STAFF[town.tail]:
            at = town.departments[town.says(department)]
            _employee(session, town, person, login, role, at, hashed)
        session.add_all(_capacities(town))
        ask(session, row.id, language, unit=town.people["ke" + town.tail][0])
        session.commit()
    return town


def _capacities(town: Town) -> Iterator[CoordinatorProfile]:
    """What those who coordinate can take on; one of them is soon away."""
    at = {"municipality_id": town.municipality}
    turid = town.people["turid" + town.tail][0]
    if town.tail:
        yield CoordinatorProfile(**at, person_id=turid, capacity_hours=12)
        return
    arild, weeks = town.people["arild"][0], timedelta(weeks=3)
    away = {"absent_from": today() + weeks, "absent_until": today() + 2 * weeks}
    spoken = (Tongue("ar"), Tongue("ur"))
    yield CoordinatorProfile(**at, person_id=turid, capacity_hours=20, languages=spoken)
    yield CoordinatorProfile(
        **at, **away, person_id=arild, capacity_hours=8, languages=(Tongue("se"),),
        substitute_id=turid,
    )  # fmt: skip


def _departments_of(municipality_id: int) -> Select[Department]:
    return select(Department).where(Department.municipality_id == municipality_id)


def _employee(
    session: Session, town: Town, name: str, who: str, role: Role, department: int, hashed: str
) -> None:
    login = who if who in IN_BOTH else who + town.tail
    email = f"{login}@medspel.invalid"
    person = Person(
        municipality_id=town.municipality,
        department_id=department,
        name=name,
        organisation=WORK.get(who + town.tail),
        email=email,
        email_index=blind_index("person.email", email),
    )
    give_number(person, login)
    session.add(person)
    session.flush()
    known = session.scalars(select(Account).where(Account.login_name == login)).first()
    account = known or _account(session, login, hashed)
    hat = Membership(
        account_id=account.id,
        municipality_id=town.municipality,
        person_id=person.id,
        roles=frozenset({role}),
    )
    session.add(hat)
    session.flush()
    has_accepted(session, town, hat)
    town.people[who + town.tail] = (person.id, account.id, hat.id, role)
    town.shown.append((str(role), f"{name} ({town.name})", login))


def give_number(person: Person, login: str) -> None:
    """What a citizens' sign-in knows the person by."""
    number = identity_number(login)
    person.identity_number = number
    person.identity_index = blind_index("person.identity_number", number)


def has_accepted(session: Session, town: Town, hat: Membership) -> None:
    """Who is shown in the demo has said yes to the user agreement already."""
    at = {"account_id": hat.account_id, "membership_id": hat.id, "language": town.language}
    session.add(AgreementAcceptance(**at, agreement_id=town.agreement))


def _account(session: Session, login: str, hashed: str) -> Account:
    thin = str(uuid4())
    user = LoginUser(
        active=True, first_name="-", last_name="-", username=thin, email=f"{thin}@medspel.invalid"
    )
    session.add(user)
    session.flush()
    account = Account(user_id=user.id, login_name=login, password_hash=hashed)
    session.add(account)
    session.flush()
    return account
