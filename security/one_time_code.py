"""One-time codes (eingongskode): six digits that are sent, those of an app, and the spare ones.

What is sent is made of a row's `uid` with the installation's key when the letter is written and
when it is compared, and is nowhere stored. OWASP ASVS 6.5; RFC 6238.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

from pyotp import TOTP, random_base32

from models.types import blind_index
from security.passwords import normal, one_time_secret

_DIGITS = 6
DRIFT = 1
"""How many half minutes the clock of an app may be wrong, before and after."""
RECOVERY_CODES = 10


def code_of(uid: str) -> str:
    """The six digits of a code that is sent."""
    return f"{int(blind_index('sign_in_code.code', uid), 16) % 10**_DIGITS:0{_DIGITS}d}"


def shown(code: str) -> str:
    """In two threes, as people read it: 123 456."""
    return f"{code[:3]} {code[3:]}"


def is_code_of(uid: str, typed: str) -> bool:
    return _same(code_of(uid), typed)


def new_secret() -> str:
    """160 bits for an app, in base32."""
    return random_base32()


def address(secret: str, login_name: str) -> str:
    """What an app reads from a picture: otpauth://totp/…"""
    return TOTP(secret).provisioning_uri(name=login_name, issuer_name="Medspel")


def step_of(secret: str, typed: str, now: datetime, after: int) -> int | None:
    """The time step whose code was typed: now, or one before or after, and later than the one
    that was used last; None when it is no such code."""
    clock = TOTP(secret)
    here, found = clock.timecode(now), None
    for step in range(here - DRIFT, here + DRIFT + 1):
        if _same(clock.generate_otp(step), typed) and step > after:
            found = step
    return found


def recovery_codes() -> Sequence[str]:
    """To be written down: "K7QM-2XPA-9TRD", 59 bits each."""
    return [one_time_secret() for _ in range(RECOVERY_CODES)]


def recovery_index(account_id: int, typed: str) -> str:
    """What a recovery code is found by: a keyed hash, for one account only."""
    return blind_index("recovery_code.code", f"{account_id} {normal(typed)}")


def _same(code: str, typed: str) -> bool:
    """Compared in the same time wherever they differ; blanks and dashes are people's own."""
    return compare_digest(code.encode(), normal(typed).encode())
