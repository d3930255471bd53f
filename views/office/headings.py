"""Headings of a file (overskrifter): which column of somebody's spreadsheet is which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from flask_babel import force_locale
from wtforms import Field

from models.language import LANGUAGES

Aliases = Mapping[str, Sequence[str]]
"""Field -> what others call its column. "name 1" and "name 2" are halves of "name"; "name +x" is
what may stand beside it."""
BESIDE = "+"


@dataclass(frozen=True, slots=True)
class Columns:
    """places: field -> where its cells stand, halves in order; heads: field -> its heading.
    unknown, double: headings of no field, and of one that has a column already."""

    places: Mapping[str, Sequence[int]]
    heads: Mapping[str, str]
    unknown: Sequence[str]
    double: Sequence[str]

    def of(self, cells: Sequence[str]) -> dict[str, str]:
        """What stands in a row, field by field."""
        return {
            field: " ".join(cells[n] for n in places if n < len(cells) and cells[n])
            for field, places in self.places.items()
        }


def columns(head: Sequence[str], fields: Sequence[Field], aliases: Aliases) -> Columns:
    """Whatever language the headings are in, and in whatever order they stand."""
    known = _known(fields, aliases)
    found: dict[str, list[tuple[str, int]]] = {}
    unknown: list[str] = []
    double: list[str] = []
    for place, heading in enumerate(head):
        field, _, half = known.get(_bare(heading), "").partition(" ")
        there = {one for one, _ in found.get(field, ())}
        named = {one for one in there if not one.startswith(BESIDE)}
        if not field:
            unknown += [heading] if heading else []
        elif half in there or (not half.startswith(BESIDE) and _is_double(half, named)):
            double.append(heading)
        else:
            found.setdefault(field, []).append((half, place))
    places = {
        field: [place for _, place in sorted(some, key=_order)] for field, some in found.items()
    }
    heads = {field: " + ".join(head[place] for place in some) for field, some in places.items()}
    return Columns(places, heads, unknown, double)


def _order(part: tuple[str, int]) -> tuple[bool, str, int]:
    """What stands beside it comes last."""
    return part[0].startswith(BESIDE), *part


def _is_double(half: str, named: Set[str]) -> bool:
    """A whole beside a half, or beside another whole."""
    return "" in named or bool(named and not half)


def called(field: Field) -> str:
    """A label without what it explains."""
    return str(field.label.text).partition(":")[0]


def _known(fields: Sequence[Field], aliases: Aliases) -> dict[str, str]:
    """What a column may be called, without blanks and signs -> its field."""
    names = {_bare(alias): field for field, some in aliases.items() for alias in some}
    for language in LANGUAGES:
        with force_locale(language):
            names |= {_bare(called(field)): field.name for field in fields}
    return names


def _bare(heading: str) -> str:
    """E-post, e post and EPOST are the same."""
    return "".join(sign for sign in heading.casefold() if sign.isalnum())
