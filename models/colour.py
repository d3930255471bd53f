"""Colours and whether they can be read (farge): contrast as WCAG 2.1 reckons it, and the
steps Designsystemet asks for, made out of one chosen colour.

A step is a luminance. Mixing with white or black in linear light reaches it exactly, so
that what can be read of one colour can be read of all of them; only `base`, the colour of
buttons, stays the very one that was chosen where it can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Linear = tuple[float, float, float]

LIGHT, DARK, CONTRAST, CONTRAST_DARK = "light", "dark", "contrast", "contrast-dark"
STEPS = (
    "background-default", "background-tinted", "surface-default", "surface-tinted",
    "surface-hover", "surface-active", "border-subtle", "border-default", "border-strong",
    "text-subtle", "text-default",
)  # fmt: skip
LUMINANCES: dict[str, tuple[float, ...]] = {
    LIGHT: (1, 0.9, 1, 0.81, 0.7, 0.59, 0.5, 0.19, 0.11, 0.11, 0.025),
    DARK: (0.009, 0.0145, 0.0225, 0.029, 0.0365, 0.056, 0.078, 0.22, 0.39, 0.39, 0.84),
    CONTRAST: (1, 0.96, 1, 0.9, 0.85, 0.8, 0.12, 0.07, 0.03, 0.05, 0),
    CONTRAST_DARK: (0, 0.003, 0.003, 0.008, 0.014, 0.02, 0.25, 0.35, 0.5, 0.6, 1),
}
BASES: dict[str, tuple[float, float]] = {
    LIGHT: (0, 1),  # as it was chosen
    DARK: (0.3, 0.8),
    CONTRAST: (0, 0.08),
    CONTRAST_DARK: (0.6, 0.9),
}
"""Between which luminances the colour of buttons is kept."""
GREYED = 0.5
"""How much of its colour a dark page loses: a whole screen of dark red is no paper."""


def is_colour(text: str) -> bool:
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def linear(colour: str) -> Linear:
    """Red, green and blue light of `#rrggbb`, from 0 to 1."""
    red, green, blue = (_light(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _light(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _hex(light: Linear) -> str:
    parts = (12.92 * p if p <= 0.0031308 else 1.055 * p ** (1 / 2.4) - 0.055 for p in light)
    return "#" + "".join(f"{round(255 * min(max(part, 0), 1)):02x}" for part in parts)


def luminance(light: Linear) -> float:
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21. WCAG 2.1, 1.4.3."""
    low, high = sorted((luminance(linear(one)), luminance(linear(other))))
    return (high + 0.05) / (low + 0.05)


def toned(light: Linear, wanted: float) -> Linear:
    """The same colour, mixed with white or black until it shines as `wanted`."""
    have = luminance(light)
    if wanted <= have:
        return _mixed(light, 0, 1 - wanted / have) if have else light
    return _mixed(light, 1, (wanted - have) / (1 - have))


def _mixed(light: Linear, with_: float, share: float) -> Linear:
    red, green, blue = (part + (with_ - part) * share for part in light)
    return red, green, blue


def steps(colour: str, scheme: str) -> dict[str, str]:
    """Designsystemet's steps of a colour in one scheme."""
    light = linear(colour)
    quiet = _mixed(light, luminance(light), GREYED)
    wanted = dict(zip(STEPS, LUMINANCES[scheme], strict=True))
    made = {
        step: _hex(toned(quiet if tone < 0.06 and "text" not in step else light, tone))
        for step, tone in wanted.items()
    }
    return made | _base(light, scheme)


def _base(light: Linear, scheme: str) -> dict[str, str]:
    low, high = BASES[scheme]
    base = toned(light, min(max(luminance(light), low), high))
    on = max(("#ffffff", "#000000"), key=lambda text: contrast(text, _hex(base)))
    away = 0 if on == "#ffffff" else 1  # pressed, it moves away from its own text
    return {
        "base-default": _hex(base),
        "base-hover": _hex(_mixed(base, away, 0.25)),
        "base-active": _hex(_mixed(base, away, 0.5)),
        "base-contrast-subtle": on,
        "base-contrast-default": on,
    }


@dataclass(frozen=True, slots=True)
class Pair:
    """One step against another, in one scheme, and what is needed between them."""

    scheme: str
    step: str
    ground: str
    ratio: float
    needed: float


_NEEDED = (
    ("base-default", "background-default", 3, 3),  # a button on the page, 1.4.11
    ("base-contrast-default", "base-default", 4.5, 7),  # the words on it, 1.4.3 and 1.4.6
    ("text-subtle", "surface-tinted", 4.5, 7),  # links
    ("text-default", "surface-active", 4.5, 7),
    ("border-default", "background-default", 3, 3),
)


def pairs(colour: str) -> Iterator[Pair]:
    """Everything that is read of a colour, in every scheme."""
    for scheme in LUMINANCES:
        made = steps(colour, scheme)
        for step, ground, usual, much in _NEEDED:
            needed = usual if scheme in (LIGHT, DARK) else much
            yield Pair(scheme, step, ground, contrast(made[step], made[ground]), needed)


def unreadable(colour: str) -> Pair | None:
    """The first pair that cannot be told apart, if any."""
    return next((pair for pair in pairs(colour) if pair.ratio < pair.needed), None)
