"""Days people work (virkedagar): a deadline does not end on a day when nobody can keep it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays


@cache
def _holidays() -> HolidayBase:
    return country_holidays("NO")


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays()


def on_a_working_day(day: date) -> date:
    """`day`, or the first working day after it (domstollova § 149)."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
