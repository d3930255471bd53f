"""The page one came from (tilbake), when it is one of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def came_from() -> str:
    """Its path; the start page when it is somebody else's, or this very page."""
    before = urlsplit(request.referrer or "")
    ours = before.netloc == request.host and before.path.startswith("/")
    safe = ours and not before.path.startswith("//") and before.path != request.path
    return before.path if safe else "/"
