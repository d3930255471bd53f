"""Identity numbers of the demo's people (syntetiske fødselsnummer): nobody can have them."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

from models.identity_number import NotAnIdentityNumber, parse

_SYNTHETIC = 80  # added to the month, as Tenor does (NO-7.4)


def identity_number(login: str) -> str:
    """The same number for the same sign-in name each time."""
    spread = int.from_bytes(sha256(login.encode()).digest()[:4])
    born = date(1965, 1, 1) + timedelta(days=spread % 12000)
    begins = f"{born.day:02d}{born.month + _SYNTHETIC}{born.year % 100:02d}"
    for rest in range(spread % 40_000, 50_000):
        try:
            return parse(f"{begins}{rest:05d}", synthetic=True)
        except NotAnIdentityNumber:  # its control digits are others
            continue
    raise AssertionError("ten thousand numbers in a row never all fail")
