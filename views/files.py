"""Files that leave us (filer): to be saved, never shown inside a page, and not kept on the way."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app, g
from werkzeug.wrappers import Response


def to_be_saved(content: bytes | Iterable[str], mimetype: str, name: str) -> Response:
    """`name` says nothing of whom or what. A browser that opens it all the same runs nothing."""
    reply = current_app.response_class(content, mimetype=mimetype)
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    g.is_file = True
    return reply
