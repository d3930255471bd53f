"""Whether each signature by hand is what stands on its paper (kontroll av papir)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.paper import PAPER, PaperConsent
from security.chain import canonical
from security.crypto import Undecryptable
from services.evidence_rows import Evidence, Finding, is_stored


def papers(session: Session, there: Evidence) -> Iterator[Finding]:
    """Each signature by hand has its paper and its scan, and each confirmed paper its signature."""
    used = set()
    for record in there.records:
        said = json.loads(record.said)
        if said.get("method") == PAPER and record.seq in there.proofs:
            paper = json.loads(there.proofs[record.seq].said).get("paper") or {}
            used.add(paper.get("id"))
            wrong = _paper(session, there.papers.get(paper.get("id", 0)), said, paper)
            yield Finding(f"paper {paper.get('id')} of record {record.seq}", wrong)
    for one in there.papers.values():
        if one.confirmed and one.id not in used:
            yield Finding(f"paper {one.id}", "it was confirmed, and there is no signature")


def _paper(
    session: Session, row: PaperConsent | None, said: dict[str, Any], paper: dict[str, Any]
) -> str:
    if row is None:
        return "it is gone"
    content = select(PaperConsent.scan).where(PaperConsent.id == row.id)
    if row.scan_digest != paper["scan"] or not is_stored(session, content, row.scan_digest):
        return "the scan is not the one that was compared"
    stored = {
        "consent": row.consent_id, "signer": row.person_id, "until": row.until,
        "signed_on": row.signed_on, "registered_by": row.asked_by_id,
        "confirmed_by": row.answered_by_id, "confirmed": row.confirmed,
    }  # fmt: skip
    recorded = {**said, **paper, "confirmed": True}
    if canonical(stored) != canonical({name: recorded[name] for name in stored}):
        return "it says something else than the record"
    with suppress(Undecryptable, ValueError):
        return "" if row.original == paper["original"] else "the original lies elsewhere"
    return "it cannot be read"
