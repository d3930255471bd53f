"""Whether bytes are a picture (bilete), told by the bytes: PNG or JPEG, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

PNG, JPEG = "image/png", "image/jpeg"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG segments that say how big the picture is."""


@dataclass(frozen=True, slots=True)
class Picture:
    kind: str
    width: int
    height: int


def picture(data: bytes) -> Picture | None:
    """What `data` is; None for anything that is neither PNG nor JPEG, or cut short."""
    found = _png(data) or _jpeg(data)
    return found if found and found.width and found.height else None


def _png(data: bytes) -> Picture | None:
    whole = data.startswith(_SIGNATURE) and data[12:16] == b"IHDR" and data[-8:-4] == b"IEND"
    if not whole:
        return None
    return Picture(PNG, int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))


def _jpeg(data: bytes) -> Picture | None:
    if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
        return None
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        if data[at + 1] in _SIZES:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return Picture(JPEG, int.from_bytes(width), int.from_bytes(height))
        at += 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
    return None
