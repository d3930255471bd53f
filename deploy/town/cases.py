"""What has become of earlier requests in the demo (saker): answered, complained of, and one that
should have been answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from deploy.town.hall import Town
from models.assessment import Assessment
from models.case_words import Arrival, Concerns, Ruling, Wanted
from models.clock import today
from models.complaint import Complaint
from models.decision import Decision
from models.language import Language
from models.people import Person
from models.request import Request
from security.session import GuardedSession
from services import case
from services.requests import enter


@dataclass(frozen=True)
class Case:
    """Days ago it came, was answered and was complained of; 0: it was not."""

    name: str
    sender: str
    words: str
    came: int
    answered: int = 0
    outcome: Ruling = Ruling.BOTH
    complained: int = 0


CASES = {
    Language.NYNORSK: (
        Case(
            "Ella Vikane", "Marte Vikane",
            "Vi treng éin å ringje til, og at skulen og fysioterapeuten veit om kvarandre.", 74, 51,
        ),
        Case(
            "Olav Strand", "Gry Strand",
            "Far kjem heim frå sjukehuset, og fire tenester skal inn i same veka.", 47,
        ),
        Case(
            "Vilde Skår", "Bjarne Skår", "Ho går mykje heime, og ingen tek dei andre med på råd.",
            44, 16, Ruling.REFUSED, 3,
        ),
    ),
    Language.BOKMAL: (
        Case(
            "Iver Dahl", "Mona Dahl", "Det er mange møter, og ingen vet hva de andre har sagt.",
            38, 9, Ruling.COORDINATOR_ONLY,
        ),
    ),
}  # fmt: skip


def remember(town: Town) -> None:
    """The unit writes them down, and what it has answered."""
    with town.acting("ke" + town.tail) as session:
        for one in CASES[town.language]:
            _answer(session, town, one, _write_down(session, town, one))


def _write_down(session: GuardedSession, town: Town, one: Case) -> Request:
    here = (Person.municipality_id == town.municipality, Person.name == one.name)
    known = session.scalars(select(Person).where(*here)).first()
    request = Request(
        municipality_id=town.municipality, received_on=_ago(one.came), arrival=Arrival.PHONE,
        concerns=Concerns.MY_CHILD, wanted={Wanted.COORDINATOR, Wanted.INDIVIDUAL_PLAN},
        person_name=one.name, birth_date=known.birth_date if known else date(2013, 9, 12),
        from_name=one.sender, words=one.words, language=town.language,
        case_worker_id=session.actor.person_id,
    )  # fmt: skip
    enter(session, request)
    session.add(request)
    session.flush()
    return request


def _answer(session: GuardedSession, town: Town, one: Case, request: Request) -> None:
    if not one.answered:
        return
    at = {"municipality_id": town.municipality, "request_id": request.id}
    me = session.actor.person_id
    decision = Decision(
        **at, outcome=one.outcome, decided_on=_ago(one.answered), is_recorded=True, decided_by_id=me
    )
    asked = case.case(session, request.id)
    assert asked is not None
    if case.to_weigh(asked):
        several = one.outcome is not Ruling.REFUSED
        case.weigh(session, Assessment(**at, **_weighed(several), written_by_id=me))
        session.refresh(asked, ["assessment"])
    case.decide(session, asked, decision)
    if one.complained:
        complaint = Complaint(**at, received_on=_ago(one.complained), written_by_id=me)
        session.refresh(asked, ["decision"])
        case.complain(session, asked, complaint)


def _weighed(several: bool) -> dict[str, Any]:
    """Why, in the town that keeps whole cases. several: whether more than one service is in."""
    why = "Tre tenester må vite om kvarandre." if several else "Berre heimetenesta er inne i dag."
    return {
        "long_term": True, "long_term_why": "Hjelpa varer i fleire år.",
        "several_services": several, "several_services_why": why,
    }  # fmt: skip


def _ago(days: int) -> date:
    return today() - timedelta(days=days)
