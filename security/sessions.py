"""Sessions kept in the database (økt): readable by nobody else, ended from here.

The cookie holds 256 random bits, the table their SHA-256. One query answers with the
session, the account, the hat and the municipality. Sessions have a connection and a
short transaction of their own: Flask saves them after the request has committed.
OWASP ASVS 7.2-7.4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, cast

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Engine, Table, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from models.account import Account, Invitation, LoginSession, Membership
from models.clock import utcnow
from models.database import WRITING
from models.look import Look
from models.municipality import Municipality
from models.outbox import OutboxMessage
from models.people import Person
from models.second_factor import SignInCode
from models.user_agreement import AgreementAcceptance, UserAgreement
from models.vocabulary import Role, Scope
from security import by_password
from security.actor import Actor
from security.devices import device

COOKIE = "medspel"
TOUCH_AFTER = timedelta(seconds=60)
WARNED = timedelta(minutes=2)
_S = cast(Table, LoginSession.__table__)
_A, _M = Account.__table__, Membership.__table__
_P, _T, _N = Person.__table__, Municipality.__table__, OutboxMessage.__table__
_OTHER = Membership.__table__.alias("other_hat")
_MORE = exists().where(
    _OTHER.c.account_id == _S.c.account_id, _OTHER.c.id != _S.c.membership_id, _OTHER.c.active
)
_UNSEEN = exists().where(_N.c.person_id == _M.c.person_id, _N.c.seen_at.is_(None))
_I, _C = cast(Table, Invitation.__table__), cast(Table, SignInCode.__table__)
_U, _Y = UserAgreement.__table__, AgreementAcceptance.__table__
_IN_FORCE = select(func.max(_U.c.version)).where(
    _U.c.municipality_id == _M.c.municipality_id, _U.c.published_at.is_not(None)
)
_ACCEPTED = select(func.max(_U.c.version)).where(
    _Y.c.membership_id == _M.c.id, _U.c.id == _Y.c.agreement_id
)
_MUST_AGREE = _IN_FORCE.scalar_subquery() > func.coalesce(_ACCEPTED.scalar_subquery(), 0)
_FIND = (
    select(
        _S.c.id, _S.c.data, _S.c.created_at, _S.c.seen_at, _S.c.account_id, _S.c.membership_id,
        _S.c.provider, _S.c.provider_sid, _S.c.acr, _S.c.confirmed_at, _S.c.sealed,
        _A.c.active, _A.c.language, _A.c.theme, _A.c.easy_read,
        _M.c.person_id, _M.c.municipality_id, _M.c.roles,
        _M.c.active.label("hat_active"), _P.c.name, _P.c.organisation, _P.c.birth_date,
        _T.c.name.label("municipality"), _T.c.language.label("town_language"), _T.c.phone,
        _MORE.label("more_hats"), _UNSEEN.label("has_news"),
        _MUST_AGREE.label("must_agree"),
        _T.c.accent, _T.c.brand, _T.c.logo_print, _T.c.accepts_substantial,
        _T.c.adults_by_password, _T.c.parts_by_password,
    )
    .select_from(_S)
    .outerjoin(_A, _A.c.id == _S.c.account_id)
    .outerjoin(_M, (_M.c.id == _S.c.membership_id) & (_M.c.account_id == _A.c.id))
    .outerjoin(_P, _P.c.id == _M.c.person_id)
    .outerjoin(_T, _T.c.id == _M.c.municipality_id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vouched:
    """Where somebody has shown who they are (stadfesta): `provider` is its name in the settings.

    sid: what the session is called there. acr: how sure they were. token: by which they are
    signed out there. confirmed_at: when they showed it anew, because that was asked for.
    """

    provider: str
    sid: str | None = field(repr=False)
    acr: str | None
    token: str = field(repr=False)
    confirmed_at: datetime | None = None


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What Flask calls the session; `actor` is who has signed in, if anybody.

    `must_agree`: the user agreement in force here has not been accepted in this hat.
    `vouched`: by whom, when it is not by a password. `kept`: what was typed into a form before
    its writer was sent away to show who they are; encrypted, and gone with the session.
    `accepts_substantial`: of the municipality one is in.
    """

    def __init__(self, data: dict[str, Any] | None = None, token: str | None = None) -> None:
        super().__init__(data or {}, on_update=ServerSession._changed)
        self.token, self.row_id = token, 0
        self.modified, self.stale, self.ended = False, False, False
        self.actor: Actor | None = None
        self.language: str | None = None
        self.theme: str | None = None
        self.easy_read = False
        self.has_news = False
        self.must_agree = False
        self.account_id: int | None = None
        self.membership_id: int | None = None
        self.vouched: Vouched | None = None
        self.kept: dict[str, Any] | None = None
        self.accepts_substantial = False
        self.rotate = False
        self.idle, self.left, self.ends_at = timedelta(), timedelta(), utcnow()

    @property
    def warned(self) -> timedelta:
        """How long before the end people are asked whether they are there."""
        return min(WARNED, self.idle / 2)

    def go_on(self, idle: timedelta, ends_at: datetime, seen_at: datetime) -> None:
        """Say how much is `left` if nothing more is done: idle time from when it was seen,
        and never longer than it may last at all."""
        self.idle, self.ends_at = idle, ends_at
        self.left = min(seen_at + idle, ends_at) - utcnow()

    def unattended(self) -> None:
        """The page asks by itself: that is no sign that somebody is there."""
        self.stale = False

    def stay(self) -> None:
        """Somebody is there: the idle time starts anew, whatever is left of the minute."""
        self.go_on(self.idle, self.ends_at, utcnow())
        self.modified = True

    @staticmethod
    def _changed(session: ServerSession) -> None:
        session.modified = True

    def sign_in(self, account_id: int, membership_id: int) -> None:
        """Give this browser to an account in one hat, under a new token."""
        self.clear()
        self.account_id, self.membership_id, self.rotate = account_id, membership_id, True
        self.kept, self.modified = None, True

    def come_in(self, account_id: int, membership_id: int, vouched: Vouched | None = None) -> None:
        """`sign_in` from outside: how the pages were chosen to be stays as it was."""
        kept = {name: self[name] for name in ("language", "theme") if name in self}
        self.sign_in(account_id, membership_id)
        self.update(kept)
        self.vouched = vouched

    def half_in(self, vouched: Vouched | None = None, **waits: Any) -> None:
        """Something was right, and nobody is signed in yet, nor whoever was before: what is
        asked for now is kept in `waits`, under a new token."""
        kept = {name: self[name] for name in ("language", "theme") if name in self}
        self.clear()
        self.update(kept, **waits)
        self.account_id = self.membership_id = self.actor = self.kept = None
        self.vouched = vouched
        self.rotate = self.modified = True

    def show_anew(self, vouched: Vouched) -> None:
        """The same person in the same hat, and better known: under a new token."""
        self.vouched, self.rotate, self.modified = vouched, True, True

    def keep(self, kept: dict[str, Any] | None) -> None:
        """Keep what was typed until its writer is back, or let go of it."""
        self.kept, self.modified = kept, True

    def sign_out(self) -> None:
        self.clear()
        self.ended, self.actor, self.vouched = True, None, None


