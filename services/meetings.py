"""Meetings (møte): calling one, answering, and the minutes with what was agreed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from models.clock import OSLO, today, utcnow
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import Minutes
from models.i18n import N_
from models.plan import Plan, PlanRegister
from models.vocabulary import Attendance
from security.session import GuardedSession
from services.agenda import MOST, STANDING, first_agenda
from services.errors import Conflict
from services.notices import notify, see


class NotInvited(Conflict):
    """One answers for oneself, and only when called."""

    words = N_("You are not called to this meeting.")


class MinutesExist(Conflict):
    """A meeting has one set of minutes."""

    words = N_("The minutes of this meeting are written already.")


@dataclass(frozen=True, slots=True)
class Agreed:
    """A decision that becomes an agreed task, with or without somebody who does it."""

    what: str
    responsible_id: int | None
    due: date | None


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
) -> Meeting:
    """Call `people` (person ids of the team) to a meeting from `starts_at` to `ends_at` (aware).

    agenda: a point on each line; the standing ones come by themselves.
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
    )
    meeting.invitees = [Invitee(plan_id=plan.id, person_id=person) for person in sorted(people)]
    session.add(meeting)
    topics = [line.strip() for line in (agenda or "").splitlines() if line.strip()]
    session.add_all(first_agenda(meeting, topics[: MOST - len(STANDING)]))
    session.flush()
    others, day = set(people) - {session.actor.person_id}, starts_at.astimezone(OSLO).date()
    answer_by = max(today(), day - timedelta(days=1))
    notify(session, plan, others, "meeting", meeting.id, meeting.uid, deadline=answer_by)
    session.flush()
    return meeting


def answer(session: GuardedSession, meeting: Meeting, said: Attendance) -> None:
    """Say for oneself whether one comes. Raises: NotInvited."""
    mine = [i for i in meeting.invitees if i.person_id == session.actor.person_id]
    if not mine:
        raise NotInvited(meeting.id)
    mine[0].answer = said
    see(session, meeting.plan_id, "meeting", meeting.id)
    session.flush()


def minutes_of(session: GuardedSession, meeting: Meeting) -> Minutes | None:
    wanted = select(Minutes).where(Minutes.meeting_id == meeting.id)
    return session.scalars(wanted).unique().first()


def write_minutes(
    session: GuardedSession,
    plan: Plan,
    meeting: Meeting,
    *,
    owner_account: str | None,
    text: str,
    agreed: Sequence[Agreed],
    uid: str,
) -> Minutes:
    """Store the minutes, locked, and an agreed task for each decision; those called are told.

    Raises: MinutesExist, Forbidden.
    """
    if minutes_of(session, meeting) is not None:
        raise MinutesExist(meeting.id)
    minutes = Minutes(
        uid=uid,
        plan_id=plan.id,
        meeting_id=meeting.id,
        owner_account=owner_account,
        minutes=text,
        locked_at=utcnow(),
    )
    session.add(minutes)
    for one in agreed:
        session.add(
            Activity(plan_id=plan.id, what=one.what, responsible_id=one.responsible_id, due=one.due)
        )
    entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
    entry.last_meeting = meeting.starts_at.astimezone(OSLO).date()
    session.flush()
    called = {i.person_id for i in meeting.invitees} - {session.actor.person_id}
    notify(session, plan, called, "minutes", meeting.id, minutes.uid)
    session.flush()
    return minutes
