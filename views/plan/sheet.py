"""The signing page as it was filled in (svararket): a card a person, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from flask import g
from flask_babel import get_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from models.clock import months_later, today
from models.consent import Consent, ConsentLine
from models.language import Language
from models.plan import Participant
from models.vocabulary import Level, LifeArea, Scope
from services.consent import consent_text, page_digest
from services.signing import LONGEST_MONTHS, Answer
from views.fields import stripped

LENGTHS = (3, 6, 12)
LONGEST_OPINION = 2000


@dataclass(slots=True)
class Card:
    """One person the consent asks about, and what was answered so far."""

    participant: Participant
    lines: list[ConsentLine]
    answer: str = ""
    older: bool = False
    areas: frozenset[LifeArea] = frozenset()
    levels: dict[int, str] = None  # type: ignore[assignment]
    error: str = ""

    @property
    def id(self) -> int:
        return self.participant.person_id

    @property
    def name(self) -> str:
        return self.participant.person.name

    @property
    def asked(self) -> list[tuple[Level, list[Scope]]]:
        """What is proposed, in one sentence a level, the most first: seven lines that say the
        same are read by nobody."""
        by_level: dict[Level, list[Scope]] = {}
        for line in self.lines:
            by_level.setdefault(line.level, []).append(line.scope)
        return sorted(by_level.items(), key=lambda one: list(Level).index(one[0]), reverse=True)

    def level_of(self, line: ConsentLine) -> str:
        return (self.levels or {}).get(line.id, "")

    def meaning(self, line: ConsentLine) -> Level | None:
        """What a yes to this line means; None when the part is left out."""
        chosen = self.level_of(line)
        if chosen == "none":
            return None
        return Level(chosen) if chosen else line.level


class Sheet:
    """The signing page as it was filled in: one answer a person, one date, the child's words."""

    def __init__(
        self, consent: Consent, lines: Sequence[ConsentLine], form: MultiDict[str, str]
    ) -> None:
        self.consent, self.lines, self.form = consent, lines, form
        self.language = Language(str(get_locale()))
        self.text = consent_text(g.session, consent.plan_type, self.language)
        self.shown = page_digest(self.text, lines)
        self.cards = cards_of(lines)
        self.child = today() < g.plan.owner_decides_from
        self.opinion = cast(str | None, stripped(form.get("opinion", "")))
        self.length = form.get("length", "")
        self.until: date | None = None
        self.other_date = form.get("until", "")
        self.errors: list[tuple[str, str]] = []
        self.password_error = ""
        for card in self.cards:
            self._read(card)

    def _read(self, card: Card) -> None:
        card.answer = self.form.get(f"answer-{card.id}", "")
        card.older = self.form.get(f"older-{card.id}") == "yes"
        chosen = self.form.getlist(f"area-{card.id}")
        card.areas = frozenset(area for area in LifeArea if area in chosen)
        allowed = {"", "none", *Level}
        levels = {line.id: self.form.get(f"level-{line.id}", "") for line in card.lines}
        card.levels = {key: value if value in allowed else "" for key, value in levels.items()}

    def check(self) -> bool:
        """Everybody answered, a date within reach, and a child is heard."""
        for card in self.cards:
            if card.answer not in ("yes", "no"):
                card.error = gettext("Answer yes or no for %(name)s.", name=card.name)
                self.errors.append((f"answer-{card.id}", card.error))
        self.until = self._date()
        if self.until is None:
            self.errors.append(("length", gettext("Choose how long, at most 12 months.")))
        too_long = len(self.opinion or "") > LONGEST_OPINION or "\x00" in (self.opinion or "")
        if self.child and not self.opinion:
            self.errors.append(("opinion", gettext("Write what the child means about it.")))
        elif too_long:
            self.errors.append(("opinion", gettext("Make the text shorter.")))
        if self.form.get("shown") != self.shown:
            self.errors.append(("top", gettext("The proposal has changed. Look through it again.")))
        return not self.errors

    def _date(self) -> date | None:
        if self.length in map(str, LENGTHS):
            return months_later(today(), int(self.length))
        try:
            wish = date.fromisoformat(self.other_date)
        except ValueError:
            return None
        return wish if today() < wish <= months_later(today(), LONGEST_MONTHS) else None

    def error_at(self, name: str) -> str:
        return next((text for where, text in self.errors if where == name), "")

    def answers(self) -> dict[int, Answer]:
        """Line id -> answer, for the service."""
        return {line.id: _answer(card, line) for card in self.cards for line in card.lines}


def _answer(card: Card, line: ConsentLine) -> Answer:
    level = card.meaning(line)
    areas = card.areas if card.areas and line.scope.has_life_areas else line.life_areas
    accepted = card.answer == "yes" and level is not None
    return Answer(accepted, level or line.level, areas, card.older)


def cards_of(lines: Sequence[ConsentLine]) -> list[Card]:
    order = list(Scope)
    cards = {p.person_id: Card(p, []) for p in team_of_the_plan()}
    for line in sorted(lines, key=lambda one: order.index(one.scope)):
        cards[line.person_id].lines.append(line)
    return [card for card in cards.values() if card.lines]


def team_of_the_plan() -> Sequence[Participant]:
    wanted = select(Participant).where(Participant.plan_id == g.plan.id)
    with_person = wanted.options(joinedload(Participant.person)).order_by(Participant.id)
    team: Sequence[Participant] = g.session.scalars(with_person).all()
    return team
