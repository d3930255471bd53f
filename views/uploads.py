"""Files that are sent to us (opplasting): kept in memory, and never more of them than we take."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, request
from flask import session as login

from integrations.drawing import LARGEST

_MEGABYTE = 1024 * 1024
ROOM = dict.fromkeys(
    ("PaperPage.form", "PortraitPage.form", "GoalPicturePage.form"), 32 * _MEGABYTE
)
ROOM |= dict.fromkeys(("Compose.page", "Threads.thread", "bring_in"), 64 * _MEGABYTE)
"""Endpoint, or the page of every register -> how much is listened to there, by those who have
signed in: what is too large is said beside its field, and the rest of the form is not lost.
Everywhere else it is MAX_CONTENT_LENGTH."""


class _Kept(BytesIO):
    """As much of a file as shows that it is too large; nothing of a paper lies on a disk."""

    def write(self, data: Any) -> int:
        super().write(data[: max(0, LARGEST + 1 - self.tell())])
        return len(data)


class MedspelRequest(Request):
    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return _Kept()


def register(app: Flask) -> None:
    app.request_class = MedspelRequest

    @app.url_value_preprocessor
    def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        room = ROOM.get(endpoint or "") or ROOM.get((endpoint or "").rpartition(".")[2])
        if room and getattr(login, "actor", None) is not None:
            request.max_content_length = room
