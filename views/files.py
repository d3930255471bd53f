"""Files that leave us (filer): to be saved, never shown inside a page, and not kept on the way."""

from __future__ import annotations

from flask import g, make_response
from werkzeug.wrappers import Response


def to_be_saved(content: bytes, mimetype: str, name: str) -> Response:
    """`name` says nothing of whom or what. A browser that opens it all the same runs nothing."""
    reply = make_response(content)
    reply.mimetype = mimetype
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    g.is_file = True
    return reply
