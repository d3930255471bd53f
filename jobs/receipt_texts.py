"""The two kinds of receipt (kvittering og stadfesting), put together from what is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.receipt_page import (
    Facts,
    Parts,
    ReceiptPage,
    Words,
    answered,
    kind_of,
    people,
    read,
    without_a_sign_in,
)
from models.consent import Consent, Grant, Signature
from models.evidence import SignatureProof, SignatureRecord
from models.i18n import N_
from models.language import spoken
from models.outside import OutsideGrant
from models.paper import PAPER
from models.people import Person
from models.plan import Plan
from services.evidence import text_of

_END = N_(
    "The consent can be taken back at any time, at no cost. This file is sealed by the "
    "municipality: if anything in it is changed, the seal breaks."
)


def page_of_signature(session: Session, signature_id: int, municipality: str) -> ReceiptPage:
    """What one signer said, part by part."""
    signature = session.get_one(Signature, signature_id)
    record = session.scalars(
        select(SignatureRecord).where(SignatureRecord.signature_id == signature_id)
    ).one()
    proof = select(SignatureProof).where(
        SignatureProof.plan_id == record.plan_id, SignatureProof.seq == record.seq
    )
    said, behind = read(record.said), read(session.scalars(proof).one().said)
    words = Words(spoken(signature.language))
    page = _page(words, municipality, N_("Receipt for a consent"))
    page.lead = _lead(session, signature.plan_id, said, words)
    page.heads = (words(N_("Part")), words(N_("Asked for")), words(N_("Answer")))
    page.facts = [
        [
            *_signed(session, signature, words),
            _how(signature, words),
            *_on_paper(session, behind.get("paper"), words),
            (words(N_("Lasts until and including")), words.day(signature.until)),
        ]
    ]
    page.people = people(said, answered(said, behind, words), words)
    page.people += without_a_sign_in(said, _answered_outside(said, behind, words), words)
    page.texts = [(words(N_("What stood on the page")), text_of(signature))]
    page.proof = _proof(said, record, words)
    return page


def page_of_consent(session: Session, consent_id: int, municipality: str) -> ReceiptPage:
    """What was opened once all had signed, and who signed; nobody's own answers."""
    consent = session.get_one(Consent, consent_id)
    signed = select(Signature).where(Signature.consent_id == consent_id).order_by(Signature.id)
    signatures = session.scalars(signed).all()
    ids = [one.id for one in signatures]
    wanted = select(SignatureRecord).where(SignatureRecord.signature_id.in_(ids))
    record = session.scalars(wanted.order_by(SignatureRecord.seq.desc())).first()
    assert record is not None  # jobs.receipts asks for no other
    last = next(one for one in signatures if one.id == record.signature_id)
    said, words = read(record.said), Words(spoken(last.language))
    page = _page(words, municipality, N_("Confirmation of a consent"))
    page.lead = _lead(session, consent.plan_id, said, words)
    page.heads = (words(N_("Part")), words(N_("Opened")))
    page.facts = [
        [*_signed(session, one, words), *([_how(one, words)] if one.method == PAPER else ())]
        for one in signatures
    ]
    if consent.until is not None:
        page.facts.append([(words(N_("Lasts until and including")), words.last_day(consent.until))])
    page.people = people(said, _opened(session, consent, said, words), words)
    page.people += without_a_sign_in(said, _opened_outside(session, consent, words), words)
    page.texts = [(words(N_("What stood on the page")), text_of(last))]
    page.proof = _proof(said, record, words)
    return page


def _page(words: Words, municipality: str, title: str) -> ReceiptPage:
    return ReceiptPage(
        language=words.language, municipality=municipality, title=words(title), lead="",
        heads=(), end=words(_END), proof_heading=words(N_("To check it by")),
        seal=words(N_("The municipality's seal")),
    )  # fmt: skip


def _lead(session: Session, plan_id: int, said: dict[str, Any], words: Words) -> str:
    owner = session.get_one(Person, session.get_one(Plan, plan_id).person_id)
    return words(N_("%(kind)s. Owner: %(name)s"), kind=kind_of(said, words), name=owner.name)


def _signed(session: Session, signature: Signature, words: Words) -> list[tuple[str, str]]:
    return [
        (words(N_("Signed by")), session.get_one(Person, signature.person_id).name),
        (words(N_("As")), words.of(signature.capacity)),
        (words(N_("When")), words.moment(signature.signed_at)),
    ]


def _how(signature: Signature, words: Words) -> tuple[str, str]:
    return words(N_("How that was shown")), words.how(signature.method)


def _on_paper(session: Session, paper: dict[str, Any] | None, words: Words) -> Facts:
    """Of a signature by hand: when it was written, where it lies, who stands for it here."""
    if paper is None:
        return []
    by, confirmed_by = (
        session.get_one(Person, paper[name]).name for name in ("registered_by", "confirmed_by")
    )
    return [
        (words(N_("Date on the paper")), words.day(date.fromisoformat(paper["signed_on"]))),
        (words(N_("Where the paper lies")), paper["original"]),
        (words(N_("Registered by")), by),
        (words(N_("Confirmed by")), confirmed_by),
        (words(N_("Fingerprint of the scan (SHA-256)")), paper["scan"]),
    ]


def _proof(said: dict[str, Any], record: SignatureRecord, words: Words) -> list[tuple[str, str]]:
    return [
        (words(N_("Version of the consent")), str(said["version"])),
        (words(N_("Time (UTC)")), record.at.isoformat(timespec="seconds")),
        (words(N_("Fingerprint of the text (SHA-256)")), said["statement"]),
        (words(N_("Record number")), str(record.seq)),
        (words(N_("Fingerprint of the record (SHA-256)")), record.digest),
    ]


def _opened(session: Session, consent: Consent, said: dict[str, Any], words: Words) -> Parts:
    """Line -> how far it was opened; a line nothing came of is not there."""
    given = session.scalars(select(Grant).where(Grant.consent_id == consent.id))
    by_part = {(one.person_id, one.scope.value): one for one in given}
    told: dict[int, Sequence[str]] = {}
    for line in said["lines"]:
        grant = by_part.get((line["person"], line["scope"]))
        if grant is None:
            continue
        level = words.of(grant.level)
        if grant.scope.has_life_areas and set(grant.life_areas) != set(line["areas"]):
            level = f"{level}: {words.part(grant.scope, grant.life_areas)}"
        told[line["line"]] = (level,)
    return told


def _answered_outside(
    said: dict[str, Any], behind: dict[str, Any], words: Words
) -> dict[int, dict[str, Sequence[str]]]:
    yes, no = words(N_("Yes")), words(N_("No"))
    chosen = {one["line"]: set(one["ways"]) for one in behind.get("outside", ())}
    return {
        line["line"]: {
            way: (yes, yes if way in chosen.get(line["line"], ()) else no) for way in line["ways"]
        }
        for line in said.get("outside", ())
    }


def _opened_outside(
    session: Session, consent: Consent, words: Words
) -> dict[int, dict[str, Sequence[str]]]:
    given = session.scalars(select(OutsideGrant).where(OutsideGrant.consent_id == consent.id))
    yes = (words(N_("Yes")),)
    return {one.line_id: {way.value: yes for way in one.ways} for one in given}
