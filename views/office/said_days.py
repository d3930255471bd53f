"""Days as people and spreadsheets write them (datoar i filer): 31.12.2026, 2026-12-31 00:00."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext

_NORWEGIAN = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_MIDNIGHT = re.compile(r"[T ]00:00(:00)?$")


def iso(text: str) -> str:
    """The day as forms send it; empty stays empty. Raises: ValueError, with the words."""
    bare = _MIDNIGHT.sub("", text.strip())
    norwegian = _NORWEGIAN.fullmatch(bare)
    if norwegian:
        day, month, year = norwegian.groups()
        bare = f"{year}-{month:0>2}-{day:0>2}"
    try:
        return date.fromisoformat(bare).isoformat() if bare else ""
    except ValueError:
        raise ValueError(gettext("Write the day like this: 31.12.2026.")) from None
