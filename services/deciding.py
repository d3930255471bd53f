"""Answering a request (avgjerd): once, by the coordinating unit, in its own register."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.decision import Decision
from models.request import Request
from models.vocabulary import Ruling
from security.session import GuardedSession

COMPLAINT = timedelta(weeks=4)
"""How long one may complain, from the day the answer came (forvaltningslova § 29)."""


class BeforeTheRequest(ValueError):
    """Nothing is answered before it is asked."""


class NobodyLeads(ValueError):
    """A duty to coordinate is somebody's."""


def request_with_answer(session: GuardedSession, request_id: int) -> Request | None:
    wanted = select(Request).where(Request.id == request_id)
    return session.scalars(wanted.options(joinedload(Request.decision))).first()


def new_decision(session: GuardedSession, request: Request, uid: str) -> Decision:
    """An answer that is not stored yet, in the actor's name."""
    return Decision(
        uid=uid, municipality_id=request.municipality_id, request_id=request.id,
        decided_by_id=session.actor.person_id,
    )  # fmt: skip


def decide(session: GuardedSession, request: Request, decision: Decision) -> None:
    """Store the answer, with the day until which one may complain.

    Whoever answers a request nobody has taken sees to it from now on.
    Raises: BeforeTheRequest, NobodyLeads.
    """
    if decision.decided_on < request.received_on:
        raise BeforeTheRequest
    if decision.outcome is Ruling.DUTY_ONLY and not decision.sent_to:
        raise NobodyLeads
    if not decision.outcome.can_be_complained_of:
        decision.complain_by = None
    elif decision.complain_by is None:
        decision.complain_by = decision.decided_on + COMPLAINT
    if request.case_worker_id is None:
        request.case_worker_id = session.actor.person_id
    session.add(decision)
    session.flush()
