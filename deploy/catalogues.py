"""Collecting texts into the catalogues (omsetjing): ours, and those of the frameworks.

`python -m deploy.catalogues` refreshes those there are; with a language's code behind it, it
begins a catalogue for that language.

WTForms' messages and the few of Flask-AppBuilder's that can reach a page stand in
translations/framework.pot; all the rest is extracted from code and templates.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polib
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural

from models.language import CATALOGUES, LANGUAGES

ROOT = Path(__file__).parent.parent
_FOLDERS = ("models", "security", "services", "jobs", "views", "integrations")
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**.html", "jinja2")]
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def wanted() -> dict[str, str]:
    """msgid -> plural msgid ("" when it has none) of every text a person can meet."""
    texts = {e.msgid: e.msgid_plural for e in polib.pofile(str(CATALOGUES / "framework.pot"))}
    for folder in _FOLDERS:
        found = extract_from_dir(str(ROOT / folder), _METHODS, keywords=_KEYWORDS)
        for _file, _line, message, _comments, _context in found:
            one, many = message if isinstance(message, tuple) else (message, "")
            texts.setdefault(one, many)
    texts.pop("", None)
    return texts


def catalogue(language: str) -> polib.POFile:
    """The catalogue of a language as it is stored; an empty one when there is none."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if path.exists():
        return polib.pofile(str(path), wrapwidth=96)
    made = polib.POFile(wrapwidth=96)
    made.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": str(get_plural(language)),
    }
    return made


def refreshed(language: str) -> polib.POFile:
    """The catalogue with new texts added (empty, but English is itself) and old ones gone."""
    texts, book = wanted(), catalogue(language)
    known = {entry.msgid: entry for entry in book}
    fresh = polib.POFile(wrapwidth=96)
    fresh.metadata = book.metadata
    for msgid in sorted(texts):
        entry = known.get(msgid) or polib.POEntry(msgid=msgid, msgid_plural=texts[msgid])
        if texts[msgid] and not entry.msgstr_plural:
            forms = dict.fromkeys(range(get_plural(language).num_plurals), "")
            entry.msgid_plural, entry.msgstr_plural = texts[msgid], forms
        if language == "en":
            entry.msgstr = "" if texts[msgid] else msgid
            entry.msgstr_plural = {0: msgid, 1: texts[msgid]} if texts[msgid] else {}
        fresh.append(entry)
    return fresh


def fill(language: str, translations: dict[str, str]) -> None:
    """Write translations into a catalogue; a plural's two forms are parted by " | "."""
    book = refreshed(language)
    for entry in book:
        text = translations.get(entry.msgid)
        if text and entry.msgid_plural:
            entry.msgstr_plural = dict(enumerate(text.split(" | ")))
        elif text:
            entry.msgstr = text
    _save(language, book)


def _save(language: str, book: polib.POFile) -> None:
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(str(path))
    book.save_as_mofile(str(path.with_suffix(".mo")))


def missing(book: polib.POFile) -> list[str]:
    """msgids without a translation."""
    return [
        entry.msgid
        for entry in book
        if not (all(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr)
    ]


def main(*further: str) -> None:
    for language in (*LANGUAGES, *further):
        book = refreshed(language)
        _save(language, book)
        for msgid in missing(book):
            sys.stdout.write(f"{language}: {msgid!r} has no translation\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
