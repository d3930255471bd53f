"""A crowd (mengd): rows of the office's registers, in every state and at every distance."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from models.case_words import Arrival, Concerns, Reconsidered, Reviewed, Ruling, Wanted
from models.clock import OSLO, months_later
from models.complaint import Complaint
from models.decision import Decision
from models.nomination import Nomination
from models.people import CoordinatorAppointment, Person
from models.plan import Plan, PlanRegister
from models.request import Request
from models.vocabulary import PlanStatus, PlanType

NOW = datetime(2030, 8, 31, 12, tzinfo=OSLO)
TODAY = NOW.date()
DAYS = (-200, -1, 0, 1, 7, 8, 30, 31)
"""Distances at which something becomes another thing."""
MANY = count(100)


def day(distance):
    return TODAY + timedelta(days=distance)


class Crowd:
    """Rows of the registers, written past the services: any state, at any distance."""

    def __init__(self, session, town, home):
        self.session, self.town, self.home = session, town, home
        self.at, self.many = {"municipality_id": town.municipality_id}, 0

    def put(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def person(self):
        self.many = next(MANY)
        return self.put(Person(name=f"Crowd {self.many}", **self.at))

    def plan(self, status=PlanStatus.ACTIVE, **known):
        person = known.pop("person", None) or self.person()
        kind = {"type": PlanType.SIMPLE_COLLABORATION, "status": status}
        plan = self.put(
            Plan(
                person_id=person.id, short_name=f"CR {next(MANY)}", owner_decides_from=TODAY,
                guardian_until=TODAY, **self.at, **kind,
            )
        )  # fmt: skip
        started = None if status is PlanStatus.DRAFT else day(-400)
        known = {"opened_on": day(-400), "started_on": started, "last_meeting": day(-1), **known}
        return self.put(
            PlanRegister(plan_id=plan.id, person_id=person.id, department_id=self.home,
                         **self.at, **kind, **known)
        )  # fmt: skip

    def request(self, received=-40, by=0, person=None, **known):
        self.many = next(MANY)
        return self.put(
            Request(
                year=2030, number=self.many, received_on=day(received), answer_by=day(by),
                arrival=Arrival.POST, concerns=Concerns.MYSELF, wanted={Wanted.UNSURE},
                person_name="Crowd", from_name="Crowd", person_id=person and person.id,
                **self.at, **known,
            )
        )  # fmt: skip

    def answer(self, request, decided=-1, outcome=Ruling.BOTH):
        by = {"decided_by_id": self.town.people["office"], "outcome": outcome}
        return self.put(Decision(request_id=request.id, decided_on=day(decided), **by, **self.at))

    def complain(self, request, **known):
        came = {"received_on": day(-3), "reconsider_by": day(5)}
        by = {"written_by_id": self.town.people["office"]}
        return self.put(Complaint(request_id=request.id, **came, **by, **self.at, **known))

    def ask(self, request, person, name_by, **known):
        by = {"department_id": self.home, "asked_by_id": self.town.people["office"]}
        return self.put(
            Nomination(request_id=request.id, person_id=person.id, name_by=day(name_by),
                       **by, **self.at, **known)
        )  # fmt: skip

    def gather(self):
        """Something of everything, at every distance."""
        for status in (PlanStatus.ACTIVE, PlanStatus.DRAFT, PlanStatus.CLOSED):
            for distance in DAYS:
                self.plan(status, next_evaluation=day(distance))
                self.plan(status, consent_until=day(distance))
            for met in (months_later(TODAY, -6), months_later(TODAY, -6) - timedelta(1), None):
                self.plan(status, last_meeting=met)
        for distance in DAYS:
            self.request(by=distance)
            self.answer(self.request(by=distance))
        for known in (
            {}, {"reconsidered": Reconsidered.CHANGED}, {"reconsidered": Reconsidered.SENT_ON},
            {"reconsidered": Reconsidered.SENT_ON, "reviewed": Reviewed.UPHELD},
            {"reconsidered": Reconsidered.WITHDRAWN}, {},
        ):  # fmt: skip
            asked = self.request()
            self.answer(asked, -5)
            self.complain(asked, **known)
        self.how_long_it_took()
        self.asked_departments()

    def how_long_it_took(self):
        """Within the year and before it; met once, twice, before the request, after a no."""
        for decided, outcome in (
            (-366, Ruling.BOTH),
            (-20, Ruling.WITHDRAWN),
            (-20, Ruling.REFUSED),
        ):
            self.answer(self.request(-390), decided, outcome)
        for received, first, outcome in (
            (-40, -10, Ruling.BOTH), (-40, -41, Ruling.BOTH), (-40, -10, Ruling.REFUSED),
            (-500, -370, Ruling.BOTH), (-40, -40, Ruling.COORDINATOR_ONLY),
        ):  # fmt: skip
            person = self.person()
            self.answer(self.request(received, person=person), -1, outcome)
            self.plan(person=person, first_meeting=day(first))
        person = self.person()  # two requests, two plans: each request has one first meeting
        for received in (-90, -60):
            self.answer(self.request(received, person=person), -1)
        for first in (-30, -30, -20):
            self.plan(person=person, first_meeting=day(first))

    def asked_departments(self):
        person = self.person()
        made = self.put(
            CoordinatorAppointment(person_id=person.id, starts_on=day(-9), department_id=self.home,
                                   coordinator_id=self.town.people["teacher"], **self.at)
        )  # fmt: skip
        named = {"nominee_id": self.town.people["teacher"], "answered_on": day(-9)}
        for by, known in (
            (-1, {}), (0, {}), (1, {}), (1, named), (1, {**named, "appointment_id": made.id}),
            (1, {"declined": "Nobody", "answered_on": day(-9)}),
        ):  # fmt: skip
            self.ask(self.request(), person, by, **known)
