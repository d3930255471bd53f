"""The catalogues and the help say the field's own words, and no word of the other language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from deploy.catalogues import catalogue
from services.shipped_help import SHIPPED

pytestmark = pytest.mark.a_page

BOOK = tomllib.loads((Path(__file__).parent.parent / "translations/glossary.toml").read_text())
FORMS = ("nn", "nb")


def texts(language):
    """(English, translated) of every text a person meets."""
    for entry in catalogue(language):
        many = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        yield from ((entry.msgid, one) for one in many)
    for page in SHIPPED.values():
        yield page["en"], page[language]


def _plain(text):
    return re.sub(r"%\(\w+\)s|\xad", "", text).lower()


@pytest.mark.parametrize("place, language", [*enumerate(FORMS)])
def test_a_term_is_the_glossarys_word(place, language):
    wrong = [
        (english, said)
        for english, said in texts(language)
        for term, words in BOOK["terms"].items()
        if re.search(rf"\b{term}s?\b", _plain(english))
        and not re.search(words[place], _plain(said))
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("language", FORMS)
def test_no_word_of_the_other_language(language):
    never = re.compile(rf"\b({'|'.join(BOOK['never'][language])})\b", re.IGNORECASE)
    assert not [said for _, said in texts(language) if never.search(said)]
