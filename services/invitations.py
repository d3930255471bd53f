"""Inviting somebody to sign in (invitasjon): asked, sent again, taken back, answered.

Who has an e-mail address gets a link there, and nobody else sees it; who has none gets a start
code handed over. An invitation says which municipality and whose hand it is from, and nothing
about whom: not even that there is a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine, ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.account import INVITED_FOR, Account, Invitation, Membership
from models.clock import OSLO, utcnow
from models.database import WRITING
from models.i18n import N_
from models.municipality import Municipality
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.vocabulary import Role
from security import by_password, passwords, rate_limits
from security.session import GuardedSession, SystemSession
from services.errors import Conflict
from services.notice_kinds import INVITATION

T = TypeVar("T")
TRIES_PER_ADDRESS, TRIES_PER_LINK = 60, 10
UNANSWERED = Invitation.answered_at.is_(None) & Invitation.withdrawn_at.is_(None)
LETTERS = (OutboxMessage.kind == INVITATION) & OutboxMessage.plan_id.is_(None)
WITH_PEOPLE = (
    joinedload(Invitation.person),
    joinedload(Invitation.account),
    joinedload(Invitation.invited_by),
)


class Answered(Conflict):
    """The person has signed in, or the invitation is taken back: there is nothing to renew."""

    words = N_("This invitation is answered or taken back already.")


class CannotBeUsed(Exception):
    """The link is not ours, or was used, replaced, taken back or too old; never which."""


class WrongPassword(Exception):
    """The one who has an account already must say its password."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """How somebody is let in: by the `code` that is handed over, else by a letter."""

    name: str
    login_name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page behind a link may say."""

    town: str
    whom_to_call: str
    phone: str
    invited_by: str
    login_name: str
    has_password: bool
    by_eid_only: bool


