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
    """Add events to their chains: one look at the heads of all of them, and one insert."""
    in_order = sorted(noted, key=_order)
    in_plans = [one for one in in_order if one.plan_id]
    in_town = [one for one in in_order if not one.plan_id]
    town = actor.municipality_id
    of_each = ((_TOWN, "municipality_id", in_town), (_PLAN, "plan_id", in_plans))
    for table, column, events in of_each:
        chains = sorted({one.plan_id or town for one in events})
        heads = _heads(session, table, column, chains) if chains else {}
        rows = []
        for one in events:
            chain = one.plan_id or town
            seq, previous = heads[chain]
            values: dict[str, Any] = {column: chain, "seq": seq + 1, "previous": previous}
            values |= _values(actor, one)
            if one.plan_id:
                values["hidden_from_guardians"] = one.hidden
                values |= {"shielded_from_id": one.shielded_from, "kept_by_id": one.kept_by}
            values["digest"] = digest(table, values)
            heads[chain] = (seq + 1, values["digest"])
            rows.append(values)
        if rows:
            session.execute(insert(table), rows, execution_options=UNSCOPED)


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


def _heads(
    session: Session, table: Table, column: str, chains: list[int]
) -> dict[int, tuple[int, str]]:
    """Chain -> number and digest of its last event."""
    parent = cast(Table, Plan.__table__ if table is _PLAN else Municipality.__table__)
    if session.get_bind().dialect.name == "postgresql":  # SQLite already holds its only write lock
        lock = select(parent.c.id).where(parent.c.id.in_(chains)).order_by(parent.c.id)
        session.execute(lock.with_for_update(key_share=True), execution_options=UNSCOPED)
    same = table.alias("same")
    last = select(same.c.seq).where(same.c[column] == parent.c.id)
    newest = last.order_by(same.c.seq.desc()).limit(1).correlate(parent).scalar_subquery()
    heads = (
        select(table.c[column], table.c.seq, table.c.digest)
        .join(parent, table.c[column] == parent.c.id)
        .where(parent.c.id.in_(chains), table.c.seq == newest)
    )
    rows = session.execute(heads, execution_options=UNSCOPED)
    found = {row[0]: (row.seq, row.digest) for row in rows}
    return {chain: found.get(chain, (0, "")) for chain in chains}


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


Gathered = dict[tuple[object, ...], Noted]


def gather(
    rows: Iterable[tuple[str, PlanBound]], access: AccessOf, known: Gathered | None = None
) -> list[Noted]:
    """One coming event per plan, kind, action and basis (the rule for what is one look-up).

    known: what was gathered before, which these are added to.
    """
    noted: Gathered = {} if known is None else known
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
