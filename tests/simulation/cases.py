"""From a request to a coordinator (sakene), by the unit and the leaders."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import select

from models.case_words import Concerns, Reconsidered, Reviewed, Ruling, Wanted
from models.clock import months_later
from models.complaint import Complaint
from models.decision import Decision
from models.delay import Delay
from models.nomination import Nomination
from models.people import CoordinatorAppointment
from models.request import Request
from models.working_days import on_a_working_day
from services import appointments, case, naming, request_drafts, requests
from tests.simulation.account import YES, Asked, Family, Held, Question
from tests.simulation.clockwork import Clockwork


class Cases(Clockwork):
    def ask_for(self, n: int):
        """Most ask for a child of their own, some for one who is asked for already, some for
        somebody the town does not know."""
        fresh = self.families[n] if n < len(self.families) else None
        again = self.dice.choice(self.families) if self.chance(0.5) else None
        return lambda: self.ask(fresh or again)

    def ask(self, family: Family | None) -> None:
        party = self.chance(0.04)
        one = Asked(self.today, on_a_working_day(months_later(self.today, 1)), family, party)
        address = str(uuid4())
        one.uid = request_drafts.begin(self.desk.engine, self.home, address)
        said = {
            "concerns": Concerns.MY_CHILD, "wanted": frozenset({Wanted.COORDINATOR}),
            "person_name": family.name if family else f"Unknown {uuid4().hex}",
            "birth_date": family.born if family else date(2015, 5, 5), "from_name": "A parent",
        }  # fmt: skip
        who = self.second if party else None
        requests.send(self.desk.engine, one.uid, said, who, address)
        self.requests.append(one)
        if self.chance(0.5):
            self.later(1, 5, lambda: self.take(one))
        if self.chance(0.15):
            self.later(6, 25, lambda: self.put_off(one))
        if self.chance(0.97):
            self.later(2, 60, lambda: self.decide(one))

    def _row(self, session, one: Asked) -> Request:
        key = session.scalars(select(Request.id).where(Request.uid == one.uid)).one()
        return case.case(session, key)

    def take(self, one: Asked) -> None:
        with self.office() as session:
            case.take(session, self._row(session, one).id)
            session.commit()

    def put_off(self, one: Asked) -> None:
        if one.decided:
            return
        by = on_a_working_day(max(one.by, self.today) + timedelta(days=self.dice.randint(1, 40)))
        with self.office() as session:
            row = self._row(session, one)
            told = {"told_on": self.today, "answer_by": by, "reason": "Much to do"}
            delay = Delay(municipality_id=self.home, request_id=row.id, **told,
                          told_by_id=self.town.people["office"])  # fmt: skip
            case.put_off(session, row, delay)
            session.commit()
        one.by = by

    def decide(self, one: Asked) -> None:
        known = one.family is not None
        other = (Ruling.REFUSED, Ruling.WITHDRAWN, Ruling.DUTY_ONLY)
        one.outcome = self.dice.choice(YES if known and self.chance(0.9) else other)
        with self.office() as session:
            row = self._row(session, one)
            decision = Decision(
                municipality_id=self.home, request_id=row.id, outcome=one.outcome,
                decided_on=self.today, sent_to="NAV", decided_by_id=self.town.people["office"],
            )  # fmt: skip
            case.decide(session, row, decision)
            session.commit()
        one.decided = self.today
        if one.outcome is not Ruling.WITHDRAWN and self.chance(0.2):
            self.later(1, 27, lambda: self.complain(one))
        if one.outcome in YES and not one.family.held:
            self.later(0, 5, lambda: self.ask_a_department(one))

    def complain(self, one: Asked) -> None:
        state = self.dice.choice(("open", "sent on", "settled"))
        did = Reconsidered.SENT_ON if state == "sent on" else Reconsidered.CHANGED
        known = {"reconsidered": did, "reconsidered_on": self.today} if state != "open" else {}
        if state == "settled" and self.chance(0.5):
            known |= {"reconsidered": Reconsidered.SENT_ON, "reviewed": Reviewed.UPHELD,
                      "reviewed_on": self.today}  # fmt: skip
        with self.office() as session:
            row = self._row(session, one)
            case.complain(session, row, Complaint(
                municipality_id=self.home, request_id=row.id, received_on=self.today, **known,
                written_by_id=self.town.people["office"],
            ))  # fmt: skip
            session.commit()
        one.complaint = state

    # Coordinators

    def ask_a_department(self, one: Asked) -> None:
        if one.family.held:
            return  # another request for the same child was quicker
        department = self.dice.choice(self.departments)
        question = Question(department, on_a_working_day(self.today + timedelta(days=14)))
        with self.office() as session:
            row = self._row(session, one)
            asks = Nomination(
                municipality_id=self.home, request_id=row.id, person_id=row.person_id,
                department_id=department, asked_by_id=self.town.people["office"],
            )  # fmt: skip
            naming.ask(session, row, asks)
            session.commit()
            key = asks.id
        one.questions.append(question)
        if self.chance(0.97):
            self.later(1, 25, lambda: self.name(one, question, key))

    def name(self, one: Asked, question: Question, key: int) -> None:
        declines = self.chance(0.15) or bool(one.family.held)
        with self.act(self.leaders[question.department]) as session:
            row = naming.nomination(session, key, held=True)
            if declines:
                row.declined = "Nobody has time"
            else:
                row.nominee_id = self.dice.choice(self.coordinators[question.department])
                row.agreed_hours = 2
            naming.answer(session, row)
            session.commit()
            nominee = row.nominee_id
        question.state = "declined" if declines else "named"
        if declines:
            self.later(1, 5, lambda: self.ask_a_department(one))
        elif self.chance(0.95):
            self.later(0, 7, lambda: self.appoint(one, question, key, nominee))

    def appoint(self, one: Asked, question: Question, key: int, nominee: int) -> None:
        if one.family.held:
            return
        with self.office() as session:
            naming.appoint(session, naming.nomination(session, key, held=True))
            session.commit()
        question.state = "appointed"
        self._now_held(one.family, nominee, question.department)
        if self.chance(0.95):
            self.later(1, 20, lambda: self.register(one.family))
        if self.chance(0.1):
            self.later(60, 200, lambda: self.another(one.family))

    def _now_held(self, family: Family, coordinator: int, department: int) -> None:
        family.held.append(Held(coordinator, department, self.today))
        family.department = department

    def another(self, family: Family) -> None:
        """The coordinator ends yesterday, and another of a department begins, or nobody does."""
        over = family.held[-1]
        over.ends, family.is_still = self.today - timedelta(days=1), True
        goes_on = self.chance(0.6)
        department = self.dice.choice(self.departments)
        others = [who for who in self.coordinators[department] if who != over.coordinator]
        with self.office() as session:
            a = CoordinatorAppointment
            mine = (a.person_id == family.person, a.ends_on.is_(None))
            session.scalars(select(a).where(*mine)).one().ends_on = over.ends
            if goes_on:
                made = a(
                    municipality_id=self.home, person_id=family.person, department_id=department,
                    coordinator_id=self.dice.choice(others), starts_on=self.today,
                )  # fmt: skip
                session.add(made)
                session.flush()
                appointments.follow(session, made)
                nominee = made.coordinator_id
            session.commit()
        if goes_on:
            before = family.department
            self._now_held(family, nominee, department)
            if family.closed:
                family.department = before
