"""What a signer says to one line (svar)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.vocabulary import Heard, Level, LifeArea


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, and what the yes means."""

    accepted: bool
    level: Level
    life_areas: frozenset[LifeArea]
    older: bool


@dataclass(frozen=True, slots=True)
class ChildHeard:
    """How, when and what the child said; or why it was not asked (how, on and opinion None)."""

    how: Heard | None = None
    on: date | None = None
    opinion: str | None = None
    reason: str | None = None
