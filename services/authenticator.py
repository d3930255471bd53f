"""One's own app for codes (kodeapp): set up, confirmed, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine, func, select

from models.account import Account
from models.clock import utcnow
from models.second_factor import Authenticator, RecoveryCode
from models.vocabulary import OFFICE_ROLES, Role
from security import one_time_code, rate_limits
from security.session import GuardedSession
from services.notice_kinds import SIGN_IN_CHANGED
from services.notices import tell_oneself
from services.second_factor import TRIES_PER_ACCOUNT, NotTheCode, use_app, use_recovery

STAFF = OFFICE_ROLES | {Role.COORDINATOR}
"""Those who are asked to set one up."""
SHOWN_FOR = timedelta(minutes=15)
"""How long the secret of one that is not confirmed can be seen."""


def own_app(session: GuardedSession) -> Authenticator | None:
    """The one that is asked for, or that is being set up."""
    mine = Authenticator.account_id == session.actor.account_id
    app = session.scalars(select(Authenticator).where(mine)).first()
    is_old = app and not app.confirmed_at and app.made_at < utcnow() - SHOWN_FOR
    return None if is_old else app


def may_have_app(session: GuardedSession, app: Authenticator | None) -> bool:
    """Staff who sign in with a password, and whoever has one (`app`) already."""
    account = session.get_one(Account, session.actor.account_id)
    return account.password_hash is not None and (
        app is not None or bool(session.actor.roles & STAFF)
    )


def set_up(session: GuardedSession) -> None:
    """Make the secret of a new app, in the place of one that was never confirmed."""
    mine = Authenticator.account_id == session.actor.account_id
    for old in session.scalars(select(Authenticator).where(mine)):
        if old.confirmed_at is not None:
            raise NotTheCode
        session.delete(old)
    session.flush()
    secret = one_time_code.new_secret()
    session.add(Authenticator(account_id=session.actor.account_id, secret=secret))
    session.flush()


def confirm(session: GuardedSession, engine: Engine, typed: str) -> Sequence[str]:
    """The app has shown its first code, and is asked for from now on; the recovery codes.

    Raises: NotTheCode, security.rate_limits.TooManyAttempts.
    """
    app = _tried(session, engine)
    if app is None or app.confirmed_at is not None or not use_app(app, typed):
        raise NotTheCode
    app.confirmed_at = utcnow()
    _drop_recovery(session)
    codes, me = one_time_code.recovery_codes(), session.actor.account_id
    session.add_all(
        RecoveryCode(account_id=me, code_index=one_time_code.recovery_index(me, one))
        for one in codes
    )
    tell_oneself(session, SIGN_IN_CHANGED)
    session.flush()
    return codes


def take_away(session: GuardedSession, engine: Engine, typed: str) -> None:
    """Whoever has a code of the app, or a recovery code, may: codes are sent from now on.

    Raises: NotTheCode, security.rate_limits.TooManyAttempts.
    """
    app = _tried(session, engine)
    right = app and app.confirmed_at and (use_app(app, typed) or use_recovery(session, app, typed))
    if app is None or not right:
        raise NotTheCode
    _drop_recovery(session)
    session.delete(app)
    tell_oneself(session, SIGN_IN_CHANGED)
    session.flush()


def recovery_left(session: GuardedSession) -> int:
    """How many recovery codes can still be used."""
    left = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.account_id == session.actor.account_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def _tried(session: GuardedSession, engine: Engine) -> Authenticator | None:
    """Counted in a transaction of its own: nothing may have been written yet. Held, so that one
    code is never used twice in one moment."""
    session.rollback()
    rate_limits.count(engine, f"code account {session.actor.account_id}", TRIES_PER_ACCOUNT)
    mine = Authenticator.account_id == session.actor.account_id
    return session.scalars(select(Authenticator).where(mine).with_for_update()).first()


def _drop_recovery(session: GuardedSession) -> None:
    mine = RecoveryCode.account_id == session.actor.account_id
    for one in session.scalars(select(RecoveryCode).where(mine)):
        session.delete(one)
