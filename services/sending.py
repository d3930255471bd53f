"""Sending a meeting (sende innkalling): the agenda is settled with the owner's side first."""

from __future__ import annotations

from collections.abc import Collection

from models.clock import utcnow
from models.elements.meeting import Meeting
from models.plan import Plan
from models.vocabulary import Settled
from security.session import GuardedSession
from services.consent import lock
from services.meetings import DoesNotTakePlace, HasBegun, choose, still_called, tell


def settle(session: GuardedSession, meeting: Meeting, how: Settled, because: str | None) -> None:
    """Say how the agenda is settled with the owner's side; `because`: why it is not, or more.

    Raises: Forbidden.
    """
    if (meeting.settled, meeting.settled_because) == (how, because):
        return
    meeting.settled, meeting.settled_because = how, because
    meeting.settled_by_id, meeting.settled_at = session.actor.person_id, utcnow()
    session.flush()


def send(
    session: GuardedSession,
    plan: Plan,
    meeting: Meeting,
    how: Settled,
    because: str | None,
    people: Collection[int],
) -> None:
    """Call `people` (person ids of the team), as far as they still take part; once. Who the meeting
    was planned with beside them need not come.

    Raises: HasBegun, DoesNotTakePlace, Forbidden.
    """
    lock(session, plan.id)
    session.refresh(meeting, ["is_planned", "cancelled_at"])
    if meeting.cancelled_at is not None:
        raise DoesNotTakePlace(meeting.id)
    settle(session, meeting, how, because)
    if not meeting.is_planned:
        return
    if meeting.starts_at <= utcnow():
        raise HasBegun(meeting.id)
    meeting.is_planned = False
    choose(session, meeting, people)
    session.flush()
    tell(session, plan, meeting, still_called(session, plan, meeting))
