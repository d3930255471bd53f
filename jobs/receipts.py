"""Sealed receipts (kvitteringar): made once for each signature, when there is a certificate.

What is to be made is what is not there: killed anywhere, it is made the next time, and the
database refuses a second one. Nothing is held while a file is made.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Engine, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from integrations.certificate import Certificate
from integrations.pades import sealed
from integrations.pdf import as_pdf
from jobs.receipt_page import STYLE
from jobs.receipt_texts import page_of_consent, page_of_signature
from models.consent import Consent, Signature
from models.database import WRITING
from models.evidence import SignatureRecord
from models.municipality import Municipality
from models.plan import Plan
from models.receipt import Receipt, ReceiptCopy
from security.session import SystemSession

_LOG = logging.getLogger("medspel.jobs")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is not there yet: of a signature, or of a consent all have signed."""

    kind: type[Signature] | type[Consent]
    id: int
    plan_id: int
    municipality: str


def waiting(engine: Engine) -> list[Wanted]:
    """Files that are to be made, the oldest first."""
    with SystemSession(engine, because="making receipts") as session:
        return [*_signatures(session), *_consents(session)]


def make_receipts(engine: Engine, certificates: Mapping[str, Certificate]) -> bool:
    """Make every file that waits; whether all of them are made. One bad one stops no other."""
    made_all = True
    for one in waiting(engine):
        certificate = certificates.get(one.municipality)
        if certificate is None or not certificate.is_there:
            made_all = False
            continue
        try:
            _make(engine, one, certificate)
        except Exception as fault:  # whatever is wrong with one, the next is tried
            _LOG.error("receipt of %s %s: %s", one.kind.__name__, one.id, type(fault).__name__)
            made_all = False
    return made_all


def _make(engine: Engine, one: Wanted, certificate: Certificate) -> None:
    WRITING.set(False)
    with SystemSession(engine, because="making receipts") as session:
        of = page_of_signature if one.kind is Signature else page_of_consent
        page = of(session, one.id, one.municipality)
    file = sealed(as_pdf(page.html(), STYLE), certificate, page.seal)
    stored = {
        "plan_id": one.plan_id,
        "content": b64encode(file).decode(),
        "digest": sha256(file).hexdigest(),
    }
    WRITING.set(True)
    with SystemSession(engine, because="making receipts") as session:
        if one.kind is Signature:
            session.add(Receipt(signature_id=one.id, **stored))
        else:
            session.add(ReceiptCopy(consent_id=one.id, **stored))
        try:
            session.commit()
        except IntegrityError:  # another worker was first, and its file is as good
            session.rollback()


def _signatures(session: Session) -> Iterator[Wanted]:
    s, r, f = Signature, SignatureRecord, Receipt
    wanted = (
        select(s.id, s.plan_id, Municipality.name)
        .join(r, r.signature_id == s.id)
        .join(Plan, Plan.id == s.plan_id)
        .join(Municipality, Municipality.id == Plan.municipality_id)
        .where(~exists().where(f.signature_id == s.id))
    )
    for row in session.execute(wanted.order_by(s.id)):
        yield Wanted(Signature, *row)


def _consents(session: Session) -> Iterator[Wanted]:
    c, s, r, f = Consent, Signature, SignatureRecord, ReceiptCopy
    recorded = exists().where(s.consent_id == c.id, r.signature_id == s.id)
    wanted = (
        select(c.id, c.plan_id, Municipality.name)
        .join(Plan, Plan.id == c.plan_id)
        .join(Municipality, Municipality.id == Plan.municipality_id)
        .where(c.signed_at.is_not(None), recorded, ~exists().where(f.consent_id == c.id))
    )
    for row in session.execute(wanted.order_by(c.id)):
        yield Wanted(Consent, *row)
