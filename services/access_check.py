"""Whether what is open is what all signers said yes to (kontroll av tilgangar)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from models.clock import end_of_day
from models.consent import Consent, Grant
from models.evidence import SignatureRecord
from models.outside import OutsideGrant
from models.vocabulary import Level
from services.evidence_rows import Evidence, Finding


def accesses(there: Evidence, consent: Consent) -> Iterator[Finding]:
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
    answers = _behind(there, record).get("answers", ())
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
