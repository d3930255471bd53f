"""The languages Medspel speaks (språk): as many as there are catalogues under translations/.

A further language is a further catalogue and nothing else: every choice of language, each
municipality's own words and the tests that no text is missing are made from this list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from babel import Locale, localedata
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
        return _own_name(self)


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


def spoken(code: str) -> Language:
    """The language itself when Medspel speaks it, else the one most here read."""
    return Language(code) if code in _CODES else Language.NYNORSK


class Tongue(str):
    """The code of any language a text can be in, whether Medspel speaks it or not (BCP 47).

    What a family is to sign must be in a language they read. Raises: ValueError.
    """

    __slots__ = ()

    def __new__(cls, code: str) -> Tongue:
        if "_" in code or code == "root" or not localedata.exists(code):
            raise ValueError(f"no language is called {code!r}")
        return super().__new__(cls, code)

    @property
    def own_name(self) -> str:
        """As its speakers write it."""
        return _own_name(self)

    def name_in(self, language: str) -> str:
        """As those who read `language` call it; its own name where they have no word for it."""
        return Locale.parse(self).get_display_name(language) or self.own_name

    @property
    def direction(self) -> str:
        """How it runs: "ltr" or "rtl"."""
        return str(Locale.parse(self).text_direction)


def tongues() -> list[Tongue]:
    """Every language there is a name for."""
    codes = (code for code in localedata.locale_identifiers() if "_" not in code)
    return [Tongue(code) for code in codes if code not in ("root", "no")]


def _own_name(code: str) -> str:
    locale = Locale.parse(code)
    name = locale.get_display_name(code) or locale.english_name or code
    return str(name).removeprefix("norsk ")  # nobody says it of nynorsk and bokmål


def direction(code: str) -> str:
    """How a language runs, "ltr" or "rtl"."""
    return Tongue(code).direction


class TongueCode(TypeDecorator[Tongue]):
    """Any language as its code."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value and str(Tongue(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Tongue | None:
        return None if value is None else str.__new__(Tongue, value)


class TongueCodes(TypeDecorator[tuple[Tongue, ...]]):
    """Some languages as their codes, with a comma on both sides of each, so that one is found."""

    impl = String(400)
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        return "".join(f",{Tongue(code)}" for code in sorted(value or ())) + ","

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Tongue, ...]:
        return tuple(str.__new__(Tongue, code) for code in (value or "").split(",") if code)

    @staticmethod
    def holding(code: str) -> str:
        """What a column is LIKE in which the language is."""
        return f"%,{code},%"


class Texts(TypeDecorator[dict[str, str]]):
    """One text in several languages, language code -> text, kept as JSON in one way only."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> Any:
        return value and json.dumps(dict(value), ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return value and json.loads(value)


def in_language(texts: Mapping[str, str] | None, language: str) -> str:
    """One text in `language`, or in the first one it is written in; empty where it is in none."""
    said = texts or {}
    return next((said[one] for one in (language, *LANGUAGES) if said.get(one)), "")
