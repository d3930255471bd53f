"""A whole case on its request's page (full sak): lines, what is pressed, where one goes."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload, selectinload

from models.case_letter import CaseLetter
from models.inquiry import Inquiry
from models.request import Request
from services import case_letters
from services.case import to_weigh
from views.words import shown

READ = (
    joinedload(Request.municipality),
    joinedload(Request.assessment),
    selectinload(Request.delays),
    selectinload(Request.inquiries),
    selectinload(Request.former_decisions),
    selectinload(Request.letters).joinedload(CaseLetter.file),
)
"""What is read of the request for it."""


def _delays(request: Request) -> Iterator[str]:
    for one in request.delays:
        yield f"{shown(one.told_on)}: {one.reason}"


def _former(request: Request) -> Iterator[str]:
    for one in request.former_decisions:
        day, until = shown(one.decided_on), shown(one.changed_on)
        yield gettext(
            "%(day)s: %(what)s (changed %(until)s)", day=day, what=shown(one.outcome), until=until
        )


def _weighed(request: Request) -> Iterator[str]:
    answers = request.assessment.answers() if request.assessment else {}
    for criterion, (met, why) in answers.items():
        yield f"– {shown(criterion)}: {shown(met)}. {why}"


def _inquiries(request: Request) -> Iterator[str]:
    for one in request.inquiries:
        came = one.answered_on
        reply = gettext("Reply %(day)s", day=shown(came)) if came else gettext("No reply yet")
        yield f"{shown(one.asked_on)}, {one.asked_of}: {one.question} ({reply})"


def _letters(request: Request) -> Iterator[str]:
    for one in request.letters:
        state = gettext("Sent %(day)s", day=shown(one.sent_on)) if one.sent_on else ""
        state = state or (gettext("Not sent yet") if one.file else gettext("Is being made"))
        yield f"{shown(one.written_on)}, {one.to_name}: {shown(one.kind)} ({state})"


LINES = {
    "put_off": _delays, "former": _former, "weighed": _weighed, "inquiries": _inquiries,
    "letters": _letters,
}  # fmt: skip
"""Column -> its lines."""


def presses(row: Request) -> list[tuple[str, str]]:
    return [
        *(_replied(one) for one in row.inquiries if one.answered_on is None),
        *(_sent(one) for one in row.letters if one.file and one.sent_on is None),
    ]


def _replied(inquiry: Inquiry) -> tuple[str, str]:
    words = gettext("The reply has come: %(who)s", who=inquiry.asked_of)
    return words, url_for("Inquiring.replied", pk=inquiry.id)


def _sent(letter: CaseLetter) -> tuple[str, str]:
    words = gettext("The letter is sent: %(what)s", what=shown(letter.kind))
    return words, url_for("CaseLetters.sent", pk=letter.id)


def files(row: Request) -> list[tuple[str, str]]:
    made = [one for one in row.letters if one.file]
    words = [
        gettext(
            "Letter of %(day)s: %(what)s (PDF)", day=shown(one.written_on), what=shown(one.kind)
        )
        for one in made
    ]
    return list(zip(words, (url_for("CaseLetters.file", pk=one.id) for one in made), strict=True))


def letters_to_write(row: Request) -> list[tuple[str, str]]:
    return [
        (
            gettext("Write a letter: %(what)s", what=shown(kind)),
            url_for("CaseLetters.form", pk=row.id, what=kind),
        )
        for kind in case_letters.kinds(row)
    ]


def weighing(row: Request) -> list[tuple[str, str]]:
    """Where whole cases are kept."""
    weigh, inquire = (url_for(f"{page}.form", pk=row.id) for page in ("Assessing", "Inquiring"))
    first = [(gettext("Weigh it"), weigh)] if to_weigh(row) else []
    waits = row.municipality.keeps_cases and row.decision is None
    return [*first, *([(gettext("Ask for more"), inquire)] if waits else [])]
