"""Signing in (brukarkonto, tilknyting, invitasjon, økt)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import EnumSet, MunicipalityBound, Personal, PersonKey, Row, System
from models.clock import utcnow
from models.language import Language
from models.municipality import Municipality
from models.people import Person
from models.types import EncryptedText
from models.vocabulary import Role, Theme

QUIET = (21, 7)
"""The hours between which no SMS is sent (stilletid), unless somebody has said otherwise."""
INVITED_FOR = timedelta(days=14)
"""How long an invitation is open."""


class Account(Personal, Row):
    """A sign-in of the installation (brukarkonto), one to one with FAB's thin `ab_user`.

    It meets people through memberships; it has no name and no right of its own.
    `login_name` is an e-mail address or a user name, in lower case.
    `has_eid`: an electronic ID has opened it.
    Between the hours `quiet_from` and `quiet_to`, in Norway, no SMS is sent; None: at any time.
    """

    __tablename__ = "account"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    login_name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    has_eid: Mapped[bool] = mapped_column(default=False, server_default=false())
    language: Mapped[Language | None]
    theme: Mapped[Theme | None]
    easy_read: Mapped[bool] = mapped_column(default=False, server_default=false())
    quiet_from: Mapped[int | None] = mapped_column(default=QUIET[0], server_default=str(QUIET[0]))
    quiet_to: Mapped[int | None] = mapped_column(default=QUIET[1], server_default=str(QUIET[1]))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    @property
    def is_in_use(self) -> bool:
        """Its owner has come in, by a password or an electronic ID of their own."""
        return self.has_eid or self.password_hash is not None

    def __str__(self) -> str:
        return self.login_name


class Membership(MunicipalityBound, Row):
    """A hat (tilknyting): an account is this person, with these roles, in one municipality.

    FAB's own roles are global, municipalities are not: roles come from the active
    membership only, so that KE in one town carries no right into the next.
    """

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("account_id", "municipality_id"),
        UniqueConstraint("person_id"),
    )
    immutable = MunicipalityBound.immutable | {"account_id", "person_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    roles: Mapped[frozenset[Role]] = mapped_column(EnumSet(Role))
    active: Mapped[bool] = mapped_column(default=True)

    account: Mapped[Account] = relationship(lazy="raise_on_sql", viewonly=True)
    person: Mapped[Person] = relationship(lazy="raise_on_sql", viewonly=True)
    municipality: Mapped[Municipality] = relationship(lazy="raise_on_sql", viewonly=True)


class Invitation(MunicipalityBound, Row):
    """A way in for somebody who has none yet (invitasjon): open for 14 days, used once.

    Either a start code (startkode) is handed over, of which only the hash is kept, or a link is
    sent to the e-mail address of which `address_index` is the index: whoever uses it has shown
    that the address is theirs. The link is made of `uid` (security.letter_link); it is
    nowhere stored. A newer invitation takes the place of those before it (`withdrawn_at`).
    """

    __tablename__ = "invitation"
    __table_args__ = (Index(None, "municipality_id", "answered_at"),)
    immutable = MunicipalityBound.immutable | {
        "account_id", "person_id", "invited_by_id", "invited_at", "expires_at",
        "address_index", "code_hash",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[PersonKey]
    invited_by_id: Mapped[PersonKey]
    invited_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    address_index: Mapped[str | None] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys="Invitation.person_id")
    invited_by: Mapped[Person] = relationship(
        lazy="raise_on_sql", foreign_keys="Invitation.invited_by_id"
    )

    @property
    def is_open(self) -> bool:
        return not self.answered_at and not self.withdrawn_at and self.expires_at > utcnow()


class LinkedIdentity(Personal, Row):
    """An electronic ID that opens an account (kopla identitet): (issuer, subject) and no more.

    Never linked by e-mail or name. `identity_index`: the index of the identity number the
    provider gave, by which a person is known again when the provider names them anew; the
    number itself is not kept. One human may have several accounts, private and work.
    OWASP ASVS 6.8.1, NO-3.11.
    """

    __tablename__ = "linked_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject", "account_id"),)
    immutable = Personal.immutable | {"issuer", "subject", "identity_index", "linked_at"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(600))
    identity_index: Mapped[str | None] = mapped_column(String(64), index=True)
    linked_at: Mapped[datetime] = mapped_column(default=utcnow)


class LoginSession(Personal, Row):
    """A signed-in browser (økt), kept here so that it can be ended from here.

    The cookie holds a random token; `token_hash` is its SHA-256.
    `device`: a few words of security.devices, for its owner to know it by.
    `provider`, `provider_sid`: where one has signed in, and what that session is called there;
    `acr`: how sure they were (NO-3.5). `confirmed_at`: when one last showed anew who one is.
    `sealed`: JSON that is kept for the way back from there; nothing of it is written elsewhere.
    """

    __tablename__ = "login_session"
    __table_args__ = (
        Index(None, "account_id", "expires_at"),
        Index(None, "provider", "provider_sid"),
    )
    deletable = True

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    device: Mapped[str | None] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    provider: Mapped[str | None] = mapped_column(String(40))
    provider_sid: Mapped[str | None] = mapped_column(String(255))
    acr: Mapped[str | None] = mapped_column(String(100))
    confirmed_at: Mapped[datetime | None]
    sealed: Mapped[str | None] = mapped_column(EncryptedText("login_session.sealed"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RateLimit(System, Row):
    """How often something was tried (grense): a keyed hash of what, within one window."""

    __tablename__ = "rate_limit"
    __table_args__ = (UniqueConstraint("key", "window_start"),)

    key: Mapped[str] = mapped_column(String(64))
    window_start: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)
