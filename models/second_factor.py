"""The second thing one shows when one signs in with a password (andre faktor).

No code that is sent is stored anywhere: it is made of the row's `uid` (security.one_time_code).
OWASP ASVS 6.5, 6.6.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Personal, Row
from models.clock import utcnow
from models.types import EncryptedText
from models.vocabulary import Channel

LASTS = timedelta(minutes=10)
"""How long a code that is sent can be used."""
MOST_TRIES = 5


class SignInCode(Personal, Row):
    """Somebody has said the right password, and is asked for a code (eingongskode).

    Open for ten minutes and five tries, used once, and only while it is the account's newest.
    channel: how it is sent, to what `address_index` is the index of; None: the code of an app is
    asked for. Made when one signs in, by nobody who is signed in.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (Index(None, "account_id", "id"),)
    immutable = Personal.immutable | {"account_id", "channel", "address_index", "made_at"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[Channel | None]
    address_index: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return not self.used_at and self.expires_at > utcnow() and self.tries < MOST_TRIES


class Authenticator(Personal, Row):
    """An app that makes codes (kodeapp, TOTP); asked for when it is confirmed.

    `last_step`: the time step of the newest code it was used with; none is used twice. RFC 6238.
    """

    __tablename__ = "authenticator"
    deletable = True
    immutable = Personal.immutable | {"account_id", "secret", "made_at"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    secret: Mapped[str] = mapped_column(EncryptedText("authenticator.secret"))
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Personal, Row):
    """Lets one in once when the app is gone (gjenopprettingskode); only a keyed hash is kept."""

    __tablename__ = "recovery_code"
    deletable = True
    immutable = Personal.immutable | {"account_id", "code_index"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]
