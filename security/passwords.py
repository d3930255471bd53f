"""Passwords and start codes (passord, startkode): one way to make them, on every path."""

from __future__ import annotations

from secrets import choice

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST = 12, 128
_HASHER = PasswordHasher()
_DUMMY = _HASHER.hash("nobody has this password")
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look like another
_COMMON = (
    "passord", "password", "qwerty", "123456", "velkommen", "welcome", "kommune", "medspel",
    "sommer", "vinter", "admin", "letmein", "iloveyou", "abc123", "hemmelig", "norge",
)  # fmt: skip


class WeakPassword(ValueError):
    """Too short, too long, or one that everybody tries first."""


def hash_password(text: str) -> str:
    """An argon2id hash. Raises: WeakPassword. Source: NIST SP 800-63B 5.1.1."""
    bare = "".join(c for c in text.lower() if c.isalnum())
    for word in _COMMON:
        bare = bare.replace(word, "")
    if not SHORTEST <= len(text) <= LONGEST or len(set(bare)) < 5:
        raise WeakPassword
    return _HASHER.hash(text)


def matches(stored: str | None, text: str) -> bool:
    """Whether `text` is the password; takes as long when there is none to compare with."""
    try:
        _HASHER.verify(stored or _DUMMY, text)
    except VerificationError:
        return False
    return stored is not None


def start_code() -> tuple[str, str]:
    """A one-time code to hand over and its hash."""
    code = one_time_secret()
    return code, _HASHER.hash(normal(code))


def one_time_secret() -> str:
    """Something to write down ("K7QM-2XPA-9TRD", 59 bits)."""
    return "-".join("".join(choice(_LETTERS) for _ in range(4)) for _ in range(3))


def normal(code: str) -> str:
    """A start code as it is compared: without the dashes and spaces people add or forget."""
    return "".join(c for c in code.upper() if c.isalnum())
