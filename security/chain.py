"""The next record in a plan's chain of evidence (kjede), for whoever ends or gives access.

Made with the plan held, so that no two take one place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from models.evidence import SignatureRecord
from models.vocabulary import Recorded
from security.audit import digest

_TABLE = cast(Table, SignatureRecord.__table__)
_AT_THE_END: dict[str, Any] = {
    "execution_options": {"unscoped_because": "a chain goes on where it ends"}
}


def canonical(said: Mapping[str, Any]) -> str:
    """JSON of which there is one way to write the same: what a digest is made of."""
    return json.dumps(
        said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    return value.isoformat()


def what_ended(plan_id: int, grants: Iterable[Any], consents: Iterable[Any] = ()) -> dict[str, Any]:
    """What a record says of accesses and consents that ended: rows of theirs."""
    ended = [
        {"grant": one.id, "person": one.person_id, "scope": one.scope}
        for one in sorted(grants, key=lambda one: one.id)
    ]
    over = [{"consent": one.id, "version": one.version} for one in consents]
    return {"plan": plan_id, "ended": ended, "consents": over}


def next_record(
    session: Session,
    plan_id: int,
    what: Recorded,
    said: Mapping[str, Any],
    person_id: int,
    at: datetime,
    signature_id: int | None = None,
) -> SignatureRecord:
    """The row, not stored yet. person_id: who did it; of what nobody did, whom it came from."""
    newest = (
        select(_TABLE.c.seq, _TABLE.c.digest)
        .where(_TABLE.c.plan_id == plan_id)
        .order_by(_TABLE.c.seq.desc())
    )
    seq, previous = session.execute(newest.limit(1), **_AT_THE_END).first() or (0, "")
    row = SignatureRecord(
        plan_id=plan_id, seq=seq + 1, at=at, what=what, person_id=person_id,
        signature_id=signature_id, said=canonical(said), previous=previous,
    )  # fmt: skip
    row.digest = digest(_TABLE, values(row))
    return row


def values(row: SignatureRecord) -> dict[str, Any]:
    """Column -> what a record holds there."""
    return {c.name: getattr(row, c.name) for c in _TABLE.c}
