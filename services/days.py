"""Days in words (dagar): everywhere the day before the month, as people here say it."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from models.clock import today
from models.language import Language


def said(day: date, language: str, pattern: str = "medium") -> str:
    """4. des. 2026; 4 Dec 2026. pattern: "medium", "long", or letters of CLDR in which a day has
    the full stop it has in Norwegian."""
    if language == Language.ENGLISH:
        return str(format_date(day, pattern.replace("d.", "d"), locale="en_GB"))
    return str(format_date(day, pattern, locale=language))


def in_full(day: date, language: str) -> str:
    """fredag 4. desember; Friday 4 December. The year only when it is another."""
    year = "" if day.year == today().year else " y"
    return said(day, language, f"EEEE d. MMMM{year}")
