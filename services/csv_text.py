"""Lists as text that spreadsheets open (CSV): semicolons, as Norwegian ones want them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

MARK = "\ufeff"
"""By this at the start a spreadsheet knows that the text is UTF-8."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet (CWE-1236)."""


def written(lines: Iterable[Iterable[str]]) -> str:
    """Lines of cells as text, none of which a spreadsheet runs."""
    text = StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_defused(cell) for cell in one] for one in lines)
    return text.getvalue()


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RUNS) else cell
