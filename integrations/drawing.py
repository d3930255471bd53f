"""Pictures drawn anew (bilete): nothing of what a camera or somebody else has put beside them is
kept, no place and no name. Pillow is imported when it is first used."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 10 * 1024 * 1024
"""Of a file somebody sends, in bytes."""
MOST_POINTS = 60_000_000
"""A small file can say it is a huge picture."""
KINDS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, OverflowError,
    NotImplementedError, RecursionError, EOFError,
)  # fmt: skip
"""What a reader of files says of one that is broken."""


class NotAPicture(Exception):
    """The content is not that of a JPEG or a PNG that can be read."""


def kind_of(data: bytes) -> str:
    """ "JPEG" or "PNG", by the first bytes; empty for anything else."""
    return next((kind for start, kind in KINDS.items() if data.startswith(start)), "")


def opened(data: bytes) -> Image:
    """The picture in `data`, the right way up, in grey or in red, green and blue.

    Raises: NotAPicture.
    """
    from PIL import Image, ImageOps

    too_big = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    kind = kind_of(data)
    if not kind:
        raise NotAPicture
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=(kind,))
        if image.width * image.height > MOST_POINTS:
            raise NotAPicture
        image.load()
        image = ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, *too_big, *UNREADABLE) as why:
        raise NotAPicture from why
    if image.mode not in ("1", "L", "RGB"):
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, "white")
        image.paste(seen, mask=seen)
    image.info.clear()
    return image


def drawn(image: Image, kind: str, quality: int = 90) -> bytes:
    """The file of a picture: "JPEG" or "PNG"."""
    made = BytesIO()
    mode = "L" if image.mode == "1" and kind == "JPEG" else image.mode
    image.convert(mode).save(made, kind, quality=quality)
    return made.getvalue()
