"""What time it is (klokke): aware UTC inside, Europe/Oslo where people are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock:
    """The one clock of the process; tests stop it with `stopped_at`."""

    def __init__(self) -> None:
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return self._stopped or datetime.now(UTC)

    @contextmanager
    def stopped_at(self, moment: datetime) -> Iterator[None]:
        """Stand still at `moment` (aware) for the length of the block."""
        before, self._stopped = self._stopped, moment.astimezone(UTC)
        try:
            yield
        finally:
            self._stopped = before


CLOCK = Clock()


def utcnow() -> datetime:
    return CLOCK.now()


def today() -> date:
    """The date in Norway, which is another than UTC's for an hour or two each night."""
    return CLOCK.now().astimezone(OSLO).date()


def end_of_day(day: date) -> datetime:
    """The moment `day` ends in Norway, aware, in UTC: 23 or 25 hours after it began
    on the two days a year when clocks change."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), OSLO)
    return midnight.astimezone(UTC)


def last_day(end: datetime) -> date:
    """The last whole day in Norway before `end`: what ends at midnight lasts until the day
    before."""
    return (end - timedelta(seconds=1)).astimezone(OSLO).date()


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` on, or the last one there is (31.8. → 28.2.)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")
