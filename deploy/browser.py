"""Where Debian keeps the browser that pages are looked at in (nettlesar)."""

from __future__ import annotations

from pathlib import Path

_KNOWN = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((one for one in _KNOWN if one.exists()), _KNOWN[0])
"""Without its windows, menus and sound where that can be had: a sixth quicker."""
