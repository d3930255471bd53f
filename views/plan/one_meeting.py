"""The meeting in the address (møtet), for every page about one."""

from __future__ import annotations

from typing import Any

from flask import abort, g
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Invitee, Meeting
from models.people import Person
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.meetings import may_be_on_video


def one_meeting(pk: int) -> Any:
    """The meeting with those called, as far as the actor may read it; else 404."""
    wanted = (
        select(Meeting)
        .where(Meeting.id == pk, Meeting.plan_id == g.plan.id, Meeting.removed_at.is_(None))
        .options(
            selectinload(Meeting.invitees).options(
                joinedload(Invitee.person), joinedload(Invitee.told_to).load_only(Person.name)
            ),
            joinedload(Meeting.settled_by).load_only(Person.name),
        )
    )
    return g.session.scalars(wanted).unique().first() or abort(404)


def may_change(meeting: Meeting) -> bool:
    """Whether the actor may change the meeting: who wrote it, or writes all of them."""
    return permits(g.access, Action.CHANGE, facts(meeting))


def changers_only(meeting: Meeting) -> None:
    if not may_change(meeting):
        raise Forbidden("a meeting is changed by those who may write it")


def may_order(meeting: Meeting) -> bool:
    """Whether the actor puts the points in order: who may change the meeting, or leads it."""
    point = AgendaItem(plan_id=g.plan.id, meeting=meeting)
    return may_change(meeting) or permits(g.access, Action.CHANGE, facts(point))


def may_have_link(meeting: Meeting) -> bool:
    """Whether its video link is shown, and can be set: to nobody where an address is secret."""
    called = [one.person_id for one in meeting.called]
    return may_be_on_video(g.session, g.plan, called)
