"""What has happened in a plan of the demo (livet i planen), step by step, as those who did it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from deploy.town.drawings import swimming, train
from deploy.town.family import Family
from deploy.town.hall import STAFF, Town
from deploy.town.letters import converse
from deploy.town.meetings import meet
from deploy.town.work import promise
from models.clock import months_later, today, utcnow
from models.elements.activity import Activity
from models.elements.background import Background
from models.elements.comment import Comment
from models.elements.contact import Contact
from models.elements.contact_note import ContactNote
from models.elements.evaluation import Evaluation
from models.elements.expectation import Expectation
from models.elements.goal import Goal
from models.elements.presentation import Presentation
from models.illustration import GoalPicture, Portrait
from models.plan import Plan, PlanRegister
from models.vocabulary import (
    GoalStatus,
    Heard,
    LifeArea,
    Package,
    PlanStatus,
    Role,
)
from security.session import GuardedSession, SystemSession
from services import (
    consent,
    conversion,
    evaluation,
    proposal,
    signing,
    withdrawal,
)
from services.answer import Answer, ChildHeard
from services.consent import update_register
from services.illustrations import put
from services.statement import asked

OCCUPATION = {"paal": "fysioterapeut", "tora": "ergoterapeut"}
SCRIPT = "<script>alert('hei')</script> & \"sitat\""
RTL = "Lese \u202eבחזרה\u202c høgt"


def live(town: Town, family: Family, plan_id: int, coordinator: str) -> None:
    """What has happened in the plan so far, step by step, as those who did it."""
    if family.state == "draft":
        return
    with town.acting(coordinator) as session:
        plan = session.get_one(Plan, plan_id)
        names = {login + town.tail: name for name, login, *_ in STAFF[town.tail]}
        teacher, therapist, last = (
            "ane" + town.tail,
            family.therapist + town.tail,
            family.name.split()[-1],
        )
        for name, login, role, package in (
            (names[teacher], teacher, town.says("kontaktlærar"), Package.PROFESSIONAL),
            (names[therapist], therapist, OCCUPATION[family.therapist], Package.PROFESSIONAL),
            (f"Gunn {last}", _gunn(plan_id, last), "bestemor", Package.RELATIVE),
        ):
            why = town.says("Hjelper til i kvardagen")
            proposal.propose(
                session, plan, proposal.Proposal(name, login, role, None, package, why)
            )
        proposal.send(session, plan)
    signers = [login for _, login in family.deciders]
    if family.state == "half signed":
        return _sign(town, plan_id, signers[0])
    for login in signers:
        _sign(town, plan_id, login)
    _content(town, plan_id, coordinator, signers[0], teacher)
    if family.state == "samspill":
        _hostile(town, plan_id, coordinator)
    if family.state in ("plan", "overdue"):
        _convert(town, plan_id, coordinator, signers)
        _goals(town, plan_id, coordinator)
        _presentation(town, plan_id, signers[0])
        _expectation(town, plan_id, signers[0], "ane" + town.tail)
        _contacts(town, plan_id, coordinator, "ane" + town.tail)
        _background(town, plan_id, coordinator, signers[0])
        promise(town, plan_id, coordinator, teacher, therapist)
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


def _gunn(plan_id: int, last: str) -> str:
    """The grandmother of one family has no e-mail: somebody must be called."""
    return f"gunn{plan_id}" if last == "Vikane" else f"gunn{plan_id}@medspel.invalid"


def _sign(town: Town, plan_id: int, login: str) -> None:
    with town.acting(login) as session:
        plan = session.get_one(Plan, plan_id)
        waiting = consent.waiting_consent(session, plan_id)
        assert waiting is not None
        lines = consent.lines_of(session, waiting)
        signing.sign(
            session, plan, waiting,
            {ln.id: Answer(True, ln.level, ln.life_areas, False) for ln in lines},
            until=months_later(today(), 6), language=town.language,
            shown=asked(session, waiting, town.language).digest, child=_child(town, login),
        )  # fmt: skip


def _child(town: Town, login: str) -> ChildHeard | None:
    """What the child says, when somebody else signs."""
    if town.people[login][3] is Role.OWNER:
        return None
    return ChildHeard(Heard.TALKED, today(), town.says("Det er greitt, seier barnet."))


def _content(town: Town, plan_id: int, coordinator: str, guardian: str, teacher: str) -> None:
    with town.acting(coordinator) as session:
        due = today() + timedelta(days=14)
        session.add(Activity(plan_id=plan_id, what=town.says("Ringje skulen om skyss"), due=due))
        session.flush()
    converse(town, plan_id, coordinator, guardian, teacher)
    meet(town, plan_id, coordinator, guardian)


def _hostile(town: Town, plan_id: int, coordinator: str) -> None:
    """Words that would break a careless page."""
    with town.acting(coordinator) as session:
        session.add_all(Activity(plan_id=plan_id, what=what) for what in (SCRIPT, RTL))
        session.flush()


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
            goal = Goal(plan_id=plan_id, goal=town.says(words), life_areas=frozenset(areas))
            session.add(goal)
            session.flush()
            if LifeArea.LEISURE in areas:
                _on_the_way(session, town, goal)
                put(session, GoalPicture, goal, swimming(), today(), str(uuid4()))
            session.add(
                Activity(
                    plan_id=plan_id,
                    what=town.says("Øving kvar onsdag"),
                    goal_id=goal.id,
                    service=town.says("Skule"),
                )
            )
            session.add(Comment(plan_id=plan_id, comment="Dette går fint.", goal_id=goal.id))
            session.flush()


def _presentation(town: Town, plan_id: int, guardian: str) -> None:
    with town.acting(guardian) as session:
        presentation = Presentation(
            plan_id=plan_id, who=town.says("Eg er glad i tog, og eg kan alle stasjonane."),
            matters=town.says("At de seier frå i god tid når noko blir annleis."),
            strengths=town.says("Teikne kart, symje og hugse namn."),
            help=town.says("Sei éin ting om gongen, og vent litt på svaret."),
            avoid=town.says("Eg likar ikkje at nokon tek på meg utan å spørje."),
        )  # fmt: skip
        session.add(presentation)
        session.flush()
        put(session, Portrait, presentation, train(), today(), str(uuid4()))


def _expectation(town: Town, plan_id: int, guardian: str, teacher: str) -> None:
    with town.acting(guardian) as session:
        agreed = Expectation(
            plan_id=plan_id, participant_id=town.people[teacher][0],
            of_me=town.says("Eg svarar same dagen, og seier frå når natta har vore dårleg."),
            of_you=town.says("At du ringjer før noko er blitt vanskeleg."),
            reach=town.says("Melding her. Ring mellom tre og fire."),
            again_on=months_later(today(), 3),
        )  # fmt: skip
        session.add(agreed)
        session.flush()


def _contacts(town: Town, plan_id: int, coordinator: str, teacher: str) -> None:
    """One who takes part, and one who does not and has been called."""
    name = next(name for name, login, *_ in STAFF[town.tail] if login + town.tail == teacher)
    with town.acting(coordinator) as session:
        known = Contact(
            plan_id=plan_id, name=name, service=town.says("Skule"), phone="+4755000012",
            about=town.says("Fråvær og skyss"), member_id=town.people[teacher][0],
        )  # fmt: skip
        office = Contact(
            plan_id=plan_id, name="Hjelpemiddelsentralen", phone="+4755000034",
            email="hjelp@medspel.invalid", about=town.says("Stolen, når noko er øydelagt"),
        )  # fmt: skip
        session.add_all((known, office))
        session.flush()
        said = town.says("Ny stol kjem om tre veker. Dei ringjer før dei kjem.")
        session.add(ContactNote(plan_id=plan_id, contact_id=office.id, said=said))
        session.flush()


def _background(town: Town, plan_id: int, coordinator: str, guardian: str) -> None:
    """How it is now: the days as the family sees them, a wish for leisure, the rest empty."""
    with town.acting(guardian) as session:
        days = Background(
            plan_id=plan_id, life_areas=frozenset({LifeArea.WORK_SCHOOL}),
            situation=town.says("Er der kvar dag til klokka to. Har to gode venner."),
            functioning=town.says("Rolege stunder går fint. Pausane er bråkete og slitsame."),
            resources=town.says("Er flink til å teikne. Nokon lagar bilete av dagen."),
        )  # fmt: skip
        session.add(days)
        session.flush()
    with town.acting(coordinator) as session:
        dream = town.says("Vil symje heilt ut til holmen.")
        leisure = frozenset({LifeArea.LEISURE})
        session.add(Background(plan_id=plan_id, life_areas=leisure, wishes=dream))
        session.flush()


def _on_the_way(session: GuardedSession, town: Town, goal: Goal) -> None:
    """Sub-goals: one reached, one under way and late."""
    goal.status, goal.source = GoalStatus.UNDER_WAY, town.says("Råd frå ergoterapeuten")
    below = {"plan_id": goal.plan_id, "parent_id": goal.id}
    late = today() - timedelta(days=3)
    for words, status, due in (
        ("Bli trygg med hovudet under vatn", GoalStatus.REACHED, None),
        ("Prøve saman med ein vaksen", GoalStatus.UNDER_WAY, late),
    ):
        session.add(Goal(**below, goal=town.says(words), status=status, due=due))
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
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan_id)).one()
        update_register(session, plan, entry.consent_until)
        session.commit()
