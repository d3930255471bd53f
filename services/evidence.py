"""Writing down what was signed and what was withdrawn (bevis), in the transaction that does it.

Called with the plan held (services.consent.lock), so that two records never take one place in
the chain.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import inspect, select
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
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.people import Person, Representation
from models.plan import Participant, Plan
from models.vocabulary import Capacity, Recorded
from security.chain import canonical, next_record, what_ended
from security.session import GuardedSession, SystemSession
from services.consent_texts import texts

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
    outside: Sequence[tuple[OutsideLine, OutsideAnswer]] = (),
) -> None:
    """One record of a signature that has just been stored, with its answers.

    Source: GDPR art. 7(1), eIDAS art. 3(10), NO-2.7.
    """
    heard = None if hearing is None else digest_of_child(hearing)
    behind = {"answers": [answer_said(one) for one in answers], "heard": heard, **proof.facts()}
    if outside:
        behind["outside"] = [outside_answer_said(answer) for _, answer in outside]
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
    if outside:
        said["outside"] = [outside_line_said(line) for line, _ in outside]
    record = _append(session, plan.id, Recorded.SIGNED, said, signature.signed_at, signature.id)
    session.add(SignatureProof(plan_id=plan.id, seq=record.seq, said=hidden))
    session.flush()


def record_withdrawal(
    session: GuardedSession,
    plan_id: int,
    what: Recorded,
    grants: Iterable[Grant],
    consents: Iterable[Consent] = (),
    outside: Iterable[OutsideGrant] = (),
) -> None:
    """One record of what was taken back: which accesses, and which consents ended with it.

    outside: of those without a sign-in, with their lines.
    """
    said = what_ended(plan_id, grants, consents)
    without = [{"grant": one.id, "line": one.line_id, "name": one.line.name} for one in outside]
    if without:
        said = {**said, "outside": without}
    _append(session, plan_id, what, said, utcnow())


def hold(session: SystemSession, plans: Collection[int]) -> None:
    """Hold some plans, always in the same order, for what ends by itself there."""
    held = select(Plan.id).where(Plan.id.in_(plans)).order_by(Plan.id)
    session.execute(held.with_for_update())


def record_end(
    session: SystemSession,
    plan_id: int,
    what: Recorded,
    grants: Iterable[Grant],
    consents: Iterable[Consent],
    person_id: int,
) -> None:
    """One record of what ended by itself; person_id: whom it came from that it did."""
    said = what_ended(plan_id, grants, consents)
    session.add(next_record(session, plan_id, what, said, person_id, utcnow()))
    session.flush()


def _append(
    session: GuardedSession,
    plan_id: int,
    what: Recorded,
    said: Mapping[str, Any],
    at: datetime,
    signature_id: int | None = None,
) -> SignatureRecord:
    session.flush()
    me = session.actor.person_id
    row = next_record(session, plan_id, what, said, me, at, signature_id)
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


def outside_line_said(line: OutsideLine) -> dict[str, Any]:
    """One line about somebody without a sign-in, as it stood on the page."""
    names = ("name", "organisation", "ways", "about", "meeting_on")
    return {"line": line.id} | {name: getattr(line, name) for name in names}


def outside_answer_said(one: OutsideAnswer) -> dict[str, Any]:
    """One answer to it as the record of it says it."""
    return {"line": one.line_id, "ways": one.ways}


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
