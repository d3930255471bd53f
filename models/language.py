"""The languages Medspel speaks (språk): as many as there are catalogues under translations/.

A further language is a further catalogue and nothing else: every choice of language, each
municipality's own words and the tests that no text is missing are made from this list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from babel import Locale
from sqlalchemy import Dialect, String, Text, TypeDecorator

CATALOGUES = Path(__file__).parent.parent / "translations"
_FIRST = ("nn", "nb", "en")


def _spoken() -> tuple[str, ...]:
    found = {path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/messages.po")}
    return (*_FIRST, *sorted(found - set(_FIRST)))


class Language(str):
    """The code of a language there is a catalogue for (BCP 47). Raises: ValueError."""

    __slots__ = ()
    NYNORSK: ClassVar[Language]
    BOKMAL: ClassVar[Language]
    ENGLISH: ClassVar[Language]

    def __new__(cls, code: str) -> Language:
        if code not in _CODES:
            raise ValueError(f"no catalogue for the language {code!r}")
        return super().__new__(cls, code)

    @property
    def own_name(self) -> str:
        """As its speakers write it, so that it is found by those who read nothing else."""
        name = str(Locale.parse(self).get_display_name(self))
        return name.removeprefix("norsk ")  # nobody says it of nynorsk and bokmål


_CODES = frozenset(_spoken())
LANGUAGES: tuple[Language, ...] = tuple(map(Language, _spoken()))
Language.NYNORSK, Language.BOKMAL, Language.ENGLISH = LANGUAGES[:3]


class LanguageCode(TypeDecorator[Language]):
    """A language as its code. What was stored while a catalogue was there stays readable."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value and str(Language(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Language | None:
        return None if value is None else str.__new__(Language, value)


class Texts(TypeDecorator[dict[str, str]]):
    """One text in several languages, language code -> text, kept as JSON in one way only."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> Any:
        return value and json.dumps(dict(value), ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return value and json.loads(value)
