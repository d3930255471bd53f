"""Keys of rows as they arrive from outside (nøkkel): plain digits, and no more than fit."""

from __future__ import annotations

HIGHEST = 10**18 - 1
"""Fits a 64-bit column on both databases."""


def key(text: object) -> int | None:
    """The key somebody asks for; None when it cannot be one."""
    digits = str(text)
    plain = digits.isascii() and digits.isdigit() and len(digits) <= len(str(HIGHEST))
    return int(digits) if plain else None