class DatabaseSessions(SessionInterface):
    """Opens and saves sessions. What forms carry (against CSRF) follows from the token, so that
    two pages opened at once do not undo one another's.

    `idle`, `longest`: how long one lasts unused, and at all. `cookie`: its name, by which a
    browser takes it from this very host and over TLS only. `has_eid`: whether citizens can sign in
    with an electronic ID here.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        idle: timedelta,
        longest: timedelta,
        secure: bool,
        has_eid: Callable[[], bool] = lambda: False,
    ) -> None:
        self.has_eid = has_eid
        self.engine, self.idle, self.longest, self.secure = engine, idle, longest, secure
        self.cookie = f"__Host-{COOKIE}" if secure else COOKIE

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        token = request.cookies.get(self.cookie, "")
        if request.endpoint == "static" or not 30 < len(token) < 60:
            return ServerSession()
        now = utcnow()
        with self.engine.connect() as connection:
            row = connection.execute(_FIND.where(_S.c.token_hash == _hash(token))).first()
        if row is None or not self.lasts(row.created_at, row.seen_at, now):
            return ServerSession()
        carried = _hash(f"forms of {token}")[:40]  # as long as Flask-WTF's own
        forms = {app.config["WTF_CSRF_FIELD_NAME"]: carried}
        session = ServerSession(forms | row.data, token)
        session.row_id, session.stale = row.id, row.seen_at + TOUCH_AFTER < now
        seen_at = now if session.stale else row.seen_at
        session.go_on(self.idle, row.created_at + self.longest, seen_at)
        if row.account_id is not None and not (row.active and row.hat_active):
            return ServerSession()
        session.account_id, session.membership_id = row.account_id, row.membership_id
        session.language = row.language or row.town_language
        session.theme, session.easy_read = row.theme, bool(row.easy_read)
        session.has_news = bool(row.has_news)
        session.must_agree = bool(row.must_agree)
        session.accepts_substantial = bool(row.accepts_substantial)
        _unseal(session, row)
        if row.person_id is None:
            return session
        opened: frozenset[Scope] | None = by_password.EVERYTHING
        if session.vouched is None and self.has_eid():
            opened = by_password.parts(
                row.birth_date, row.adults_by_password, row.parts_by_password
            )
        roles = by_password.roles(row.roles, opened)
        if opened is None and not roles:
            return ServerSession()
        session.actor = _actor(row, request.remote_addr or "", roles, opened or frozenset())
        return session

    def lasts(self, created_at: Any, seen_at: Any, now: datetime) -> Any:
        """Whether a session goes on: neither unused nor open for too long. Moments give a
        bool, columns the condition in SQL."""
        return (seen_at >= now - self.idle) & (created_at >= now - self.longest)

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        if session.ended:
            self._write(delete(_S).where(_S.c.id == session.row_id))
            response.delete_cookie(self.cookie, httponly=True, samesite="Lax", secure=self.secure)
        elif session.modified and (session.token is None or session.rotate):
            self._start(session, response)
        elif session.modified or (session.stale and session.token):
            values = {"data": dict(session), "seen_at": utcnow(), "sealed": _sealed(session)}
            self._write(update(_S).where(_S.c.id == session.row_id).values(**values))

    def _start(self, session: ServerSession, response: Response) -> None:
        if session.row_id:
            self._write(delete(_S).where(_S.c.id == session.row_id))
        session.token, now = token_urlsafe(32), utcnow()
        row = LoginSession(uid=token_urlsafe(16))
        values = {
            "uid": row.uid,
            "token_hash": _hash(session.token),
            "account_id": session.account_id,
            "membership_id": session.membership_id,
            "device": device(request.user_agent.string) if session.account_id else None,
            "data": dict(session),
            **_where_from(session.vouched),
            "sealed": _sealed(session),
            "created_at": now,
            "seen_at": now,
            "expires_at": now + self.longest,
        }
        self._write(insert(_S).values(**values))
        response.set_cookie(
            self.cookie, session.token, httponly=True, samesite="Lax", secure=self.secure, path="/"
        )

    def _write(self, statement: Any) -> None:
        WRITING.set(True)
        with self.engine.begin() as connection:
            connection.execute(statement)


def _where_from(vouched: Vouched | None) -> dict[str, Any]:
    if vouched is None:
        return {}
    return {
        "provider": vouched.provider,
        "provider_sid": vouched.sid,
        "acr": vouched.acr,
        "confirmed_at": vouched.confirmed_at,
    }


def _sealed(session: ServerSession) -> str | None:
    if session.vouched is None and session.kept is None:
        return None
    token = session.vouched.token if session.vouched else ""
    return json.dumps({"token": token, "kept": session.kept})


def _unseal(session: ServerSession, row: Any) -> None:
    sealed = json.loads(row.sealed) if row.sealed else {}
    session.kept = sealed.get("kept")
    if row.provider is not None:
        token = sealed.get("token", "")
        session.vouched = Vouched(row.provider, row.provider_sid, row.acr, token, row.confirmed_at)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _actor(row: Any, address: str, roles: frozenset[Role], parts: frozenset[Scope]) -> Actor:
    return Actor(
        account_id=row.account_id,
        person_id=row.person_id,
        municipality_id=row.municipality_id,
        name=row.name,
        roles=roles,
        parts=parts,
        municipality=row.municipality,
        organisation=row.organisation or row.municipality,
        language=row.language or row.town_language,
        membership_id=row.membership_id,
        phone=row.phone or "",
        more_hats=row.more_hats,
        login_session_id=row.id,
        address=address,
        look=Look(row.municipality_id, row.accent, row.brand, row.logo_print),
    )


def end_of_hats(session: Session, memberships: Collection[int]) -> None:
    """End every session in these hats, and every way into them that nobody has used: they are
    closed in this very transaction."""
    same = (_M.c.account_id == _I.c.account_id) & (_M.c.person_id == _I.c.person_id)
    unused = _I.c.answered_at.is_(None) & _I.c.withdrawn_at.is_(None)
    into = unused & exists().where(_M.c.id.in_(memberships), same)
    for ends in (
        delete(_S).where(_S.c.membership_id.in_(memberships)),
        update(_I).where(into).values(withdrawn_at=utcnow()),
    ):
        session.execute(
            ends, execution_options={"unscoped_because": "a closed hat ends the sessions in it"}
        )


def end_others(session: Session, account_id: int, but: int | None) -> None:
    """End every other session of an account, at its next request, wherever it is open, and
    every sign-in that waits for its code. `but`: the id of the one that goes on."""
    session.execute(
        delete(_S).where(_S.c.account_id == account_id, _S.c.id != but),
        execution_options={"unscoped_because": "one ends what one has opened elsewhere"},
    )
    session.execute(
        update(_C)
        .where(_C.c.account_id == account_id, _C.c.used_at.is_(None), _C.c.expires_at > utcnow())
        .values(expires_at=utcnow()),
        execution_options={"unscoped_because": "one ends what one has opened elsewhere"},
    )


def end_of_provider(
    engine: Engine, provider: str, sid: str | None, accounts: Collection[int]
) -> None:
    """End what was begun at a provider that has ended it: the session `sid`, or without one
    all of `accounts` that came from there. Who asked is not known; nothing is told."""
    there = _S.c.provider == provider
    which = _S.c.provider_sid == sid if sid is not None else _S.c.account_id.in_(accounts)
    WRITING.set(True)
    with engine.begin() as connection:
        connection.execute(delete(_S).where(there, which))
