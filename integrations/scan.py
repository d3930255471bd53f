"""A scanned paper as a file (skanning), judged by its content: PDF, JPEG or PNG, and only that.

A picture is drawn anew, so that nothing of what a camera or somebody else has put beside it is
kept. A PDF is kept as it is, when it holds pages and nothing that does something.
Pillow and pyHanko are imported when they are first used.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

from models.paper import ScanKind

LARGEST = 10 * 1024 * 1024
MOST_POINTS = 60_000_000
"""A small file can say it is a huge picture."""
_JPEG, _PNG, _PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_END = b"%%EOF"
_BLANK = b"\r\n\t \x00"
_HARMLESS = {None, "/GoTo", "/URI"}
_UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, OverflowError,
    NotImplementedError, RecursionError, EOFError,
)  # fmt: skip
"""What a reader of files says of one that is broken."""


class NotAScan(Exception):
    """The content is not that of a PDF, a JPEG or a PNG that can be read."""


class MoreThanPages(NotAScan):
    """A PDF that is locked, has files in it, does something when it is opened, or is also
    another kind of file."""


@dataclass(frozen=True, slots=True)
class Scan:
    kind: ScanKind
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return sha256(self.content).hexdigest()


def scan_of(data: bytes) -> Scan:
    """What `data` is, as it is kept. Raises: NotAScan, MoreThanPages."""
    if data.startswith(_PDF):
        _look_through(data)
        return Scan(ScanKind.PDF, data)
    if data.startswith(_JPEG):
        return Scan(ScanKind.JPEG, _drawn_anew(data, "JPEG"))
    if data.startswith(_PNG):
        return Scan(ScanKind.PNG, _drawn_anew(data, "PNG"))
    raise NotAScan


def _drawn_anew(data: bytes, kind: str) -> bytes:
    from PIL import Image, ImageOps

    too_big = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=(kind,))
        if image.width * image.height > MOST_POINTS:
            raise NotAScan
        image.load()
        image = ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, *too_big, *_UNREADABLE) as why:
        raise NotAScan from why
    if image.mode not in ("1", "L", "RGB"):
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, "white")
        image.paste(seen, mask=seen)
    image.info.clear()
    made = BytesIO()
    image.convert("L" if image.mode == "1" and kind == "JPEG" else image.mode).save(
        made, kind, quality=90
    )
    return made.getvalue()


def _look_through(data: bytes) -> None:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    if data[data.rfind(_END) + len(_END) :].strip(_BLANK) or _END not in data:
        raise MoreThanPages
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            raise MoreThanPages
        root: Any = reader.root
        pages = list(_pages(root["/Pages"]))
        does_something = _does(root) or any(_does(page) for page in pages)
    except (PdfError, *_UNREADABLE) as why:
        raise NotAScan from why
    if not pages:
        raise NotAScan
    if does_something:
        raise MoreThanPages


def _pages(node: Any, depth: int = 0) -> Any:
    if depth > 50:
        raise ValueError("pages in pages without end")
    kids = node.get("/Kids")
    if kids is None:
        yield node
        return
    for kid in kids:
        yield from _pages(_there(kid), depth + 1)


def _does(part: Any) -> bool:
    """Whether a page, or the whole, acts or carries files."""
    names = _there(part.get("/Names")) or {}
    if part.get("/AA") is not None or {"/JavaScript", "/EmbeddedFiles"} & set(names):
        return True
    form = _there(part.get("/AcroForm")) or {}
    if form.get("/XFA") is not None or part.get("/AF") is not None:
        return True
    notes = [_there(one) for one in _there(part.get("/Annots")) or ()]
    acts = [_there(part.get("/OpenAction")), *(_there(one.get("/A")) for one in notes)]
    if any(one.get("/Subtype") in ("/FileAttachment", "/RichMedia", "/Screen") for one in notes):
        return True
    return any(one.get("/S") not in _HARMLESS for one in acts if isinstance(one, dict))


def _there(value: Any) -> Any:
    """What a reference points at."""
    return value.get_object() if hasattr(value, "get_object") else value
