"""What people have asked the coordinating unit of the demo for (førespurnader)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.assessment import Assessment
from models.case_words import Arrival, Concerns, Wanted
from models.clock import today
from models.inquiry import Inquiry
from models.language import Language
from models.request import Request
from services.requests import enter

_ASKED: dict[str, Any] = {"arrival": Arrival.WEB, "birth_date": date(2019, 5, 4)}
REQUESTS: dict[str, list[dict[str, Any]]] = {
    Language.NYNORSK: [
        {
            "person_name": "Iben Myklebust", "concerns": Concerns.MY_CHILD,
            "wanted": {Wanted.CHILD_COORDINATOR, Wanted.INDIVIDUAL_PLAN},
            "from_name": "Liv Myklebust", "from_role": "Mor", "from_phone": "+4790000061",
            "words": "Vi fortel det same til nye folk kvar månad, og ingen har heile biletet.",
            "services": "Barnehage, fysioterapi, sjukehuset",
        },
        {
            "person_name": "Torleif Hamre", "concerns": Concerns.FROM_WORK,
            "wanted": {Wanted.POSSIBLE_NEED}, "from_name": "Unni Sæle", "is_told": True,
            "from_role": "Heimesjukepleiar, Heimetenesta", "from_email": "unni@medspel.invalid",
            "words": "Fire tenester er inne, og avtalane kolliderer.",
        },
    ],
    Language.BOKMAL: [
        {
            "person_name": "Even Holm", "concerns": Concerns.MYSELF,
            "wanted": {Wanted.UNSURE}, "from_name": "Even Holm", "from_phone": "+4790000062",
            "words": "Jeg trenger noen som holder tråden mellom NAV, fastlegen og skolen.",
            "language": Language.BOKMAL,
        },
    ],
}  # fmt: skip


def ask(session: Session, municipality_id: int, language: Language, unit: int) -> None:
    """Requests that wait for somebody to see to them. unit: a person of the coordinating unit."""
    for said in REQUESTS[language]:
        here = {"municipality_id": municipality_id, "received_on": today()}
        request = Request(**said, **_ASKED, **here)
        enter(session, request)
        session.add(request)
        session.flush()
        if Wanted.CHILD_COORDINATOR in request.wanted:
            _begin_the_case(session, request, unit)


def _begin_the_case(session: Session, request: Request, unit: int) -> None:
    """Weighed in part, and more asked for."""
    of_it = {"municipality_id": request.municipality_id, "request_id": request.id}
    weighed = Assessment(
        **of_it, written_by_id=unit, long_term=True, several_services=True,
        long_term_why="Iben treng trening og tilrettelegging i mange år.",
        several_services_why="Barnehagen, fysioterapien og sjukehuset må vite om kvarandre.",
    )  # fmt: skip
    asked = Inquiry(
        **of_it, asked_by_id=unit, asked_on=today(), asked_of="Fysioterapitenesta",
        question="Kor ofte trenar Iben, og kor lenge trur de det varer?",
    )  # fmt: skip
    session.add_all([weighed, asked])
