"""Where one is signed in (innloggingar): each browser, and how to end what is open there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from models.account import LoginSession
from models.clock import utcnow
from security.session import GuardedSession
from services.hats import hats_of

SHOWN = 50


class NoSuchLogin(Exception):
    """It is over already, or somebody else's."""


class Lasting(Protocol):
    """Says how long a login lasts (security.sessions.DatabaseSessions)."""

    def lasts(self, created_at: Any, seen_at: Any, now: datetime) -> Any: ...


@dataclass(frozen=True, slots=True)
class Login:
    """A browser in which the actor is signed in. `device`: "Firefox, Windows", if known;
    `here`: it is the one that asks."""

    id: int
    device: str | None
    since: datetime
    last_used: datetime
    municipality: str
    here: bool


def own_logins(session: GuardedSession, how_long: Lasting) -> Sequence[Login]:
    """Those that still go on, the newest first; in whatever hat."""
    s, towns = LoginSession, {hat.id: hat.municipality for hat in hats_of(session)}
    mine = select(s.id, s.device, s.created_at, s.seen_at, s.membership_id).where(
        s.account_id == session.actor.account_id,
        s.membership_id.in_(towns),
        how_long.lasts(s.created_at, s.seen_at, utcnow()),
    )
    rows = session.execute(mine.order_by(s.created_at.desc(), s.id.desc()).limit(SHOWN))
    here = session.actor.login_session_id
    return [
        Login(r.id, r.device, r.created_at, r.seen_at, towns[r.membership_id], r.id == here)
        for r in rows
    ]


def end_login(session: GuardedSession, login_id: int) -> None:
    """Sign out one browser of one's own, at its next request. Raises: NoSuchLogin."""
    row = session.get(LoginSession, login_id)
    if row is None:
        raise NoSuchLogin
    session.delete(row)
    session.flush()
