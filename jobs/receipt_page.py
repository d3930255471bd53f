"""What stands on a receipt (kvittering), in the language it was signed in: from the record of
the signature alone, so that names and roles are as they were then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from babel import Locale

from integrations.catalogue import translate
from jobs.pages import PAGES
from models.clock import OSLO
from models.i18n import N_
from models.language import Language
from models.paper import PAPER
from models.vocabulary import Capacity, Exchange, Level, LifeArea, Package, PlanType, Scope
from services import days
from services.words import WORDS

STYLE = """
@page { size: A4; margin: 22mm 20mm; }
html { font: 10.5pt/1.5 "DejaVu Sans"; color: #111; }
h1 { font-size: 18pt; line-height: 1.25; margin: 0 0 4mm; }
h2 { font-size: 13pt; margin: 7mm 0 1mm; break-after: avoid; }
p { margin: 0 0 2.5mm; }
table { width: 100%; border-collapse: collapse; margin: 2mm 0 3mm; }
td:first-child { font-weight: bold; }
.facts td:first-child { font-weight: normal; }
th, td { text-align: start; vertical-align: top; padding: 1.2mm 3mm 1.2mm 0;
  border-bottom: 0.3pt solid #666; overflow-wrap: anywhere; }
tr { break-inside: avoid; }
.facts th { width: 38%; font-weight: normal; }
.town { color: #444; }
.lines { white-space: pre-wrap; overflow-wrap: anywhere; }
.print { font-family: "DejaVu Sans Mono"; font-size: 8.5pt; }
"""
Facts = list[tuple[str, str]]
Parts = Mapping[int, Sequence[str]]
"""Line -> what is said of it."""


@dataclass(frozen=True, slots=True)
class OnePerson:
    """Somebody the consent was about. parts: (part, what was asked or opened, …)."""

    name: str
    who: str
    why: str
    parts: Sequence[Sequence[str]]


@dataclass(slots=True)
class ReceiptPage:
    """Everything on the page, in words."""

    language: Language
    municipality: str
    title: str
    lead: str
    heads: Sequence[str]
    end: str
    proof_heading: str
    seal: str
    facts: list[Facts] = field(default_factory=list)
    people: list[OnePerson] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    proof: Facts = field(default_factory=list)

    @property
    def direction(self) -> str:
        return str(Locale.parse(str(self.language)).text_direction)

    def html(self) -> str:
        return PAGES.get_template("receipt.html").render(page=self)


class Words:
    """The words of one language, outside any request."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, message: str, **more: str) -> str:
        said = translate(message, self.language)
        return said % more if more else said

    def of(self, member: Enum) -> str:
        return self(WORDS[type(member), member.value])

    def day(self, day: date) -> str:
        return days.said(day, str(self.language), "long")

    def moment(self, at: datetime) -> str:
        local = at.astimezone(OSLO)
        return f"{self.day(local.date())} {local:%H:%M}"

    def last_day(self, at: datetime) -> str:
        return self.day((at - timedelta(seconds=1)).astimezone(OSLO).date())

    def part(self, scope: Scope, areas: Iterable[str]) -> str:
        """A part of the plan, and the life areas when they are not all of them."""
        some = [area for area in LifeArea if area in set(areas)]
        if not scope.has_life_areas or len(some) == len(LifeArea):
            return self.of(scope)
        return f"{self.of(scope)} ({', '.join(self.of(area) for area in some)})"

    def how(self, method: str) -> str:
        if method == "password":
            return self(N_("Signed in, and wrote the password once more"))
        if method == PAPER:
            return self(N_("Signed by hand on paper; two persons have compared it"))
        return self(N_("Showed it anew with an electronic ID (%(level)s)"), level=method)

    def capacity(self, stored: str) -> str:
        return self.of(Capacity(stored))


def people(said: dict[str, Any], parts: Parts, words: Words) -> list[OnePerson]:
    """Each person of a record's lines, with what is said of each line. A line that `parts` does
    not know is left out, and so is who has no other."""
    found: dict[int, OnePerson] = {}
    for line in said["lines"]:
        if line["line"] not in parts:
            continue
        role = line["role"]
        if role in set(Capacity) or not role:
            role = words.capacity(role) if role else words.of(Package(line["package"]))
        who = ", ".join(filter(None, (role, line["organisation"])))
        one = found.setdefault(line["person"], OnePerson(line["name"], who, line["why"] or "", []))
        scope = words.part(Scope(line["scope"]), line["areas"])
        one.parts.append((scope, *parts[line["line"]]))  # type: ignore[attr-defined]
    return list(found.values())


def answered(said: dict[str, Any], behind: dict[str, Any], words: Words) -> Parts:
    """Line -> what was asked, and what was answered."""
    asked = {one["line"]: one for one in said["lines"]}
    told: dict[int, Sequence[str]] = {}
    for one in behind["answers"]:
        line = asked[one["line"]]
        answer = words(N_("No"))
        if one["accepted"]:
            yes, older = words(N_("Yes")), words(N_("What is older too"))
            answer = f"{yes}: {words.of(Level(one['level']))}"
            if set(one["areas"]) != set(line["areas"]):
                answer = f"{answer}: {words.part(Scope(line['scope']), one['areas'])}"
            if one["older"]:
                answer = f"{answer}. {older}"
        told[one["line"]] = (words.of(Level(line["level"])), answer)
    return told


def without_a_sign_in(
    said: dict[str, Any], told: Mapping[int, Mapping[str, Sequence[str]]], words: Words
) -> list[OnePerson]:
    """Each service or person of a record's lines without a sign-in. told: line -> what is done
    -> the cells that are said of it; a line that is not there is left out."""
    found = []
    for line in said.get("outside", ()):
        rows = told.get(line["line"], {})
        parts = [
            (_way(Exchange(way), line, words), *rows[way]) for way in line["ways"] if way in rows
        ]
        if parts:
            who, about = line["organisation"] or "", line["about"] or ""
            found.append(OnePerson(line["name"], who, about, parts))
    return found


def _way(way: Exchange, line: dict[str, Any], words: Words) -> str:
    on = line["meeting_on"]
    if way is not Exchange.ATTEND or not on:
        return words.of(way)
    day = words.day(date.fromisoformat(on))
    return words(N_("Let them come to the meeting on %(day)s"), day=day)


def kind_of(said: dict[str, Any], words: Words) -> str:
    """What kind of plan was said yes to."""
    return words.of(PlanType(said["type"]))


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
