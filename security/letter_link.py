"""The address in a letter (lenkja i eit brev): made when it is sent, nowhere stored.

It is the `uid` of what the letter is about, and 128 bits of a keyed hash of it. Whoever reads the
database cannot make one, each attempt to send it makes the same, and one for an invitation
answers no call. One that is bound to an address is over when it goes to another.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from enum import StrEnum
from hmac import compare_digest
from uuid import UUID

from models.types import blind_index

_HALF = 16  # bytes: the uid, and then the hash


class Opens(StrEnum):
    """What a link is for, and for nothing else."""

    INVITATION = "invitation.link"
    ANSWER = "answer.link"


def token(uid: str, opens: Opens, to: str = "") -> str:
    """43 letters for the address. uid: a UUID as text. to: the address it is bound to."""
    return urlsafe_b64encode(UUID(uid).bytes + _hash(uid, opens, to)).decode().rstrip("=")


def read(text: str, opens: Opens, goes_to: Callable[[str], str] | None = None) -> str | None:
    """The `uid` that `token` was made of; None when we have not made it, or it is bound to another
    address than the one it `goes_to` by now."""
    try:
        whole = urlsafe_b64decode(text.encode("ascii") + b"=")
    except ValueError:
        return None
    uid = str(UUID(bytes=whole[:_HALF])) if len(whole) == 2 * _HALF else ""
    to = goes_to(uid) if uid and goes_to else ""
    return uid if uid and compare_digest(whole[_HALF:], _hash(uid, opens, to)) else None


def _hash(uid: str, opens: Opens, to: str) -> bytes:
    return bytes.fromhex(blind_index(opens, uid + to))[:_HALF]
