"""What a letter in a case starts from (brevmal): the municipality's words, with holes.

The words as shipped stand in letter_texts.toml. A line with a hole nothing is known for is left
out, so that a letter to somebody without a deadline does not name one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from models.case_words import LetterKind, Ruling
from models.language import Language
from models.municipality import LetterText
from services.equipping import Texts, equip_all
from services.notice_texts import UnknownHole
from services.shipped_help import SHIPPED_IN

HOLES = frozenset(
    {"name", "person", "reference", "received", "municipality", "phone", "answer_by", "promised",
     "reason", "question", "reply_by", "criteria", "answered", "law", "complain_by",
     "complaint_weeks", "complaint_body", "leads", "sent_on"}
)  # fmt: skip
"""What may stand in braces; `criteria` becomes lines of its own."""
SHIPPED: dict[str, Texts] = {
    key: dict(zip(SHIPPED_IN, map(str.strip, texts), strict=True))
    for key, texts in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    ).items()
}
"""Key -> the text in each language."""
_HOLE = re.compile(r"\{(\w*)\}")
_EMPTY_LINES = re.compile(r"\n{3,}")


def key_for(kind: LetterKind, ruling: Ruling | None) -> str:
    """Which text such a letter starts from: each answer has its own."""
    return f"{kind}_{ruling}" if kind is LetterKind.ANSWER else str(kind)


def check(text: str) -> None:
    """Raises: UnknownHole, for braces that would be sent as they stand."""
    bare = _HOLE.sub("", text)
    if set(_HOLE.findall(text)) - HOLES or "{" in bare or "}" in bare:
        raise UnknownHole(text)


def fill(text: str, said: Mapping[str, str | None]) -> str:
    """The text, as far as what is said goes. said: hole -> words."""
    lines = (_line(line, said) for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(line for line in lines if line is not None)).strip()


def _line(line: str, said: Mapping[str, str | None]) -> str | None:
    if not all(said.get(hole) for hole in _HOLE.findall(line)):
        return None
    return _HOLE.sub(lambda hole: said[hole[1]] or "", line)


def text_for(session: Session, municipality_id: int, key: str, language: Language) -> str:
    """The municipality's own text, or ours in a language it has not written."""
    here = (LetterText.municipality_id == municipality_id, LetterText.key == key)
    own = session.scalars(select(LetterText).where(*here)).first()
    words = (own.words if own else {}) or {}
    return words.get(language) or SHIPPED[key].get(language) or SHIPPED[key][Language.NYNORSK]


def equip(connection: Connection) -> None:
    equip_all(connection, cast(Table, LetterText.__table__), "key", SHIPPED)
