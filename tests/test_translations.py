"""Nynorsk, bokmål and English are complete, and are not each other."""

from __future__ import annotations

import re

import polib
import pytest

from deploy.catalogues import ROOT, catalogue, missing, refreshed, wanted

SAME = {  # words that are the same in Norwegian, and names
    "SMS",
    "Bokmål", "Nynorsk", "Enkelt samspill", "Person", "Plan", "Status", "Send", "Logo", "Pause",
}  # fmt: skip
NOT_NYNORSK = r"\b(ikke|hvordan|hva|hvem|jeg|dere|noe|noen|fra|nå|mye|også|vennligst|er blitt)\b"
NOT_BOKMAL = r"\b(ikkje|korleis|kva|kven|eg|dykk|noko|nokon|frå|mykje|òg|vennligst)\b"
HOLES = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}")


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_every_text_is_translated_and_none_is_left_over(language):
    book = catalogue(language)
    assert missing(book) == []
    assert {e.msgid for e in book} == set(wanted())
    assert str(book) == str(refreshed(language))


@pytest.mark.parametrize("language", ["nn", "nb"])
def test_no_translation_is_english(language):
    book = catalogue(language)
    copies = [e.msgid for e in book if e.msgstr == e.msgid and e.msgid not in SAME]
    assert copies == []


@pytest.mark.parametrize("language, foreign", [("nn", NOT_NYNORSK), ("nb", NOT_BOKMAL)])
def test_the_two_norwegians_are_not_mixed(language, foreign):
    texts = [t for e in catalogue(language) for t in (e.msgstr, *e.msgstr_plural.values())]
    assert [t for t in texts if re.search(foreign, t, re.IGNORECASE)] == []


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_placeholders_are_kept(language):
    for entry in catalogue(language):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            if text:
                assert set(HOLES.findall(text)) == set(HOLES.findall(entry.msgid)), entry.msgid


def test_the_frameworks_words_are_in_the_catalogues():
    framework = {e.msgid for e in polib.pofile(str(ROOT / "translations/framework.pot"))}
    assert len(framework) > 60 and framework <= {e.msgid for e in catalogue("nn")}


@pytest.mark.parametrize("language, word", [("nn", "Fyll ut dette feltet."), ("nb", "Lagre")])
def test_a_page_speaks_the_language(app, browser, town, language, word):
    browser("nurse").post("/language/", data={"language": language})
    reply = browser("nurse").post(f"/plan/{town.plan}/goal/add", data={})
    assert word in reply.text and "This field is required" not in reply.text
