"""Norwegian identity numbers (fødselsnummer, D-nummer): checked, never read for an age.

Skatteetaten's control digits, by the rule that holds and by the one for numbers given from 2032
on, side by side; neither sex nor century can be told from a number any more (NO-7.4).
"""

from __future__ import annotations

from datetime import date

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_FIRST_LEAVES = frozenset({0, 1, 2, 3})
"""What the first control digit leaves over: 0 until 2032, and then any of these."""
_SYNTHETIC = (40, 65, 80)
"""Added to the month by NAV, Dolly and Tenor."""
_D_NUMBER = 40
"""Added to the day of those who have no fødselsnummer yet."""


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
    if offset is None or not _is_a_day(digits, month - offset) or not _controls_fit(digits):
        raise NotAnIdentityNumber
    if bool(offset) != synthetic:
        raise WrongWorld
    return digits


def _controls_fit(digits: str) -> bool:
    return _left(digits, _FIRST) in _FIRST_LEAVES and _left(digits, _SECOND) == 0


def _left(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11


def _is_a_day(digits: str, month: int) -> bool:
    """In some century: 29 February is one in every fourth year."""
    day = int(digits[:2])
    try:
        date(2000 + int(digits[4:6]), month, day - _D_NUMBER if day > _D_NUMBER else day)
    except ValueError:
        return False
    return True
