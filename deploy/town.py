"""The demo's two municipalities (demokommunar): invented people, plans in every state.

Everything inside a plan is made by the same use cases the pages call, as the person who
would have done it; so what the demo shows is what the rules allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from models.account import Account, Membership
from models.base import LoginUser
from models.clock import CLOCK, months_later, today, utcnow
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.evaluation import Evaluation
from models.elements.goal import Goal
from models.municipality import Department, Municipality
from models.people import CoordinatorAppointment, Person
from models.plan import Plan, PlanRegister
from models.types import blind_index
from models.vocabulary import (
    Capacity,
    Circle,
    Language,
    LifeArea,
    Package,
    PlanStatus,
    PlanType,
    Role,
    Verification,
)
from security import passwords
from security.actor import Actor
from security.session import GuardedSession, SystemSession
from services import consent, conversion, evaluation, meetings, proposal, signing, withdrawal
from services.messages import reachable, send_message
from services.plans import Guardian, register_plan, suggest_short_name
from services.shipped import equip

PASSWORD = "fjorden er stille i dag"
SCRIPT = "<script>alert('hei')</script> & \"sitat\""
RTL = "Lese \u202eבחזרה\u202c høgt"
SAMI = "Biret-Elle Risten Sárá-Máret Guttorm Somby Hætta Vuolab Eira Ánne"
URDU = "محمد عبدالرحمٰن صدیقی احمد خان فاطمہ زہرا نور جہاں بیگم چوہدری"


@dataclass
class Town:
    """Who is who while the town is built."""

    engine: Engine
    municipality: int = 0
    name: str = ""
    tail: str = ""
    departments: dict[str, int] = field(default_factory=dict)
    people: dict[str, tuple[int, int, int, Role]] = field(default_factory=dict)
    shown: list[tuple[str, str, str]] = field(default_factory=list)

    @contextmanager
    def acting(self, who: str) -> Iterator[GuardedSession]:
        person, account, hat, role = self.people[who]
        with GuardedSession(self.engine) as session:
            session.act_as(
                Actor(
                    account_id=account,
                    person_id=person,
                    municipality_id=self.municipality,
                    name=who,
                    roles=frozenset({role}),
                    municipality=self.name,
                    membership_id=hat,
                )
            )
            yield session
            session.commit()


def build(engine: Engine) -> list[tuple[str, str, str]]:
    """Fill an empty database; (role, name, sign-in name) of the accounts worth showing."""
    hashed = passwords.hash_password(PASSWORD)
    fjordvik = _municipality(engine, "Fjordvik", Language.NYNORSK, hashed)
    _families(fjordvik, hashed)
    lund = _municipality(engine, "Lundmarka", Language.BOKMAL, hashed)
    _families(lund, hashed)
    return fjordvik.shown + lund.shown


# People of the municipality


HEALTH, SCHOOL = "Helse og meistring", "Oppvekst"
STAFF = {
    "": (
        ("Siv Moen", "ke", Role.COORDINATING_UNIT, HEALTH),
        ("Terje Lid", "leiar", Role.LEADER, HEALTH),
        ("Gro Aasen", "leiar2", Role.LEADER, SCHOOL),
        ("Anne Berg", "admin", Role.ADMINISTRATOR, HEALTH),
        ("Turid Nesse", "turid", Role.COORDINATOR, HEALTH),
        ("Arild Moe", "arild", Role.COORDINATOR, SCHOOL),
        ("Ane Furuset", "ane", Role.PARTICIPANT, SCHOOL),
        ("Pål Myrvang", "paal", Role.PARTICIPANT, HEALTH),
    ),
    ".lund": (
        ("Berit Sagen", "ke", Role.COORDINATING_UNIT, HEALTH),
        ("Rune Holt", "leiar", Role.LEADER, HEALTH),
        ("Mette Viken", "admin", Role.ADMINISTRATOR, HEALTH),
        ("Kjell Brenna", "turid", Role.COORDINATOR, HEALTH),
        ("Anita Krogh", "ane", Role.PARTICIPANT, SCHOOL),
        ("Jan Eide", "paal", Role.PARTICIPANT, HEALTH),
    ),
}
WORK = {"ane": "Solvik skule", "paal": "Fysioterapitenesta",
        "ane.lund": "Lundmarka skole", "paal.lund": "Fysioterapitjenesten"}  # fmt: skip


def _municipality(engine: Engine, name: str, language: Language, hashed: str) -> Town:
    town = Town(engine, name=name)
    with SystemSession(engine, because="filling the demo") as session:
        row = Municipality(name=name, language=language, phone="+4755000000")
        session.add(row)
        session.flush()
        town.municipality = row.id
        equip(session, row)
        for department in (HEALTH, SCHOOL):
            session.add(Department(municipality_id=row.id, name=department))
        session.flush()
        town.departments = {d.name: d.id for d in session.scalars(_departments_of(row.id))}
        town.tail = "" if name == "Fjordvik" else ".lund"
        for person, login, role, department in STAFF[town.tail]:
            at = town.departments[department]
            _employee(session, town, person, login + town.tail, role, at, hashed)
        session.commit()
    return town


def _departments_of(municipality_id: int) -> Select[Department]:
    return select(Department).where(Department.municipality_id == municipality_id)


def _employee(
    session: Session, town: Town, name: str, login: str, role: Role, department: int, hashed: str
) -> None:
    email = f"{login}@medspel.invalid"
    person = Person(
        municipality_id=town.municipality,
        department_id=department,
        name=name,
        organisation=WORK.get(login),
        email=email,
        email_index=blind_index("person.email", email),
    )
    session.add(person)
    session.flush()
    account = _account(session, login, hashed)
    hat = Membership(
        account_id=account.id,
        municipality_id=town.municipality,
        person_id=person.id,
        roles=frozenset({role}),
    )
    session.add(hat)
    session.flush()
    town.people[login] = (person.id, account.id, hat.id, role)
    town.shown.append((str(role), f"{name} ({town.name})", login))


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


# Families


@dataclass(frozen=True)
class Family:
    """One family of the demo: the owner, those who decide, and how far it has come.

    owner_login: set for an owner who signs in and decides. months_ago: when it was registered.
    """

    name: str
    years: int
    guardians: tuple[tuple[str, str], ...]
    state: str
    shielded: bool = False
    owner_login: str = ""
    coordinator: str = "turid"
    months_ago: int = 0

    @property
    def deciders(self) -> list[tuple[str, str]]:
        owner = [(self.name, self.owner_login)] if self.owner_login else []
        return [*self.guardians, *owner]


FAMILIES = {
    "": (  # the oldest first: a log is written in the order things happened
        Family("Sara Eikeland", 14, (("Siri Eikeland", "siri"),), "samspill", months_ago=7),
        Family("Ella Vikane", 10, (("Marte Vikane", "marte"), ("Jonas Bergheim", "jonas")), "plan"),
        Family("Odin Haugen", 8, (("Kari Haugen", "kari"), ("Ola Haugen", "ola")), "samspill"),
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
        Family("Solveig Lunde", 9, (("Sofie Lunde", "sofie"),), "samspill"),
        Family("Trym Sletten", 12, (("Tuva Sletten", "tuva"),), "plan"),
        Family("Hedda Moen", 7, (("Hege Moen", "hege"), ("Hans Moen", "hans")), "half signed"),
        Family("Jakob Lund", 5, (("Jenny Lund", "jenny"),), "appointed"),
    ),
}
SHOWN = {"": ("marte", "jonas", "sunniva"), ".lund": ("sofie",)}


def _families(town: Town, hashed: str) -> None:
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
    _live(town, family, plan_id, coordinator)


def _appoint(town: Town, family: Family, coordinator: str) -> int:
    """Register the person and appoint the coordinator; the person's key."""
    with town.acting("ke" + town.tail) as session:
        person = Person(
            municipality_id=town.municipality,
            name=family.name,
            birth_date=months_later(today(), -12 * family.years - 3),
            place="Hemmeleg 1" if family.shielded else "Fjordvegen 12",
            shielded=family.shielded,
        )
        session.add(person)
        session.flush()
        appointment = CoordinatorAppointment(
            municipality_id=town.municipality,
            person_id=person.id,
            coordinator_id=town.people[coordinator][0],
            department_id=town.departments[SCHOOL if family.coordinator == "arild" else HEALTH],
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
            hat = select(Membership).where(Membership.account_id == account.id)
            row = session.scalars(hat).one()
            (role,) = row.roles
            town.people[login] = (row.person_id, account.id, row.id, role)
        session.commit()


def _live(town: Town, family: Family, plan_id: int, coordinator: str) -> None:
    """What has happened in the plan so far, step by step, as those who did it."""
    if family.state == "draft":
        return
    with town.acting(coordinator) as session:
        plan = session.get_one(Plan, plan_id)
        names = {login + town.tail: name for name, login, *_ in STAFF[town.tail]}
        teacher, therapist, last = "ane" + town.tail, "paal" + town.tail, family.name.split()[-1]
        for name, login, role, package in (
            (names[teacher], teacher, "kontaktlærar", Package.PROFESSIONAL),
            (names[therapist], therapist, "fysioterapeut", Package.PROFESSIONAL),
            (f"Gunn {last}", f"gunn{plan_id}", "bestemor", Package.RELATIVE),
        ):
            why = "Hjelper til i kvardagen"
            proposal.propose(
                session, plan, proposal.Proposal(name, login, role, None, package, why)
            )
        proposal.send(session, plan)
    signers = [login for _, login in family.deciders]
    if family.state == "half signed":
        return _sign(town, plan_id, signers[0])
    for login in signers:
        _sign(town, plan_id, login)
    _content(town, plan_id, coordinator, signers[0])
    if family.state in ("plan", "overdue"):
        _convert(town, plan_id, coordinator, signers)
        _goals(town, plan_id, coordinator)
    if family.state == "plan":
        _evaluate(town, plan_id, coordinator, signers[0])
    if family.state == "overdue":
        _make_overdue(town, plan_id)
    if family.state == "converting":
        with town.acting(coordinator) as session:
            conversion.convert(session, session.get_one(Plan, plan_id))
        _sign(town, plan_id, signers[0])
    if family.state == "withdrawn":
        with town.acting(signers[0]) as session:
            withdrawal.withdraw_plan(session, session.get_one(Plan, plan_id))
    if family.state == "closed":
        _close(town, plan_id)


def _sign(town: Town, plan_id: int, login: str) -> None:
    with town.acting(login) as session:
        plan = session.get_one(Plan, plan_id)
        waiting = consent.waiting_consent(session, plan_id)
        assert waiting is not None
        lines = consent.lines_of(session, waiting)
        text = consent.consent_text(session, waiting.plan_type, Language.NYNORSK)
        signing.sign(
            session, plan, waiting,
            {ln.id: signing.Answer(True, ln.level, ln.life_areas, False) for ln in lines},
            until=months_later(today(), 6), language=Language.NYNORSK,
            shown=consent.page_digest(text, lines), opinion=_opinion(town, login),
        )  # fmt: skip


def _opinion(town: Town, login: str) -> str | None:
    """What the child says, when somebody else signs."""
    return None if town.people[login][3] is Role.OWNER else "Det er greitt, seier barnet."


def _content(town: Town, plan_id: int, coordinator: str, guardian: str) -> None:
    with town.acting(coordinator) as session:
        plan = session.get_one(Plan, plan_id)
        for what in ("Ringje skulen om skyss", SCRIPT, RTL):
            session.add(Activity(plan_id=plan_id, what=what, due=today() + timedelta(days=14)))
        session.flush()
        team = reachable(session, plan)
        send_message(
            session, plan, team, subject="Velkomne", body="Her snakkar vi saman.",
            circle=Circle.CHOSEN, to=[p.person_id for p in team], uid=str(uuid4()),
        )  # fmt: skip
        starts = utcnow().replace(minute=0, second=0, microsecond=0) + timedelta(days=9)
        meetings.call(
            session, plan, purpose="Korleis går det?", starts_at=starts,
            ends_at=starts + timedelta(hours=1), place="Møterom 2", agenda="1. Barnet si stemme",
            people=[p.person_id for p in team], uid=str(uuid4()),
        )  # fmt: skip
    with town.acting(guardian) as session:
        plan = session.get_one(Plan, plan_id)
        send_message(
            session, plan, reachable(session, plan), subject="Berre til deg", body="Kan du ringje?",
            circle=Circle.COORDINATOR_ONLY, to=[], uid=str(uuid4()),
        )  # fmt: skip


def _convert(town: Town, plan_id: int, coordinator: str, signers: list[str]) -> None:
    with town.acting(coordinator) as session:
        conversion.convert(session, session.get_one(Plan, plan_id))
    for login in signers:
        _sign(town, plan_id, login)


def _goals(town: Town, plan_id: int, coordinator: str) -> None:
    with town.acting(coordinator) as session:
        for words, areas in (
            ("Eg vil symje 25 meter", {LifeArea.LEISURE, LifeArea.HEALTH}),
            ("Eg vil ha ro i timane", {LifeArea.WORK_SCHOOL}),
        ):
            goal = Goal(plan_id=plan_id, goal=words, life_areas=frozenset(areas))
            session.add(goal)
            session.flush()
            session.add(
                Activity(
                    plan_id=plan_id, what="Øving kvar onsdag", goal_id=goal.id, service="Skule"
                )
            )
            session.add(Comment(plan_id=plan_id, comment="Dette går fint.", goal_id=goal.id))
            session.flush()


def _evaluate(town: Town, plan_id: int, coordinator: str, guardian: str) -> None:
    with town.acting(coordinator) as session:
        opened = evaluation.start(session, session.get_one(Plan, plan_id), str(uuid4()))
        evaluation_id = opened.id
    with town.acting(guardian) as session:
        plan = session.get_one(Plan, plan_id)
        asked = evaluation.questions(session, session.access(plan_id))  # type: ignore[arg-type]
        said = {q.id: evaluation.Said(None, "Det har gått bra.") for q in asked}
        row = session.get_one(Evaluation, evaluation_id)
        evaluation.answer(session, plan, row, said, town.people[coordinator][0])


def _make_overdue(town: Town, plan_id: int) -> None:
    with SystemSession(town.engine, because="filling the demo") as session:
        late = today() - timedelta(days=20)
        session.get_one(Plan, plan_id).next_evaluation = late
        entry = select(PlanRegister).where(PlanRegister.plan_id == plan_id)
        session.scalars(entry).one().next_evaluation = late
        session.commit()


def _close(town: Town, plan_id: int) -> None:
    with SystemSession(town.engine, because="filling the demo") as session:
        plan = session.get_one(Plan, plan_id)
        plan.status, plan.closed_at = PlanStatus.CLOSED, utcnow()
        entry = select(PlanRegister).where(PlanRegister.plan_id == plan_id)
        session.scalars(entry).one().status = PlanStatus.CLOSED
        session.commit()
