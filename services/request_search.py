"""Finding a request (søk i førespurnader) by its number, or by whole words of the names in it.

The names are encrypted: an index of each word is kept, which cannot be read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, insert, select, true

from models.folding import fold
from models.request import Request, RequestName
from models.types import blind_index

_NUMBER = re.compile(r"(\d{4})-(\d{1,9})")
_R, _N = cast(Table, Request.__table__), cast(Table, RequestName.__table__)


def names_in(*names: str | None) -> set[str]:
    """What a request with these names is found by."""
    return {_index(word) for name in names for word in _words(name or "")}


def is_sought(text: str) -> ColumnElement[bool]:
    """Whether a request has that number, or each of the words in one of its names."""
    number = _NUMBER.fullmatch(text.strip())
    if number:
        return and_(Request.year == int(number[1]), Request.number == int(number[2]))
    found = (
        Request.id.in_(select(RequestName.request_id).where(RequestName.word == _index(word)))
        for word in _words(text)
    )
    return and_(true(), *found)


def fill(connection: Connection) -> None:
    """Give requests from before there was a search what they are found by."""
    has_some = exists().where(_N.c.request_id == _R.c.id)
    without = select(_R.c.id, _R.c.municipality_id, _R.c.person_name, _R.c.from_name)
    for row in connection.execute(without.where(~has_some)).all():
        at = {"request_id": row.id, "municipality_id": row.municipality_id}
        rows = [{**at, "word": word} for word in names_in(row.person_name, row.from_name)]
        if rows:
            connection.execute(insert(_N), rows)


def _words(text: str) -> Iterable[str]:
    return (word for word in re.split(r"[\s,.-]+", fold(text)) if word)


def _index(word: str) -> str:
    return blind_index("request.name", word)
