"""The rules for cases a municipality starts with (leverte saksreglar), and those it has.

Four weeks and Statsforvaltaren are the law's (pasient- og brukarrettslova §§ 7-2 and 7-5). No law
gives a right to Enkelt samspill, to a certain coordinator, to a talk or to guidance; and whoever
reports that somebody may need something gets no answer of their own to complain of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from babel.units import format_unit
from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from models.case_rule import CaseRule
from models.case_words import Wanted
from models.complaint import Complaint
from models.language import in_language
from models.request import Request, first_answer_by
from models.working_days import on_a_working_day
from services.equipping import Texts, fill
from services.shipped_help import SHIPPED_IN


def _texts(*words: str) -> Texts:
    return dict(zip(SHIPPED_IN, words, strict=True))


_BODY = _texts("Statsforvaltaren", "Statsforvalteren", "Statsforvalteren")
_LAWS = _texts(
    "helse- og omsorgstenestelova § {}, pasient- og brukarrettslova § {}",
    "helse- og omsorgstjenesteloven § {}, pasient- og brukerrettighetsloven § {}",
    "the Health and Care Services Act § {}, the Patients' and Users' Rights Act § {}",
)


def _right(*sections: str) -> dict[str, Any]:
    laws = {language: words.format(*sections) for language, words in _LAWS.items()}
    return {"answer_days": None, "complaint_weeks": 4, "complaint_body": _BODY, "law": laws}


_NO_RIGHT = {"answer_days": None, "complaint_weeks": None, "complaint_body": _BODY, "law": None}
SHIPPED: dict[Wanted, dict[str, Any]] = {
    Wanted.COORDINATOR: _right("7-2", "2-5 b"),
    Wanted.CHILD_COORDINATOR: _right("7-2 a", "2-5 c"),
    Wanted.INDIVIDUAL_PLAN: _right("7-1", "2-5"),
    Wanted.SIMPLE_COLLABORATION: _NO_RIGHT,
    Wanted.POSSIBLE_NEED: _NO_RIGHT,
    Wanted.UNSURE: _right("7-2", "2-5 b"),
    Wanted.ANOTHER_COORDINATOR: _NO_RIGHT,
    Wanted.CONTACT: _NO_RIGHT,
    Wanted.GUIDANCE: _NO_RIGHT,
}
_R = cast(Table, CaseRule.__table__)


def rows_for(municipality_id: int, known: set[str]) -> list[dict[str, Any]]:
    """The rules a municipality lacks."""
    missing = [one for one in Wanted if one not in known]
    return [{"municipality_id": municipality_id, "wanted": w, **SHIPPED[w]} for w in missing]


def equip(connection: Connection) -> None:
    """Give every municipality the rules it has not got; those it has stay as they are."""
    fill(connection, _R, "wanted", rows_for)


@dataclass(frozen=True, slots=True)
class Holds:
    """What holds for a request: of all it asks for, the longest time to complain and the shortest
    to answer, and every law."""

    answer_days: int | None
    complaint_weeks: int | None
    complaint_body: Texts
    laws: tuple[Texts, ...]

    def answer_by(self, received_on: date) -> date:
        """The last working day of the month of the law, or sooner where that is promised."""
        month = first_answer_by(received_on)
        if self.answer_days is None:
            return month
        return min(month, on_a_working_day(received_on + timedelta(days=self.answer_days)))

    def complain_by(self, decided_on: date) -> date | None:
        """The last day to complain of an answer; None where there is no right to."""
        if self.complaint_weeks is None:
            return None
        return on_a_working_day(decided_on + timedelta(weeks=self.complaint_weeks))

    def weeks_in(self, language: str) -> str | None:
        """ "4 weeks"; None where there is no right to complain."""
        weeks = self.complaint_weeks
        return str(format_unit(weeks, "duration-week", locale=language)) if weeks else None

    def body_in(self, language: str, complaint: Complaint | None = None) -> str:
        """Who answers a complaint that comes, or one there is.

        One that is sent on lies where it was sent, whatever the rule says afterwards: that is what
        whoever complained was told. One that is not sent on yet goes where the rule says the day
        it is, even if the letter with the answer named another: laws that move complaints move
        those that wait, and the letter that it is sent on says where to.
        """
        sent_to = complaint.sent_to if complaint else None
        return in_language(sent_to or self.complaint_body, language)

    def law_in(self, language: str) -> str:
        return "; ".join(dict.fromkeys(in_language(law, language) for law in self.laws))


def rules(session: Session, municipality_id: int) -> dict[Wanted, CaseRule]:
    """Each kind has one, from the release that brought it on."""
    here = select(CaseRule).where(CaseRule.municipality_id == municipality_id)
    return {rule.wanted: rule for rule in session.scalars(here)}


def holds(session: Session, request: Request) -> Holds:
    """What holds for a request in its municipality today."""
    known = rules(session, request.municipality_id)
    town = {one: known.get(one) or CaseRule(wanted=one, **SHIPPED[one]) for one in Wanted}
    asked = [town[one] for one in Wanted if one in request.wanted]
    last = max(asked or town.values(), key=lambda rule: rule.complaint_weeks or 0)
    return Holds(
        answer_days=min((one.answer_days for one in asked if one.answer_days), default=None),
        complaint_weeks=last.complaint_weeks,
        complaint_body=last.complaint_body,
        laws=tuple(one.law for one in asked if one.law),
    )
