"""Writing down what was signed and what was withdrawn (bevis), in the transaction that does it.

Called with the plan held (services.consent.lock), so that two records never take one place in
the chain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Table, inspect, select
from sqlalchemy.orm import aliased

from models.clock import utcnow
from models.consent import (
    Consent,
    ConsentLine,
    Grant,
    Hearing,
    Signature,
    SignatureAnswer,
)
from models.evidence import SignatureProof, SignatureRecord
from models.language import Tongue
from models.people import Person, Representation
from models.plan import Participant, Plan
from models.vocabulary import Capacity, Recorded
from security.audit import digest
from security.session import GuardedSession
from services.consent_texts import texts

_TABLE = cast(Table, SignatureRecord.__table__)
_OF_THE_ROW = {"id", "uid", "plan_id", "created_at", "signature_id"}
LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How it was shown who signs (NO-2.7): `method` is the level of assurance, or "password".

    issuer, subject, acr, amr, shown_at: what the provider said. session: a digest of the login.
    address, agent: from where, with which program. paper: of a signature by hand, its scan and
    where it lies, and who has registered and confirmed it.
    """

    method: str = "password"
    issuer: str = ""
    subject: str = ""
    acr: str = ""
    amr: tuple[str, ...] = ()
    shown_at: datetime | None = None
    session: str = ""
    address: str = ""
    agent: str = ""
    paper: Mapping[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        return {
            **({} if self.paper is None else {"paper": self.paper}),
            "issuer": self.issuer, "subject": self.subject, "acr": self.acr,
            "amr": list(self.amr), "auth_time": self.shown_at, "session": self.session,
            "address": self.address, "user_agent": self.agent[:LONGEST_AGENT],
        }  # fmt: skip


BY_PASSWORD = Proof()


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


def digest_of(text: str) -> str:
    """SHA-256, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def statement_of(signature: Signature) -> str:
    """The exact text that was on the page; empty for what was signed before it was kept."""
    return signature.statement


def text_of(signature: Signature) -> str:
    """The consent text as the signer read it, the long part too."""
    text = json.loads(statement_of(signature) or "{}").get("text") or {}
    return "\n\n".join(part for part in (text.get("body"), text.get("details")) if part)


def record_signature(
    session: GuardedSession,
    plan: Plan,
    consent: Consent,
    signature: Signature,
    answers: Sequence[SignatureAnswer],
    hearing: Hearing | None,
    proof: Proof,
) -> None:
    """One record of a signature that has just been stored, with its answers.

    Source: GDPR art. 7(1), eIDAS art. 3(10), NO-2.7.
    """
    heard = None if hearing is None else digest_of_child(hearing)
    behind = {"answers": [answer_said(one) for one in answers], "heard": heard, **proof.facts()}
    hidden = canonical(behind)
    said = {
        "consent": consent.id,
        "version": consent.version,
        "type": consent.plan_type,
        "plan": plan.id,
        "text": _text(session, consent, signature.language),
        "language": signature.language,
        "statement": digest_of(statement_of(signature)),
        "lines": lines_said(session, consent.id),
        "signer": signature.person_id,
        "capacity": signature.capacity,
        "representation": _representation(session, plan, signature),
        "until": signature.until,
        "method": signature.method,
        "proof": digest_of(hidden),
    }
    record = _append(session, plan.id, Recorded.SIGNED, said, signature.signed_at, signature.id)
    session.add(SignatureProof(plan_id=plan.id, seq=record.seq, said=hidden))
    session.flush()


def record_withdrawal(
    session: GuardedSession,
    plan_id: int,
    what: Recorded,
    grants: Iterable[Grant],
    consents: Iterable[Consent] = (),
) -> None:
    """One record of what was taken back: which accesses, and which consents ended with it."""
    ended = [
        {"grant": one.id, "person": one.person_id, "scope": one.scope}
        for one in sorted(grants, key=lambda one: one.id)
    ]
    over = [{"consent": one.id, "version": one.version} for one in consents]
    _append(session, plan_id, what, {"plan": plan_id, "ended": ended, "consents": over}, utcnow())


def _append(
    session: GuardedSession,
    plan_id: int,
    what: Recorded,
    said: Mapping[str, Any],
    at: datetime,
    signature_id: int | None = None,
) -> SignatureRecord:
    session.flush()
    newest = (
        select(SignatureRecord.seq, SignatureRecord.digest)
        .where(SignatureRecord.plan_id == plan_id)
        .order_by(SignatureRecord.seq.desc())
    )
    seq, previous = session.execute(newest.limit(1)).first() or (0, "")
    row = SignatureRecord(
        plan_id=plan_id, seq=seq + 1, at=at, what=what, person_id=session.actor.person_id,
        signature_id=signature_id, said=canonical(said), previous=previous,
    )  # fmt: skip
    row.digest = digest(_TABLE, {c.name: getattr(row, c.name) for c in _TABLE.c})
    session.add(row)
    session.flush()
    return row


def digest_of_child(hearing: Hearing) -> dict[str, Any]:
    """What the child was heard about, as a digest: the words themselves are not in the record.
    `of`: the columns it was made of, so that more of them later change no old digest."""
    columns = inspect(Hearing).column_attrs
    names = sorted(one.key for one in columns if one.key not in _OF_THE_ROW)
    return {"of": names, "digest": digest_of(canonical({n: getattr(hearing, n) for n in names}))}


def lines_said(session: GuardedSession, consent_id: int) -> list[dict[str, Any]]:
    """Every line as it stood on the page: who, as what, why, and what was asked."""
    who = aliased(Participant)
    wanted = (
        select(ConsentLine, who, Person.name, Person.organisation)
        .join(who, (who.plan_id == ConsentLine.plan_id) & (who.person_id == ConsentLine.person_id))
        .join(Person, Person.id == ConsentLine.person_id)
        .where(ConsentLine.consent_id == consent_id)
        .order_by(ConsentLine.id)
    )
    return [
        {
            "line": line.id, "person": line.person_id, "participant": one.id, "name": name,
            "role": one.role, "package": one.package,
            "organisation": one.organisation or employer, "why": one.why,
            "scope": line.scope, "level": line.level, "areas": line.life_areas,
        }
        for line, one, name, employer in session.execute(wanted)
    ]  # fmt: skip


def answer_said(one: SignatureAnswer) -> dict[str, Any]:
    """One answer as the record of it says it."""
    names = ("accepted", "level", "older")
    said = {"line": one.line_id, "areas": one.life_areas}
    return said | {name: getattr(one, name) for name in names}


def _text(session: GuardedSession, consent: Consent, language: Tongue) -> dict[str, Any] | None:
    """Which text of the municipality was on the page."""
    found = texts(session, consent.plan_type).get(language)
    return (
        None if found is None else {"id": found.id, "version": found.version, "language": language}
    )


def _representation(session: GuardedSession, plan: Plan, signature: Signature) -> int | None:
    """By which registration somebody signs for the owner; None for the owner."""
    if signature.capacity is Capacity.OWNER:
        return None
    r = Representation
    mine = select(r.id).where(
        r.person_id == plan.person_id,
        r.representative_id == signature.person_id,
        r.capacity == signature.capacity,
        r.verified_at.is_not(None),
    )
    return session.scalars(mine.order_by(r.starts_at.desc()).limit(1)).first()
