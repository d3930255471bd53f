"""One person on the signing page (kort): what is asked about them, and what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from models.consent import ConsentLine
from models.plan import Participant
from models.vocabulary import Level, LifeArea, Package, Scope
from services.answer import Answer


@dataclass(slots=True)
class Card:
    """stands: id of a line -> what the signer has said to it before, which stands until they
    say something else. never: parts of the plan that are not even asked for."""

    participant: Participant
    lines: list[ConsentLine] = field(default_factory=list)
    stands: dict[int, Answer] = field(default_factory=dict)
    answer: str = ""
    older: bool = False
    areas: frozenset[LifeArea] = frozenset()
    levels: dict[int, str] = field(default_factory=dict)
    error: str = ""
    never: list[Scope] = field(default_factory=list)

    @property
    def leads(self) -> bool:
        return self.participant.package is Package.COORDINATOR

    @property
    def id(self) -> int:
        return self.participant.person_id

    @property
    def name(self) -> str:
        return self.participant.person.name

    @property
    def new(self) -> list[ConsentLine]:
        """What the signer has not answered before."""
        return [line for line in self.lines if line.id not in self.stands]

    @property
    def asked(self) -> list[tuple[Level, list[Scope]]]:
        """What is proposed that is new, in one sentence a level, the most first: seven lines
        that say the same are read by nobody."""
        return by_level((line.level, line.scope) for line in self.new)

    @property
    def had(self) -> list[tuple[Level, list[Scope]]]:
        """What the signer has said yes to before, in the same way."""
        before = ((self.stands[line.id], line) for line in self.lines if line.id in self.stands)
        return by_level((said.level, line.scope) for said, line in before if said.accepted)

    def read(self, form: MultiDict[str, str]) -> None:
        """Take what was filled in; what is none of the choices is no choice."""
        self.answer = form.get(f"answer-{self.id}", "")
        self.older = form.get(f"older-{self.id}") == "yes"
        chosen = form.getlist(f"area-{self.id}")
        self.areas = frozenset(area for area in LifeArea if area in chosen)
        allowed = {"none", *Level}
        levels = ((line.id, form.get(f"level-{line.id}", "")) for line in self.lines)
        self.levels = {key: value for key, value in levels if value in allowed}

    @property
    def is_left_out(self) -> bool:
        """Whether there is something new, and no yes or no to it."""
        return bool(self.new) and self.answer not in ("yes", "no")

    def said(self, line: ConsentLine) -> Answer:
        """What the page says to one line: a no is to what is new, and to all of it where
        nothing is."""
        before = self.stands.get(line.id)
        if self.answer == "no" and (before is None or not self.new):
            return Answer(False, line.level, line.life_areas, False)
        start = before or Answer(self.answer == "yes", line.level, line.life_areas, False)
        chosen = self.levels.get(line.id, "")
        if chosen == "none":
            return Answer(False, line.level, line.life_areas, False)
        areas = self.areas if self.areas and line.scope.has_life_areas else start.life_areas
        accepted = start.accepted or bool(chosen)
        level = Level(chosen) if chosen else start.level
        return Answer(accepted, level, areas, start.older or self.older)

    @property
    def is_in(self) -> bool:
        """Whether anything is said yes to."""
        return any(self.said(line).accepted for line in self.lines)

    @property
    def yes(self) -> list[tuple[Level, list[Scope]]]:
        """What the signer says yes to by this page, before and now."""
        answers = ((self.said(line), line) for line in self.lines)
        return by_level((said.level, line.scope) for said, line in answers if said.accepted)

    @property
    def left_out(self) -> list[Scope]:
        """Parts that were proposed, and are not opened."""
        return [line.scope for line in self.lines if not self.said(line).accepted]

    @property
    def opens_older(self) -> bool:
        return any(self.said(line).older for line in self.lines)


def by_level(pairs: Iterable[tuple[Level, Scope]]) -> list[tuple[Level, list[Scope]]]:
    """Parts put together by how far they are open, the widest first."""
    order = list(Scope)
    found: dict[Level, list[Scope]] = {}
    for level, scope in sorted(pairs, key=lambda one: order.index(one[1])):
        found.setdefault(level, []).append(scope)
    return sorted(found.items(), key=lambda one: list(Level).index(one[0]), reverse=True)


def cards_of(
    lines: Sequence[ConsentLine],
    team: Sequence[Participant],
    stands: Mapping[int, Answer] | None = None,
) -> list[Card]:
    """A card for each person in `lines`, in the order of the team; parts in their own."""
    order, before = list(Scope), stands or {}
    cards = {one.person_id: Card(one) for one in team}
    for line in sorted(lines, key=lambda one: order.index(one.scope)):
        card = cards[line.person_id]
        card.lines.append(line)
        if line.id in before:
            card.stands[line.id] = before[line.id]
    return [card for card in cards.values() if card.lines]
