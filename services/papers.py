"""Papers that wait, and those that came to nothing (papir som ventar): for who answers them, and
for those around the plan. Registering and answering is services.paper's."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import joinedload, undefer

from models.clock import utcnow
from models.consent import Consent
from models.paper import PaperConsent
from models.plan import Plan
from security.paper_rules import confirmers
from security.session import GuardedSession
from services.four_eyes import is_open

_P = PaperConsent
_LOOKED_BACK = timedelta(days=60)


def papers_wait_of(session: GuardedSession, consent: Consent) -> set[int]:
    """Persons of whom a paper waits already."""
    waits = select(_P.person_id).where(_P.consent_id == consent.id, is_open(_P))
    return set(session.scalars(waits))


def with_people() -> Select[PaperConsent]:
    return select(_P).options(*(joinedload(one) for one in (_P.person, _P.asked_by)))


def mine(session: GuardedSession) -> Sequence[PaperConsent]:
    """What waits and is the actor's to answer; the oldest first. No other is looked at."""
    ids = _ids_of_mine(session)
    return session.scalars(with_people().where(_P.id.in_(ids)).order_by(_P.id)).all()


def how_many_wait(session: GuardedSession) -> ScalarSelect[int]:
    """Counted together with something else."""
    return select(func.count(_P.id)).where(*_waits(session)).scalar_subquery()


def are_mine(session: GuardedSession) -> int:
    """How many of them are the actor's to answer; that is no look at any of them."""
    return len(_ids_of_mine(session))


def _ids_of_mine(session: GuardedSession) -> list[int]:
    of_each = (_P.id, _P.plan_id, _P.person_id, _P.asked_by_id, _P.municipality_id, _P.said)
    rows = session.execute(select(*of_each).where(*_waits(session))).all()
    return [row.id for row in rows if session.actor.person_id in confirmers(session, row)]


def _waits(session: GuardedSession) -> tuple[ColumnElement[bool], ...]:
    """In the office: those around a plan see its papers in the plan."""
    home = session.actor.confirms_in
    return is_open(_P), _P.municipality_id == (-1 if home is None else home)


def may_answer(session: GuardedSession, row: PaperConsent) -> bool:
    return session.actor.person_id in confirmers(session, row)


def of_the_plan(session: GuardedSession, plan: Plan) -> list[PaperConsent]:
    """The newest paper of each in a plan that is no signature: it waits, or came to nothing a
    little while ago."""
    wanted = with_people().where(_P.plan_id == plan.id, _P.asked_at > utcnow() - _LOOKED_BACK)
    rows = session.scalars(wanted.options(joinedload(_P.answered_by)).order_by(_P.id))
    newest = {one.person_id: one for one in rows}
    return [one for one in newest.values() if not one.confirmed]


def scan_of(session: GuardedSession, row_id: int) -> tuple[PaperConsent, bytes] | None:
    """A paper the actor may read, and its file."""
    wanted = select(_P).where(_P.id == row_id).options(undefer(_P.scan))
    row = session.scalars(wanted).first()
    return None if row is None else (row, b64decode(row.scan))
