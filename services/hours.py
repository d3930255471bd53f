"""When people are told (tider), as the clock on the wall in Norway says."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from models.clock import OSLO

MORNING = time(8)
"""When the day's digest leaves, Monday to Friday."""
_SATURDAY = 5


def next_digest(now: datetime) -> datetime:
    """The first working day's morning after `now` (aware)."""
    local = now.astimezone(OSLO)
    day = local.date() + timedelta(days=local.time() >= MORNING)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, OSLO).astimezone(UTC)


def awake(moment: datetime, quiet_from: int | None, quiet_to: int | None) -> datetime:
    """`moment`, or the end of the quiet hours it falls in; without hours it is never quiet."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return moment
    local = moment.astimezone(OSLO)
    evening, night = local.hour >= quiet_from, local.hour < quiet_to
    over_midnight = quiet_from > quiet_to
    if not (evening or night if over_midnight else evening and night):
        return moment
    day = local.date() + timedelta(days=over_midnight and evening)
    return datetime.combine(day, time(quiet_to), OSLO).astimezone(UTC)
