"""A year of a municipality, and then its numbers: they are those the simulation has kept itself.

`SIMULATE=500` requests in `make simulate`, with 300 plans and 60 coordinators; a slice here.
"""

from __future__ import annotations

import os
from datetime import timedelta
from statistics import median_low

from models.clock import CLOCK
from services import office_counts
from services.on_a_day import had_on, persons_on, was_individual
from tests.conftest import sit_down
from tests.simulation.clockwork import BEGINS
from tests.simulation.numbers import days_taken, expected
from tests.simulation.numbers import had_on as must_have_had_on
from tests.simulation.plans import Simulation
from tests.test_cockpit import numbers

SIZE = int(os.environ.get("SIMULATE", "0"))
SLICE = 12
NUMBERS = "/register/numbers/"


def said(app, town, who):
    """Address of a list -> its number, as the page says it."""
    found = numbers(sit_down(app, town, who).get(NUMBERS).text)
    return {url: number for url, number in found.items() if "day" not in number and number != "–"}


def plus(numbers, more):
    """What was there before the year began is there still."""
    return {url: str(number + int(more[url])) for url, number in numbers.items()}


def test_the_numbers_are_those_of_the_year_that_was_lived(app, desk, town):
    lived = Simulation(desk, SIZE or SLICE, seed=SIZE or 1)
    with CLOCK.stopped_at(lived.at):
        before = said(app, town, "office")
    lived.live()
    with CLOCK.stopped_at(lived.at):
        assert said(app, town, "office") == plus(expected(lived), before)
        theirs = plus(expected(lived, no_party=True), before)
        assert said(app, town, "second office") == theirs
        for n, department in enumerate(lived.departments):
            of_it = expected(lived, department)
            assert said(app, town, f"leader {n}") == plus(of_it, dict.fromkeys(of_it, 0))
        with desk.session("office") as session:
            taken = {
                "answered": office_counts.until_answered(session),
                "met": office_counts.until_first_meeting(session),
            }
        for key, days in days_taken(lived).items():
            assert (taken[key].many, taken[key].days) == (len(days), median_low(days)), key
        for day in range(30, 420, 30):
            on_that_day(desk, lived, BEGINS + timedelta(days=day))
    assert not SIZE or enough(lived), counted(lived)


def on_that_day(desk, lived, day):
    """Months later it is still known who had what."""
    with desk.session("office") as session:
        people = [
            one for one in session.scalars(persons_on(day)) if one.name.startswith("Child No")
        ]
        had = had_on(session, day, people)
        found = {
            one.name: (
                any(was_individual(plan, day) for plan in had[one.id].plans),
                [held.coordinator_id for held in had[one.id].appointments],
            )
            for one in people
        }
    assert found == must_have_had_on(lived, day), day


def counted(lived):
    plans = sum(bool(family.plan) for family in lived.families)
    return len(lived.requests), plans, sum(map(len, lived.coordinators.values()))


def enough(lived):
    """Nothing of it is an empty number."""
    requests, plans, coordinators = counted(lived)
    long = {key: len(days) for key, days in days_taken(lived).items()}
    all_ = [*expected(lived).values(), *long.values()]
    return requests == SIZE and plans >= SIZE * 3 / 5 and coordinators >= SIZE / 10 and all(all_)
