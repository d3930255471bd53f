"""Letters in cases as files (brev): made once for each letter, by the worker.

What is to be made is what is not there: killed anywhere, it is made the next time, and the
database refuses a second one. Nothing is held while a file is made.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from babel import Locale
from sqlalchemy import Engine, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from integrations.catalogue import translate
from integrations.pdf import as_pdf
from jobs.pages import PAGES
from models.case_letter import CaseLetter, CaseLetterFile
from models.database import WRITING
from models.i18n import N_
from models.request import Request
from security.session import SystemSession
from services import days

STYLE = """
@page { size: A4; margin: 22mm 22mm 20mm; }
html { font: 11pt/1.5 "DejaVu Sans"; color: #111; }
header { display: flex; justify-content: space-between; gap: 10mm; margin-bottom: 14mm; }
.town { font-weight: bold; }
address { font-style: normal; white-space: pre-line; min-height: 24mm; margin-bottom: 8mm; }
h1 { font-size: 16pt; line-height: 1.25; margin: 0 0 5mm; }
p { margin: 0 0 4mm; white-space: pre-line; overflow-wrap: anywhere; orphans: 3; widows: 3; }
.facts { text-align: end; color: #333; white-space: pre-line; }
"""
_NUMBER = N_("Our number: %(reference)s")
_LOG = logging.getLogger("medspel.jobs")


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A letter, in words. paragraphs: lines with breaks between them."""

    language: str
    direction: str
    municipality: str
    day: str
    number: str
    to: str
    title: str
    paragraphs: list[str]

    def html(self) -> str:
        return PAGES.get_template("case_letter.html").render(page=self)


def make_letters(engine: Engine) -> bool:
    """Make every file that waits; whether all of them are made. One bad one stops no other."""
    made_all = True
    with SystemSession(engine, because="making letters") as session:
        has_one = exists().where(CaseLetterFile.letter_id == CaseLetter.id)
        waiting = session.scalars(select(CaseLetter.id).where(~has_one).order_by(CaseLetter.id))
        ids = list(waiting)
    for one in ids:
        try:
            _make(engine, one)
        except Exception as fault:  # whatever is wrong with one, the next is tried
            _LOG.error("letter %s: %s", one, type(fault).__name__)
            made_all = False
    return made_all


def _make(engine: Engine, letter_id: int) -> None:
    WRITING.set(False)
    with SystemSession(engine, because="making letters") as session:
        beside = joinedload(CaseLetter.request).joinedload(Request.municipality)
        letter = session.get_one(CaseLetter, letter_id, options=[beside])
        page = page_of(letter)
        here = {"municipality_id": letter.municipality_id, "request_id": letter.request_id}
    file = as_pdf(page.html(), STYLE)
    content, digest = b64encode(file).decode(), sha256(file).hexdigest()
    WRITING.set(True)
    with SystemSession(engine, because="making letters") as session:
        session.add(CaseLetterFile(**here, letter_id=letter_id, content=content, digest=digest))
        try:
            session.commit()
        except IntegrityError:  # another worker was first, and its file is as good
            session.rollback()


def page_of(letter: CaseLetter) -> LetterPage:
    """letter: with its request, and the municipality of that."""
    language = str(letter.language)
    title, _, text = letter.text.strip().partition("\n")
    number = translate(_NUMBER, language) % {"reference": letter.request.reference}
    return LetterPage(
        language=language,
        direction=str(Locale.parse(language).text_direction),
        municipality=letter.request.municipality.name,
        day=days.said(letter.written_on, language, "long"),
        number=number,
        to="\n".join(filter(None, (letter.to_name, letter.to_address))),
        title=title.strip(),
        paragraphs=[part.strip() for part in text.split("\n\n") if part.strip()],
    )