def invite(
    session: GuardedSession, person: Person, account: Account, *, by_code: bool = False
) -> Ticket:
    """Ask `person` to sign in with `account`; what was asked before is replaced.

    Raises: Forbidden, when it is not the actor's to do.
    """
    now = utcnow()
    for old in _waiting(session, account.id):
        old.withdrawn_at = now
    code, hashed = "", None
    if by_code or person.email_index is None:
        code, hashed = passwords.start_code()
    asked = Invitation(
        municipality_id=person.municipality_id, account_id=account.id, person_id=person.id,
        invited_by_id=session.actor.person_id, invited_at=now, expires_at=now + INVITED_FOR,
        code_hash=hashed, address_index=None if code else person.email_index,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    if not code:
        _post(session, asked)
    return Ticket(person.name, account.login_name, code)


def _waiting(session: GuardedSession, account_id: int) -> Sequence[Invitation]:
    here = Invitation.municipality_id == session.actor.municipality_id
    mine = select(Invitation).where(here, Invitation.account_id == account_id, UNANSWERED)
    return session.scalars(mine).all()


def _post(session: GuardedSession, asked: Invitation) -> None:
    session.add(
        OutboxMessage(
            municipality_id=asked.municipality_id, person_id=asked.person_id, kind=INVITATION,
            row_id=asked.id, dedup_key=f"{INVITATION}:{asked.uid}", seen_at=utcnow(),
            deadline=asked.expires_at.astimezone(OSLO).date(),
        )
    )  # fmt: skip
    session.flush()


def unanswered(session: GuardedSession) -> Select[Invitation]:
    """Who has not answered, the newest first: all of the office's, else those one has asked."""
    wanted = select(Invitation).where(UNANSWERED).options(*WITH_PEOPLE)
    return _seen_by(session, wanted.order_by(Invitation.id.desc()))


def _seen_by(session: GuardedSession, wanted: Select[T]) -> Select[T]:
    if session.actor.roles & {Role.COORDINATING_UNIT, Role.ADMINISTRATOR}:
        return wanted
    return wanted.where(Invitation.invited_by_id == session.actor.person_id)


def stuck(session: GuardedSession, *more: ScalarSelect[int]) -> tuple[int, ...]:
    """How many of `unanswered` wait for somebody to do something: they are too old, or their
    letter did not arrive; and what else is counted in the same question."""
    o, d = OutboxMessage, Delivery
    lost = exists().where(
        LETTERS, o.row_id == Invitation.id, d.message_id == o.id, d.failed_at.is_not(None)
    )
    waits = or_(Invitation.expires_at <= utcnow(), lost)
    mine: Any = select(func.count(Invitation.id), *more).where(UNANSWERED, waits)
    return tuple(session.execute(_seen_by(session, mine)).one())


def how_it_went(session: GuardedSession, asked: Sequence[Invitation]) -> dict[int, Delivery]:
    """Invitation -> its letter, where there is one."""
    rows = {one.id for one in asked if one.address_index is not None}
    wanted = (
        select(OutboxMessage.row_id, Delivery)
        .join(Delivery, Delivery.message_id == OutboxMessage.id)
        .where(LETTERS, OutboxMessage.row_id.in_(rows))
    )
    return {row_id: one for row_id, one in session.execute(wanted) if row_id} if rows else {}


def renew(session: GuardedSession, asked: Invitation, *, by_code: bool = False) -> Ticket:
    """Once more, for 14 days, by letter or (`by_code`) by a code to hand over; the old link or
    code is dead. Raises: Answered, Forbidden."""
    _still_waits(asked)
    account = session.get_one(Account, asked.account_id)
    return invite(session, session.get_one(Person, asked.person_id), account, by_code=by_code)


def withdraw(session: GuardedSession, asked: Invitation) -> None:
    """Nobody comes in by it any more. Raises: Answered, Forbidden."""
    _still_waits(asked)
    asked.withdrawn_at = utcnow()
    session.flush()


def _still_waits(asked: Invitation) -> None:
    if asked.answered_at is not None or asked.withdrawn_at is not None:
        raise Answered


def opened(engine: Engine, uid: str, *, has_eid: bool = False) -> Opened:
    """What the page behind a link shows. Looking uses nothing up: mail programs look too.

    uid: what the link was made of. has_eid: citizens can sign in with an electronic ID here.
    Raises: CannotBeUsed.
    """
    with SystemSession(engine, because="answering an invitation") as session:
        asked = _whose_link(session, uid)
        if not asked.is_open:
            raise CannotBeUsed
        town = session.get_one(Municipality, asked.municipality_id)
        own = asked.invited_by.shown_phone
        return Opened(
            town=town.name, invited_by=asked.invited_by.name, phone=own or town.phone or "",
            whom_to_call=asked.invited_by.name if own else town.name,
            login_name=asked.account.login_name,
            has_password=asked.account.password_hash is not None,
            by_eid_only=_is_by_eid_only(session, asked, has_eid),
        )  # fmt: skip


def answer(
    engine: Engine, uid: str, password: str, address: str, *, has_eid: bool = False
) -> tuple[int, int]:
    """(account, membership) of the one whom the link lets in, used up by it.

    `password`: a new one; or, of an account that has one, the one it has.
    Raises: CannotBeUsed, WrongPassword, security.passwords.WeakPassword,
    security.rate_limits.TooManyAttempts. OWASP ASVS 6.4.
    """
    rate_limits.count(engine, f"invitation address {address}", TRIES_PER_ADDRESS)
    rate_limits.count(engine, f"invitation {uid}", TRIES_PER_LINK)
    WRITING.set(True)
    with SystemSession(engine, because="answering an invitation") as session:
        asked = _whose_link(session, uid)
        session.refresh(asked, ["answered_at", "withdrawn_at"], with_for_update=True)
        account, hat = asked.account, _hat(session, asked)
        if not asked.is_open or _is_by_eid_only(session, asked, has_eid):
            raise CannotBeUsed
        if account.password_hash is None:
            town = session.get_one(Municipality, asked.municipality_id)
            about = (asked.person.name, asked.person.email or "", account.login_name, town.name)
            account.password_hash = passwords.hash_password(password, about)
        elif not passwords.matches(account.password_hash, password):
            raise WrongPassword
        asked.answered_at, hat.active = utcnow(), True
        session.commit()
        return account.id, hat.id


def _whose_link(session: Session, uid: str) -> Invitation:
    """Of an address that is still the person's: who has moved on is not let in by the old one."""
    wanted = select(Invitation).where(Invitation.uid == uid).options(*WITH_PEOPLE)
    asked = session.scalars(wanted).first()
    if asked is None or not asked.account.active:
        raise CannotBeUsed
    if asked.address_index is None or asked.address_index != asked.person.email_index:
        raise CannotBeUsed
    return asked


def _hat(session: Session, asked: Invitation) -> Membership:
    mine = Membership.account_id == asked.account_id, Membership.person_id == asked.person_id
    both = joinedload(Membership.person), joinedload(Membership.municipality)
    return session.scalars(select(Membership).where(*mine).options(*both)).one()


def _is_by_eid_only(session: Session, asked: Invitation, has_eid: bool) -> bool:
    """No password may be chosen: one would open nothing, or be worse than what opens it now."""
    if asked.account.password_hash is not None:
        return False
    return asked.account.has_eid or not by_password.lets_in(_hat(session, asked), has_eid)
