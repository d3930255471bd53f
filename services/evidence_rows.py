"""Everything of one plan that has to agree (bevisrader), loaded once to be compared."""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from models.consent import Consent, ConsentLine, Grant, Hearing, Signature, SignatureAnswer
from models.evidence import SignatureProof, SignatureRecord
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.paper import PaperConsent
from security.crypto import Undecryptable


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


def load(session: Session, plan_id: int) -> Evidence:
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


def is_stored(session: Session, content: Select[Any], digest: str) -> bool:
    """Whether the file, which is stored in base64, has this digest."""
    with suppress(Undecryptable, ValueError):
        return sha256(b64decode(session.scalars(content).one())).hexdigest() == digest
    return False
