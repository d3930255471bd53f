"""A municipality's look (utsjånad): its logo and two colours, as a stylesheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from models.colour import CONTRAST, CONTRAST_DARK, DARK, LIGHT, steps

OURS = {"accent": "#17605c", "brand1": "#b4552d"}
"""Medspel's own, where a municipality has chosen none."""
_WHERE = (
    (LIGHT, ":root, [data-color-scheme]", ""),
    (DARK, '[data-color-scheme="auto"]', "(prefers-color-scheme: dark)"),
    (DARK, '[data-color-scheme="dark"]', ""),
    (CONTRAST, '[data-color-scheme="contrast"]', ""),
    (
        CONTRAST,
        '[data-color-scheme="auto"], [data-color-scheme="light"]',
        "(prefers-contrast: more)",
    ),
    (
        CONTRAST_DARK,
        '[data-color-scheme="auto"]',
        "(prefers-contrast: more) and (prefers-color-scheme: dark)",
    ),
    (CONTRAST_DARK, '[data-color-scheme="dark"]', "(prefers-contrast: more)"),
)
"""Scheme, what it is chosen by, and what the device must ask for; the last one that holds wins."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page has to know; the logo itself stays in the database."""

    municipality_id: int = 0
    accent: str | None = None
    brand: str | None = None
    logo_print: str | None = None

    @property
    def print(self) -> str:
        """The fingerprint of the stylesheet; empty when it would say nothing."""
        return sha256(self.css.encode()).hexdigest()[:12] if self.accent or self.brand else ""

    @property
    def css(self) -> str:
        return stylesheet(self.accent, self.brand)


NO_LOOK = Look()


@lru_cache(maxsize=200)
def stylesheet(accent: str | None, brand: str | None) -> str:
    """Rules that put the municipality's colours in the place of ours, in every scheme."""
    return "\n".join(_rules({"accent": accent, "brand1": brand}))


def _rules(colours: dict[str, str | None]) -> Iterator[str]:
    for scheme, selector, asked in _WHERE:
        said = "; ".join(
            f"--ds-color-{name}-{step}: {value}"
            for name, colour in colours.items()
            if colour
            for step, value in steps(colour, scheme).items()
        )
        rule = f"{selector} {{ {said}; }}"
        yield f"@media {asked} {{ {rule} }}" if asked else rule
