"""From an appointment to a plan that is closed (planane), by coordinators and families."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from models.account import Account, Membership
from models.clock import months_later, utcnow
from models.elements.meeting import Meeting
from models.people import Person
from models.plan import Plan
from models.vocabulary import (
    Capacity,
    Continuation,
    Heard,
    LifeArea,
    PlanStatus,
    PlanType,
    Presence,
    Verification,
)
from security.actor import Actor
from services import (
    conversion,
    evaluation,
    meetings,
    minutes,
    minutes_giving,
    proposal,
    signing,
    withdrawal,
)
from services.answer import Answer, ChildHeard
from services.consent import lines_of, update_register, waiting_consent
from services.plans import Guardian, register_plan
from services.statement import asked
from tests.simulation.account import Family
from tests.simulation.cases import Cases


class Simulation(Cases):
    def register(self, family: Family) -> None:
        if family.is_still:
            return
        family.kind = self.dice.choice((PlanType.SIMPLE_COLLABORATION, PlanType.INDIVIDUAL_PLAN))
        family.guardian = f"guardian.{family.number}"
        acts = Guardian(f"Guardian {family.number}", family.guardian,
                        Capacity.PARENTAL_RESPONSIBILITY, Verification.DOCUMENT)  # fmt: skip
        with self.act(family.held[-1].coordinator) as session:
            child = session.get_one(Person, family.person)
            plan, _ = register_plan(
                session, child, family.kind, f"N {family.number}", [acts], str(uuid4())
            )
            proposal.send(session, plan)
            session.commit()
            family.plan = plan.id
        family.opened = self.today
        with self.desk.system() as session:
            found = select(Account).where(Account.login_name == family.guardian)
            account = session.scalars(found).one()
            hat = session.scalars(
                select(Membership).where(Membership.account_id == account.id)
            ).one()
            family.guardian = hat.person_id
            self.actors[hat.person_id] = Actor(
                account_id=account.id, person_id=hat.person_id, municipality_id=self.home,
                name="guardian", roles=hat.roles, municipality="Fjordvik", membership_id=hat.id,
            )  # fmt: skip
        if self.chance(0.96):
            self.later(1, 20, lambda: self.sign(family))

    def _there(self, session, family: Family) -> Plan:
        return session.get_one(Plan, family.plan)

    def sign(self, family: Family, kind: PlanType | None = None) -> None:
        """The guardian says yes to everything, for some months."""
        if family.closed:
            return
        until = months_later(self.today, self.dice.randint(2, 12))
        with self.act(family.guardian) as session:
            plan = self._there(session, family)
            consent = waiting_consent(session, plan.id)
            yes = {
                line.id: Answer(True, line.level, frozenset(LifeArea), False)
                for line in lines_of(session, consent)
            }
            signing.sign(
                session, plan, consent, yes, until=until, language="en",
                shown=asked(session, consent, "en").digest,
                child=ChildHeard(Heard.TALKED, self.today, "Yes"),
            )  # fmt: skip
            session.commit()
        is_first, family.until, family.kind = family.started is None, until, kind or family.kind
        family.started = family.started or self.today
        if family.kind is PlanType.INDIVIDUAL_PLAN:
            family.individual = family.individual or self.today
            family.evaluate = family.evaluate or months_later(self.today, 6)
        if is_first:
            self.goes_on(family)

    def goes_on(self, family: Family) -> None:
        """What happens to a plan that runs."""
        if self.chance(0.85):
            self.later(5, 60, lambda: self.meet(family))
        if family.kind is PlanType.INDIVIDUAL_PLAN and self.chance(0.7):
            self.later(60, 200, lambda: self.evaluate(family))
        if family.kind is PlanType.SIMPLE_COLLABORATION and self.chance(0.3):
            self.later(20, 150, lambda: self.convert(family))
        for share, happens in ((0.08, self.withdraw), (0.12, self.close)):
            if self.chance(share):
                self.later(30, 250, lambda happens=happens: happens(family))

    def is_led(self, family: Family) -> bool:
        """Whether the coordinator has the family's yes today."""
        return (
            family.runs and not family.is_still
            and family.until is not None and family.until >= self.today
        )  # fmt: skip

    def meet(self, family: Family) -> None:
        """A meeting today, or some days ago, whose minutes are handed over today."""
        if not self.is_led(family):
            return
        ago = self.dice.choice((0, 0, 1, 6))
        starts = utcnow() - timedelta(days=ago, hours=2)
        with self.act(family.held[-1].coordinator) as session:
            plan = self._there(session, family)
            meeting: Meeting = meetings.call(
                session, plan, purpose="How it goes", starts_at=starts, place="Town hall",
                ends_at=starts + timedelta(hours=1), agenda="How it goes", planned=True,
                people=[family.held[-1].coordinator, family.guardian], uid=str(uuid4()),
            )  # fmt: skip
            meeting.is_planned = False
            begun = minutes.begin(session, plan, meeting)
            for one in begun.attended:
                one.presence = Presence.CAME
            session.flush()
            minutes_giving.give(session, plan, begun, None)
            session.commit()
        family.met.append(self.today - timedelta(days=ago))
        if self.chance(0.75):
            self.later(20, 150, lambda: self.meet(family))

    def evaluate(self, family: Family) -> None:
        if not self.is_led(family) or family.kind is not PlanType.INDIVIDUAL_PLAN:
            return
        following = self.today + timedelta(days=self.dice.randint(20, 180))
        with self.act(family.held[-1].coordinator) as session:
            plan = self._there(session, family)
            opened = evaluation.start(session, plan, str(uuid4()))
            evaluation.finish(
                session, plan, opened, {}, conclusion="It goes well",
                continuation=Continuation.GO_ON, next_on=following,
            )  # fmt: skip
            session.commit()
        family.evaluate = following
        if self.chance(0.6):
            self.later(30, 200, lambda: self.evaluate(family))

    def convert(self, family: Family) -> None:
        if not self.is_led(family):
            return
        with self.act(family.held[-1].coordinator) as session:
            conversion.convert(session, self._there(session, family))
            session.commit()
        if self.chance(0.8):
            kind = PlanType.INDIVIDUAL_PLAN
            self.later(1, 10, lambda: self.is_led(family) and self.sign(family, kind))

    def withdraw(self, family: Family) -> None:
        if not self.is_led(family):
            return
        with self.act(family.guardian) as session:
            withdrawal.withdraw_plan(session, self._there(session, family))
            session.commit()
        family.until, family.is_still = None, True

    def close(self, family: Family) -> None:
        """As it is done today: no service does it yet."""
        if family.closed:
            return
        with self.desk.system() as session:
            plan = self._there(session, family)
            plan.status, plan.closed_at = PlanStatus.CLOSED, utcnow()
            update_register(session, plan, family.until)
            session.commit()
        family.closed = self.today
