"""Lists as text that spreadsheets write and open (CSV): semicolons, as Norwegian ones want them."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

MARK = "\ufeff"
"""By this at the start a spreadsheet knows that the text is UTF-8."""
MOST_ROWS, MOST_COLUMNS = 5_000, 100
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet (CWE-1236)."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = ";\t,"


class NoText(Exception):
    """It is no text: a picture, a PDF, or in no way of writing we know."""


class IsWorkbook(NoText):
    """It is a spreadsheet's own file, with more in it than one list."""


class NoRows(Exception):
    """There is nothing under the headings, or nothing at all."""


class TooMuch(Exception):
    """More rows or columns than are taken at a time."""


class OpenQuote(Exception):
    """A quotation mark is opened and not closed; `row`: near where."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


@dataclass(frozen=True, slots=True)
class Sheet:
    """Headings, and the rows under them that are not empty, each with its number in the file."""

    head: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


def written(lines: Iterable[Iterable[str]]) -> str:
    """Lines of cells as text, none of which a spreadsheet runs."""
    text = StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_defused(cell) for cell in one] for one in lines)
    return text.getvalue()


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def _as_meant(cell: str) -> str:
    """A cell as it was before it was made harmless."""
    bare = cell.strip()
    return bare[1:] if bare.startswith("'") and bare[1:].startswith(_RUNS) else bare


def decoded(content: bytes) -> str:
    """The text of a file, whatever it was written with: UTF-8, UTF-16 or Windows' Latin-1.

    Raises: IsWorkbook, NoText.
    """
    if content.startswith(_WORKBOOKS):
        raise IsWorkbook
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # Windows' own leaves five signs out
    if "\0" in text:
        raise NoText
    return text.removeprefix(MARK)


def _encoding(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(BOM_UTF8):
        return "utf-8"
    if content[1:2] == b"\0":
        return "utf-16-le"
    if content[:1] == b"\0":
        return "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def sheet_of(text: str) -> Sheet:
    """Raises: NoRows, TooMuch, OpenQuote."""
    lines = _lines(text)
    head: Sequence[str] = ()
    rows: list[tuple[int, Sequence[str]]] = []
    for number, cells in lines:
        if len(cells) > MOST_COLUMNS or len(rows) == MOST_ROWS:
            raise TooMuch
        if not head:
            head = cells
        else:
            rows.append((number, cells))
    if not rows:
        raise NoRows
    return Sheet(head, rows)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers as a spreadsheet counts them."""
    first = text[:10].splitlines()[0] if text else ""
    told = first[4:] if first.lower().startswith("sep=") and first[4:] in {*_SEPARATORS} else ""
    reader = csv.reader(StringIO(text, newline=""), delimiter=told or _separator(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            meant = [_as_meant(cell) for cell in cells]
            if any(meant) and not (told and number == 1):
                yield number, meant
    except csv.Error:
        raise OpenQuote(number + 1) from None


def _separator(text: str) -> str:
    """What stands most often between the headings; where there is one only, none is needed."""
    found = Counter(sign for sign in _first_line(text) if sign in _SEPARATORS)
    return max(_SEPARATORS, key=lambda sign: found[sign])


def _first_line(text: str) -> str:
    lines = StringIO(text)
    return next((line for line in lines if line.strip()), "")
