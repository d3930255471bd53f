"""Passwords and start codes (passord, startkode): one way to make them, on every path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from secrets import choice

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from models.i18n import N_

SHORTEST, LONGEST = 12, 128
FEWEST = 5
"""Different letters that must be left."""
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

_LIST = Path(__file__).with_name("common_passwords.txt")
_LOOKS_LIKE = [str.maketrans("0134578@$!", f"o{one}eastbasi") for one in "il"]
_ROWS = (
    "01234567890123456789", "abcdefghijklmnopqrstuvwxyzæøå", "qwertyuiopåasdfghjkløæzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
)  # fmt: skip
_WORD = re.compile(r"\w+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class WeakPassword(ValueError):
    """One that is found by trying; `why` says it (a msgid)."""

    why = N_("Choose one with at least 12 characters.")


class TooLong(WeakPassword):
    why = N_("Choose one with 128 characters at most.")


class TooCommon(WeakPassword):
    why = N_("Many people choose one like it, so it is tried first. Take a short sentence instead.")


class AboutOneself(WeakPassword):
    why = N_("It is made of your name, your address or your municipality. Choose other words.")


def hash_password(text: str, about: Iterable[str] = ()) -> str:
    """An argon2id hash.

    about: names and addresses of its owner. What is left of it without those, and without the
    words and rows of keys everybody tries, must still be something.
    Raises: WeakPassword. Source: NIST SP 800-63B 5.1.1.2, OWASP ASVS 6.2.
    """
    if len(text) < SHORTEST:
        raise WeakPassword
    if len(text) > LONGEST:
        raise TooLong
    bare = _bare(text)
    if _is_common(text) or _is_little(_without(bare, _COMMON)):
        raise TooCommon
    own = [word for name in about for word in (_bare(name), *map(_bare, _WORD.findall(name)))]
    if _is_little(_without(bare, [*_COMMON, *(word for word in own if len(word) > 2)])):
        raise AboutOneself
    return _HASHER.hash(text)


def _bare(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _without(bare: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        bare = bare.replace(word, "")
    return bare


def _is_little(left: str) -> bool:
    """Whether a computer is soon through with it: few letters, or one row of keys."""
    row = any(left in keys or left[::-1] in keys for keys in _ROWS)
    return row or left.isdigit() or len(set(left)) < FEWEST


def _is_common(text: str) -> bool:
    """One word of the list, with what people put around it and in it, once or repeated."""
    shown = text.lower()
    word = _AROUND.sub("", shown)
    for said in (_bare(shown), *(_bare(word.translate(one)) for one in _LOOKS_LIKE)):
        core = said.strip("0123456789")
        halves = [core[: len(core) // n] for n in range(1, 5) if core and len(core) % n == 0]
        repeated = any(one * (len(core) // len(one)) == core for one in halves if one in common())
        if said in common() or repeated:
            return True
    return False


@cache
def common() -> frozenset[str]:
    """Passwords many people choose."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


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
