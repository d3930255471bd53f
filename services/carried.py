"""What one has answered already (svar som står): a later version asks only about what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from models.clock import utcnow
from models.consent import Consent, ConsentLine, Grant, Pause, Signature, SignatureAnswer
from models.vocabulary import Scope, narrowest
from security.session import GuardedSession
from services.answer import Answer
from services.pauses import open_pauses

Where = tuple[int, Scope]


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
    keys, paused = _keys(session, in_force), open_pauses(session, in_force.plan_id)
    live = {where: key for where, key in keys.items() if _stands(key, paused)}
    still_in = {person_id for person_id, _ in live}
    return {
        line.id: _as_it_stands(said[_key(line)], _at(line) in keys, live.get(_at(line)))
        for line in lines
        if line.person_id in still_in and _key(line) in said
    }


def _stands(key: Grant, paused: Mapping[int, Pause]) -> bool:
    """Open, or shut by the pause and nothing else."""
    on = paused.get(key.person_id)
    return key.revoked_at is None or (on is not None and key.revoked_at >= on.created_at)


def _as_it_stands(said: Answer, opened: bool, key: Grant | None) -> Answer:
    """What was said, less what somebody has taken back since: a yes of last year must not
    bring that again."""
    if not opened:
        return said
    if key is None:
        return replace(said, accepted=False)
    areas = said.life_areas & key.life_areas
    return replace(said, level=narrowest(said.level, key.level), life_areas=areas)


def _keys(session: GuardedSession, consent: Consent) -> dict[Where, Grant]:
    """Whom and what -> the newest key made of it."""
    made = select(Grant).where(Grant.consent_id == consent.id, Grant.ends_at > utcnow())
    return {(one.person_id, one.scope): one for one in session.scalars(made.order_by(Grant.id))}


def _at(line: ConsentLine) -> Where:
    return line.person_id, line.scope


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
