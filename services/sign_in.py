"""Signing in (innlogging): with a password, or the first time with a start code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account, Membership, StartCode
from models.clock import utcnow
from models.database import WRITING
from security import passwords, rate_limits
from security.session import GuardedSession, SystemSession

TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 60


class WrongSignIn(Exception):
    """Name and secret do not belong together, or the account is closed; never which."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a successful sign-in opens; `new` when a password must be chosen first."""

    account_id: int
    membership_id: int
    new: bool


def sign_in(engine: Engine, name: str, secret: str, address: str) -> Door:
    """Who `name` and `secret` (a password or a start code) let in.

    It takes as long for an unknown name as for a wrong password.
    Raises: WrongSignIn, security.rate_limits.TooManyAttempts. Source: OWASP ASVS 6.3.
    """
    name = name.strip().lower()
    rate_limits.count(engine, f"sign-in address {address}", TRIES_PER_ADDRESS)
    rate_limits.count(engine, f"sign-in name {name}", TRIES_PER_ACCOUNT)
    WRITING.set(True)
    with SystemSession(engine, because="signing in") as session:
        account = session.scalars(select(Account).where(Account.login_name == name)).first()
        new = bool(account and account.password_hash is None)
        right = _right_code(session, account, secret) if new else False
        right = passwords.matches(account.password_hash if account else None, secret) or right
        hat = _hat(session, account) if account and right and account.active else None
        if account is None or hat is None:
            session.rollback()
            raise WrongSignIn
        session.commit()
        return Door(account.id, hat.id, new)


def _right_code(session: Session, account: Account | None, secret: str) -> bool:
    wanted = select(StartCode).where(
        StartCode.account_id == (account.id if account else 0),
        StartCode.used_at.is_(None),
        StartCode.expires_at > utcnow(),
    )
    for code in session.scalars(wanted.order_by(StartCode.id.desc()).limit(3)):
        if passwords.matches(code.code_hash, passwords.normal(secret)):
            code.used_at = utcnow()
            return True
    return False


def _hat(session: Session, account: Account) -> Membership | None:
    hats = select(Membership).where(Membership.account_id == account.id, Membership.active)
    return session.scalars(hats.order_by(Membership.id).limit(1)).first()


def choose_password(session: GuardedSession, text: str) -> None:
    """Give one's own account a password. Raises: security.passwords.WeakPassword."""
    own = select(Account).where(Account.id == session.actor.account_id)
    session.scalars(own).one().password_hash = passwords.hash_password(text)
    session.flush()


def is_own_password(session: GuardedSession, text: str) -> bool:
    """Whether the signed-in person has said the right password again."""
    own = select(Account).where(Account.id == session.actor.account_id)
    return passwords.matches(session.scalars(own).one().password_hash, text)
