"""A folder instead of a mail server (filmottak), for the demo and for a first look."""

from __future__ import annotations

import json
import os
from pathlib import Path

from integrations.letter import Letter, Unreachable


class FileSink:
    """Writes each letter as one file, named by its `uid`: sent twice is stored once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letter: Letter) -> None:
        """Raises: Unreachable."""
        said = {
            "id": letter.uid, "channel": letter.channel, "to": letter.to,
            "subject": letter.subject, "text": letter.text, "path": letter.path,
        }  # fmt: skip
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f".{letter.uid}"
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(said, file, ensure_ascii=False)
            unfinished.rename(self.folder / f"{letter.uid}.json")
        except OSError as fault:
            raise Unreachable(type(fault).__name__) from None
