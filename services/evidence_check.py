"""Whether the evidence of a plan holds (kontroll av bevis): every digest, the chain, and that
answers, lines and accesses are what the records say. Says ids and no names."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session, defer

from models.clock import end_of_day
from models.consent import Consent, ConsentLine, Grant, Hearing, Signature, SignatureAnswer
from models.evidence import SignatureProof, SignatureRecord
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.paper import PAPER, PaperConsent
from models.receipt import Receipt, ReceiptCopy
from models.vocabulary import Level, Recorded
from security.audit import digest
from security.chain import canonical, values
from security.crypto import Undecryptable
from services.evidence import (
    answer_said,
    digest_of,
    outside_answer_said,
    outside_line_said,
    statement_of,
)

_TABLE = cast(Table, SignatureRecord.__table__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what is wrong with it; nothing, when it holds."""

    what: str
    wrong: str = ""


@dataclass(slots=True)
class Evidence:
    """Everything of one plan that has to agree."""

    records: list[SignatureRecord]
    signatures: dict[int, Signature]
    consents: dict[int, Consent]
    grants: dict[int, Grant]
    proofs: dict[int, SignatureProof]
    answers: dict[int, list[SignatureAnswer]] = field(default_factory=lambda: defaultdict(list))
    hearings: dict[int, Hearing] = field(default_factory=dict)
    papers: dict[int, PaperConsent] = field(default_factory=dict)
    lines: dict[int, list[ConsentLine]] = field(default_factory=lambda: defaultdict(list))
    outside: dict[int, list[OutsideLine]] = field(default_factory=lambda: defaultdict(list))
    outside_answers: dict[int, list[OutsideAnswer]] = field(
        default_factory=lambda: defaultdict(list)
    )
    outside_grants: dict[int, OutsideGrant] = field(default_factory=dict)


def check(session: Session, plan_id: int) -> Iterator[Finding]:
    """Everything there is to verify in a plan, in the order it happened."""
    there = _load(session, plan_id)
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
        yield from _accesses(there, consent)
    yield from _papers(session, there)
    for file in (Receipt, ReceiptCopy):
        yield from _files(session, plan_id, file)


def _load(session: Session, plan_id: int) -> Evidence:
    def of(cls: Any, by: Any, *options: Any) -> list[Any]:
        wanted = select(cls).where(cls.plan_id == plan_id).order_by(by).options(*options)
        return list(session.scalars(wanted, execution_options={"populate_existing": True}))

    shut = (defer(PaperConsent.original), defer(PaperConsent.said))  # read one by one
    there = Evidence(
        records=of(SignatureRecord, SignatureRecord.seq),
        signatures={one.id: one for one in of(Signature, Signature.id)},
        consents={one.id: one for one in of(Consent, Consent.version)},
        grants={one.id: one for one in of(Grant, Grant.id)},
        proofs={one.seq: one for one in of(SignatureProof, SignatureProof.seq)},
        hearings={one.signature_id: one for one in of(Hearing, Hearing.id)},
        papers={one.id: one for one in of(PaperConsent, PaperConsent.id, *shut)},
    )
    for answer in of(SignatureAnswer, SignatureAnswer.id):
        there.answers[answer.signature_id].append(answer)
    for line in of(ConsentLine, ConsentLine.id):
        there.lines[line.consent_id].append(line)
    for about in of(OutsideLine, OutsideLine.id):
        there.outside[about.consent_id].append(about)
    for said in of(OutsideAnswer, OutsideAnswer.id):
        there.outside_answers[said.signature_id].append(said)
    there.outside_grants = {one.id: one for one in of(OutsideGrant, OutsideGrant.id)}
    return there


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
        is_it = _is_stored(session, select(cls.content).where(cls.id == row.id), row.digest)
        wrong = "" if is_it else "it is not the file that was stored"
        yield Finding(f"{cls.__tablename__} {row.id}", wrong)


def _is_stored(session: Session, content: Select[Any], digest: str) -> bool:
    """Whether the file, which is stored in base64, has this digest."""
    with suppress(Undecryptable, ValueError):
        return sha256(b64decode(session.scalars(content).one())).hexdigest() == digest
    return False


def _papers(session: Session, there: Evidence) -> Iterator[Finding]:
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
    if row.scan_digest != paper["scan"] or not _is_stored(session, content, row.scan_digest):
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


def _in_order(said: list[dict[str, Any]]) -> str:
    return canonical({"lines": sorted(said, key=lambda one: one["line"])})


def _accesses(there: Evidence, consent: Consent) -> Iterator[Finding]:
    """No access is wider or longer than what everybody who signed said yes to."""
    given = [one for one in there.grants.values() if one.consent_id == consent.id]
    signed = {s.id for s in there.signatures.values() if s.consent_id == consent.id}
    records = [one for one in there.records if one.signature_id in signed]
    if not given and consent.signed_at is None:
        return
    if signed and len(records) < len(signed):
        yield Finding(f"consent {consent.id}: signed before records were kept")
        return
    what = f"consent {consent.id}: {len(given)} accesses, {len(records)} signatures"
    if not records:
        yield Finding(what, "nobody has signed it")
        return
    until = end_of_day(min(date.fromisoformat(json.loads(r.said)["until"]) for r in records))
    if consent.until is not None and consent.until > until:
        yield Finding(what, "it lasts longer than was said yes to")
        return
    said = [_yes(there, record) for record in records]
    wide = (one.id for one in given if one.ends_at > until or not _inside(one, said))
    wrong = next(wide, None)
    if wrong is None:
        wrong = next((one.id for one in _too_wide(there, consent, records)), None)
    yield Finding(what, f"access {wrong} is wider than what was said yes to" if wrong else "")


def _too_wide(
    there: Evidence, consent: Consent, records: list[SignatureRecord]
) -> Iterator[OutsideGrant]:
    """What is let be done without a sign-in, and somebody has not said yes to."""
    said = [
        {one["line"]: set(one["ways"]) for one in _behind(there, record).get("outside", ())}
        for record in records
    ]
    for grant in there.outside_grants.values():
        ways = {one.value for one in grant.ways}
        late = consent.until is not None and grant.ends_at > consent.until
        if grant.consent_id == consent.id and (
            late or any(not ways <= one.get(grant.line_id, set()) for one in said)
        ):
            yield grant


def _behind(there: Evidence, record: SignatureRecord) -> dict[str, Any]:
    proof = there.proofs.get(record.seq)
    found: dict[str, Any] = json.loads(proof.said) if proof is not None else {}
    return found


def _yes(there: Evidence, record: SignatureRecord) -> dict[tuple[int, str], dict[str, Any]]:
    """(person, part) -> what one signer said yes to."""
    lines = {one["line"]: one for one in json.loads(record.said)["lines"]}
    answers = (
        json.loads(there.proofs[record.seq].said)["answers"] if record.seq in there.proofs else []
    )
    return {
        (lines[one["line"]]["person"], lines[one["line"]]["scope"]): one
        for one in answers
        if one["accepted"]
    }


def _inside(grant: Grant, said: list[dict[tuple[int, str], dict[str, Any]]]) -> bool:
    for one in said:
        yes = one.get((grant.person_id, grant.scope.value))
        if yes is None or not Level(yes["level"]).covers(grant.level):
            return False
        if grant.scope.has_life_areas and not grant.life_areas <= frozenset(yes["areas"]):
            return False
    return True
