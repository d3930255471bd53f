"""What the coordinating unit does with a request (saka): weighs it, asks for more, tells that it
takes longer, answers it, looks at a complaint. Where the municipality does not keep whole cases
here, the reasons and the letters are in its record system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import joinedload

from models.assessment import Assessment, criteria
from models.case_words import Criterion, Reconsidered, Ruling
from models.clock import today
from models.complaint import Complaint
from models.deadline_rule import DeadlineKind
from models.decision import Decision, FormerDecision
from models.delay import Delay
from models.inquiry import Inquiry
from models.request import Request
from models.working_days import on_a_working_day
from security.session import GuardedSession
from services.case_rules import holds
from services.deadline_rules import days_for


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


class NothingWeighed(ValueError):
    """One criterion is answered at least."""


class NoReason(ValueError):
    """A criterion that is answered has a reason: `lacking` says which have none."""

    def __init__(self, lacking: list[Criterion]) -> None:
        super().__init__(lacking)
        self.lacking = lacking


class NotWeighed(ValueError):
    """Where whole cases are kept, each criterion is answered before the request is."""


class NotSentOn(ValueError):
    """Whoever answers complaints, answers what was sent there."""


def case(session: GuardedSession, request_id: int, *beside: Any) -> Request | None:
    """A request, with its town, what is weighed, its answer and its complaint.

    beside: options, for what else is read.
    """
    r = Request
    wanted = select(r).where(r.id == request_id)
    one_each = (r.municipality, r.assessment, r.decision, r.complaint)
    return session.scalars(wanted.options(*map(joinedload, one_each), *beside)).first()


def to_weigh(request: Request) -> tuple[Criterion, ...]:
    """What is to be answered before the request is, in this municipality."""
    if not request.municipality.keeps_cases:
        return ()
    return criteria(request.concerns, request.wanted)


def weigh(session: GuardedSession, assessment: Assessment) -> None:
    """Store how far one has come. Raises: NothingWeighed, NoReason."""
    answers = assessment.answers()
    if not answers:
        raise NothingWeighed
    lacking = [criterion for criterion, (_met, why) in answers.items() if not why]
    if lacking:
        raise NoReason(lacking)
    session.add(assessment)
    session.flush()


def inquire(session: GuardedSession, request: Request, inquiry: Inquiry) -> None:
    """Store what more is asked for. Raises: BeforeTheRequest, NotLater."""
    if inquiry.asked_on < request.received_on:
        raise BeforeTheRequest
    if inquiry.reply_by is not None and inquiry.reply_by < inquiry.asked_on:
        raise NotLater
    session.add(inquiry)
    session.flush()


def replied(session: GuardedSession, inquiry_id: int) -> Inquiry | None:
    """Their reply has come, if it had not already."""
    inquiry = session.scalars(select(Inquiry).where(Inquiry.id == inquiry_id)).first()
    if inquiry is not None and inquiry.answered_on is None:
        inquiry.answered_on = today()
        session.flush()
    return inquiry


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
    delay.promised_by, request.answer_by = request.answer_by, delay.answer_by
    session.add(delay)
    session.flush()


def decide(session: GuardedSession, request: Request, decision: Decision) -> None:
    """Store the answer, with the day until which one may complain, if there is a right to.

    Whoever answers a request nobody has taken sees to it from now on.
    Raises: BeforeTheRequest, NobodyLeads, NotWeighed.
    """
    if decision.decided_on < request.received_on:
        raise BeforeTheRequest
    if decision.outcome is Ruling.DUTY_ONLY and not decision.sent_to:
        raise NobodyLeads
    _see_that_it_is_weighed(request, decision)
    if not decision.outcome.can_be_complained_of:
        decision.complain_by = None
    elif decision.complain_by is None and _is_told_anew(decision):
        with session.no_autoflush:  # what it was is still to be kept
            decision.complain_by = holds(session, request).complain_by(decision.decided_on)
    if request.case_worker_id is None:
        request.case_worker_id = session.actor.person_id
    session.add_all(_as_it_was(session, decision))
    session.add(decision)
    session.flush()


def _is_told_anew(decision: Decision) -> bool:
    """Whether what was answered is new or changes: what holds today is not asked of the rest."""
    attributes = inspect(decision).attrs
    told = ("outcome", "decided_on", "complain_by")
    return not inspect(decision).persistent or any(
        attributes[name].history.has_changes() for name in told
    )


def _as_it_was(session: GuardedSession, decision: Decision) -> Iterator[FormerDecision]:
    """What a changed answer was before; nothing when only where its papers are has changed."""
    attributes = inspect(decision).attrs
    told = ("outcome", "decided_on", "complain_by", "sent_to")
    history = {name: attributes[name].history for name in told}
    if inspect(decision).persistent and any(one.has_changes() for one in history.values()):
        was = {name: [*one.deleted, *one.unchanged][0] for name, one in history.items()}
        of_it = {"municipality_id": decision.municipality_id, "request_id": decision.request_id}
        by = {"changed_on": today(), "changed_by_id": session.actor.person_id}
        yield FormerDecision(**of_it, **by, **was)


def _see_that_it_is_weighed(request: Request, decision: Decision) -> None:
    wanted = to_weigh(request)
    if decision.outcome is Ruling.WITHDRAWN or not wanted:
        return
    said = request.assessment.answers() if request.assessment else {}
    if not said.keys() >= set(wanted):
        raise NotWeighed


def complain(session: GuardedSession, request: Request, complaint: Complaint) -> None:
    """Store a complaint of the answer to a request, as far as it has come.

    Raises: BeforeTheRequest, Incomplete, OutOfOrder, NotSentOn.
    """
    c, decision = complaint, request.decision
    if decision is None or c.received_on < decision.decided_on:
        raise BeforeTheRequest
    pairs = ((c.reconsidered, c.reconsidered_on), (c.reviewed, c.reviewed_on))
    if any((what is None) != (when is None) for what, when in pairs):
        raise Incomplete
    if c.reviewed and c.reconsidered is not Reconsidered.SENT_ON:
        raise NotSentOn
    told = [day for day in (c.received_on, c.reconsidered_on, c.reviewed_on) if day]
    if told != sorted(told):
        raise OutOfOrder
    if c.reconsidered is not Reconsidered.SENT_ON:
        c.sent_to = None
    elif c.sent_to is None:
        c.sent_to = holds(session, request).complaint_body
    days = days_for(session, c.municipality_id, DeadlineKind.COMPLAINT)
    c.reconsider_by = on_a_working_day(c.received_on + timedelta(days=days))
    session.add(c)
    session.flush()
