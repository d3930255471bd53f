"""The agenda of a meeting (sakliste): its standing points, what people propose, their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload, raiseload
from sqlalchemy.orm.attributes import set_committed_value

from models.clock import utcnow
from models.elements.agenda_item import AgendaItem
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.history import ElementIndex
from models.i18n import N_
from models.people import Person
from models.plan import Plan
from models.vocabulary import AgendaKind, GoalStatus
from security.session import GuardedSession
from services.consent import lock
from services.errors import Conflict

MOST = 200
LAST = 1_000_000
"""Where "anything else" stands: what is proposed comes before it."""
STANDING = {
    AgendaKind.PRESENTATION: 1,
    AgendaKind.ABSENCES: 2,
    AgendaKind.LAST_MINUTES: 3,
    AgendaKind.OTHER: LAST,
}


class AgendaIsFull(Conflict):
    """No meeting gets through more."""

    words = N_("There is no room for more points in this meeting.")


def first_agenda(meeting: Meeting, topics: Sequence[str]) -> list[AgendaItem]:
    """The points of a new meeting: the standing ones, and between them what it was called for."""
    own = [
        AgendaItem(plan_id=meeting.plan_id, meeting=meeting, topic=topic, position=place)
        for place, topic in enumerate(topics, len(STANDING))
    ]
    standing = [
        AgendaItem(plan_id=meeting.plan_id, meeting=meeting, kind=kind, position=place)
        for kind, place in STANDING.items()
    ]
    return [*standing, *own]


def agenda(session: GuardedSession, meeting: Meeting) -> Sequence[AgendaItem]:
    """The points of the meeting in their order, each with who proposed it; one question."""
    i = AgendaItem
    here = select(i).where(
        i.plan_id == meeting.plan_id, i.meeting_id == meeting.id, i.removed_at.is_(None)
    )
    light = (raiseload(i.meeting), joinedload(i.author).load_only(Person.name))
    found = session.scalars(here.options(*light).order_by(i.position, i.id)).all()
    for one in found:
        set_committed_value(one, "meeting", meeting)
    return found


def meetings_of(
    session: GuardedSession, plan_id: int, found: Sequence[ElementIndex]
) -> dict[int, int]:
    """Point of an agenda -> its meeting, of those among `found` whose meeting is there still."""
    points = {one.row_id for one in found if one.key == AgendaItem.element.key}
    if not points:
        return {}
    i = AgendaItem
    wanted = select(i.id, i.meeting_id).join(Meeting, Meeting.id == i.meeting_id)
    there = (i.plan_id == plan_id, i.id.in_(points), i.removed_at.is_(None))
    rows = session.execute(wanted.where(*there, Meeting.removed_at.is_(None)))
    return {row.id: row.meeting_id for row in rows}


def needed_for(points: Sequence[AgendaItem]) -> dict[int, list[AgendaItem]]:
    """Person id -> the points that are of no use without them: who proposed it is one of them."""
    found: dict[int, list[AgendaItem]] = {}
    for one in points:
        proposed_by = one.author_id if one.kind is AgendaKind.PROPOSED else None
        for person in {one.needed_id, proposed_by} - {None}:
            found.setdefault(cast(int, person), []).append(one)
    return found


def may_be_points(session: GuardedSession, plan_id: int) -> Sequence[Row[int, str]]:
    """(id, goal) of the open goals the actor reads, in their order; but none that is kept from
    somebody, since a point is read by all who are called. One question."""
    t = Goal
    unfinished = t.status.not_in([one for one in GoalStatus if one.is_finished])
    open_to_all = (t.hidden_from_guardians.is_(False), t.shielded_from_id.is_(None))
    here = select(t.id, t.goal).where(t.plan_id == plan_id, t.removed_at.is_(None), unfinished)
    in_order = here.where(*open_to_all).order_by(t.place.nulls_last(), t.id)
    return session.execute(in_order).all()


def propose(
    session: GuardedSession,
    plan: Plan,
    meeting: Meeting,
    topic: str,
    uid: str,
    needed: int | None = None,
) -> AgendaItem:
    """Put a point on the agenda, before "anything else". needed: the person it needs, beside the
    actor. Raises: AgendaIsFull, Forbidden."""
    lock(session, plan.id)
    there = agenda(session, meeting)
    if len(there) >= MOST:
        raise AgendaIsFull(meeting.id)
    place = max((one.position for one in there if one.position < LAST), default=0) + 1
    item = AgendaItem(
        uid=uid, plan_id=plan.id, meeting=meeting, topic=topic, position=place, needed_id=needed
    )
    session.add(item)
    session.flush()
    return item


def move(
    session: GuardedSession, plan: Plan, meeting: Meeting, item_id: int, past_id: int, *, up: bool
) -> AgendaItem | None:
    """Put a point right before another, or right after it: once, however often it is asked.

    None when one of them is gone. Raises: Forbidden, for who may not change both.
    """
    lock(session, plan.id)
    order = list(agenda(session, meeting))
    found = {one.id: one for one in order}
    if item_id not in found or past_id not in found:
        return None
    item, past = found[item_id], found[past_id]
    if (order.index(item) < order.index(past)) is not up and item is not past:
        places = _rising([one.position for one in order])
        order.remove(item)
        order.insert(order.index(past) + (0 if up else 1), item)
        for one, place in zip(order, places, strict=True):
            if one.position != place:
                one.position = place
        session.flush()
    return item


def _rising(places: Sequence[int]) -> list[int]:
    """The same places, each after the one before."""
    rising: list[int] = []
    for place in places:
        rising.append(max(place, rising[-1] + 1) if rising else place)
    return rising


def take_off(session: GuardedSession, item: AgendaItem) -> None:
    """Take a point off the agenda. Raises: Forbidden."""
    item.removed_at = utcnow()
    session.flush()


def missing(items: Sequence[AgendaItem]) -> set[AgendaKind]:
    """The standing points that are not among `items`."""
    return STANDING.keys() - {one.kind for one in items}


def reword(session: GuardedSession, item: AgendaItem, words: str | None) -> None:
    """Call a standing point something else in its meeting; None: its usual name.

    Raises: Forbidden."""
    item.topic = words
    session.flush()


def put_back(session: GuardedSession, plan: Plan, meeting: Meeting) -> None:
    """The standing points that were taken off stand where they stood. Raises: Forbidden."""
    lock(session, plan.id)
    wanted = missing(agenda(session, meeting))
    i = AgendaItem
    gone = select(i).where(
        i.plan_id == plan.id, i.meeting_id == meeting.id, i.removed_at.is_not(None)
    )
    for one in session.scalars(gone.order_by(i.id.desc())).unique():
        if one.kind in wanted:
            wanted.remove(one.kind)
            one.removed_at = None
    session.add_all(
        AgendaItem(plan_id=plan.id, meeting=meeting, kind=kind, position=STANDING[kind])
        for kind in sorted(wanted)
    )
    session.flush()
