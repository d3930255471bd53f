"""A picture made square and small (kvadratisk)."""

from __future__ import annotations

from integrations.drawing import drawn, opened
from models.illustration import Crop

SIDE = 480
SMALLEST = 80


class TooSmall(Exception):
    """So small that nobody would be seen in it."""


def square(data: bytes, crop: Crop) -> bytes:
    """A JPEG of SIDE x SIDE points at most. Raises: drawing.NotAPicture, TooSmall."""
    image = opened(data)
    side = min(image.size)
    if side < SMALLEST:
        raise TooSmall
    left, top = (_start(length - side, crop) for length in image.size)
    part = image.crop((left, top, left + side, top + side)).convert("RGB")
    part.thumbnail((SIDE, SIDE))
    return drawn(part, "JPEG", quality=82)


def _start(over: int, crop: Crop) -> int:
    return {Crop.START: 0, Crop.MIDDLE: over // 2, Crop.END: over}[crop]
