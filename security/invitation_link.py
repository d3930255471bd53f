"""The address of an invitation (lenkja i ein invitasjon): made when it is sent, nowhere stored.

It is the invitation's `uid` and 128 bits of a keyed hash of it. Whoever reads the database
cannot make one, and each attempt to send it makes the same.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest
from uuid import UUID

from models.types import blind_index

_HALF = 16  # bytes: the uid, and then the hash


def token(uid: str) -> str:
    """43 letters for the address. uid: a UUID as text."""
    return urlsafe_b64encode(UUID(uid).bytes + _hash(uid)).decode().rstrip("=")


def read(text: str) -> str | None:
    """The `uid` that `token` was made of; None when we have not made it."""
    try:
        whole = urlsafe_b64decode(text.encode("ascii") + b"=")
    except ValueError:
        return None
    uid = str(UUID(bytes=whole[:_HALF])) if len(whole) == 2 * _HALF else ""
    return uid if uid and compare_digest(whole[_HALF:], _hash(uid)) else None


def _hash(uid: str) -> bytes:
    return bytes.fromhex(blind_index("invitation.link", uid))[:_HALF]
