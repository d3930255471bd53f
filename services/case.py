"""What the coordinating unit does with a request (saka): tells that it takes longer, answers it,
looks at a complaint. The reasons and the letters are in the municipality's record system."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.case_words import Reconsidered, Ruling
from models.complaint import Complaint
from models.deadline_rule import DeadlineKind
from models.decision import Decision
from models.delay import Delay
from models.request import Request
from models.working_days import on_a_working_day
from security.session import GuardedSession
from services.deadline_rules import days_for

COMPLAINT = timedelta(weeks=4)
"""How long one may complain, from the day the answer came (forvaltningslova § 29)."""


class BeforeTheRequest(ValueError):
    """Nothing is done with it before it is there."""


class NobodyLeads(ValueError):
    """A duty to coordinate is somebody's."""


class NotLater(ValueError):
    """Whoever is told that it takes longer is told of a later day."""


class Incomplete(ValueError):
    """What was done with a complaint, and when, are said together."""


class OutOfOrder(ValueError):
    """The second is not before the first."""


class NotSentOn(ValueError):
    """Statsforvaltaren answers what was sent there."""


def case(session: GuardedSession, request_id: int) -> Request | None:
    """A request, with its answer and its complaint."""
    wanted = select(Request).where(Request.id == request_id)
    beside = (joinedload(Request.decision), joinedload(Request.complaint))
    return session.scalars(wanted.options(*beside)).first()


def take(session: GuardedSession, request_id: int) -> Request | None:
    """A request, which the actor sees to from now on, if nobody does."""
    wanted = select(Request).where(Request.id == request_id).with_for_update(of=Request)
    request = session.scalars(wanted.options(joinedload(Request.case_worker))).first()
    if request is not None and request.case_worker_id is None:
        request.case_worker_id = session.actor.person_id
        session.flush()
    return request


def put_off(session: GuardedSession, request: Request, delay: Delay) -> None:
    """Keep what those who asked were told, and the day they were told of.

    Raises: BeforeTheRequest, NotLater.
    """
    if delay.told_on < request.received_on:
        raise BeforeTheRequest
    if delay.answer_by <= max(request.answer_by, delay.told_on):
        raise NotLater
    request.answer_by = delay.answer_by
    session.add(delay)
    session.flush()


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
        decision.complain_by = on_a_working_day(decision.decided_on + COMPLAINT)
    if request.case_worker_id is None:
        request.case_worker_id = session.actor.person_id
    session.add(decision)
    session.flush()


def complain(session: GuardedSession, decision: Decision, complaint: Complaint) -> None:
    """Store a complaint of an answer, as far as it has come.

    Raises: BeforeTheRequest, Incomplete, OutOfOrder, NotSentOn.
    """
    c = complaint
    if c.received_on < decision.decided_on:
        raise BeforeTheRequest
    pairs = ((c.reconsidered, c.reconsidered_on), (c.reviewed, c.reviewed_on))
    if any((what is None) != (when is None) for what, when in pairs):
        raise Incomplete
    if c.reviewed and c.reconsidered is not Reconsidered.SENT_ON:
        raise NotSentOn
    told = [day for day in (c.received_on, c.reconsidered_on, c.reviewed_on) if day]
    if told != sorted(told):
        raise OutOfOrder
    days = days_for(session, c.municipality_id, DeadlineKind.COMPLAINT)
    c.reconsider_by = on_a_working_day(c.received_on + timedelta(days=days))
    session.add(c)
    session.flush()
