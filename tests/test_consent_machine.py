"""Several people at one consent, in any order: after each step everybody has what the model says.

`SOAK=50000` steps and more in `make soak`; a slice of it here. A planted fault is found.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RULE_MARKER,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, true

from jobs.birthdays import tell
from models.account import Account
from models.clock import CLOCK, OSLO, months_later, today, utcnow
from models.competence import CompetenceDecision
from models.consent import Grant
from models.elements.goal import Goal
from models.people import CoordinatorAppointment, Person
from models.plan import Plan
from models.vocabulary import (
    Capacity,
    Heard,
    Level,
    LifeArea,
    Package,
    PlanStatus,
    PlanType,
    Scope,
    Verification,
)
from security import ages, element_scope, policy
from security.access import load_access
from security.facts import facts
from security.policy import Action, Forbidden, permits
from security.scope import SCOPED
from security.signers import deciders
from services import (
    appointments,
    competence,
    conversion,
    ending,
    leaving,
    narrowing,
    pausing,
    proposal,
    signing,
    withdrawal,
)
from services.answer import Answer, ChildHeard
from services.consent import lines_of, waiting_consent
from services.ending import tell_of_the_end
from services.errors import Conflict
from services.evidence_check import check
from services.hiding import KeptFrom, keep_from
from services.narrowing import Kept
from services.plans import Guardian, register_plan
from services.statement import asked
from tests.consent_model import ALL, CHILD, COORDINATORS, PARENTS, TEAM, Model

SOAK = int(os.environ.get("SOAK", "0"))
STEPS = 40
EXAMPLES = {"sqlite": 32, "postgresql": 20}
"""A step takes longer in the second; the rules are the same."""
PORTION = 2_000
"""Steps in one database of a soak: with the plans of many more, each step takes longer."""
KINDS = {
    "teacher": Package.PROFESSIONAL, "nurse": Package.PROFESSIONAL,
    "grandmother": Package.RELATIVE, **dict.fromkeys(COORDINATORS, Package.COORDINATOR),
}  # fmt: skip
BIRTHDAY, FULL_AGE = date(2028, 2, 29), date(2030, 2, 28)
"""The sixteenth and the eighteenth, of somebody born on a leap day."""
GOALS = 4
"""As many as there is to keep from somebody."""
parent, other = st.sampled_from(PARENTS), st.sampled_from(("teacher", "nurse", "grandmother"))
anybody = st.sampled_from(TEAM)
writer = st.sampled_from(("mother", "teacher", *COORDINATORS))
levels = st.sampled_from((None, "read", "contribute", "write"))


class Consent(RuleBasedStateMachine):
    """What is done to the product is done to the model; refused by one is refused by both."""

    desk = None

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.turn = None, 0

    @initialize(days=st.integers(5, 700), in_force=st.booleans())
    def begin(self, days, in_force) -> None:
        self.names = {name: self.desk.town.people[name] for name in (*PARENTS, *TEAM)}
        self.office = self.desk.town.people["office"]
        self._at(datetime(2028, 2, 29, 12, tzinfo=OSLO) - timedelta(days=days))
        with self.desk.system() as session:
            child = Person(
                name="Kid", municipality_id=self.desk.town.municipality_id,
                birth_date=date(2012, 2, 29),
            )  # fmt: skip
            session.add(child)
            session.flush()
            self.names[CHILD] = child.id
            session.add(self._appointment(COORDINATORS[0]))
            self.logins = {
                one: session.get_one(Account, self.desk.town.accounts[one]).login_name
                for one in (*PARENTS, *TEAM)
            }
            session.commit()
        with self.desk.session(COORDINATORS[0]) as session:
            both = [
                Guardian(
                    one.title(), self.logins[one], Capacity.PARENTAL_RESPONSIBILITY,
                    Verification.DOCUMENT,
                )
                for one in PARENTS
            ]  # fmt: skip
            plan, _ = register_plan(
                session, session.get_one(Person, self.names[CHILD]),
                PlanType.SIMPLE_COLLABORATION, f"K{uuid4().hex[:8]}", both, str(uuid4()),
            )  # fmt: skip
            self.plan = plan.id
            session.commit()
        self.decisions: list[int] = []
        self.goals: list[int] = []  # ids, in the order of those of the model
        self.model = Model(utcnow(), BIRTHDAY, FULL_AGE)
        self.model.register()
        if in_force:  # most of what can be done is done to what is signed
            for one in ("teacher", "nurse", "grandmother"):
                self.propose(one)
            self.send()
            for one in PARENTS:
                self.sign(one, set(), (COORDINATORS[0], "write"), 12)
            self.write(COORDINATORS[0])
            self.write("teacher")

    def _at(self, moment) -> None:
        if self.clock is not None:
            self.clock.__exit__(None, None, None)
        self.clock = CLOCK.stopped_at(moment)
        self.clock.__enter__()

    def teardown(self) -> None:
        if self.clock is not None:
            self.clock.__exit__(None, None, None)
        if hasattr(self, "plan"):  # and an auditor finds that it all agrees
            with self.desk.system() as session:
                assert not [one for one in check(session, self.plan) if one.wrong]

    def _appointment(self, who) -> CoordinatorAppointment:
        return CoordinatorAppointment(
            municipality_id=self.desk.town.municipality_id, person_id=self.names[CHILD],
            coordinator_id=self.names[who], starts_on=today() - timedelta(days=1),
        )  # fmt: skip

    @contextmanager
    def _tries(self, who, expected):
        """Done, or refused in words of ours; the same as the model said."""
        with self.desk.session(who) as session:
            try:
                yield session
                session.commit()
                done = True
            except (Forbidden, Conflict):
                session.rollback()
                done = False
        assert done == expected, (who, "was let" if done else "was refused")
        self._later()

    def _do(self, who, act, expected) -> None:
        with self._tries(who, expected) as session:
            plan = session.get(Plan, self.plan)
            if plan is None:
                raise Forbidden("no such plan for them")
            act(session, plan)

    def _later(self) -> None:
        self._at(utcnow() + timedelta(seconds=1))  # two things never happen in the same moment
        self.model.now = utcnow()

    @property
    def _leads(self) -> str:
        return self.model.leads or COORDINATORS[0]

    # Preparing

    @rule(who=anybody)
    def propose(self, who) -> None:
        again = who in self.model.state
        expected = self.model.propose(who)

        def act(session, plan) -> None:
            if again:
                return proposal.propose_again(session, plan, self.names[who])
            asks = proposal.Proposal(who.title(), self.logins[who], "helper", None, KINDS[who])
            proposal.propose(session, plan, asks)

        self._do(self._leads, act, expected)

    @rule()
    def send(self) -> None:
        expected = self.model.send()
        self._do(self._leads, lambda session, plan: proposal.send(session, plan), expected)

    @rule()
    def convert(self) -> None:
        expected = self.model.convert()
        self._do(self._leads, lambda session, plan: conversion.convert(session, plan), expected)

    # Signing

    @rule(who=parent, no_to=st.sets(anybody, max_size=2), less=st.tuples(anybody, levels),
          months=st.integers(1, 12))  # fmt: skip
    def sign(self, who, no_to, less, months) -> None:
        until, lines = months_later(today(), months), {}
        waiting = self.model.waiting
        for (one, part), level in (waiting.lines if waiting else {}).items():
            lines[one, part] = None if one in no_to else less[1] if one == less[0] else level
        expected = self.model.sign(who, lines, until)

        def act(session, plan) -> None:
            consent = waiting_consent(session, plan.id)
            if consent is None:
                raise Forbidden("nothing waits")
            ids = {key: name for name, key in self.names.items()}
            answers = {}
            for line in lines_of(session, consent):
                level = lines.get((ids[line.person_id], line.scope.value))
                wish = Level(level) if level else line.level
                answers[line.id] = Answer(bool(level), wish, frozenset(LifeArea), False)
            signing.sign(
                session, plan, consent, answers, until=until, language="en",
                shown=asked(session, consent, "en").digest,
                child=ChildHeard(Heard.TALKED, today(), "Yes"),
            )  # fmt: skip

        self._do(who, act, expected)

    @rule(who=st.sampled_from((*COORDINATORS, "teacher")))
    def sign_for_somebody_else(self, who) -> None:
        def act(session, plan) -> None:
            consent = waiting_consent(session, plan.id)
            if consent is None:
                raise Forbidden("nothing waits")
            shown = asked(session, consent, "en").digest
            signing.sign(
                session, plan, consent, {}, until=months_later(today(), 1), language="en",
                shown=shown, child=ChildHeard(reason="x"),
            )  # fmt: skip

        self._do(who, act, False)

    # Taking back

    @rule(by=parent, who=anybody)
    def withdraw(self, by, who) -> None:
        expected = self.model.withdraw(by, who)
        act = withdrawal.withdraw_person
        self._do(by, lambda session, plan: act(session, plan, self.names[who]), expected)

    @rule(by=parent)
    def withdraw_all(self, by) -> None:
        expected = self.model.withdraw_all(by)
        self._do(by, lambda session, plan: withdrawal.withdraw_plan(session, plan), expected)

    @rule(by=parent, who=anybody, part=st.sampled_from(ALL), level=levels)
    def narrow(self, by, who, part, level) -> None:
        expected = self.model.narrow(by, who, part, level)
        kept = Kept(Level(level), frozenset(LifeArea)) if level else None

        def act(session, plan) -> None:
            narrowing.narrow(session, plan, self.names[who], {Scope(part): kept})

        self._do(by, act, expected)

    @rule(by=parent, who=anybody)
    def pause(self, by, who) -> None:
        expected = self.model.pause(by, who)
        self._do(by, lambda session, plan: pausing.pause(session, plan, self.names[who]), expected)

    @rule(by=parent, who=anybody)
    def resume(self, by, who) -> None:
        expected = self.model.resume(by, who)
        self._do(by, lambda session, plan: pausing.resume(session, plan, self.names[who]), expected)

    @rule(who=anybody)
    def leave(self, who) -> None:
        expected = self.model.leave(who)
        self._do(who, lambda session, plan: leaving.leave(session, plan), expected)

    # What stands in the plan

    @precondition(lambda self: len(self.goals) < GOALS)
    @rule(who=writer)
    def write(self, who) -> None:
        expected = self.model.write(who)

        def act(session, plan) -> None:
            goal = Goal(plan_id=plan.id, goal="Swim")
            session.add(goal)
            session.flush()
            self.goals.append(goal.id)

        self._do(who, act, expected)

    @precondition(lambda self: self.goals)
    @rule(by=writer, which=st.integers(0, GOALS - 1),
          whom=st.sampled_from((*PARENTS, "both", None)))  # fmt: skip
    def keep(self, by, which, whom) -> None:
        which %= len(self.goals)
        goal, reason = self.model.goals[which], str(uuid4())
        if whom == goal.kept_from:
            return
        expected = self.model.keep(by, goal, whom)
        kept = KeptFrom(whom == "both", self.names.get(whom))

        def act(session, plan) -> None:
            row = session.get(Goal, self.goals[which])
            if row is None:
                raise Forbidden("no such row for them")
            keep_from(session, plan, row, kept, reason)

        self._do(by, act, expected)

    # Time, and what happens around it

    @rule(days=st.sampled_from((1, 7, 29, 60, 200)))
    def time_goes(self, days) -> None:
        self._at(utcnow() + timedelta(days=days))
        self.model.now = utcnow()

    @rule(before=st.booleans(), full_age=st.sampled_from((False, False, False, True)))
    def to_the_birthday(self, before, full_age) -> None:
        """The last second before it, or the first of it."""
        day = FULL_AGE if full_age else BIRTHDAY
        moment = datetime(day.year, day.month, day.day, tzinfo=OSLO)
        moment -= timedelta(seconds=1 if before else 0)
        if utcnow() < moment:
            self._at(moment)
            self.model.now = utcnow()

    @rule(daily=st.booleans())
    def jobs(self, daily) -> None:
        tell_of_the_end(self.desk.engine)
        self.model.hourly()
        if daily:
            tell(self.desk.engine)
            self.model.daily()

    @rule(who=st.sampled_from((*COORDINATORS, None)))
    def another_coordinator(self, who) -> None:
        """The appointment ended yesterday; another is appointed, the same again, or nobody."""
        a = CoordinatorAppointment
        mine = (a.person_id == self.names[CHILD], a.ends_on.is_(None))
        with self._tries("office", True) as session:
            for one in session.scalars(select(a).where(*mine)):
                one.ends_on = today() - timedelta(days=1)
            if who:
                made = self._appointment(who)
                session.add(made)
                session.flush()
                appointments.follow(session, made)
        self.model.appoint(who)

    @rule(until=st.sampled_from((None, 0, 30, 400)), by=st.sampled_from(("leader", "office")))
    def cannot_consent(self, until, by) -> None:
        """The office registers that it is decided; another says that it is so."""
        starts = today()  # midnight may pass before it is said that it is so
        last = None if until is None else starts + timedelta(days=until)
        with self._tries("office", True) as session:
            made = CompetenceDecision(
                municipality_id=self.desk.town.municipality_id, person_id=self.names[CHILD],
                asked_by_id=self.office, decided_on=starts, decided_by="Doctor",
                document="Archive", starts_on=starts, until=last,
            )  # fmt: skip
            session.add(made)
            session.flush()
            key = made.id
        expected = self.model.decide(starts, last, by_two=by == "leader")
        with self._tries(by, expected) as session:
            competence.answer(session, session.get_one(CompetenceDecision, key), True)
        if expected:
            self.decisions.append(key)

    @precondition(lambda self: self.decisions)
    @rule()
    def can_consent_again(self) -> None:
        self.model.decision_ends()
        with self._tries("office", True) as session:
            row = session.get_one(CompetenceDecision, self.decisions.pop())
            row.ended_at = utcnow()

    @precondition(lambda self: self.model.status == "active" and self.model.alive)
    @rule(death=st.booleans(), rarely=st.integers(0, 9))
    def ends(self, death, rarely) -> None:
        if rarely:
            return
        with self.desk.system() as session:
            if death:
                session.get_one(Person, self.names[CHILD]).died_on = today()
            else:
                session.get_one(Plan, self.plan).status = PlanStatus.CLOSED
            session.commit()
        self.model.alive = self.model.alive and not death
        self.model.status = self.model.status if death else "closed"

    # What must hold

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.desk.system() as session:
            plan = session.get_one(Plan, self.plan)
            must = {self.names[who] for who in self.model.must_sign()}
            assert deciders(session, plan) == must
            rows = [facts(session.get_one(Goal, key)) for key in self.goals]
            for name, person_id in self.names.items():
                access = load_access(session, person_id, self.plan, utcnow())
                assert access is not None
                said = {part: self.model.level(name, part) for part in ALL}
                found = {part: access.level(Scope(part)) for part in ALL}
                assert found == said, name
                assert access.decides == self.model.decides(name), name
                assert access.coordinator == (name == self.model.leads), name
                read = [permits(access, Action.READ, row) for row in rows]
                assert read == [self.model.reads(name, one) for one in self.model.goals], name
        self.turn += 1  # one of them each time: a step seldom undoes the one before
        for name in ("teacher", (*PARENTS, self._leads)[self.turn % 3]):
            self._the_wall_around_the_rows_says_the_same_to(name)

    def _the_wall_around_the_rows_says_the_same_to(self, name) -> None:
        read = {key for key, one in zip(self.goals, self.model.goals, strict=True)
                if self.model.reads(name, one)}  # fmt: skip
        with self.desk.session(name) as session:
            mine = select(Goal.id).where(Goal.plan_id == self.plan)
            assert set(session.scalars(mine)) == read, name
            if name != "teacher":
                return
            grants = session.scalars(select(Grant).where(Grant.plan_id == self.plan))
            keys = {key.scope.value for key in grants
                    if key.revoked_at is None and key.ends_at > utcnow()}  # fmt: skip
            assert keys == {part for part in ALL if self.model.level("teacher", part)}
            assert (session.get(Plan, self.plan) is not None) == self.model.is_in("teacher")


def _no_rule(name):
    """What it does, for those who call it by name; the machine does not choose it."""
    return lambda self, *args: getattr(Consent, name)(self, *args)


def run(desk, steps=None):
    """steps: names of the only rules there are, of all of them."""
    examples = PORTION // STEPS if SOAK else EXAMPLES[desk.engine.dialect.name]
    rules = {name for name, one in vars(Consent).items() if hasattr(one, RULE_MARKER)}
    left_out = {name: _no_rule(name) for name in (rules - steps if steps else ())}
    machine = type("OneConsent", (Consent,), {"desk": desk, **left_out})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, database=None,
            derandomize=not SOAK, print_blob=False,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("portion", range(-(-SOAK // PORTION) or 1))
def test_any_order_of_steps_gives_everybody_what_the_model_says(desk, portion):
    run(desk)


def test_what_is_decided_the_day_before_full_age_and_confirmed_on_it_is_decided_anew(desk):
    machine = type("OneConsent", (Consent,), {"desk": desk})()
    try:
        machine.begin(365, True)
        machine.to_the_birthday(True, True)
        machine.cannot_consent(30, "leader")
        assert machine.model.must_sign() == {CHILD}
        machine.everybody_has_what_the_model_says()
    finally:
        machine.teardown()


def test_what_one_parent_takes_back_and_comes_again_is_found(desk, monkeypatch):
    """Its five steps seldom come in this order by chance."""
    for place in (narrowing, withdrawal):
        monkeypatch.setattr(place, "void_signatures", lambda *_: [])
    machine = type("OneConsent", (Consent,), {"desk": desk})()
    machine.begin(100, True)
    machine.send()
    machine.sign("mother", set(), ("teacher", "write"), 12)
    machine.withdraw("father", "teacher")
    with pytest.raises(AssertionError, match="was let"):
        machine.sign("father", set(), ("teacher", "write"), 12)
    machine.teardown()


FAULTS = {
    "a decision that somebody cannot consent counts for nothing": (
        {"cannot_consent", "to_the_birthday", "withdraw"},
        (ages, "decisions_of", lambda *_: {}),
    ),
    "the policy does not ask from whom a row is kept": (
        {"keep", "write", "pause"},
        (policy, "is_shielded", lambda *_: False),
    ),
    "the wall around the rows does not ask from whom one is kept": (
        {"keep", "write", "pause"},
        (element_scope, "unshielded", lambda _: true()),
    ),
    "a coordinator keeps the keys when another is appointed": (
        {"another_coordinator", "jobs", "withdraw"},
        (ending, "_without_appointment", lambda _: []),
    ),
}


@pytest.mark.a_page  # the machine is the same before either database
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_is_planted_is_found_by_chance(desk, monkeypatch, fault):
    """With the steps alone that have to do with it, so that it takes no minute."""
    steps, *wrong = FAULTS[fault]
    forget_the_rules(desk)
    with monkeypatch.context() as planted, pytest.raises(AssertionError):
        for place, name, instead in wrong:
            planted.setattr(place, name, instead)
        run(desk, steps)
    forget_the_rules(desk)


def forget_the_rules(desk):
    """Statements remember the rules they were made by, and the scope those of each class."""
    desk.engine.clear_compiled_cache()
    SCOPED.known.clear()
