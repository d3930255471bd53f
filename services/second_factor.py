"""The second factor (andre faktor): a code that is asked for after the right password.

It is sent by SMS, else by e-mail, or made by an app the account has confirmed; it is new each
time. Each row is one browser's: what was sent to one lets no other in. OWASP ASVS 6.3.3, 6.5,
6.6.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account, Membership
from models.clock import utcnow
from models.database import WRITING
from models.municipality import Municipality
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.second_factor import LASTS, MOST_TRIES, Authenticator, RecoveryCode, SignInCode
from models.vocabulary import Channel
from security import one_time_code, rate_limits
from security.session import SystemSession
from services.notice_kinds import SIGN_IN_CODE
from services.sign_in import FAILED

TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, ASKED_PER_ADDRESS = 10, 60, 30
WAITS = tuple(timedelta(seconds=s) for s in (0, 30, 60, 120, 300, 900, 3600))
"""How long one waits for a new code after so many that nobody came in by."""
REMEMBERED = timedelta(days=1)


class NotTheCode(Exception):
    """It is not the one; there are tries left."""


class CodeIsOver(Exception):
    """Used, too old, tried too often, replaced by a newer one, or of another browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page asks for.

    by_app: of an app. channel, hint: how a code is sent and where to, as much as may be shown;
    without an app and a channel there is no way. is_open: this browser's code still counts,
    `until` when. wait: until a new one may be asked for. town, phone: whom to call.
    """

    by_app: bool
    channel: Channel | None
    hint: str
    is_open: bool
    until: datetime | None
    wait: timedelta
    town: str
    phone: str


def ask(engine: Engine, account_id: int, *, address: str, channels: Collection[Channel]) -> str:
    """Make the account's newest code and have it sent, in one transaction; its uid.

    channels: those this installation has a carrier for. Empty when it is too early, or there is
    nowhere to send it. Raises: security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"code asked from {address}", ASKED_PER_ADDRESS)
    WRITING.set(True)
    with SystemSession(engine, because="asking for a second factor") as session:
        session.get_one(Account, account_id, with_for_update=True)
        if _wait(session, account_id) > timedelta():
            return ""
        code = SignInCode(account_id=account_id, expires_at=utcnow() + LASTS)
        session.add(code)
        if not _app(session, account_id):
            person, _ = _reached_as(session, account_id)
            code.channel = _channel(person, channels)
            if person is None or code.channel is None:
                session.rollback()
                return ""
            _send(session, code, person)
        session.commit()
        return code.uid


def asked(engine: Engine, account_id: int, uid: str, channels: Collection[Channel]) -> Asked:
    """What the page of a browser shows whose code is `uid`."""
    with SystemSession(engine, because="asking for a second factor") as session:
        person, town = _reached_as(session, account_id)
        by_app = _app(session, account_id) is not None
        channel = None if by_app else _channel(person, channels)
        code = newest(session, account_id)
        is_open = code is not None and code.uid == uid and code.is_open
        return Asked(
            by_app=by_app,
            channel=channel,
            hint=_hint(person, channel),
            is_open=is_open,
            until=code.expires_at if code and is_open else None,
            wait=_wait(session, account_id),
            town=town.name if town else "",
            phone=(town.phone if town else "") or "",
        )


