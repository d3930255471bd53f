"""What is being written (kladd): kept, offered back to its writer, and taken away in time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, delete, func, select

from models.clock import utcnow
from models.draft import Draft
from models.i18n import N_
from models.vocabulary import Scope
from security.session import GuardedSession
from services.errors import Conflict

KEPT_FOR = timedelta(days=30)
MOST_DRAFTS = 50
LONGEST_DRAFT = 200_000
_DRAFT = cast(Table, Draft.__table__)

Fields = Sequence[tuple[str, str]]


class TooManyDrafts(Conflict):
    """More forms half written than anybody comes back to."""

    words = N_("You have too many drafts in this plan. Finish some of them, or throw them away.")


def is_old(now: datetime) -> ColumnElement[bool]:
    """Drafts nobody came back to in time."""
    return _DRAFT.c.saved_at < now - KEPT_FOR


def draft_of(session: GuardedSession, plan_id: int, address: str) -> Draft | None:
    """What the actor has begun in this form, when it is still theirs to go on with."""
    wanted = select(Draft).where(
        Draft.plan_id == plan_id,
        Draft.person_id == session.actor.person_id,
        Draft.address == address,
        Draft.saved_at >= utcnow() - KEPT_FOR,
    )
    return session.scalars(wanted).first()


def fields_of(draft: Draft) -> Fields:
    """What was in the form, name by name, as a browser would send it."""
    return [(name, value) for name, value in json.loads(draft.fields)]


def keep(
    session: GuardedSession, plan_id: int, scope: Scope | None, address: str, fields: Fields
) -> datetime:
    """Store what is in a form now over what was there before; when that was.

    scope: the part of the plan the form belongs to; None is the consent's.
    Raises: Forbidden, TooManyDrafts.
    """
    draft = draft_of(session, plan_id, address) or _new(session, plan_id, scope, address)
    draft.fields, draft.saved_at = json.dumps(fields, ensure_ascii=False), utcnow()
    session.add(draft)
    session.flush()
    return draft.saved_at


def _new(session: GuardedSession, plan_id: int, scope: Scope | None, address: str) -> Draft:
    person_id = session.actor.person_id
    mine = select(func.count(Draft.id)).where(
        Draft.plan_id == plan_id, Draft.person_id == person_id
    )
    if (session.scalar(mine) or 0) >= MOST_DRAFTS:
        raise TooManyDrafts(plan_id)
    _take_away(session, _DRAFT.c.person_id == person_id, _DRAFT.c.address == address)  # an old one
    return Draft(plan_id=plan_id, person_id=person_id, scope=scope, address=address)


def throw_away(session: GuardedSession, plan_id: int, address: str) -> None:
    """The writer does not want it any more, or has sent it."""
    draft = draft_of(session, plan_id, address)
    if draft is not None:
        session.delete(draft)
        session.flush()


def take_from(session: GuardedSession, plan_id: int, people: Iterable[int]) -> None:
    """Take away what people had begun to write in a plan they are let into no longer."""
    if gone := set(people):
        _take_away(session, _DRAFT.c.plan_id == plan_id, _DRAFT.c.person_id.in_(gone))


def take_forms(
    session: GuardedSession, plan_id: int, people: Iterable[int], addresses: Iterable[str]
) -> None:
    """Take away what people had begun to change in forms they do not reach any more."""
    forms = (_DRAFT.c.plan_id == plan_id, _DRAFT.c.address.in_(set(addresses)))
    _take_away(session, _DRAFT.c.person_id.in_(set(people)), *forms)


def _take_away(session: GuardedSession, *whose: ColumnElement[bool]) -> None:
    session.execute(
        delete(_DRAFT).where(*whose),
        execution_options={"unscoped_because": "a draft goes with the access, and in time"},
    )
