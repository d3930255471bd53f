"""The owner's picture (portrett): put there, and taken away for good."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import date
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import undefer

from models.clock import utcnow
from models.elements.presentation import Presentation
from models.plan import Plan
from models.portrait import Portrait
from security.session import GuardedSession
from services.consent import lock


def portrait(session: GuardedSession, presentation: Presentation) -> Portrait | None:
    """The picture beside a presentation; what is in it is not read."""
    wanted = select(Portrait).where(
        Portrait.presentation_id == presentation.id, Portrait.removed_at.is_(None)
    )
    return session.scalars(wanted).first()


def file_of(session: GuardedSession, plan_id: int, portrait_id: int) -> bytes | None:
    """The file of a picture one may read, that is not taken away."""
    wanted = select(Portrait).where(
        Portrait.id == portrait_id, Portrait.plan_id == plan_id, Portrait.removed_at.is_(None)
    )
    row = session.scalars(wanted.options(undefer(Portrait.content))).first()
    if row is None or row.presentation.removed_at is not None:
        return None
    return b64decode(row.content)


def put(
    session: GuardedSession, plan: Plan, presentation: Presentation, file: bytes,
    agreed_on: date, uid: str,
) -> Portrait:  # fmt: skip
    """In the place of the one before, of which nothing is left. file: a JPEG, drawn anew.

    Raises: Forbidden.
    """
    lock(session, plan.id)
    before = portrait(session, presentation)
    if before is not None:
        take_away(session, before)
    row = Portrait(
        uid=uid, plan_id=plan.id, presentation_id=presentation.id, presentation=presentation,
        content=b64encode(file).decode(), digest=sha256(file).hexdigest(), agreed_on=agreed_on,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def take_away(session: GuardedSession, row: Portrait) -> None:
    """Nothing is left of the picture itself. Raises: Forbidden."""
    row.content, row.removed_at = "", utcnow()
    session.flush()
