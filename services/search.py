"""Finding what stands in a plan (søk): every word, or part of a word, of what is asked for.

Parts of words, since Norwegian puts words together: "kontakt" finds "støttekontakt". Read
through the index of the plan's rows, which is as open as the rows are; ADR 22.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import Row, select

from models.folding import fold
from models.history import ElementIndex
from models.people import Person
from security.session import GuardedSession

MOST_WORDS = 6
LONGEST = 200
MOST_HITS = 50
_AROUND = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a text; whether it is what was looked for."""

    text: str
    found: bool


def words_of(asked: str) -> list[str]:
    """What is looked for, folded; at most six words, the longest first."""
    words = dict.fromkeys(fold(asked[:LONGEST]).split())
    return sorted(words, key=len, reverse=True)[:MOST_WORDS]


def find(
    session: GuardedSession, plan_id: int, asked: str, keys: Sequence[str]
) -> Sequence[Row[ElementIndex, str]]:
    """(line, name of the author) of what has every word, the newest first; one more than
    MOST_HITS when there are more. keys: the elements that are looked in."""
    words = words_of(asked)
    if not words:
        return []
    i = ElementIndex
    wanted = (
        select(i, Person.name)
        .outerjoin(Person, Person.id == i.author_id)
        .where(i.plan_id == plan_id, i.key.in_(keys))
        .where(*(i.words.contains(word, autoescape=True) for word in words))
        .order_by(i.at.desc(), i.id.desc())
        .limit(MOST_HITS + 1)
    )
    return session.execute(wanted).all()


def around(text: str, asked: str) -> list[Piece]:
    """The first place in `text` where something that is looked for stands, and a little on each
    side of it; empty, when it stands nowhere in it."""
    text = normalize("NFC", text)
    folded, words = fold(text), words_of(asked)
    places = [(folded.find(word), word) for word in words]
    found = [place for place in places if place[0] >= 0]
    if not found:
        return []
    at, word = min(found)
    start, end = max(0, at - _AROUND), at + len(word) + _AROUND
    before, after = text[start:at], text[at + len(word) : end]
    if start:
        before = "…" + before.partition(" ")[2]
    if end < len(text):
        after = after.rpartition(" ")[0] + " …"
    pieces = (Piece(before, False), Piece(text[at : at + len(word)], True), Piece(after, False))
    return [piece for piece in pieces if piece.text]
