"""The second click (dobbeltklikk): a form knows again the row it has stored, by its `uid`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.errors import Conflict

Stored = TypeVar("Stored")


def once(cls: Any, uid: str | None, store: Callable[[], Stored]) -> Stored | None:
    """What `store` returns; None when an earlier click has stored the row of `cls`.

    uid: the one the form carried. The second click then goes where the first one went.
    Raises: what `store` raises, when no row of the actor's own has that `uid`.
    """
    try:
        return store()
    except (IntegrityError, Conflict):
        g.session.rollback()
        mine = [cls.uid == uid]
        if hasattr(cls, "author_id"):
            mine.append(cls.author_id == g.actor.person_id)
        if g.session.scalars(select(cls.id).where(*mine)).first() is None:
            raise
        return None
