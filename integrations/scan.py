"""A scanned paper as a file (skanning), judged by its content: PDF, JPEG or PNG, and only that.

A picture is drawn anew, so that nothing of what a camera or somebody else has put beside it is
kept. A PDF is kept as it is, when it holds pages and nothing that does something.
pyHanko is imported when it is first used.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

from integrations.drawing import UNREADABLE, NotAPicture, drawn, kind_of, opened
from models.paper import ScanKind

_PDF = b"%PDF-"
_END = b"%%EOF"
_BLANK = b"\r\n\t \x00"
_HARMLESS = {None, "/GoTo", "/URI"}


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
    kind = kind_of(data)
    if not kind:
        raise NotAScan
    return Scan(ScanKind(kind.lower()), _drawn_anew(data, kind))


def _drawn_anew(data: bytes, kind: str) -> bytes:
    try:
        return drawn(opened(data), kind)
    except NotAPicture as why:
        raise NotAScan from why


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
    except (PdfError, *UNREADABLE) as why:
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
