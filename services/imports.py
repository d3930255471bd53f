"""Files on their way into a register (innlesing): kept between looking over and saying yes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, select

from models.account import Account
from models.begun_import import BegunImport
from models.clock import utcnow
from security.session import GuardedSession

KEPT_FOR = timedelta(hours=2)
_TABLE = cast(Table, BegunImport.__table__)


def is_old(now: datetime) -> ColumnElement[bool]:
    """Files nobody said yes to in time."""
    return _TABLE.c.kept_at < now - KEPT_FOR


def begin(session: GuardedSession, register: str, content: str) -> BegunImport:
    """Keep a file to be looked over, in place of the one before it."""
    account = select(Account.id).where(Account.id == session.actor.account_id)
    session.execute(account.with_for_update())  # two clicks at once: one by one
    for former in session.scalars(_mine(session, register)):
        session.delete(former)
    session.flush()
    actor = session.actor
    here = {"account_id": actor.account_id, "municipality_id": actor.municipality_id}
    begun = BegunImport(**here, register=register, content=content)
    session.add(begun)
    session.flush()
    return begun


def begun(session: GuardedSession, register: str, uid: str, to_finish: bool) -> BegunImport | None:
    """The file one has sent and looks over. None: too old, another's, or replaced by a newer.

    to_finish: of two clicks at once the second waits for the first.
    """
    wanted = _mine(session, register).where(
        BegunImport.uid == uid, BegunImport.kept_at >= utcnow() - KEPT_FOR
    )
    return session.scalars(wanted.with_for_update() if to_finish else wanted).first()


def finish(session: GuardedSession, begun: BegunImport, rows: list[Any]) -> None:
    """Store all of the rows, or raise and have stored none; what was sent is kept no longer."""
    session.add_all(rows)
    begun.content, begun.brought_in = None, len(rows)
    session.flush()


def _mine(session: GuardedSession, register: str) -> Any:
    actor = session.actor
    return select(BegunImport).where(
        BegunImport.account_id == actor.account_id,
        BegunImport.municipality_id == actor.municipality_id,
        BegunImport.register == register,
    )
