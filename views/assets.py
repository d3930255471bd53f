"""Files every page needs (ressursar): vendored, fingerprinted, kept by browsers for ever."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from flask import url_for

FOLDER = Path(__file__).parent / "static"
COMPRESSED = ["text/css", "text/javascript", "image/svg+xml"]
"""Nothing that differs from reader to reader: the length of a compressed page gives away
what stands in it to somebody who can make it repeat a guess (BREACH, 2013). ADR 8."""


def fingerprint() -> str:
    """One for all files, in their address: a stylesheet may then name its font by a relative
    address, and a new version is a new address for everything at once."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def address(name: str) -> str:
    """The address of a file in `FOLDER`, by its name there."""
    return url_for("static", filename=name)
