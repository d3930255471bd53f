"""What leaves the house (brev): one text to one person, and what may go wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from models.language import Language
from models.vocabulary import Channel


class Refused(Exception):
    """The other side will not take this letter, now or later."""


class Unreachable(Exception):
    """Nobody took it this time: the line is down, slow or busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """uid: the same each time it is tried, so that who gets it twice sees one.

    to: an e-mail address, or a telephone number in E.164.
    text: sentences without a name, a place or a token (NO-4.12), but for the code of one who
    waits for it; the first is the subject.
    path: the page of ours it points to, when it is not the first one.
    """

    uid: str
    channel: Channel
    to: str
    text: str = field(repr=False)
    language: Language
    path: str = field(default="", repr=False)

    @property
    def subject(self) -> str:
        return self.text.partition(". ")[0].rstrip(".")


class Carrier(Protocol):
    def send(self, letter: Letter) -> None:
        """Raises: Refused, Unreachable."""
