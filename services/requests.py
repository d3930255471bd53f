"""Requests to the coordinating unit (førespurnad): received once, with a reference and a receipt.

Whoever sends one need not have signed in: it is stored by the system, and read by the unit only.
A coordinator who asks for guidance (rettleiing) has: it is stored in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.case_words import Arrival, Concerns, Wanted
from models.clock import today
from models.database import WRITING
from models.folding import fold
from models.language import Language
from models.municipality import Municipality
from models.people import Person
from models.request import Request, RequestName
from models.request_draft import RequestDraft
from models.types import blind_index
from models.vocabulary import Role
from security import rate_limits
from security.four_eyes import holders
from security.parties import parties
from security.session import GuardedSession, SystemSession
from services.case_rules import holds
from services.notices import tell
from services.request_drafts import NoSuchDraft
from services.request_search import names_in

KIND, UNREAD = "request", "request_unread"
"""One has come; one has come that nobody in the unit may read."""
SENT_PER_ADDRESS = 10
"""In a quarter of an hour: a family with many children, and no machine."""
ASKED_PER_PERSON = 10


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody who has sent a request keeps: nothing of what they wrote."""

    reference: str
    received_on: date
    answer_by: date
    town: str
    phone: str | None


def send(
    engine: Engine, uid: str, said: Mapping[str, Any], person_id: int | None, address: str
) -> None:
    """Make a draft (its uid) a request, once, however often it is pressed.

    said: columns of Request. person_id: who sends it, when they have signed in there.
    Raises: NoSuchDraft; security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"request from {address}", SENT_PER_ADDRESS)
    WRITING.set(True)
    with SystemSession(engine, because="a request from somebody who need not sign in") as session:
        draft = session.scalars(select(RequestDraft).where(RequestDraft.uid == uid)).first()
        if draft is None:
            if _of(session, uid) is None:
                raise NoSuchDraft
            return
        request = Request(
            uid=uid, municipality_id=draft.municipality_id, arrival=Arrival.WEB,
            from_person_id=person_id, received_on=today(), **said,
        )  # fmt: skip
        session.delete(draft)
        _receive(session, request)
        session.commit()


def ask_for_guidance(
    engine: Engine, uid: str, words: str, person_id: int, language: Language
) -> None:
    """Send what a coordinator wonders about (words), once, however often it is pressed.

    uid: the one the form carried; other words with it are refused by the database.
    Raises: security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"guidance for {person_id}", ASKED_PER_PERSON)
    WRITING.set(True)
    with SystemSession(engine, because="a coordinator asks for guidance") as session:
        me = session.get_one(Person, person_id)
        _hold_numbers(session, me.municipality_id)
        sent = _of(session, uid)
        if sent is not None and (sent.from_person_id, sent.words) == (me.id, words):
            return
        request = Request(
            uid=uid, municipality_id=me.municipality_id, arrival=Arrival.WEB,
            concerns=Concerns.MYSELF, wanted=frozenset({Wanted.GUIDANCE}), words=words,
            from_person_id=me.id, person_name=me.name, from_name=me.name,
            from_phone=me.shown_phone, from_email=me.email, language=language,
            received_on=today(),
        )  # fmt: skip
        _receive(session, request)
        session.commit()


def _receive(session: SystemSession, request: Request) -> None:
    """Store it, and tell those who read it."""
    enter(session, request)
    session.add(request)
    session.flush()
    _tell(session, request, KIND, readers(session, request))
    see_that_it_is_read(session, request)


def receipt(engine: Engine, uid: str) -> Receipt:
    """Raises: NoSuchDraft, when nothing has been sent by that uid."""
    with SystemSession(engine, because="a request from somebody who need not sign in") as session:
        request = _of(session, uid)
        if request is None:
            raise NoSuchDraft
        town = session.get_one(Municipality, request.municipality_id)
        days = (request.received_on, request.answer_by)
        return Receipt(request.reference, *days, town.name, town.phone)


def enter(session: Session, request: Request) -> None:
    """Give it the next number of its year and a day to answer by, and find whom it is for.

    The municipality's row is held meanwhile, so that two never get the same one.
    """
    _hold_numbers(session, request.municipality_id)
    request.year = request.received_on.year
    request.answer_by = holds(session, request).answer_by(request.received_on)
    last = select(func.max(Request.number)).where(
        Request.municipality_id == request.municipality_id, Request.year == request.year
    )
    request.number = (session.scalar(last) or 0) + 1
    if request.person_name:
        same = f"{_one_way(request.person_name)}|{request.birth_date}"
        request.same_index = blind_index("request.same", same)
    request.names = [
        RequestName(municipality_id=request.municipality_id, word=word)
        for word in sorted(names_in(request.person_name, request.from_name))
    ]
    request.person_id = _whom(session, request)


def _hold_numbers(session: Session, municipality_id: int) -> None:
    town = select(Municipality.id).where(Municipality.id == municipality_id)
    session.execute(town.with_for_update())


def _one_way(name: str) -> str:
    return " ".join(fold(name).split())


def _whom(session: Session, request: Request) -> int | None:
    """Whoever signs in and asks for themselves; or the only one of that name and birth date."""
    if request.concerns is Concerns.MYSELF and request.from_person_id:
        return request.from_person_id
    if not request.person_name or not request.birth_date:
        return None
    born = select(Person).where(
        Person.municipality_id == request.municipality_id,
        Person.birth_date == request.birth_date,
        Person.merged_into_id.is_(None),
    )
    name = _one_way(request.person_name)
    found = [one.id for one in session.scalars(born) if _one_way(one.name) == name]
    return found[0] if len(found) == 1 else None


def same_person(session: GuardedSession, request: Request) -> list[Request]:
    """Other requests for somebody of the same name and birth date, the newest first."""
    if request.same_index is None:
        return []
    others = select(Request).where(Request.same_index == request.same_index)
    newest = others.where(Request.id != request.id).order_by(Request.id.desc())
    return list(session.scalars(newest.limit(10)))


def _of(session: Session, uid: str) -> Request | None:
    return session.scalars(select(Request).where(Request.uid == uid)).first()


def readers(session: Session, request: Request) -> set[int]:
    """Persons of the coordinating unit who are no party."""
    unit = holders(session, request.municipality_id, Role.COORDINATING_UNIT)
    return set(unit.values()) - parties(session, request)


def _tell(session: Session, request: Request, kind: str, people: set[int]) -> None:
    key = f"{request.uid}:{request.person_id}"
    tell(session, request.municipality_id, people, kind, request.id, key)


def see_that_it_is_read(session: Session, request: Request) -> None:
    """Where everybody in the unit is a party, those who give hats are told to find somebody.

    Called when whom it is for is said or changed.
    """
    if not readers(session, request):
        give_hats = holders(session, request.municipality_id, Role.ADMINISTRATOR)
        _tell(session, request, UNREAD, set(give_hats.values()))
