"""Ages that the law sets (aldersgrenser): from the birth date, never from an identity number."""

from __future__ import annotations

from datetime import date

from models.clock import months_later

CONSENT_AGE = 16
"""What a municipality starts with. Pasient- og brukarrettslova § 4-3."""
GRACE_DAYS = 60
"""The same, for how long old signatures last when nobody has signed after that birthday."""
FULL_AGE = 18
"""Verjemålslova § 8: no setting."""


def birthday(born: date, age: int) -> date:
    """The day somebody turns `age`; born on 29 February, on 28 February in other years."""
    return months_later(born, 12 * age)
