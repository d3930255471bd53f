"""Letters in the case of a request (brev): begun from the town's own words, and kept as sent."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.catalogue import translate
from models.case_letter import CaseLetter, CaseLetterFile
from models.case_words import Concerns, LetterKind, Reconsidered
from models.clock import today
from models.contact import telephone
from models.i18n import N_
from models.language import Language
from models.request import Request
from security.session import GuardedSession
from services import days
from services.case_rules import holds
from services.letter_texts import fill, key_for, text_for
from services.words import WORDS

BESIDE = (selectinload(Request.delays), selectinload(Request.inquiries))
"""What a letter tells of, beside what services.case.case reads."""
_EXPECTED = N_("A child that is expected")


def kinds(request: Request) -> list[LetterKind]:
    """What there is something to write about, what comes next first.

    Where whole cases are not kept here, only that it has come: for whoever telephoned.
    """
    if not request.municipality.keeps_cases:
        return [LetterKind.RECEIPT]
    decision, complaint = request.decision, request.complaint
    sent_on = complaint is not None and complaint.reconsidered is Reconsidered.SENT_ON
    asks = any(one.answered_on is None for one in request.inquiries)
    return [
        kind
        for kind, there_is in (
            (LetterKind.SENT_ON, sent_on),
            (LetterKind.ANSWER, decision is not None),
            (LetterKind.INQUIRY, decision is None and asks),
            (LetterKind.DELAY, decision is None and bool(request.delays)),
            (LetterKind.RECEIPT, decision is None),
        )
        if there_is
    ]


def begin(session: GuardedSession, request: Request, kind: LetterKind) -> dict[str, str]:
    """What a letter starts from: to whom, and the municipality's words, filled in."""
    language, to = request.language, request.from_name
    if kind is LetterKind.INQUIRY:
        to = _asked(request)[0]
    ruling = request.decision.outcome if request.decision else None
    text = text_for(session, request.municipality_id, key_for(kind, ruling), language)
    filled = fill(text, {"name": to, **said(session, request, language)})
    return {"to_name": to, "text": filled}


def write(session: GuardedSession, letter: CaseLetter) -> None:
    """Store it; the worker makes the file."""
    session.add(letter)
    session.flush()


def _letter(session: GuardedSession, key: int) -> CaseLetter | None:
    return session.scalars(select(CaseLetter).where(CaseLetter.id == key)).first()


def send(session: GuardedSession, key: int) -> CaseLetter | None:
    """It has left the house today, if it had not already."""
    one = _letter(session, key)
    if one is not None and one.sent_on is None:
        one.sent_on = today()
        session.flush()
    return one


def file(session: GuardedSession, key: int) -> str | None:
    """A letter's file in base64; None as long as it is not made."""
    return session.scalar(select(CaseLetterFile.content).where(CaseLetterFile.letter_id == key))


def _asked(request: Request) -> tuple[str, str, date | None]:
    """The newest question that waits for its reply: of whom, what, until when."""
    waits = [one for one in request.inquiries if one.answered_on is None]
    if not waits:
        return request.from_name, "", None
    return waits[-1].asked_of, waits[-1].question, waits[-1].reply_by


def said(session: GuardedSession, request: Request, language: Language) -> dict[str, str | None]:
    """What the holes of a text are filled with (services.letter_texts.HOLES), but for `name`."""

    def day(on: date | None) -> str | None:
        return days.said(on, str(language), "long") if on else None

    decision, complaint, town = request.decision, request.complaint, request.municipality
    _of, question, reply_by = _asked(request)
    rule = holds(session, request)
    by_rule = decision is not None and decision.complain_by == rule.complain_by(decision.decided_on)
    expected = request.concerns is Concerns.EXPECTED_CHILD
    return {
        "person": translate(_EXPECTED, language) if expected else request.person_name,
        "reference": request.reference,
        "received": day(request.received_on),
        "municipality": town.name,
        "phone": telephone(town.phone) if town.phone else None,
        "answer_by": day(request.answer_by),
        "promised": day(request.delays[-1].promised_by) if request.delays else None,
        "reason": request.delays[-1].reason if request.delays else None,
        "question": question,
        "reply_by": day(reply_by),
        "criteria": _weighed(request, language),
        "answered": day(decision.decided_on) if decision else None,
        "complain_by": day(decision.complain_by) if decision else None,
        "complaint_weeks": rule.weeks_in(language) if by_rule else None,
        "complaint_body": rule.body_in(language, complaint),
        "law": rule.law_in(language),
        "leads": decision.sent_to if decision else None,
        "sent_on": day(complaint.reconsidered_on) if complaint else None,
    }


def _weighed(request: Request, language: Language) -> str:
    """A line for each criterion: what it is, whether it is met, and why."""
    answers = request.assessment.answers() if request.assessment else {}
    yes, no = translate("Yes", language), translate("No", language)
    return "\n".join(
        f"– {translate(WORDS[type(one), one.value], language)}: {yes if met else no}. {why}"
        for one, (met, why) in answers.items()
    )
