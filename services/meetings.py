"""Meetings (møte): calling one, and answering."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect, select

from models.clock import OSLO, today, utcnow
from models.elements.meeting import Invitee, Meeting
from models.i18n import N_
from models.people import Person
from models.plan import Plan
from models.vocabulary import Attendance
from security.session import GuardedSession
from services.agenda import MOST, STANDING, first_agenda
from services.consent import lock
from services.errors import Conflict
from services.messages import reachable
from services.notice_kinds import ABOUT_A_MEETING, CANCELLED, MOVED
from services.notices import notify, see


class NotInvited(Conflict):
    """One answers for oneself, and only when called."""

    words = N_("You are not called to this meeting.")


class DoesNotTakePlace(Conflict):
    """Nobody answers what is cancelled, or what nobody has been called to yet."""

    words = N_("This meeting does not take place as it stands.")


class HasBegun(Conflict):
    """Nobody is called to what has begun."""

    words = N_("The meeting has begun. Give it a new time first.")


class PeopleAreCalled(Conflict):
    """They would go to a meeting that is not there."""

    words = N_("People are called to this meeting. Cancel it instead, and they are told.")


def call(
    session: GuardedSession,
    plan: Plan,
    *,
    purpose: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str | None,
    agenda: str | None,
    people: Collection[int],
    uid: str,
    planned: bool = False,
    video_link: str | None = None,
) -> Meeting:
    """Call `people` (person ids of the team) to a meeting from `starts_at` to `ends_at` (aware).

    agenda: a point on each line; the standing ones come by themselves.
    planned: nobody is told yet (services.sending).
    Raises: Forbidden, ValueError when it ends before it starts.
    """
    if ends_at <= starts_at:
        raise ValueError("a meeting ends after it starts")
    meeting = Meeting(
        uid=uid,
        plan_id=plan.id,
        author_id=session.actor.person_id,
        purpose=purpose,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        video_link=video_link,
        is_planned=planned,
    )
    meeting.invitees = [Invitee(plan_id=plan.id, person_id=person) for person in sorted(people)]
    session.add(meeting)
    topics = [line.strip() for line in (agenda or "").splitlines() if line.strip()]
    session.add_all(first_agenda(meeting, topics[: MOST - len(STANDING)]))
    session.flush()
    if not planned:
        tell(session, plan, meeting, people)
    return meeting


def call_more(
    session: GuardedSession, plan: Plan, meeting: Meeting, people: Collection[int]
) -> None:
    """Call `people` (person ids of the team) too, to a meeting that takes place; those called
    already hear nothing. Raises: DoesNotTakePlace, HasBegun, Forbidden.
    """
    lock(session, plan.id)
    session.refresh(meeting, ["is_planned", "cancelled_at", "starts_at", "invitees"])
    if meeting.state is not None:
        raise DoesNotTakePlace(meeting.id)
    if meeting.starts_at <= utcnow():
        raise HasBegun(meeting.id)
    new = set(people) - {one.person_id for one in meeting.called}
    choose(session, meeting, new | {one.person_id for one in meeting.called})
    tell(session, plan, meeting, new)


def choose(session: GuardedSession, meeting: Meeting, people: Collection[int]) -> None:
    """Who is to come, of the team (person ids); of the others who were, each need not. The actor's
    own place is left as it is. Raises: Forbidden."""
    there = {one.person_id for one in meeting.invitees}
    for one in meeting.invitees:
        if one.person_id == session.actor.person_id:
            continue
        if one.person_id not in people:
            one.answer = Attendance.NOT_NEEDED
        elif one.answer is Attendance.NOT_NEEDED:
            one.answer = Attendance.UNANSWERED
    session.add_all(
        Invitee(plan_id=meeting.plan_id, meeting=meeting, person_id=person)
        for person in sorted(set(people) - there)
    )
    session.flush()


def tell(session: GuardedSession, plan: Plan, meeting: Meeting, people: Collection[int]) -> None:
    """Call people to the meeting, but for who does it."""
    day = meeting.starts_at.astimezone(OSLO).date()
    answer_by = max(today(), day - timedelta(days=1))
    others = set(people) - {session.actor.person_id}
    notify(session, plan, others, "meeting", meeting.id, meeting.uid, deadline=answer_by)
    session.flush()


def still_called(session: GuardedSession, plan: Plan, meeting: Meeting) -> set[int]:
    """Those called who still take part, but for the actor."""
    here = {one.person_id for one in reachable(session, plan)}
    return here & {one.person_id for one in meeting.called}


def answer(
    session: GuardedSession, meeting: Meeting, said: Attendance, reason: str | None = None
) -> None:
    """Say for oneself whether one comes, and why if one wants. Raises: NotInvited,
    DoesNotTakePlace."""
    mine = _place(meeting, session.actor.person_id)
    mine.answer, mine.reason, mine.told_to_id = said, reason, None
    see(session, meeting.plan_id, ABOUT_A_MEETING, meeting.id)
    session.flush()


def write_down(
    session: GuardedSession, meeting: Meeting, person: int, said: Attendance, reason: str | None
) -> None:
    """Write down what somebody who is called (person id) has answered on the telephone or face to
    face; it says who wrote it, and they may change it. Raises: NotInvited, DoesNotTakePlace,
    Forbidden.
    """
    theirs = _place(meeting, person)
    theirs.answer, theirs.reason, theirs.told_to_id = said, reason, session.actor.person_id
    session.flush()


def prepare(
    session: GuardedSession, meeting: Meeting, brings: str | None, has_done: str | None
) -> None:
    """Say for oneself that one is prepared, in up to two lines. Raises: NotInvited,
    DoesNotTakePlace."""
    mine = _place(meeting, session.actor.person_id)
    mine.brings, mine.has_done, mine.prepared_at = brings, has_done, utcnow()
    session.flush()


def _place(meeting: Meeting, person: int) -> Invitee:
    """That of one who is called."""
    mine = [i for i in meeting.called if i.person_id == person]
    if not mine:
        raise NotInvited(meeting.id)
    if meeting.state is not None:
        raise DoesNotTakePlace(meeting.id)
    return mine[0]


def change(session: GuardedSession, plan: Plan, meeting: Meeting) -> None:
    """Store a meeting that was changed. Those called are told of another time or place; a new
    time is answered anew.

    Raises: Forbidden, StaleDataError.
    """
    now: Any = inspect(meeting)
    moved, elsewhere = (
        any(now.attrs[name].history.has_changes() for name in names)
        for names in (("starts_at", "ends_at"), ("place", "video_link"))
    )
    session.flush()
    if not (moved or elsewhere) or meeting.state is not None or meeting.ends_at <= utcnow():
        return
    if moved:
        for one in meeting.called:
            if one.person_id != session.actor.person_id:
                one.answer, one.reason, one.told_to_id = Attendance.UNANSWERED, None, None
    _tell_again(session, plan, meeting, MOVED)


def cancel(session: GuardedSession, plan: Plan, meeting: Meeting, because: str) -> None:
    """Call the meeting off: it is kept, and those called are told; once. Raises: Forbidden."""
    if meeting.cancelled_at is not None:
        return
    called = not meeting.is_planned
    meeting.cancelled_at, meeting.cancelled_because = utcnow(), because
    session.flush()
    if called:
        _tell_again(session, plan, meeting, CANCELLED)


def _tell_again(session: GuardedSession, plan: Plan, meeting: Meeting, kind: str) -> None:
    people = still_called(session, plan, meeting)
    notify(session, plan, people, kind, meeting.id, f"{meeting.uid}:{meeting.version}")
    session.flush()


def remove(session: GuardedSession, meeting: Meeting) -> None:
    """Take away a meeting nobody has been called to. Raises: PeopleAreCalled, Forbidden."""
    if not meeting.is_planned:
        raise PeopleAreCalled(meeting.id)
    meeting.removed_at = utcnow()
    session.flush()


def may_be_on_video(session: GuardedSession, plan: Plan, called: Collection[int]) -> bool:
    """Whether nobody in a meeting of these has an address that is kept secret: pictures and lines
    of a video meeting tell where somebody is."""
    people = {plan.person_id, *called}
    secret = select(Person.id).where(Person.id.in_(people), Person.shielded.is_(True))
    return session.scalars(secret).first() is None
