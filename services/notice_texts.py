"""What a notice says when it is sent (varseltekst): the municipality's words, never about whom.

A text is the same for everybody it is sent to. All that differs is the deadline, where there is
one: `{deadline}` stands for a day. NO-4.12.
"""

from __future__ import annotations

import re
from datetime import date
from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from integrations.catalogue import translate
from models.municipality import NoticeText
from services.days import in_full
from services.equipping import equip_all
from services.notice_kinds import KINDS
from services.shipped_help import SHIPPED_IN

DEADLINE = "{deadline}"
SHIPPED: dict[str, dict[str, str]] = {
    kind: {str(language): translate(one.text, language) for language in SHIPPED_IN}
    for kind, one in KINDS.items()
}
"""Kind -> the text in each language."""
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_ADDRESS = re.compile(r"@|://|www\.|\w/\w", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}")


class Tells(ValueError):
    """The text holds what no notice may carry out of the house."""


class UnknownHole(ValueError):
    """Braces that are no deadline would be sent as they stand."""


def check(text: str) -> None:
    """Raises: Tells, for an address, a link or a long number; UnknownHole."""
    if "{" in text.replace(DEADLINE, "") or "}" in text.replace(DEADLINE, ""):
        raise UnknownHole(text)
    if _ADDRESS.search(text) or _LONG_NUMBER.search(text):
        raise Tells(text)


def fill(text: str, deadline: date | None, language: str) -> str:
    """The text with its deadline; without one, the sentence that would name it is left out."""
    if deadline is None:
        kept = [one.strip() for one in _SENTENCE.findall(text) if DEADLINE not in one]
        return " ".join(kept) or text.replace(DEADLINE, "").strip()
    return text.replace(DEADLINE, in_full(deadline, language))


def said(
    session: Session, municipality_id: int, kind: str, language: str, deadline: date | None
) -> str:
    """What is sent: the municipality's own text, or ours in a language it has not written."""
    own = select(NoticeText.words).where(
        NoticeText.municipality_id == municipality_id, NoticeText.kind == kind
    )
    text = (session.scalar(own) or {}).get(language) or translate(KINDS[kind].text, language)
    return fill(text, deadline, language)


def equip(connection: Connection) -> None:
    equip_all(connection, cast(Table, NoticeText.__table__), "kind", SHIPPED)
