"""Those without a sign-in (utan innlogging): what is asked, what was said, what is open now.

Proposing lives in services.outside_proposal, taking back in services.withdrawal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.consent import Consent, Signature
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.vocabulary import ConsentStatus, Exchange
from security.outside import agreed_outside
from security.session import GuardedSession

Ways = frozenset[Exchange]
_L, _G = OutsideLine, OutsideGrant
_SAME = ("first_uid", "name", "organisation", "ways", "about", "meeting_id", "meeting_on")


def outside_lines(session: GuardedSession, consent: Consent) -> Sequence[OutsideLine]:
    wanted = select(_L).where(_L.consent_id == consent.id)
    return session.scalars(wanted.order_by(_L.id)).all()


def open_now(session: GuardedSession, plan_id: int) -> Sequence[OutsideGrant]:
    """What may be exchanged at this moment, with its lines; the oldest first."""
    live = (_G.plan_id == plan_id, _G.revoked_at.is_(None), _G.ends_at > utcnow())
    wanted = select(_G).where(*live).options(joinedload(_G.line))
    return session.scalars(wanted.order_by(_G.line_id)).all()


def guests(session: GuardedSession, meeting_id: int) -> list[tuple[str, bool]]:
    """(name, whether all have said yes, and it stands) of those who are asked about, or let
    come, for one meeting."""
    alive = (ConsentStatus.DRAFT, ConsentStatus.SENT, ConsentStatus.SIGNED)
    is_open = and_(_G.line_id == _L.id, _G.revoked_at.is_(None), _G.ends_at > utcnow())
    wanted = (
        select(_L.first_uid, _L.name, _G.id, Consent.status)
        .join(Consent, Consent.id == _L.consent_id)
        .outerjoin(_G, is_open)
        .where(_L.meeting_id == meeting_id, Consent.status.in_(alive))
        .order_by(_L.id)
    )
    found: dict[str, tuple[str, bool]] = {}
    for first, name, grant_id, status in session.execute(wanted):
        if grant_id is not None or (status is not ConsentStatus.SIGNED and first not in found):
            found[first] = (name, grant_id is not None)
    return list(found.values())


def said_before(
    session: GuardedSession, in_force: Consent | None, lines: Sequence[OutsideLine]
) -> dict[int, Ways]:
    """Id of a line that is asked now -> what the actor said to the same in the consent in force,
    as far as it is still open to all. Of what was taken back nothing stands."""
    if in_force is None or not lines:
        return {}
    wanted = (
        select(_L.first_uid, OutsideAnswer, _G)
        .join(OutsideAnswer, OutsideAnswer.line_id == _L.id)
        .join(Signature, Signature.id == OutsideAnswer.signature_id)
        .join(_G, _G.line_id == _L.id)
        .where(
            _L.consent_id == in_force.id,
            Signature.person_id == session.actor.person_id,
            _G.revoked_at.is_(None),
            _G.ends_at > utcnow(),
        )
    )
    said = {first: answer.ways & grant.ways for first, answer, grant in session.execute(wanted)}
    return {line.id: said[line.first_uid] for line in lines if line.first_uid in said}


def answers_to(
    signature: Signature, lines: Sequence[OutsideLine], said: Mapping[int, Ways]
) -> list[OutsideAnswer]:
    """Rows of what a signer said; a line nothing is said of is a no, and never more is said yes
    to than was asked."""
    return [
        OutsideAnswer(
            plan_id=line.plan_id,
            signature_id=signature.id,
            line_id=line.id,
            ways=said.get(line.id, frozenset()) & line.ways,
        )
        for line in lines
    ]


def open_agreed(session: GuardedSession, consent: Consent, lines: Sequence[OutsideLine]) -> None:
    """Open what all have said yes to, once `consent` is in force; what was before ends."""
    assert consent.until is not None and consent.signed_at is not None
    before = (_G.plan_id == consent.plan_id, _G.revoked_at.is_(None))
    for grant in session.scalars(select(_G).where(*before)):
        grant.revoked_at = consent.signed_at
    given = agreed_outside(session, consent.id) if lines else {}
    session.add_all(
        OutsideGrant(
            plan_id=consent.plan_id, consent_id=consent.id, line_id=line.id, ways=given[line.id],
            starts_at=consent.signed_at, ends_at=consent.until,
        )
        for line in lines
        if line.id in given
    )  # fmt: skip
    session.flush()


def carry_over(session: GuardedSession, consent: Consent, but: str = "") -> None:
    """Ask in a new version what the one before asked: of one that was in force what is open or
    has run out, of another what nobody has decided on yet; nothing that was taken back.
    but: `first_uid` of what is left out."""
    before = select(Consent).where(Consent.plan_id == consent.plan_id, Consent.id != consent.id)
    last = session.scalars(before.order_by(Consent.version.desc()).limit(1)).first()
    asked = outside_lines(session, last) if last is not None else ()
    if not asked or last is None:
        return
    made = (
        select(_L.first_uid, _G.revoked_at)
        .join(_G, _G.line_id == _L.id)
        .where(_L.plan_id == consent.plan_id)
    )
    decided, still = set(), set()
    for first, revoked_at in session.execute(made):
        decided.add(first)
        if revoked_at is None:
            still.add(first)
    for line in asked:
        never = last.signed_at is None and line.first_uid not in decided
        if line.first_uid != but and (line.first_uid in still or never):
            same = {name: getattr(line, name) for name in _SAME}
            session.add(OutsideLine(plan_id=consent.plan_id, consent_id=consent.id, **same))
    session.flush()


def end_all(session: GuardedSession, plan_id: int) -> list[OutsideGrant]:
    """With the whole consent; what was ended."""
    live = (_G.plan_id == plan_id, _G.revoked_at.is_(None))
    ended = list(session.scalars(select(_G).where(*live).options(joinedload(_G.line))))
    for grant in ended:
        grant.revoked_at = utcnow()
    return ended
