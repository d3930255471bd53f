"""What may be written about a consent on paper (papirreglar): who registers it, who says yes, and
what a hand that signs by it may do.

Asked when rows are flushed (security.writes). Opening that hand is security.paper's.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import OSLO, months_later, today
from models.consent import Consent, Grant, Hearing, Pause, Signature, SignatureAnswer
from models.evidence import SignatureProof, SignatureRecord
from models.outbox import OutboxMessage
from models.outside import OutsideAnswer, OutsideGrant
from models.paper import PAPER, PaperConsent
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import ConsentStatus
from security import second_person
from security.actor import Actor
from security.four_eyes import (
    authorise_answer,
    authorise_confirmer,
    authorise_question,
    says_yes,
)
from security.merging import close_to
from security.policy import Forbidden
from security.signers import deciders

if TYPE_CHECKING:
    from security.session import GuardedSession

LONGEST = 12
"""Months a consent lasts at most, from the day it was signed."""
SAID_YES = "papers said yes to"
"""Where a session keeps, until they are signed, the papers that got their yes in it."""
BY_HAND = "paper"
"""Where the session that signs by a paper keeps what stands on it."""
_NEW = (
    Signature, SignatureAnswer, OutsideAnswer, Hearing, SignatureRecord, SignatureProof, Grant,
    OutsideGrant, OutboxMessage,
)  # fmt: skip
_CHANGED = (Consent, Grant, OutsideGrant, Plan, Participant, PlanRegister, Pause)


@dataclass(frozen=True, slots=True)
class Written:
    """What stands on a paper that got its yes, as far as a signature must agree with it."""

    id: int
    plan_id: int
    consent_id: int
    person_id: int
    until: date
    language: str
    shown: str
    lines: dict[int, dict[str, Any]]
    outside: dict[int, list[str]]
    child: dict[str, Any] | None

    @classmethod
    def of(cls, row: PaperConsent) -> Written:
        said = row.as_written
        lines = {one["line"]: one for one in said["lines"]}
        outside = {one["line"]: one["ways"] for one in said.get("outside", ())}
        whose = (row.id, row.plan_id, row.consent_id, row.person_id)
        words = (row.until, str(row.language), said["shown"])
        return cls(*whose, *words, lines, outside, said["child"])


def confirmers(session: GuardedSession, row: Any) -> set[int]:
    """Persons who may compare a paper: none who registered it, is close to the owner or the
    signer, or is asked about on it. row: the paper, or these columns of it."""
    access = session.access(row.plan_id)
    if access is None:
        return set()
    about = {row.person_id, access.owner_id}
    may = second_person.confirmers(session, row.municipality_id, row.asked_by_id, about)
    return may - {one["person"] for one in json.loads(row.said)["lines"]}


def earliest(sent_at: datetime) -> date:
    """The first day somebody could sign what was sent at that time."""
    return sent_at.astimezone(OSLO).date()


def authorise_paper(session: GuardedSession, row: PaperConsent, new: bool) -> None:
    """Registered by the coordinator, of one who must sign and has not; answered by another.

    Raises: Forbidden, NotAgreed.
    """
    if new:
        return _authorise_registered(session, row)
    authorise_answer(session, session.actor, row)
    authorise_confirmer(session.actor, confirmers(session, row))
    if row.overtaken and row.confirmed:
        raise Forbidden("what is overtaken is not confirmed")
    if says_yes(row):
        session.info.setdefault(SAID_YES, set()).add(row.id)


def _authorise_registered(session: GuardedSession, row: PaperConsent) -> None:
    actor = session.actor
    authorise_question(actor, row)
    plan, consent = session.get(Plan, row.plan_id), session.get(Consent, row.consent_id)
    if plan is None or consent is None or consent.status is not ConsentStatus.SENT:
        raise Forbidden("a paper answers what waits for signatures")
    if not plan.municipality_id == row.municipality_id == actor.municipality_id:
        raise Forbidden("a paper of another municipality")
    signed = select(Signature.id).where(
        Signature.consent_id == row.consent_id, Signature.person_id == row.person_id
    )
    if row.person_id not in deciders(session, plan) or session.scalars(signed).first() is not None:
        raise Forbidden("a paper is of one who must sign, and has not")
    if actor.person_id in close_to(session, {row.person_id, plan.person_id}):
        raise Forbidden("nobody registers papers of their own family")
    sent_at = consent.sent_at
    if sent_at is None or not earliest(sent_at) <= row.signed_on <= today():
        raise Forbidden("a paper is signed after it was asked for, and before it is registered")
    if not today() < row.until <= months_later(row.signed_on, LONGEST):
        raise Forbidden("until is out of range")
    if row.overtaken or sha256(b64decode(row.scan)).hexdigest() != row.scan_digest:
        raise Forbidden("the fingerprint is that of the scan")


# The hand that signs


def authorise_hand(
    session: GuardedSession, new: Iterable[object], changed: Iterable[object]
) -> None:
    """Whoever signs by a paper writes what a signature is, in that plan, and nothing else; and
    nobody else signs so. Raises: Forbidden."""
    paper = session.info.get(BY_HAND)
    actor = cast("Actor | None", session.info.get("actor"))
    if actor is None or actor.paper_id is None:
        if any(isinstance(row, Signature) and row.method == PAPER for row in new):
            raise Forbidden("a signature on paper takes a paper, and two persons")
        return
    if not isinstance(paper, Written) or paper.id != actor.paper_id or session.deleted:
        raise Forbidden("nobody holds this hand")
    for rows, may in ((session.new, _NEW), (changed, _CHANGED)):
        for row in rows:
            if not isinstance(row, may) or getattr(row, "plan_id", None) != paper.plan_id:
                raise Forbidden(f"a paper writes no {type(row).__name__}")
    for row in new:
        if not _agrees(session, row, paper):
            raise Forbidden("a signature says what stands on the paper")


def _agrees(session: Session, row: object, paper: Written) -> bool:
    if isinstance(row, Signature):
        said = (row.consent_id, row.person_id, row.until, str(row.language), row.digest)
        on_it = (paper.consent_id, paper.person_id, paper.until, paper.language, paper.shown)
        return said == on_it and row.method == PAPER
    if isinstance(row, SignatureAnswer):
        line = paper.lines.get(row.line_id)
        if line is None or not row.accepted:
            return line is not None and not line["accepted"]
        now = (row.level, sorted(row.life_areas), row.older)
        return bool(line["accepted"]) and now == (line["level"], line["areas"], line["older"])
    if isinstance(row, OutsideAnswer):
        return sorted(row.ways) == paper.outside.get(row.line_id)
    if isinstance(row, Hearing):
        on = row.heard_on.isoformat() if row.heard_on else None
        heard = {"how": row.how, "on": on, "opinion": row.opinion, "reason": row.reason}
        return heard == paper.child
    return True


def unsigned(session: GuardedSession) -> bool:
    """Whether a paper got its yes in this transaction, and is no signature yet."""
    return bool(session.info.get(SAID_YES))
