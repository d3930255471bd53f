"""Keys of what is stored encrypted (nøklar): which are in use, and moving on to the first.

`python -m deploy.keys` counts; `python -m deploy.keys rotate` writes everything anew with the
first key of MEDSPEL_KEYS, while people work. A key whose count is 0 may leave the ring.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Column,
    Engine,
    LargeBinary,
    create_engine,
    literal,
    select,
    type_coerce,
    update,
)

import config
from models.database import WRITING, prepare
from models.everything import METADATA
from models.types import EncryptedText
from security.crypto import KeyRing, Undecryptable

A_BATCH = 500
UNKNOWN = "not on the ring"


def places() -> Iterator[tuple[Column[Any], str]]:
    """Every encrypted column there is, and the place its values are bound to."""
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                yield column, column.type.place


def in_use(engine: Engine, ring: KeyRing) -> Counter[str]:
    """Name of a key -> how many values it alone can open; UNKNOWN counts those nobody can."""
    found = Counter(dict.fromkeys(ring.keys, 0))
    for column, _place in places():
        for _id, sealed in _values(engine, column):
            name = _name(sealed)
            found[name if name in ring.keys else UNKNOWN] += 1
    return found


def rotate(engine: Engine, ring: KeyRing) -> int:
    """Write anew, with the first key, what another one has encrypted: how many values.

    Each value is replaced only if nobody has changed it meanwhile, so it can be stopped, run
    twice and run while people work. What cannot be opened is left as it is.
    """
    first, moved = next(iter(ring.keys)), 0
    WRITING.set(True)
    for column, place in places():
        raw, key = type_coerce(column, LargeBinary), column.table.c.id
        for row_id, sealed in _values(engine, column):
            if _name(sealed) == first:
                continue
            try:
                text = ring.decrypt(sealed, place=place)
            except Undecryptable:
                continue
            anew = literal(ring.encrypt(text, place=place), LargeBinary)
            same = update(column.table).where(key == row_id, raw == sealed)
            with engine.begin() as connection:
                moved += connection.execute(same.values({column: anew})).rowcount
    return moved


def _values(engine: Engine, column: Column[Any]) -> Iterator[tuple[int, bytes]]:
    """(id, sealed) of every value of a column, as many at a time as fit a page."""
    raw, key, last = type_coerce(column, LargeBinary), column.table.c.id, 0
    wanted = select(key, raw).where(raw.is_not(None)).order_by(key).limit(A_BATCH)
    while True:
        with engine.connect() as connection:
            batch = connection.execute(wanted.where(key > last)).all()
        if not batch:
            return
        yield from ((row_id, bytes(sealed)) for row_id, sealed in batch)
        last = batch[-1][0]


def _name(sealed: bytes) -> str:
    return sealed[1 : 1 + sealed[0]].decode("ascii", "replace")


def main() -> int:
    settings = config.from_environment()
    engine = create_engine(settings.database_url, hide_parameters=True)
    prepare(engine)
    if sys.argv[1:] == ["rotate"]:
        sys.stdout.write(f"{rotate(engine, settings.keys)} written anew.\n")
    elif sys.argv[1:]:
        sys.stdout.write("python -m deploy.keys [rotate]\n")
        return 2
    found = in_use(engine, settings.keys)
    for name, number in found.items():
        sys.stdout.write(f"{name}: {number}\n")
    return 1 if found[UNKNOWN] else 0


if __name__ == "__main__":
    sys.exit(main())
