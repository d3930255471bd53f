"""Identity numbers of the demo's people (syntetiske fødselsnummer): nobody can have them."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

from stdnum.no import fodselsnummer

from models.identity_number import NotAnIdentityNumber, parse

_SYNTHETIC = 80  # added to the month, as Tenor does (NO-7.4)


def identity_number(login: str) -> str:
    """The same number for the same sign-in name each time."""
    spread = int.from_bytes(sha256(login.encode()).digest()[:4])
    born = date(1965, 1, 1) + timedelta(days=spread % 12000)
    begins = f"{born.day:02d}{born.month + _SYNTHETIC}{born.year % 100:02d}"
    for individual in range(spread % 400, 500):
        nine = f"{begins}{individual:03d}"
        ten = nine + fodselsnummer.calc_check_digit1(nine)
        try:
            return parse(ten + fodselsnummer.calc_check_digit2(ten), synthetic=True)
        except NotAnIdentityNumber:  # its check digits would be two
            continue
    raise AssertionError("a hundred numbers in a row never all fail")
