"""The page one came from, or is on the way to (tilbake, vidare), when it is one of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def came_from() -> str:
    """Its path; the start page when it is somebody else's, or this very page."""
    before = urlsplit(request.referrer or "")
    ours = before.netloc == request.host and before.path.startswith("/")
    safe = ours and not before.path.startswith("//") and before.path != request.path
    return before.path if safe else "/"


def on_the_way_to() -> str:
    """Where `next` in the address leads; the start page when it is nowhere of ours."""
    wish = request.args.get("next", "/")
    parts = urlsplit(wish.replace("\\", "/"))
    inside = not parts.scheme and not parts.netloc and wish.startswith("/")
    return wish if inside and not wish.startswith(("//", "/\\")) else "/"
