"""Pictures in a plan (bilete): put there, and taken away for good."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection
from datetime import date
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import undefer

from models.clock import utcnow
from models.elements import PlanElement
from models.illustration import GoalPicture, Illustration
from security.session import GuardedSession
from services.consent import lock

P = TypeVar("P", bound=Illustration)


def picture(session: GuardedSession, kind: type[P], of: PlanElement) -> P | None:
    """The picture of a row; what is in it is not read."""
    here = getattr(kind, f"{kind.of}_id") == of.id
    return session.scalars(select(kind).where(here, kind.removed_at.is_(None))).first()


def of_goals(session: GuardedSession, plan_id: int, goals: Collection[int]) -> dict[int, int]:
    """goal.id -> id of its picture, for those that have one and are for this reader."""
    if not goals:
        return {}
    p = GoalPicture
    here = (p.plan_id == plan_id, p.goal_id.in_(goals), p.removed_at.is_(None))
    return {goal: pk for goal, pk in session.execute(select(p.goal_id, p.id).where(*here))}


def file_of(
    session: GuardedSession, kind: type[Illustration], plan_id: int, picture_id: int
) -> bytes | None:
    """The file of a picture one may read, that is not taken away."""
    here = (kind.id == picture_id, kind.plan_id == plan_id, kind.removed_at.is_(None))
    row = session.scalars(select(kind).where(*here).options(undefer(kind.content))).first()
    if row is None or row.subject().removed_at is not None:
        return None
    return b64decode(row.content)


def put(
    session: GuardedSession, kind: type[P], of: PlanElement, file: bytes, agreed_on: date, uid: str
) -> P:
    """In the place of the one before, of which nothing is left. file: a JPEG, drawn anew.

    Raises: Forbidden.
    """
    lock(session, of.plan_id)
    before = picture(session, kind, of)
    if before is not None:
        take_away(session, before)
    row = blank(kind, of)
    row.uid, row.agreed_on = uid, agreed_on
    row.content, row.digest = b64encode(file).decode(), sha256(file).hexdigest()
    session.add(row)
    session.flush()
    return row


def blank(kind: type[P], of: PlanElement) -> P:
    """One without a picture in it yet: may it be put there?"""
    return kind(plan_id=of.plan_id, **{f"{kind.of}_id": of.id, kind.of: of})


def take_away(session: GuardedSession, row: Illustration) -> None:
    """Nothing is left of the picture itself. Raises: Forbidden."""
    row.content, row.removed_at = "", utcnow()
    session.flush()
