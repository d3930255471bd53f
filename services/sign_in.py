"""Signing in (innlogging): with a password, or the first time with a start code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session, joinedload

from models.account import Account, Invitation, Membership
from models.clock import utcnow
from models.database import WRITING
from models.municipality import Municipality
from models.people import Person
from security import by_password, passwords, rate_limits
from security.session import GuardedSession, SystemSession
from services.errors import Conflict
from services.notice_kinds import SIGN_IN_CHANGED
from services.notices import tell_oneself

TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 60
FAILED = "failed sign-in"
"""Under which all failed tries are counted, whoever tried."""


class WrongSignIn(Exception):
    """Name and secret do not belong together, or the account is closed; never which."""


class NoOpenHat(Exception):
    """The secret is right, and no municipality has an open role for the account.

    `town`, `phone`: whom to ask, the municipality one was in last; empty when there is none.
    """

    def __init__(self, town: str = "", phone: str = "") -> None:
        super().__init__("no open hat")
        self.town, self.phone = town, phone


class NotByPassword(Exception):
    """Adults show who they are with an electronic ID in all the municipalities of the account."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a successful sign-in opens; `new` when a password must be chosen first."""

    account_id: int
    membership_id: int
    new: bool


def sign_in(engine: Engine, name: str, secret: str, address: str, *, has_eid: bool = False) -> Door:
    """Who `name` and `secret` (a password or a start code) let in.

    It takes as long for an unknown name as for a wrong password.
    has_eid: citizens can sign in with an electronic ID here.
    Raises: WrongSignIn, NoOpenHat, NotByPassword, security.rate_limits.TooManyAttempts.
    OWASP ASVS 6.3.
    """
    name = name.strip().lower()
    rate_limits.count(engine, f"sign-in address {address}", TRIES_PER_ADDRESS)
    rate_limits.count(engine, f"sign-in name {name}", TRIES_PER_ACCOUNT)
    WRITING.set(True)
    with SystemSession(engine, because="signing in") as session:
        account = session.scalars(select(Account).where(Account.login_name == name)).first()
        new = account is not None and not account.is_in_use
        by_code = _right_code(session, account, new, secret)
        fits = passwords.matches(account.password_hash if account else None, secret)
        right = by_code if new else fits
        if account is None or not right or not account.active:
            session.rollback()
            rate_limits.note(engine, FAILED)
            raise WrongSignIn
        hat = _hat(session, account, has_eid) or _turn_away(session, account)
        session.commit()
        return Door(account.id, hat.id, new)


def _right_code(session: Session, account: Account | None, new: bool, secret: str) -> bool:
    """One comparison, whoever asks: only the newest code counts."""
    wanted = select(Invitation).where(
        Invitation.account_id == (account.id if account and new else 0),
    )
    newest = wanted.order_by(Invitation.id.desc()).limit(1).with_for_update()
    code = session.scalars(newest).first()
    hashed = code.code_hash if code and code.is_open else None
    right = passwords.matches(hashed, passwords.normal(secret))
    if code is not None and right:
        code.answered_at = utcnow()
    return right


def _hat(session: Session, account: Account, has_eid: bool) -> Membership | None:
    """The first that a password opens. Raises: NotByPassword, when there are others only."""
    open_ = Membership.account_id == account.id, Membership.active
    both = joinedload(Membership.person), joinedload(Membership.municipality)
    hats = session.scalars(select(Membership).where(*open_).options(*both).order_by(Membership.id))
    mine = hats.all()
    opened = next((hat for hat in mine if by_password.lets_in(hat, has_eid)), None)
    if opened is None and mine:
        session.rollback()
        raise NotByPassword
    return opened


def _turn_away(session: Session, account: Account) -> NoReturn:
    """A start code is not used up by it."""
    last = select(Municipality.name, Municipality.phone).join(
        Membership, Membership.municipality_id == Municipality.id
    )
    mine = last.where(Membership.account_id == account.id).order_by(Membership.id.desc())
    town, phone = session.execute(mine).first() or ("", "")
    session.rollback()
    raise NoOpenHat(town, phone or "")


def choose_password(session: GuardedSession, text: str, old: str | None) -> None:
    """Give one's own account a password instead of `old`; None: it has none. Of two who do it
    in one moment the second comes too late.

    Raises: security.passwords.WeakPassword, services.errors.Conflict.
    """
    mine = session.scalars(_mine(session).with_for_update()).one()
    if mine.password_hash is not None and not passwords.matches(mine.password_hash, old or ""):
        raise Conflict
    if mine.password_hash is not None:
        tell_oneself(session, SIGN_IN_CHANGED)
    me = session.get_one(Person, session.actor.person_id)
    about = (me.name, me.email or "", mine.login_name, session.actor.municipality)
    mine.password_hash = passwords.hash_password(text, about)
    session.flush()


def has_password(session: GuardedSession) -> bool:
    """Whether one's own account has one, chosen here or in another browser meanwhile."""
    return _own(session).password_hash is not None


def is_own_password(session: GuardedSession, engine: Engine, text: str) -> bool:
    """Whether the signed-in person has said the right password again. Nothing may have
    been written yet: the attempt is counted in a transaction of its own.

    Raises: security.rate_limits.TooManyAttempts.
    """
    hashed = _own(session).password_hash
    session.rollback()
    rate_limits.count(engine, f"own password {session.actor.account_id}", TRIES_PER_ACCOUNT)
    return passwords.matches(hashed, text)


def _own(session: GuardedSession) -> Account:
    return session.scalars(_mine(session)).one()


def _mine(session: GuardedSession) -> Select[Account]:
    return select(Account).where(Account.id == session.actor.account_id)
