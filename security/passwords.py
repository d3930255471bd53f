"""Passwords and start codes (passord, startkode): one way to make them, on every path."""

from __future__ import annotations

from secrets import choice

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST = 12, 128
_HASHER = PasswordHasher()
_DUMMY = (
    "$argon2id$v=19$m=65536,t=3,p=4$"
    "s6+ckIa3xo4ZzrakAwT/dg$WNE2rZiFADZHVKvWViq19RmDOIjNZl7PdKqoVVh3gf0"
)
"""Of "nobody has this password", as costly to compare with as any other; written out because
it takes a quarter of a second to make, at each start."""
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
    """A one-time code to hand over ("K7QM-2XPA-9TRD", 59 bits) and its hash."""
    code = "-".join("".join(choice(_LETTERS) for _ in range(4)) for _ in range(3))
    return code, _HASHER.hash(normal(code))


def normal(code: str) -> str:
    """A start code as it is compared: without the dashes and spaces people add or forget."""
    return "".join(c for c in code.upper() if c.isalnum())
