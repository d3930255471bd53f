"""Words as they are looked for (folding): without capitals and accents, å, æ and ø kept.

As long as the text they come from, so that a place in one is a place in the other.
"""

from __future__ import annotations

import unicodedata

_KEPT = frozenset("åæøäö")


def fold(text: str) -> str:
    """`text` as it is looked for, of the same length."""
    return "".join(_letter(one) for one in unicodedata.normalize("NFC", text))


def _letter(one: str) -> str:
    small = one.lower()
    if len(small) != 1:
        return one
    if small in _KEPT:
        return small
    bare = unicodedata.normalize("NFD", small)[0]
    return bare if bare.isalnum() else small
