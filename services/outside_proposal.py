"""Proposing what a service or a person without a sign-in may do (framlegg om utveksling).

Opens nothing by itself: those who decide answer on the page where they sign.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.clock import OSLO, utcnow
from models.elements.meeting import Meeting
from models.i18n import N_
from models.outside import OutsideLine
from models.plan import Plan
from models.vocabulary import Exchange
from security.policy import Forbidden
from security.session import GuardedSession
from services.consent import lock, signatures, waiting_consent
from services.errors import Conflict
from services.proposal import unsigned


class SignedAlready(Conflict):
    """Somebody has signed exactly what is asked: it is answered, not taken out."""

    words = N_("Somebody has signed this proposal already. Ask for a new consent instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideProposal:
    """about: which information. meeting_id: the one meeting somebody is a guest at."""

    uid: str
    name: str
    organisation: str | None
    ways: frozenset[Exchange]
    about: str | None
    meeting_id: int | None


def coming_meetings(session: GuardedSession, plan_id: int) -> list[Meeting]:
    """Meetings a guest can be asked about: to come, and kept from nobody who decides."""
    open_to_all = (Meeting.hidden_from_guardians.is_(False), Meeting.shielded_from_id.is_(None))
    wanted = select(Meeting).where(
        Meeting.plan_id == plan_id,
        Meeting.removed_at.is_(None),
        Meeting.starts_at > utcnow(),
        *open_to_all,
    )
    return list(session.scalars(wanted.order_by(Meeting.starts_at).limit(_MOST)).unique())


_MOST = 50


def propose_outside(session: GuardedSession, plan: Plan, asked: OutsideProposal) -> OutsideLine:
    """Put it in the proposal that waits for signatures, or in a new one.

    Raises: ValueError, when nothing is asked for, or of a meeting that has been; Forbidden.
    """
    lock(session, plan.id)
    meetings = {one.id: one for one in coming_meetings(session, plan.id)}
    meeting = meetings.get(asked.meeting_id or 0)
    guest = asked.meeting_id is not None
    if not asked.ways or (guest and (meeting is None or Exchange.ATTEND not in asked.ways)):
        raise ValueError("nothing is asked for, or a meeting nobody can be asked about")
    consent = unsigned(session, plan, plan.type)
    line = OutsideLine(
        uid=asked.uid, first_uid=asked.uid, plan_id=plan.id, consent_id=consent.id,
        name=asked.name, organisation=asked.organisation, ways=asked.ways, about=asked.about,
        meeting_id=meeting and meeting.id,
        meeting_on=meeting and meeting.starts_at.astimezone(OSLO).date(),
    )  # fmt: skip
    session.add(line)
    session.flush()
    return line


def drop(session: GuardedSession, plan: Plan, line_id: int) -> None:
    """Ask no more about one: the proposal becomes a new version without it, to be sent anew.

    Raises: SignedAlready, Forbidden.
    """
    lock(session, plan.id)
    consent = waiting_consent(session, plan.id)
    line = session.get(OutsideLine, line_id)
    if consent is None or line is None or line.consent_id != consent.id:
        raise Forbidden("only what is asked now is taken out")
    if signatures(session, consent):
        raise SignedAlready(plan.id)
    unsigned(session, plan, consent.plan_type, without=line.first_uid)
