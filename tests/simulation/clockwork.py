"""What happens when, and who is there (tid og folk)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from models.clock import CLOCK, OSLO
from models.municipality import Department
from models.people import Person
from models.vocabulary import Role
from security.actor import Actor
from security.session import GuardedSession
from services.ending import tell_of_the_end
from tests import factories
from tests.simulation.account import Asked, Family

BEGINS, LASTS = date(2029, 1, 8), 450
"""More than a year: what is older than twelve months is not counted in how long things take."""
DEPARTMENTS = 4


class Clockwork:
    """`live()` lives the year; afterwards `at`: the last moment of it."""

    def __init__(self, desk, many: int, seed: int = 1) -> None:
        self.desk, self.town, self.dice = desk, desk.town, Random(seed)
        self.home = self.town.municipality_id
        self.many, self.turn = many, count()
        self.coming: list[tuple[datetime, int, object]] = []
        self.requests: list[Asked] = []
        self.families: list[Family] = []
        self.actors: dict[int, Actor] = {}
        self.end = BEGINS + timedelta(days=LASTS)
        self.at = datetime.combine(self.end, time(20), OSLO)

    # Time

    def on(self, day: date, happens) -> None:
        """Let something happen some time of a day, unless the year is over by then."""
        minute = self.dice.randrange(8 * 60, 16 * 60)
        moment = datetime.combine(day, time(minute // 60, minute % 60), OSLO)
        if moment < self.at:
            heappush(self.coming, (moment, next(self.turn), happens))

    def later(self, least: int, most: int, happens) -> None:
        self.on(self.today + timedelta(days=self.dice.randint(least, most)), happens)

    @property
    def today(self) -> date:
        return CLOCK.now().astimezone(OSLO).date()

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def live(self) -> None:
        with CLOCK.stopped_at(datetime.combine(BEGINS, time(7), OSLO)):
            self.found()
        for n in range(self.many):
            self.on(BEGINS + timedelta(days=self.dice.randrange(LASTS)), self.ask_for(n))
        for month in range(1, LASTS // 30):
            self.on(BEGINS + timedelta(days=30 * month), lambda: tell_of_the_end(self.desk.engine))
        while self.coming:
            moment, _, happens = heappop(self.coming)
            with CLOCK.stopped_at(moment):
                happens()

    # People

    def found(self) -> None:
        """Departments with their leaders, coordinators, and the children of the town."""
        with self.desk.system() as session:
            self.departments, self.leaders, self.coordinators = [], {}, {}
            for n in range(DEPARTMENTS):
                row = Department(municipality_id=self.home, name=f"Department {n}")
                key = factories.stored(session, row).id
                self.departments.append(key)
                self.leaders[key] = self._employ(session, f"leader {n}", Role.LEADER, key)
                self.coordinators[key] = []
            for n in range(max(2 * DEPARTMENTS, self.many * 60 // 500)):
                key = self.departments[n % DEPARTMENTS]
                who = self._employ(session, f"coordinator {n}", Role.COORDINATOR, key)
                self.coordinators[key].append(who)
            for n in range(self.many):
                born = date(2018, 1, 1) + timedelta(days=self.dice.randrange(3000))
                child = Person(name=f"Child No {n}", municipality_id=self.home, birth_date=born)
                key = factories.stored(session, child).id
                self.families.append(Family(n, child.name, born, key))
            self.second = self._employ(session, "second office", Role.COORDINATING_UNIT, None)
            session.commit()

    def _employ(self, session, name, role, department) -> int:
        factories._person(session, self.town, name, role, self.home)
        person = self.town.people[name]
        session.get_one(Person, person).department_id = department
        self.actors[person] = Actor(
            account_id=self.town.accounts[name], person_id=person, municipality_id=self.home,
            name=name, roles=frozenset({role}), municipality="Fjordvik",
            membership_id=self.town.memberships[name],
        )  # fmt: skip
        return person

    def act(self, who: int):
        session = GuardedSession(self.desk.engine)
        session.act_as(self.actors[who])
        return session

    def office(self):
        return self.desk.session("office")
