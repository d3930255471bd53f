"""When people are told: by the clock on the wall, summer and winter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.clock import OSLO
from services.hours import awake, next_digest


def oslo(text):
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    "now, then",
    [
        ("2026-11-23 07:59:59", "2026-11-23 08:00"),  # Monday, just before
        ("2026-11-23 08:00:00", "2026-11-24 08:00"),
        ("2026-11-27 12:00:00", "2026-11-30 08:00"),  # Friday: over the weekend
        ("2026-11-28 03:00:00", "2026-11-30 08:00"),
        ("2028-02-28 20:00:00", "2028-02-29 08:00"),  # a leap day
        ("2026-03-27 23:00:00", "2026-03-30 08:00"),  # clocks go forward on the 29th
        ("2026-10-23 23:00:00", "2026-10-26 08:00"),  # and back on the 25th
    ],
)
def test_the_digest_leaves_on_a_working_morning(now, then):
    assert next_digest(oslo(now)) == oslo(then).astimezone(UTC)


@pytest.mark.parametrize(
    "now, hours, then",
    [
        ("2026-11-23 20:59", (21, 7), "2026-11-23 20:59"),
        ("2026-11-23 21:00", (21, 7), "2026-11-24 07:00"),
        ("2026-11-24 06:59", (21, 7), "2026-11-24 07:00"),
        ("2026-11-24 07:00", (21, 7), "2026-11-24 07:00"),
        ("2026-11-24 13:00", (12, 14), "2026-11-24 14:00"),
        ("2026-11-24 14:00", (12, 14), "2026-11-24 14:00"),
        ("2026-11-24 23:00", (None, None), "2026-11-24 23:00"),
        ("2026-11-24 23:00", (7, 7), "2026-11-24 23:00"),
        ("2026-03-28 23:00", (21, 7), "2026-03-29 07:00"),  # eight hours later that night
        ("2026-10-24 23:00", (21, 0), "2026-10-25 00:00"),
    ],
)
def test_quiet_hours_end_when_the_clock_says_so(now, hours, then):
    assert awake(oslo(now), *hours) == oslo(then).astimezone(UTC)
