"""Who is meant in a file (omtalte personar): a whole name, a birth date or an e-mail address
after it where a name is not enough. All of them are looked up at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from unicodedata import normalize

from flask import g
from sqlalchemy import func, select

from models.people import Person
from models.types import blind_index
from views.office.person_field import PersonField
from views.office.said_days import iso

AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in a cell about somebody; nothing of it need be there."""

    name: str = ""
    born: date | None = None
    mail: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.mail)


def said(text: str) -> Said:
    """Kari Ås; Kari Ås, 01.02.1980; kari@x.no; Kari Ås kari@x.no."""
    words = normalize("NFC", text).replace("(", " ").replace(")", " ").split()
    mail, born = "", None
    for _ in range(2):
        if words and "@" in words[-1]:
            mail = words.pop().strip(",;<>").lower()
        elif words and words[-1][:1].isdigit() and (day := _day(words[-1].strip(",;"))):
            born = day
            words.pop()
    return Said(" ".join(words).rstrip(",;"), born, mail)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(iso(text))
    except ValueError:
        return None


def who_is_meant(texts: Iterable[str]) -> Mapping[str, Collection[int]]:
    """Cell -> keys of those it fits, found through the actor's own scope. All that a cell says
    must fit; whoever stood twice is found by both rows, and as the one who is used."""
    cells = {text: said(text) for text in texts if text}
    p, used = Person, func.coalesce(Person.merged_into_id, Person.id)
    by_name: dict[str, set[tuple[int, Any]]] = {}
    by_mail: dict[str, set[int]] = {}
    for some in in_lots({one.name for one in cells.values() if one.name}):
        for name, born, key in g.session.execute(
            select(p.name, p.birth_date, used).where(p.name.in_(some))
        ):
            by_name.setdefault(name, set()).add((key, born))
    for some in in_lots({_index(one.mail) for one in cells.values() if one.mail}):
        for index, key in g.session.execute(
            select(p.email_index, used).where(p.email_index.in_(some))
        ):
            by_mail.setdefault(index, set()).add(key)

    def fit(one: Said) -> Collection[int]:
        if not one:
            return ()
        named = by_name.get(one.name, set()) if one.name else None
        known = None if named is None else {k for k, b in named if one.born in (None, b)}
        mailed = by_mail.get(_index(one.mail), set()) if one.mail else None
        return set.intersection(*(some for some in (known, mailed) if some is not None))

    return {text: fit(one) for text, one in cells.items()}


def meant(field: PersonField) -> Collection[int]:
    """Keys of all who may be meant in a column."""
    return {key for keys in (field.meant or {}).values() for key in keys}


def in_lots(values: Iterable[str]) -> Iterator[list[str]]:
    """No more of them at a time than a database takes in one question."""
    rest = iter(sorted(values))
    while some := list(islice(rest, AT_A_TIME)):
        yield some


def _index(mail: str) -> str:
    return blind_index("person.email", mail)
