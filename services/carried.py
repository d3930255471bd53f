"""What one has answered already (svar som står): a later version asks only about what is new."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from models.clock import utcnow
from models.consent import Consent, ConsentLine, Grant, Signature, SignatureAnswer
from security.session import GuardedSession
from services.answer import Answer


def carried(
    session: GuardedSession, in_force: Consent | None, lines: Sequence[ConsentLine]
) -> dict[int, Answer]:
    """Id of a line that is asked now -> what the actor said to the same in the consent that is
    in force.

    The same: this person, this part, proposed as it was. Of somebody who was withdrawn or has
    no access any more nothing is carried: they are asked about anew. Source: GDPR art. 7(1).
    """
    if in_force is None:
        return {}
    said = _said(session, in_force)
    if not said:
        return {}
    live = select(Grant.person_id).where(
        Grant.consent_id == in_force.id, Grant.revoked_at.is_(None), Grant.ends_at > utcnow()
    )
    still_in = set(session.scalars(live))
    same = (line for line in lines if line.person_id in still_in and _key(line) in said)
    return {line.id: said[_key(line)] for line in same}


def _said(session: GuardedSession, consent: Consent) -> dict[object, Answer]:
    pairs = (
        select(ConsentLine, SignatureAnswer)
        .join(SignatureAnswer, SignatureAnswer.line_id == ConsentLine.id)
        .join(Signature, Signature.id == SignatureAnswer.signature_id)
        .where(Signature.consent_id == consent.id, Signature.person_id == session.actor.person_id)
    )
    return {
        _key(line): Answer(answer.accepted, answer.level, answer.life_areas, answer.older)
        for line, answer in session.execute(pairs)
    }


def _key(line: ConsentLine) -> object:
    return line.person_id, line.scope, line.level, line.life_areas
