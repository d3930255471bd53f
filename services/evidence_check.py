"""Whether the evidence of a plan holds (kontroll av bevis): every digest, the chain, and that
answers, lines and accesses are what the records say. Says ids and no names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from models.evidence import SignatureRecord
from models.receipt import Receipt, ReceiptCopy
from models.vocabulary import Recorded
from security.audit import digest
from security.chain import canonical, values
from services.access_check import accesses
from services.evidence import (
    answer_said,
    digest_of,
    outside_answer_said,
    outside_line_said,
    statement_of,
)
from services.evidence_rows import Evidence, Finding, is_stored, load
from services.paper_check import papers

_TABLE = cast(Table, SignatureRecord.__table__)


def check(session: Session, plan_id: int) -> Iterator[Finding]:
    """Everything there is to verify in a plan, in the order it happened."""
    there = load(session, plan_id)
    previous = ""
    for place, record in enumerate(there.records, start=1):
        yield Finding(
            f"record {record.seq}: {record.what}", _record(there, record, place, previous)
        )
        previous = record.digest
    recorded = {one.signature_id for one in there.records}
    for signature in there.signatures.values():
        if signature.id not in recorded:
            gone = "" if not statement_of(signature) else "its record is gone"
            yield Finding(f"signature {signature.id}: from before records were kept", gone)
    for consent in there.consents.values():
        yield from accesses(there, consent)
    yield from papers(session, there)
    for file in (Receipt, ReceiptCopy):
        yield from _files(session, plan_id, file)


def _record(there: Evidence, record: SignatureRecord, place: int, previous: str) -> str:
    if record.seq != place or record.previous != previous:
        return "the chain is broken here: a record was removed, moved or put in"
    if record.digest != digest(_TABLE, values(record)):
        return "the record itself was changed"
    said = json.loads(record.said)
    if record.what is not Recorded.SIGNED:
        return _withdrawal(there, said)
    return next((wrong for part in _PARTS if (wrong := part(there, record, said))), "")


def _withdrawal(there: Evidence, said: dict[str, Any]) -> str:
    for one in said["ended"]:
        grant = there.grants.get(one["grant"])
        if grant is None or grant.revoked_at is None:
            return f"access {one['grant']} was ended, and is there again"
    for one in said.get("outside", ()):
        given = there.outside_grants.get(one["grant"])
        if given is None or given.revoked_at is None:
            return f"what was let do without a sign-in ({one['grant']}) is there again"
    for one in said["consents"]:
        consent = there.consents.get(one["consent"])
        if consent is None or consent.ended_at is None:
            return f"consent {one['consent']} was ended, and is there again"
    return ""


def _signature(there: Evidence, record: SignatureRecord, said: dict[str, Any]) -> str:
    signature = there.signatures.get(record.signature_id or 0)
    if signature is None:
        return f"signature {record.signature_id} is gone"
    stored = {
        "consent": signature.consent_id, "signer": signature.person_id,
        "capacity": signature.capacity, "until": signature.until, "method": signature.method,
        "language": signature.language, "statement": signature.digest, "at": signature.signed_at,
        "plan": signature.plan_id,
    }  # fmt: skip
    agreed = {name: said[name] for name in stored if name in said} | {"at": record.at}
    if canonical(stored) != canonical(agreed):
        return f"signature {signature.id} says something else than its record"
    if digest_of(statement_of(signature)) != said["statement"]:
        return f"the text that signature {signature.id} stands under was changed"
    return ""


def _proof(there: Evidence, record: SignatureRecord, said: dict[str, Any]) -> str:
    proof = there.proofs.get(record.seq)
    if proof is None or digest_of(proof.said) != said["proof"]:
        return "the proof behind it was changed, or is gone"
    return ""


def _answers(there: Evidence, record: SignatureRecord, said: dict[str, Any]) -> str:
    behind = json.loads(there.proofs[record.seq].said)
    stored = [answer_said(one) for one in there.answers[record.signature_id or 0]]
    if _in_order(stored) != _in_order(behind["answers"]):
        return f"the answers of signature {record.signature_id} are not those it was given with"
    return ""


def _heard(there: Evidence, record: SignatureRecord, said: dict[str, Any]) -> str:
    kept = json.loads(there.proofs[record.seq].said)["heard"]
    hearing = there.hearings.get(record.signature_id or 0)
    if kept is None and hearing is None:
        return ""
    if kept is None or hearing is None:
        return "what the child meant was put in, or is gone"
    now = digest_of(canonical({name: getattr(hearing, name) for name in kept["of"]}))
    return "" if now == kept["digest"] else "what the child meant was changed"


def _lines(there: Evidence, record: SignatureRecord, said: dict[str, Any]) -> str:
    consent = there.consents.get(said["consent"])
    if consent is None or (consent.version, consent.plan_type) != (said["version"], said["type"]):
        return f"consent {said['consent']} is not the one that was signed"
    stored = [
        {"line": one.id, "person": one.person_id, "scope": one.scope, "level": one.level,
         "areas": one.life_areas}
        for one in there.lines[consent.id]
    ]  # fmt: skip
    same = [{name: one[name] for name in stored[0]} for one in said["lines"]] if stored else []
    if _in_order(stored) != _in_order(same) or len(stored) != len(said["lines"]):
        return f"the lines of consent {consent.id} are not those that were signed"
    return ""


def _outside(there: Evidence, record: SignatureRecord, said: dict[str, Any]) -> str:
    """What was asked about those without a sign-in, and what was said."""
    asked = [outside_line_said(one) for one in there.outside[said["consent"]]]
    if _in_order(asked) != _in_order(said.get("outside", [])):
        return f"lines without a sign-in of consent {said['consent']} are not those signed"
    behind = json.loads(there.proofs[record.seq].said).get("outside", [])
    stored = [outside_answer_said(one) for one in there.outside_answers[record.signature_id or 0]]
    if _in_order(stored) != _in_order(behind):
        return f"answers of signature {record.signature_id} without a sign-in are others"
    return ""


_PARTS: tuple[Callable[[Evidence, SignatureRecord, dict[str, Any]], str], ...] = (
    _signature, _proof, _answers, _heard, _lines, _outside,
)  # fmt: skip


def _files(session: Session, plan_id: int, cls: Any) -> Iterator[Finding]:
    """Each sealed file is the one that was stored; the seal in it says the rest."""
    there = select(cls.id, cls.digest).where(cls.plan_id == plan_id).order_by(cls.id)
    for row in session.execute(there).all():
        is_it = is_stored(session, select(cls.content).where(cls.id == row.id), row.digest)
        wrong = "" if is_it else "it is not the file that was stored"
        yield Finding(f"{cls.__tablename__} {row.id}", wrong)


def _in_order(said: list[dict[str, Any]]) -> str:
    return canonical({"lines": sorted(said, key=lambda one: one["line"])})
