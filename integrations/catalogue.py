"""Catalogues outside a request (omsetjing): the worker has no page and no locale."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent.parent / "translations"


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(FOLDER), [language])


def translate(message: str, language: str) -> str:
    """`message` (a msgid) in `language`; the msgid itself when it has no translation."""
    return str(_catalogue(language).gettext(message))
