"""The help of every page as it is shipped (levert hjelp), and giving it to municipalities.

The words stand in shipped_help.toml. A municipality has its own copy of each text, which the
office edits; a release adds what is missing and never touches what is there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from models.language import Language
from models.municipality import HelpText
from services.equipping import Texts, equip_all

SHIPPED_IN = (Language.NYNORSK, Language.BOKMAL, Language.ENGLISH)
_READ_ONLY = ("CoordinatorFeedbackView",)


def _shipped() -> Iterator[tuple[str, Texts]]:
    words = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    for page, texts in words["pages"].items():
        yield page, dict(zip(SHIPPED_IN, texts, strict=True))
    for register, (pages, *about) in words["registers"].items():
        for verb in pages.split():
            doing = words["doing"]["read" if register in _READ_ONLY else verb]
            whole = map(" ".join, zip(about, doing, strict=True))
            yield f"{register}.{verb}", dict(zip(SHIPPED_IN, whole, strict=True))


SHIPPED: dict[str, Texts] = dict(_shipped())
"""Endpoint -> the text in each language."""


def equip(connection: Connection) -> None:
    equip_all(connection, cast(Table, HelpText.__table__), "page", SHIPPED)


def own_help(session: Session, page: str) -> HelpText | None:
    """The acting person's municipality's text for a page; None when nobody acts."""
    return session.scalars(select(HelpText).where(HelpText.page == page)).first()


def our_help(page: str) -> HelpText:
    """The text as shipped, for somebody whose municipality nobody knows; in no database."""
    return HelpText(page=page, words=SHIPPED[page])
