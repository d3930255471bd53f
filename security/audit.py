"""The access log's chains (innsynslogg): one per plan and one per municipality.

Each event carries the digest of the one before, so that an altered, removed or
inserted event is found; a tail that was cut off is found from the last seal on
(security.seal). Pasientjournallova § 22 and Normen: every look-up leaves a trace.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from models.audit import AccessEvent, RegisterEvent
from models.base import PlanBound
from models.clock import utcnow
from models.municipality import Municipality
from models.plan import Plan
from models.vocabulary import Circle, Family
from security.access import Access
from security.actor import Actor
from security.facts import seen
from security.policy import Facts, basis

AccessOf = Callable[[int], Access | None]
UNSCOPED = {"unscoped_because": "the access log writes for everyone"}
_SINCE = ("kept_by_id", "shielded_from_id")
_PLAN = cast(Table, AccessEvent.__table__)
_TOWN = cast(Table, RegisterEvent.__table__)


@dataclass(slots=True)
class Noted:
    """One coming event: an action on rows of one kind in one plan, for one reason.

    plan_id 0: not in a plan, but in the registers of the actor's municipality.
    """

    plan_id: int
    action: str
    kind: str
    basis: str
    hidden: bool = False
    shielded_from: int | None = None
    kept_by: int | None = None
    rows: set[int] = field(default_factory=set)


def digest(table: Table, values: dict[str, Any]) -> str:
    """SHA-256 of everything in the event but the digest itself; what it has come to hold since
    the first ones were written counts where there is something in it."""
    sealed = {c.name: values[c.name] for c in table.c if c.name not in ("digest", *_SINCE)}
    sealed |= {name: values[name] for name in _SINCE if values.get(name) is not None}
    sealed["at"] = values["at"].isoformat()
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def append(session: Session, actor: Actor, noted: Iterable[Noted]) -> None:
    """Add events to their chains: per chain one look at its head and one insert."""
    in_order = sorted(noted, key=_order)
    for plan_id, of_one in groupby(in_order, key=lambda n: n.plan_id):
        table, chain = (_PLAN, plan_id) if plan_id else (_TOWN, actor.municipality_id)
        column = "plan_id" if plan_id else "municipality_id"
        last, previous = _head(session, table, column, chain)
        events = []
        for seq, one in enumerate(of_one, start=last + 1):
            values = {column: chain, "seq": seq, "previous": previous} | _values(actor, one)
            if plan_id:
                values["hidden_from_guardians"] = one.hidden
                values |= {"shielded_from_id": one.shielded_from, "kept_by_id": one.kept_by}
            previous = values["digest"] = digest(table, values)
            events.append(values)
        session.execute(insert(table), events, execution_options=UNSCOPED)


def _order(one: Noted) -> tuple[object, ...]:
    marks = (one.shielded_from or 0, one.kept_by or 0)
    return (one.plan_id, one.kind, one.action, one.hidden, *marks)


def _values(actor: Actor, one: Noted) -> dict[str, Any]:
    return {
        "at": utcnow(),
        "account_id": actor.account_id,
        "person_id": actor.human_id,
        "name": actor.name,
        "role": actor.role_words,
        "organisation": actor.organisation or actor.municipality,
        "action": one.action,
        "kind": one.kind,
        "rows": sorted(one.rows),
        "basis": one.basis,
        "login_session_id": actor.login_session_id,
        "address": actor.address,
    }


def _head(session: Session, table: Table, column: str, chain: int) -> tuple[int, str]:
    if session.get_bind().dialect.name == "postgresql":  # SQLite already holds its only write lock
        parent = Plan.__table__ if table is _PLAN else Municipality.__table__
        lock = select(parent.c.id).where(parent.c.id == chain).with_for_update(key_share=True)
        session.execute(lock, execution_options=UNSCOPED)
    last = select(table.c.seq, table.c.digest).where(table.c[column] == chain)
    row = session.execute(
        last.order_by(table.c.seq.desc()).limit(1), execution_options=UNSCOPED
    ).first()
    return (row.seq, row.digest) if row else (0, "")


def verify(session: Session, plan_id: int) -> int | None:
    """The first event of the plan that does not fit the chain, or None when all do."""
    return _verify(session, _PLAN, "plan_id", plan_id)


def verify_registers(session: Session, municipality_id: int) -> int | None:
    """The first event of the municipality that does not fit the chain, or None."""
    return _verify(session, _TOWN, "municipality_id", municipality_id)


def _verify(session: Session, table: Table, column: str, chain: int) -> int | None:
    previous = ""
    events = select(table).where(table.c[column] == chain).order_by(table.c.seq)
    rows = session.execute(events, execution_options=UNSCOPED).mappings()
    for seq, row in enumerate(rows, start=1):
        broken = row["seq"] != seq or row["previous"] != previous
        if broken or row["digest"] != digest(table, dict(row)):
            return int(row["seq"])
        previous = row["digest"]
    return None


def gather(rows: Iterable[tuple[str, PlanBound]], access: AccessOf) -> list[Noted]:
    """One coming event per plan, kind, action and basis (the rule for what is one look-up)."""
    noted: dict[tuple[object, ...], Noted] = {}
    for action, row in rows:
        at_hand = seen(row)
        plan_id, why = row.plan_id, basis(access(row.plan_id), at_hand)
        kind, ids = kind_and_id(row)
        shut = _shut(at_hand)
        key = (plan_id, action, kind, why, *shut)
        noted.setdefault(key, Noted(plan_id, action, kind, why, *shut)).rows.add(ids)
    return list(noted.values())


def _shut(at_hand: Facts) -> tuple[bool, int | None, int | None]:
    """From whom the event is kept: those who act for the owner, one of them, and all but one."""
    alone = at_hand.circle is Circle.COORDINATOR_ONLY
    kept_by = at_hand.author_id if alone else None
    return bool(at_hand.hidden_from_guardians), at_hand.shielded_from, kept_by


def on_basis_of(noted: Iterable[Noted], access: AccessOf) -> list[Noted]:
    """The same events on the basis of those who really look: on the owner's side it is one for
    all of a plan."""
    any_row = Facts(family=Family.PLAN)
    return [replace(one, basis=basis(access(one.plan_id), any_row)) for one in noted]


def kind_and_id(row: Any) -> tuple[str, int]:
    """What the log calls a row: a line of the index, or what a row was, is a look at that row."""
    if row.__tablename__ in ("element_index", "element_version"):
        return row.key, row.row_id
    return row.__tablename__, row.id
