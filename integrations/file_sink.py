"""A folder instead of a mail server (filmottak), for the demo and for tests."""

from __future__ import annotations

import json
import os
from pathlib import Path


class FileSink:
    """Writes each notice as one file, named by its Message-ID: sent twice is stored once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message_id: str, to: str, text: str) -> None:
        """Raises: OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{message_id}"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"id": message_id, "to": to, "text": text}, file, ensure_ascii=False)
        unfinished.rename(self.folder / f"{message_id}.json")
