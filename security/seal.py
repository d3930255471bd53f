"""Seals (segl): the heads of all chains, sworn to outside the database.

A chain finds what was altered, removed or inserted inside it; a tail that was cut off
leaves a chain that fits. So every hour the heads are gathered in a Merkle root, signed
with HMAC under a key that is not in the database, and appended to a file that is not.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from models.audit import AccessEvent, RegisterEvent
from models.clock import utcnow
from models.evidence import SignatureRecord
from security.audit import digest

_CHAINS: tuple[tuple[str, Table, str], ...] = (
    ("plan", AccessEvent.__table__, "plan_id"),  # type: ignore[assignment]
    ("municipality", RegisterEvent.__table__, "municipality_id"),
    ("consents of plan", SignatureRecord.__table__, "plan_id"),
)


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold: which one, from which event, and what is wrong."""

    chain: str
    seq: int
    why: str


def heads(connection: Connection) -> dict[str, tuple[int, str]]:
    """ "plan:7" -> (seq, digest) of the newest event of every chain."""
    found: dict[str, tuple[int, str]] = {}
    for name, table, column in _CHAINS:
        key = table.c[column]
        newest = select(key.label("k"), func.max(table.c.seq).label("s")).group_by(key).subquery()
        rows = connection.execute(
            select(key, table.c.seq, table.c.digest).join(
                newest, (newest.c.k == key) & (newest.c.s == table.c.seq)
            )
        )
        found |= {f"{name}:{row[0]}": (row[1], row[2]) for row in rows}
    return found


def merkle_root(leaves: list[str]) -> str:
    """SHA-256 root over `leaves` (hex digests), in the order given; of nothing for none."""
    level = leaves or [sha256(b"").hexdigest()]
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [sha256("".join(pair).encode()).hexdigest() for pair in pairs]
    return level[0]


def seal(connection: Connection, key: bytes, path: Path) -> None:
    """Append one seal of all chains as they are now."""
    of_now = heads(connection)
    body = {
        "at": utcnow().isoformat(),
        "root": merkle_root([of_now[name][1] for name in sorted(of_now)]),
        "heads": {name: list(head) for name, head in sorted(of_now.items())},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(body | {"hmac": _hmac(key, body)}, sort_keys=True) + "\n")


def _hmac(key: bytes, body: dict[str, Any]) -> str:
    return hmac.new(key, json.dumps(body, sort_keys=True).encode(), sha256).hexdigest()


def verify(connection: Connection, key: bytes, path: Path) -> list[Broken]:
    """Everything that does not hold: inside the chains, and against every seal, in the
    order they were set."""
    return [*_inside(connection), *_against_the_seals(connection, key, path)]


def _inside(connection: Connection) -> Iterator[Broken]:
    for name, table, column in _CHAINS:
        chain, previous, expected = None, "", 1
        ordered = select(table).order_by(table.c[column], table.c.seq)
        for row in connection.execute(ordered, execution_options={"yield_per": 1000}).mappings():
            if row[column] != chain:
                chain, previous, expected = row[column], "", 1
            fits = row["seq"] == expected and row["previous"] == previous
            if not fits or row["digest"] != digest(table, dict(row)):
                yield Broken(f"{name}:{chain}", row["seq"], "altered, removed or inserted")
            previous, expected = row["digest"], row["seq"] + 1


def _against_the_seals(connection: Connection, key: bytes, path: Path) -> Iterator[Broken]:
    if not path.exists():
        return
    before: dict[str, tuple[int, str]] = {}
    at = ""
    for place, body in enumerate(_sworn(key, path), start=1):
        if body is None:
            yield Broken("seal", place, "the seal itself was changed")
            continue
        now = {name: (seq, sealed) for name, (seq, sealed) in body["heads"].items()}
        if body["at"] < at or any(now.get(one, (0,))[0] < before[one][0] for one in before):
            yield Broken("seal", place, "seals were moved, or a chain has become shorter")
        for name, (seq, sealed) in now.items():
            if before.get(name) != (seq, sealed) and _digest(connection, name, seq) != sealed:
                yield Broken(name, seq, f"cut off or changed since seal {place}")
        before, at = before | now, body["at"]


def _sworn(key: bytes, path: Path) -> Iterator[dict[str, Any] | None]:
    """What each line of the file says; None for one that is not what was sealed."""
    with path.open() as file:
        for line in file:
            body: Any = None
            with suppress(ValueError):
                body = json.loads(line)
            claimed = str(body.pop("hmac", "")) if isinstance(body, dict) else ""
            is_ours = hmac.compare_digest(claimed.encode(), _hmac(key, body).encode())
            yield body if is_ours else None


def _digest(connection: Connection, name: str, seq: int) -> Any:
    """What is stored now as the digest of one event of a chain."""
    kind, _, chain = name.partition(":")
    table, column = next((t, c) for n, t, c in _CHAINS if n == kind)
    event = select(table.c.digest).where(table.c[column] == int(chain), table.c.seq == seq)
    return connection.execute(event).scalar()
