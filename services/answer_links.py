"""Answering a call without signing in (svar med lenkje): yes or no, once, by a link in a letter.

The link says no name, no plan and no meeting, and lets nobody in. Whoever follows it is told the
municipality and when the meeting is, no more, and answers as the one the letter was sent to: the
policy is asked as it is when they are signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from models.account import Membership
from models.clock import utcnow
from models.database import WRITING
from models.elements.meeting import Meeting
from models.outbox import OutboxMessage
from models.people import Person
from models.plan import Plan
from models.vocabulary import Attendance
from security import rate_limits
from security.actor import Actor
from security.facts import facts
from security.policy import Action, permits
from security.session import GuardedSession, SystemSession
from services.consent import lock
from services.meetings import answer
from services.notice_kinds import CANCELLED, MOVED

CALLED = ("meeting", MOVED)
"""Letters about a meeting that can be answered."""
TRIES_PER_ADDRESS, TRIES_PER_LINK = 60, 10


class LinkIsOver(Exception):
    """It is not ours, or there is nothing to answer by it any more; never which."""


class AnsweredAlready(Exception):
    """Whoever wants to change an answer signs in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page behind a link may say."""

    town: str
    starts_at: datetime
    ends_at: datetime


def asks(meeting: Meeting | None) -> bool:
    """Whether there is anything to answer still: it takes place, and has not begun."""
    return meeting is not None and meeting.state is None and meeting.starts_at > utcnow()


def goes_to(engine: Engine, uid: str) -> str:
    """The address a letter goes to by now; nothing when there is no such letter."""
    person = select(OutboxMessage.person_id).where(OutboxMessage.uid == uid).scalar_subquery()
    with SystemSession(engine, because="answering a call by its link") as session:
        return session.scalar(select(Person.email).where(Person.id == person)) or ""


def opened(engine: Engine, uid: str) -> Asked:
    """What the page shows. Looking uses nothing up: mail programs look too.

    uid: what the link was made of. Raises: LinkIsOver, AnsweredAlready.
    """
    actor, notice = _who_is_asked(engine, uid, "")
    with GuardedSession(engine) as session:
        session.act_as(actor)
        meeting = _open_meeting(session, notice)
        return Asked(actor.municipality, meeting.starts_at, meeting.ends_at)


def answer_once(engine: Engine, uid: str, said: Attendance, address: str) -> None:
    """Store the answer of the one the letter was sent to.

    Raises: LinkIsOver, AnsweredAlready, security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"answer address {address}", TRIES_PER_ADDRESS)
    rate_limits.count(engine, f"answer {uid}", TRIES_PER_LINK)
    WRITING.set(True)
    actor, notice = _who_is_asked(engine, uid, address)
    with GuardedSession(engine) as session:
        session.act_as(actor)
        if session.access(notice.plan_id or 0) is None:
            raise LinkIsOver
        lock(session, notice.plan_id or 0)
        answer(session, _open_meeting(session, notice), said)
        session.commit()


def _who_is_asked(engine: Engine, uid: str, address: str) -> tuple[Actor, OutboxMessage]:
    """Whom the letter was sent to, whose sign-in works, when nothing newer was sent of it."""
    m, newer = OutboxMessage, aliased(OutboxMessage)
    same = (newer.plan_id == m.plan_id, newer.row_id == m.row_id, newer.id > m.id)
    changed = select(newer.id).where(*same, newer.kind.in_((MOVED, CANCELLED)))
    wanted = select(m).where(m.uid == uid, m.kind.in_(CALLED), ~changed.exists())
    with SystemSession(engine, because="answering a call by its link") as session:
        notice = session.scalars(wanted).first()
        hat = _hat(session, notice) if notice else None
        if notice is None or hat is None or hat.person.died_on is not None:
            raise LinkIsOver
        actor = Actor(
            account_id=hat.account_id, person_id=hat.person_id, roles=hat.roles,
            municipality_id=hat.municipality_id, municipality=hat.municipality.name,
            name=hat.person.name, membership_id=hat.id, address=address,
        )  # fmt: skip
        session.expunge(notice)
    return actor, notice


def _hat(session: Session, notice: OutboxMessage) -> Membership | None:
    """What they are in the municipality of the plan."""
    town = select(Plan.municipality_id).where(Plan.id == notice.plan_id).scalar_subquery()
    mine = select(Membership).where(
        Membership.person_id == notice.person_id, Membership.active,
        Membership.municipality_id == town,
    )  # fmt: skip
    people = (joinedload(getattr(Membership, name)) for name in ("account", "person"))
    hat = session.scalars(mine.options(*people, joinedload(Membership.municipality))).first()
    return hat if hat is not None and hat.account.active else None


def _open_meeting(session: GuardedSession, notice: OutboxMessage) -> Meeting:
    """The meeting, as far as this person may read it and answer. Raises: LinkIsOver,
    AnsweredAlready."""
    wanted = select(Meeting).where(
        Meeting.id == notice.row_id, Meeting.plan_id == notice.plan_id, Meeting.removed_at.is_(None)
    )
    with_people = wanted.options(selectinload(Meeting.invitees))
    meeting = session.scalars(with_people).unique().first()
    access = session.access(notice.plan_id or 0)
    if meeting is None or access is None or not asks(meeting):
        raise LinkIsOver
    mine = next((one for one in meeting.called if one.person_id == notice.person_id), None)
    if mine is None or not permits(access, Action.CHANGE, facts(mine)):
        raise LinkIsOver
    if mine.answer is not Attendance.UNANSWERED:
        raise AnsweredAlready
    return meeting
