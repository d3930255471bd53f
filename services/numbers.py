"""Numbers about people (tal): small ones are blurred, and no total gives them away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FEW = 4
"""The highest number by which somebody could be recognised."""


@dataclass(frozen=True, slots=True)
class Number:
    """A count that is known to lie between two ends; they are the same when it is told."""

    low: int
    high: int

    @property
    def is_told(self) -> bool:
        return self.low == self.high

    def __str__(self) -> str:
        return str(self.low) if self.is_told else f"{self.low}–{self.high}"


def blurred(count: int) -> Number:
    """1–4 for one to four; nobody is nobody."""
    return Number(1, FEW) if 0 < count <= FEW else Number(count, count)


def total(numbers: Iterable[Number]) -> Number:
    """As exact as its parts, never more: what is left when the told ones are taken away
    says no more than the parts themselves do."""
    parts = list(numbers)
    return Number(sum(part.low for part in parts), sum(part.high for part in parts))
