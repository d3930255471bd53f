"""When a meeting can be (datoval): times are proposed, those asked answer, and one is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from models.clock import utcnow
from models.elements.meeting import Meeting
from models.i18n import N_
from models.meeting_time import MeetingTime, TimeAnswer
from models.people import Person
from models.plan import Plan
from models.vocabulary import MeetingState, Suits
from security.session import GuardedSession
from services.consent import lock
from services.errors import Conflict
from services.meetings import still_called
from services.notice_kinds import TIMES
from services.notices import notify, see

FEWEST, MOST = 2, 6


class CalledAlready(Conflict):
    """Times are asked for before people are called."""

    words = N_("People have been called to this meeting already, or it is cancelled.")


class PollIsClosed(Conflict):
    """Another time is chosen, or others are proposed."""

    words = N_("These times are not asked about any more.")


class NotAsked(Conflict):
    """One answers for oneself, and only when asked."""

    words = N_("You are not asked when this meeting can be.")


class HasPassed(Conflict):
    """Nobody meets yesterday."""

    words = N_("That moment has passed. Choose one still to come.")


def times_of(session: GuardedSession, meeting: Meeting) -> Sequence[MeetingTime]:
    """All times proposed for the meeting, the newest proposal first, each with its answers and
    the names of those asked; two questions."""
    t = MeetingTime
    here = select(t).where(t.plan_id == meeting.plan_id, t.meeting_id == meeting.id)
    answers = selectinload(t.answers)
    named = answers.joinedload(TimeAnswer.person).load_only(Person.name)
    open_first = (t.closed_at.is_not(None), t.closed_at.desc(), t.starts_at, t.id)
    found = session.scalars(here.options(named).order_by(*open_first)).all()
    for one in found:
        set_committed_value(one, "meeting", meeting)
        for said in one.answers:
            set_committed_value(said, "meeting", meeting)
    return found


def is_open(meeting: Meeting, times: Sequence[MeetingTime]) -> bool:
    """Whether anybody is asked still."""
    asks = any(one.closed_at is None for one in times)
    return meeting.state is MeetingState.PLANNED and asks


def propose_times(
    session: GuardedSession, plan: Plan, meeting: Meeting, starts: Sequence[datetime], uid: str
) -> MeetingTime:
    """Ask those the meeting is planned with which of `starts` suits, each as long as the meeting;
    they are told once. What was asked before is closed. uid: of the first time.

    Raises: CalledAlready, Forbidden.
    """
    _hold(session, plan, meeting)
    if meeting.state is not MeetingState.PLANNED:
        raise CalledAlready(meeting.id)
    _close(times_of(session, meeting))
    lasts, me = meeting.ends_at - meeting.starts_at, session.actor.person_id
    others = still_called(session, plan, meeting)
    asked = others | ({me} & {one.person_id for one in meeting.invitees})
    of_it = {"plan_id": plan.id, "meeting": meeting, "author_id": me}
    times = [MeetingTime(**of_it, starts_at=one, ends_at=one + lasts) for one in sorted(starts)]
    times[0].uid = uid
    for time in times:
        time.answers = [TimeAnswer(**of_it, person_id=person) for person in sorted(asked)]
    session.add_all(times)
    session.flush()
    notify(session, plan, others, TIMES, meeting.id, uid)
    session.flush()
    return times[0]


def answer_times(
    session: GuardedSession, plan: Plan, meeting: Meeting, said: Mapping[int, Suits]
) -> None:
    """Say for oneself which times suit (id of a time -> answer). Raises: NotAsked, PollIsClosed,
    Forbidden."""
    _hold(session, plan, meeting)
    times = times_of(session, meeting)
    if not is_open(meeting, times):
        raise PollIsClosed(meeting.id)
    mine = mine_of(session, times)
    if not mine:
        raise NotAsked(meeting.id)
    if not said.keys() <= mine.keys():
        raise PollIsClosed(meeting.id)
    for time_id, answer in said.items():
        mine[time_id].answer = answer
    see(session, plan.id, TIMES, meeting.id)
    session.flush()


def mine_of(session: GuardedSession, times: Sequence[MeetingTime]) -> dict[int, TimeAnswer]:
    """The actor's answer to each time that is asked about (by its id)."""
    me = session.actor.person_id
    open_ = [one for one in times if one.closed_at is None]
    return {one.id: said for one in open_ for said in one.answers if said.person_id == me}


def choose_time(session: GuardedSession, plan: Plan, meeting: Meeting, time_id: int) -> None:
    """Give the meeting that time; nobody is asked any more, and nobody called yet.

    Raises: PollIsClosed, HasPassed, Forbidden.
    """
    _hold(session, plan, meeting)
    times = times_of(session, meeting)
    chosen = next((one for one in times if one.id == time_id), None)
    if chosen is None or chosen.closed_at is not None or not is_open(meeting, times):
        raise PollIsClosed(meeting.id)
    if chosen.starts_at <= utcnow():
        raise HasPassed(meeting.id)
    meeting.starts_at, meeting.ends_at = chosen.starts_at, chosen.ends_at
    chosen.is_chosen = True
    _close(times)
    session.flush()


def best(times: Sequence[MeetingTime]) -> set[int]:
    """Ids of the times most of those asked can, and of these the ones that suit most."""
    now = utcnow()
    open_ = [one for one in times if one.closed_at is None and one.starts_at > now]
    ranks = {one.id: _rank(one) for one in open_}
    top = max(ranks.values(), default=(0, 0))
    return {one for one, rank in ranks.items() if rank == top} if top > (0, 0) else set()


def _rank(time: MeetingTime) -> tuple[int, int]:
    said = [one.answer for one in time.answers]
    suits = said.count(Suits.YES)
    return suits + said.count(Suits.IF_I_MUST), suits


def _close(times: Sequence[MeetingTime]) -> None:
    now = utcnow()
    for one in times:
        one.closed_at = one.closed_at or now


def _hold(session: GuardedSession, plan: Plan, meeting: Meeting) -> None:
    """Take turns, and look again at what may have changed meanwhile."""
    lock(session, plan.id)
    session.refresh(meeting, ["is_planned", "cancelled_at", "starts_at", "ends_at"])
