"""What all signers said of those without a sign-in (løyve til utveksling): asked when one is made.

GDPR art. 7, helsepersonellova § 22.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consent import Consent, Signature
from models.elements.meeting import Meeting
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.vocabulary import ConsentStatus, Exchange
from security.policy import Forbidden


def agreed_outside(session: Session, consent_id: int) -> dict[int, frozenset[Exchange]]:
    """Id of a line -> what everybody who has signed said yes to. Not there: somebody said no."""
    signed = select(Signature.id).where(Signature.consent_id == consent_id)
    signers = set(session.scalars(signed))
    pairs = (
        select(OutsideLine, OutsideAnswer)
        .join(OutsideAnswer, OutsideAnswer.line_id == OutsideLine.id)
        .where(OutsideLine.consent_id == consent_id)
        .order_by(OutsideLine.id)
    )
    left: dict[int, frozenset[Exchange]] = {}
    answered: dict[int, set[int]] = {}
    for line, answer in session.execute(pairs):
        answered.setdefault(line.id, set()).add(answer.signature_id)
        left[line.id] = left.get(line.id, line.ways) & answer.ways
    return {key: ways for key, ways in left.items() if ways and answered[key] == signers}


def authorise_outside(session: Session, grants: Iterable[OutsideGrant]) -> None:
    """What all signers of a consent in force said yes to, for as long, and no more.

    Raises: Forbidden.
    """
    agreed: dict[int, dict[int, frozenset[Exchange]]] = {}
    for grant in grants:
        consent = session.get(Consent, grant.consent_id)
        if consent is None or consent.status is not ConsentStatus.SIGNED or not consent.until:
            raise Forbidden("nothing is exchanged without a consent in force")
        if consent.id not in agreed:
            agreed[consent.id] = agreed_outside(session, consent.id)
        said = agreed[consent.id].get(grant.line_id, frozenset())
        if not grant.ways or not grant.ways <= said or grant.ends_at > consent.until:
            raise Forbidden("no exchange beyond what every signer said yes to")


def authorise_guest(session: Session, line: OutsideLine) -> None:
    """A guest is asked about for a meeting all who decide may know of. Raises: Forbidden."""
    meeting = session.get(Meeting, line.meeting_id) if line.meeting_id is not None else None
    if meeting is not None and (meeting.hidden_from_guardians or meeting.shielded_from_id):
        raise Forbidden("a meeting that is kept from somebody is not told of by a question")
