"""No text stands in code or templates outside the catalogue: every msgid is wrapped in marks,
everything that is stored is digits, and then no letter may stand outside the marks.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import polib
import pytest
from babel.support import Translations
from sqlalchemy import String, Text, select, update

from deploy.catalogues import wanted
from models.base import Model
from models.database import WRITING
from models.language import LANGUAGES, Texts, tongues
from models.types import EncryptedText
from security import triggers
from tests.factories import WHO
from tests.test_patrol import addresses
from views.realm import Realm

pytestmark = pytest.mark.a_page

OPEN, SHUT = "⟦", "⟧"
MARKS, LETTER = re.compile(f"([{OPEN}{SHUT}])"), re.compile(r"[^\W\d_]")
SPOKEN = {"title", "alt", "aria-label", "placeholder", "data-label"}
ENGLISH = {"Accept-Language": "en"}
NAMES = ("Medspel", *(said for one in LANGUAGES for said in (one.own_name, one.own_name.title())))
"""The product's name, and each language by its own: the same in all languages."""
TONGUES = {one.name_in("en").capitalize() for one in tongues()}
"""What languages are called, in Babel's words."""
DATES = re.compile(
    r"\b\d+ [A-Z][a-z]{2,3} \d{4}\b|\b[A-Z][a-z]+day \d+ [A-Z][a-z]+\b|\b[A-Z][a-z]+ \d{4}\b"
)
"""Babel's own words, in whatever language."""
SITES = ("uutilsynet.no", "diskrimineringsnemnda.no", "uustatus.no")
FILES = ("PDF", "kB")
"""What a kind of file and its size are called, everywhere."""
WORDS_OF_PEOPLE = {
    "duty": ("note",),
    "person": ("name", "organisation"), "municipality": ("name",), "department": ("name",),
    "plan": ("short_name",), "participant": ("role", "organisation", "why"),
    "account": ("login_name",), "element_index": ("title", "text", "words"),
    "evaluation_answer": ("words", "question"), "coordinator_feedback": ("words",),
    "goal": ("goal", "why", "source"), "activity": ("what", "how", "extent", "service"),
    "comment": ("comment",),
    "meeting": ("purpose", "place", "settled_because", "cancelled_because"),
    "agenda_item": ("topic",), "invitee": ("reason", "brings", "has_done"),
    "message": ("subject_line", "body"), "attachment": ("name",),
    "background": ("situation", "functioning", "resources", "wishes"),
    "presentation": ("who", "matters", "strengths", "help", "avoid"),
    "expectation": ("of_me", "of_you", "reach"),
    "contact": ("name", "service", "about"), "contact_note": ("said",),
    "outside_line": ("name", "about"),
    "minutes": ("owner_account", "minutes", "others", "skipped_because"),
    "minutes_item": ("topic", "said", "agreed"), "minutes_remark": ("said",),
    "goal_outcome": ("note",),
    "evaluation": ("conclusion",), "consent_text": ("body",),
    "evaluation_question": ("key",),
    "request": ("person_name", "from_name", "words"),
    "inquiry": ("asked_of", "question"), "case_letter": ("to_name",),
    "course": ("name", "content"), "course_session": ("place", "led_by"),
}  # fmt: skip


class Words(HTMLParser):
    """What a person can read or hear of a page, outside the marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = ""
        self.depth = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "script"):
            self.silent = tag
        for name, value in attrs:
            if name in SPOKEN:
                self.look(value or "")

    def handle_endtag(self, tag):
        self.silent = "" if tag == self.silent else self.silent

    def handle_data(self, data):
        if not self.silent:
            self.look(data)

    def look(self, text):
        outside = ""
        for part in MARKS.split(text):
            self.depth += (part == OPEN) - (part == SHUT)
            if self.depth == 0 and part != SHUT:
                outside += part
        if not LETTER.search(outside):
            return
        outside = "" if outside in TONGUES else DATES.sub("", outside)
        for name in (*NAMES, *SITES, *FILES):
            outside = outside.replace(name, "")
        if LETTER.search(outside):
            self.found.append(" ".join(text.split()))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A catalogue in which each text is itself, in marks."""
    made = polib.POFile()
    plural = "nplurals=2; plural=(n != 1);"
    made.metadata = {"Content-Type": "text/plain; charset=utf-8", "Plural-Forms": plural}
    for one, many in wanted().items():
        entry = polib.POEntry(msgid=one, msgid_plural=many)
        if many:
            entry.msgstr_plural = {0: OPEN + one + SHUT, 1: OPEN + many + SHUT}
        else:
            entry.msgstr = OPEN + one + SHUT
        made.append(entry)
    path = tmp_path_factory.mktemp("pseudo") / "messages.mo"
    made.save_as_mofile(str(path))
    return path


@pytest.fixture
def pseudo(app, book, town, desk):
    """The application speaking in marks, in a town where everybody's words are digits."""
    known = app.extensions["babel"].instance.domain_instance.cache
    before = dict(known)
    with book.open("rb") as file:
        known["en", "messages"] = Translations(file)
    WRITING.set(True)
    with desk.engine.begin() as connection:
        triggers.remove(connection)  # what is finished becomes digits too
        _to_digits(connection)
    WRITING.set(False)
    yield app
    known.clear()
    known.update(before)


def _to_digits(connection):
    for name, columns in WORDS_OF_PEOPLE.items():
        table = Model.metadata.tables[name]
        for column in columns:
            for row in connection.execute(select(table.c.id).where(table.c[column].is_not(None))):
                value = f"{row.id}{len(name)}{len(column)}" + "7" * (column == "login_name")
                here = update(table).where(table.c.id == row.id)
                connection.execute(here.values({column: value}))
    for table in Model.metadata.sorted_tables:
        for column in (one for one in table.c if isinstance(one.type, Texts)):
            for row in connection.execute(select(table.c.id)).all():
                words = {"nn": f"1{row.id}", "nb": "2", "en": "3"}
                here = update(table).where(table.c.id == row.id)
                connection.execute(here.values({column.name: words}))


def test_the_list_of_peoples_words_names_columns_there_are():
    for name, columns in WORDS_OF_PEOPLE.items():
        table = Model.metadata.tables[name]
        for column in columns:
            assert isinstance(table.c[column].type, String | Text | EncryptedText), (name, column)


@pytest.mark.parametrize("copy", ["sqlite"], indirect=True)  # words are the same on both
@pytest.mark.parametrize("who", [None, *dict.fromkeys(WHO)])
def test_no_page_says_anything_past_the_catalogue(pseudo, browser, town, who):
    wrong, seen = {}, 0
    for realm in Realm:
        if who is None and realm is not Realm.PUBLIC:
            continue
        for endpoint, method, address in addresses(pseudo, realm, town):
            if endpoint.startswith("HealthPages."):
                continue  # for machines
            if method != "GET":
                continue
            reply = browser(who).get(address, headers=ENGLISH, follow_redirects=True)
            seen += reply.status_code == 200
            if reply.mimetype != "text/html":
                continue
            for words in Words(reply.text).found:
                wrong.setdefault(words, endpoint)
    assert not wrong, wrong
    assert seen > 1
