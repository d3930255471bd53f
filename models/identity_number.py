"""Norwegian identity numbers (fødselsnummer, D-nummer): checked, never read for an age."""

from __future__ import annotations

from stdnum.exceptions import ValidationError
from stdnum.no import fodselsnummer

_SYNTHETIC = (40, 65, 80)  # added to the month by NAV, Dolly and Tenor (NO-7.4)


class NotAnIdentityNumber(ValueError):
    """Eleven digits whose control digits do not fit, or not eleven digits."""


class WrongWorld(ValueError):
    """A synthetic number where real people live, or a real one where only tests do."""


def parse(text: str, *, synthetic: bool) -> str:
    """Eleven digits without blanks.

    `synthetic`: this installation holds test people only, and a real-looking number is
    refused; otherwise a synthetic one is. Raises: NotAnIdentityNumber, WrongWorld.
    """
    digits = "".join(text.split())
    if len(digits) != 11 or not digits.isascii() or not digits.isdigit():
        raise NotAnIdentityNumber
    month = int(digits[2:4])
    offset = max((o for o in (0, *_SYNTHETIC) if 1 <= month - o <= 12), default=None)
    if offset is None:
        raise NotAnIdentityNumber
    _check_digits(digits)
    if bool(offset) != synthetic:
        raise WrongWorld
    if not offset:
        _check_date(digits)
    return digits


def _check_digits(digits: str) -> None:
    first, second = fodselsnummer.calc_check_digit1(digits), fodselsnummer.calc_check_digit2(digits)
    if digits[9:] != first + second:
        raise NotAnIdentityNumber


def _check_date(digits: str) -> None:
    try:
        fodselsnummer.compact(digits)
        fodselsnummer.get_birth_date(digits)
    except ValidationError as wrong:
        raise NotAnIdentityNumber from wrong