def answer(engine: Engine, account_id: int, uid: str, typed: str, address: str) -> None:
    """Use the code up. Each try is counted before it is looked at, and stays counted.

    Raises: NotTheCode, CodeIsOver, security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"code address {address}", TRIES_PER_ADDRESS)
    rate_limits.count(engine, f"code account {account_id}", TRIES_PER_ACCOUNT)
    WRITING.set(True)
    with SystemSession(engine, because="asking for a second factor") as session:
        account = session.get_one(Account, account_id, with_for_update=True)
        code = newest(session, account_id)
        if code is None or code.uid != uid or not code.is_open or not account.active:
            raise CodeIsOver
        code.tries += 1
        right = _is_right(session, code, typed)
        if right:
            code.used_at = utcnow()
        session.commit()
    if not right:
        rate_limits.note(engine, FAILED)
        raise NotTheCode


def newest(session: Session, account_id: int) -> SignInCode | None:
    """The only code of an account that counts."""
    mine = select(SignInCode).where(SignInCode.account_id == account_id)
    return session.scalars(mine.order_by(SignInCode.id.desc()).limit(1)).first()


def address_of(person: Person, channel: Channel) -> tuple[str | None, str | None]:
    """Where a code goes by a channel, and its index."""
    if channel is Channel.SMS:
        return person.phone, person.phone_index
    return person.email, person.email_index


def _reached_as(session: Session, account_id: int) -> tuple[Person | None, Municipality | None]:
    """The person of the account's first open hat, and the town: another municipality that gives
    it one more hat, and says how that person is reached, opens nothing by it."""
    mine = (
        select(Person, Municipality)
        .join(Membership, Membership.person_id == Person.id)
        .join(Municipality, Municipality.id == Membership.municipality_id)
        .where(Membership.account_id == account_id, Membership.active)
        .order_by(Membership.id)
    )
    found = session.execute(mine.limit(1)).first()
    return (found[0], found[1]) if found else (None, None)


def _channel(person: Person | None, channels: Collection[Channel]) -> Channel | None:
    """SMS before mail, and never to an address that letters come back from."""
    if person is None or person.died_on is not None:
        return None
    if person.phone_index and Channel.SMS in channels:
        return Channel.SMS
    works = person.email_index and person.mail_returned_at is None
    return Channel.MAIL if works and Channel.MAIL in channels else None


def _send(session: Session, code: SignInCode, person: Person) -> None:
    """The letter is ready to leave: somebody waits for it."""
    channel = code.channel or Channel.MAIL
    _, code.address_index = address_of(person, channel)
    session.flush()
    at = {"municipality_id": person.municipality_id, "person_id": person.id, "kind": SIGN_IN_CODE}
    notice = OutboxMessage(
        **at, row_id=code.id, dedup_key=f"{SIGN_IN_CODE}:{code.uid}",
        planned_at=utcnow(), seen_at=utcnow(),
    )  # fmt: skip
    session.add(notice)
    session.flush()
    session.add(Delivery(**at, message_id=notice.id, channel=channel))


def _hint(person: Person | None, channel: Channel | None) -> str:
    """So much of an address that its owner knows it; of a shielded person's nothing."""
    if person is None or channel is None or person.shielded:
        return ""
    if channel is Channel.SMS:
        return (person.phone or "")[-2:]
    name, _, host = (person.email or "").partition("@")
    return f"{name[:1]}…@{host}"


def _app(session: Session, account_id: int) -> Authenticator | None:
    mine = Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None)
    return session.scalars(select(Authenticator).where(*mine)).first()


def _is_right(session: Session, code: SignInCode, typed: str) -> bool:
    if code.channel is not None:
        return one_time_code.is_code_of(code.uid, typed)
    app = _app(session, code.account_id)
    return app is not None and (use_app(app, typed) or use_recovery(session, app, typed))


def use_app(app: Authenticator, typed: str) -> bool:
    """Whether it is a code of the app, not used before; it is now."""
    step = one_time_code.step_of(app.secret, typed, utcnow(), app.last_step)
    app.last_step = app.last_step if step is None else step
    return step is not None


def use_recovery(session: Session, app: Authenticator, typed: str) -> bool:
    """Whether it is one of the codes written down, not used before; it is now."""
    index = one_time_code.recovery_index(app.account_id, typed)
    found = session.scalars(select(RecoveryCode).where(RecoveryCode.code_index == index)).first()
    if found is None or found.used_at is not None:
        return False
    found.used_at = utcnow()
    return True


def _wait(session: Session, account_id: int) -> timedelta:
    """How long until a new code may be made: the longer, the more have led nowhere."""
    since = utcnow() - REMEMBERED
    mine = select(SignInCode).where(SignInCode.account_id == account_id, SignInCode.made_at > since)
    last, many = since, 0
    for code in session.scalars(mine.order_by(SignInCode.id.desc()).limit(2 * len(WAITS))):
        if code.used_at is not None:
            break
        if code.channel is not None or code.tries >= MOST_TRIES:
            last, many = max(last, code.made_at), many + 1
    return max(timedelta(), last + WAITS[min(many, len(WAITS) - 1)] - utcnow())
