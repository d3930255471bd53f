"""What stands on a signed paper, in words (papirsvar), for the one who compares it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext

from models.vocabulary import Capacity, Exchange, Heard, Level, LifeArea, Package, Scope
from views.plan.card import by_level
from views.words import shown

Fact = tuple[str, str]


def written(said: dict[str, Any]) -> Iterator[Fact]:
    """Each person with what was answered, and the child. said: PaperConsent.as_written."""
    of_each: dict[int, list[dict[str, Any]]] = {}
    for line in said["lines"]:
        of_each.setdefault(line["person"], []).append(line)
    for lines in of_each.values():
        yield _whom(lines[0]), _answer(lines)
    for one in said.get("outside", ()):
        who = ", ".join(filter(None, (one["name"], one["organisation"])))
        ways = shown([Exchange(way) for way in one["ways"]])
        yield who, f"{gettext('Yes')}: {ways}." if one["ways"] else str(gettext("No"))
    if said["child"]:
        yield from _child(said["child"])


def _whom(line: dict[str, Any]) -> str:
    role = line["role"] or shown(Package(line["package"]))
    role = shown(Capacity(role)) if role in set(Capacity) else role
    return ", ".join(filter(None, (line["name"], role, line["organisation"])))


def _answer(lines: list[dict[str, Any]]) -> str:
    yes = [one for one in lines if one["accepted"]]
    if not yes:
        return str(gettext("No"))
    parts = by_level((Level(one["level"]), Scope(one["scope"])) for one in yes)
    words = [f"{gettext('Yes')}."]
    words += [f"{shown(level)}: {shown(scopes).lower()}." for level, scopes in parts]
    left_out = [Scope(one["scope"]) for one in lines if not one["accepted"]]
    if left_out:
        words.append(str(gettext("Not: %(parts)s", parts=shown(left_out).lower())) + ".")
    for one in yes:
        if set(one["areas"]) != set(one["areas_asked"]):
            areas = shown([LifeArea(area) for area in one["areas"]])
            words.append(str(gettext("Life areas: %(areas)s", areas=areas)) + ".")
            break
    if any(one["older"] for one in yes):
        words.append(str(gettext("Also what was written before today")) + ".")
    return "\n".join(words)


def _child(child: dict[str, Any]) -> Iterator[Fact]:
    if child["how"] is None:
        yield str(gettext("The child has not been asked:")), child["reason"] or ""
        return
    how = f"{shown(Heard(child['how']))}, {shown(date.fromisoformat(child['on']))}"
    yield str(gettext("Has the child been asked?")), how
    yield str(gettext("What the child means:")), child["opinion"] or ""
