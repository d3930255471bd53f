"""Stored values in people's words (ord): closed vocabularies, dates, yes and no."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import get_locale, gettext
from markupsafe import Markup

from models import clock
from models.clock import OSLO
from models.language import Language, Tongue
from models.plan import Participant
from models.vocabulary import Capacity
from services import days, notice_texts
from services.notice_kinds import text_of
from services.words import WORDS


def shown(value: Any) -> str:
    """A value as a reader meets it: words, Norwegian dates, nothing for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, Markup):  # drawn already, to be pressed
        return value
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    if isinstance(value, Language | Tongue):
        return value.own_name
    if isinstance(value, Enum):
        return str(gettext(WORDS[type(value), value.value]))
    if isinstance(value, frozenset | set | list | tuple):
        return ", ".join(sorted(shown(one) for one in value))
    if isinstance(value, datetime):
        local = value.astimezone(OSLO)
        return f"{shown(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return of_day(value)
    return str(value)


def of_day(day: date, pattern: str = "medium") -> str:
    """A day in the reader's language (services.days)."""
    return days.said(day, str(get_locale()), pattern)


def headline(kind: str, deadline: date | None = None) -> str:
    """What a notice of this kind is about: the first sentence of what it says. Of a kind as such,
    without a day, an ellipsis stands for it."""
    said = str(gettext(text_of(kind))).partition(". ")[0].rstrip(".")
    day = days.in_full(deadline, str(get_locale())) if deadline else "…"
    return said.replace(notice_texts.DEADLINE, day)


def span(starts: datetime, ends: datetime) -> str:
    """From when to when; the day once, when it is the same."""
    first, last = starts.astimezone(OSLO), ends.astimezone(OSLO)
    same_day = first.date() == last.date()
    return f"{shown(first)}–{last:%H:%M}" if same_day else f"{shown(first)} – {shown(last)}"


def in_full(day: date) -> str:
    """A day as one says it, its year only when it is another: Tuesday 8 December."""
    said = days.in_full(day, str(get_locale()))
    return f"{said[:1].upper()}{said[1:]}"


def in_words(starts: datetime, ends: datetime) -> str:
    """From when to when, as one says it: Tuesday 8 December at 13:00 to 14:00."""
    first, last = starts.astimezone(OSLO), ends.astimezone(OSLO)
    day = in_full(first.date())
    if first.date() != last.date():
        return f"{day} – {in_full(last.date()).lower()}"
    return f"{day} {first:%H:%M}–{last:%H:%M}"


def month(moment: datetime) -> str:
    """The short name of the month."""
    return of_day(moment.astimezone(OSLO).date(), "MMM")


def day(moment: datetime) -> str:
    """The number of the day."""
    return str(moment.astimezone(OSLO).day)


def role_of(one: Participant) -> str:
    """What somebody is in the team, in words: the owner, as what they act, or the role given."""
    if one.role in set(Capacity):
        return shown(Capacity(one.role))
    return one.role or shown(one.package or Capacity.OWNER)


def last_day(moment: datetime) -> str:
    """The last whole day before `moment`, as a reader meets it."""
    return shown(clock.last_day(moment))
