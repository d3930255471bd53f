"""Who may write in the registers (registerreglar): the second lock behind the routes.

A route asks the role's permission (security.roles); this table is asked again when a
row is flushed, so that no service and no forgotten page goes round it. Absent means
denied. Nobody gives themselves anything, whatever their role.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import object_session

from models.account import Account, Invitation, LoginSession, Membership
from models.base import MunicipalityBound, Personal, System
from models.begun_import import BegunImport
from models.case_rule import CaseRule
from models.competence import CompetenceDecision
from models.consent import ConsentText
from models.coordinator import CoordinatorProfile
from models.course import Course, CourseAttendance, CourseSession
from models.deadline_rule import DeadlineRule
from models.duty import Duty
from models.feedback import CoordinatorFeedback
from models.merging import PersonMerge
from models.municipality import (
    Department,
    EvaluationQuestion,
    HelpText,
    LetterText,
    LifeAreaName,
    MessageTemplate,
    Municipality,
    NoticeText,
    PlanTypeName,
    ServiceType,
)
from models.nomination import Nomination
from models.notice_choice import NoticeChoice
from models.outbox import Delivery, OutboxMessage
from models.own_plan import OwnPlan
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Plan, PlanRegister
from models.request import Request, RequestName
from models.rights import RightsRequest
from models.second_factor import Authenticator, RecoveryCode
from models.signing_exception import SigningException
from models.user_agreement import AgreementAcceptance, UserAgreement
from models.vocabulary import Level, Role, Scope
from security import (
    appointing,
    case,
    coordinating,
    courses,
    duties,
    merging,
    naming,
    people,
    rights,
    second_person,
    way_in,
)  # fmt: skip
from security.actor import Actor
from security.policy import Forbidden, follows_up

_UNIT, _ADMIN = Role.COORDINATING_UNIT, Role.ADMINISTRATOR
_EVERYONE = frozenset(Role)

WRITERS: dict[type[Any], frozenset[Role]] = {
    Person: frozenset({_UNIT, _ADMIN, Role.COORDINATOR}),
    Delivery: _EVERYONE,  # the office sends again; who called notes what was done by hand
    Representation: frozenset({_UNIT, Role.COORDINATOR, Role.LEADER}),  # who only confirms
    SigningException: frozenset({_UNIT, Role.COORDINATOR, Role.LEADER}),
    CompetenceDecision: frozenset({_UNIT, Role.LEADER}),
    CoordinatorAppointment: frozenset({_UNIT, Role.LEADER}),  # security.appointing
    PlanRegister: _EVERYONE,  # a consequence of what happens in the plan
    CoordinatorFeedback: _EVERYONE,
    Department: frozenset({_UNIT, _ADMIN}),
    ServiceType: frozenset({_UNIT, _ADMIN}),
    LifeAreaName: frozenset({_UNIT, _ADMIN}),
    PlanTypeName: frozenset({_UNIT, _ADMIN}),
    EvaluationQuestion: frozenset({_UNIT, _ADMIN}),
    ConsentText: frozenset({_UNIT, _ADMIN}),
    HelpText: frozenset({_UNIT}),
    NoticeText: frozenset({_UNIT, _ADMIN}),
    LetterText: frozenset({_UNIT, _ADMIN}),
    MessageTemplate: frozenset({_UNIT, _ADMIN}),
    UserAgreement: frozenset({_UNIT, _ADMIN}),
    Membership: frozenset({_ADMIN, _UNIT, Role.COORDINATOR, Role.LEADER}),  # security.rights
    RightsRequest: frozenset({_ADMIN, Role.LEADER}),
    PersonMerge: frozenset({_UNIT, _ADMIN}),
    DeadlineRule: frozenset({_UNIT}),
    Duty: frozenset({_UNIT, _ADMIN}),
    CaseRule: frozenset({_UNIT}),
    Request: frozenset({_UNIT}),
    RequestName: frozenset({_UNIT}),
    Nomination: frozenset({_UNIT, Role.LEADER}),  # security.naming
    **dict.fromkeys(case.WRITER, frozenset({_UNIT})),
    CoordinatorProfile: frozenset({_UNIT, Role.LEADER}),  # of the own department
    Course: frozenset({_UNIT}),
    CourseSession: frozenset({_UNIT}),
    CourseAttendance: frozenset({_UNIT, Role.COORDINATOR}),  # security.courses
    Account: frozenset({_ADMIN, _UNIT, Role.COORDINATOR}),
    Invitation: frozenset({_ADMIN, _UNIT, Role.COORDINATOR}),
}
TO_ONESELF: dict[type[Any], str] = {
    Representation: "representative_id",
    SigningException: "representative_id",
    CoordinatorAppointment: "coordinator_id",
    Membership: "person_id",
}


def authorise(actor: Actor | None, row: MunicipalityBound | Personal, *, new: bool) -> None:
    """Refuse a write in a register.

    Raises: Forbidden, when the municipality, the role or the person is not the right one.
    """
    if actor is None:
        raise Forbidden("nobody is acting")
    by_role = WRITERS.get(type(row), frozenset()) & actor.roles
    if not by_role and not _is_own(actor, row):
        raise Forbidden(f"write {type(row).__name__}")
    if isinstance(row, MunicipalityBound) and row.municipality_id != actor.municipality_id:
        raise Forbidden(f"{type(row).__name__} of another municipality")
    column = TO_ONESELF.get(type(row))
    if column and getattr(row, column) == actor.person_id:
        raise Forbidden("nobody gives themselves access")
    more = _MORE.get(type(row))
    if more is not None:
        more(actor, row, new)


def authorise_system(actor: Actor | None, row: System, *, new: bool) -> None:
    """Rows of the installation: one's own municipality by its administrator, notices and
    the thin login row as consequences; nothing else. Raises: Forbidden."""
    own = isinstance(row, Municipality) and actor is not None and not new
    if own and Role.ADMINISTRATOR in actor.roles and row.id == actor.municipality_id:  # type: ignore[union-attr,attr-defined]
        return
    if not (new and isinstance(row, OutboxMessage)):
        raise Forbidden(f"write {type(row).__name__}")


def _is_own(actor: Actor, row: object) -> bool:
    """One's own account and logins, oneself, and how one is told and what one agrees to in
    the hat one wears."""
    if isinstance(row, NoticeChoice | AgreementAcceptance):
        mine = (row.account_id, row.membership_id)
        return mine == (actor.account_id, actor.membership_id)
    if isinstance(row, BegunImport):
        mine = (row.account_id, row.municipality_id)
        return mine == (actor.account_id, actor.municipality_id)
    if isinstance(row, Person):
        return row.id == actor.person_id
    if isinstance(row, LoginSession | Authenticator | RecoveryCode | OwnPlan):
        return row.account_id == actor.account_id
    return isinstance(row, Account) and row.id == actor.account_id


def _authorise_account(actor: Actor, row: Account, new: bool) -> None:
    if new:
        return
    if row.id != actor.account_id or "active" in people.changed_in(row):
        raise Forbidden("an account is its owner's, here and in other municipalities")


def _authorise_login(actor: Actor, row: LoginSession, new: bool) -> None:
    """One's own are ended, and nothing else: they are made by signing in."""
    session = object_session(row)
    if session is None or row not in session.deleted:
        raise Forbidden("a login is made by signing in")


_MEETINGS = {"first_meeting", "last_meeting"}


def _authorise_entry(actor: Actor, row: PlanRegister, new: bool) -> None:
    """The office's entry follows what is done in the plan, by those who do it."""
    if new or Role.COORDINATING_UNIT in actor.roles:
        return
    access = getattr(object_session(row), "access", lambda _: None)(row.plan_id)
    level = access.level(Scope.MEETINGS) if access is not None else None
    if level is not None and level is not Level.READ and people.changed_in(row) <= _MEETINGS:
        return  # whoever may write minutes: those are judged themselves, in the same flush
    session = object_session(row)
    if session is not None and appointing.follows(session, actor, row):
        return
    if access is None or not (access.coordinator or access.withdraws):
        raise Forbidden("the register entry of a plan one has nothing to do with")


def _authorise_hat(actor: Actor, row: Membership, new: bool) -> None:
    session = object_session(row)
    if session is None or row.account_id == actor.account_id:
        raise Forbidden("nobody gives themselves a hat")
    merging.still_used(session, [row.person_id])
    rights.authorise_hat(session, actor, row, new)
    if new:
        way_in.authorise_way_in(session, actor, row.person_id)


def _authorise_request(actor: Actor, row: RightsRequest, new: bool) -> None:
    session = object_session(row)
    if session is None:
        raise Forbidden("a request outside a session")
    rights.authorise_request(session, actor, row, new)


def _authorise_merge(actor: Actor, row: PersonMerge, new: bool) -> None:
    session = object_session(row)
    if session is None:
        raise Forbidden("a question outside a session")
    merging.authorise_merge(session, actor, row, new)


def _authorise_exception(actor: Actor, row: SigningException, new: bool) -> None:
    session = object_session(row)
    if session is None or not second_person.here(session, {row.person_id, row.representative_id}):
        raise Forbidden("both are people of this municipality")
    merging.still_used(session, [row.person_id, row.representative_id])
    second_person.authorise_exception(session, actor, row, new)


def _authorise_decision(actor: Actor, row: CompetenceDecision, new: bool) -> None:
    session = object_session(row)
    if session is None or not second_person.here(session, {row.person_id}):
        raise Forbidden("a person of this municipality")
    merging.still_used(session, [row.person_id])
    second_person.authorise_decision(session, actor, row, new)


def _authorise_delivery(actor: Actor, row: Delivery, new: bool) -> None:
    """What is sent is the worker's to write; a letter or a call is noted by who followed up."""
    if not new and actor.roles & {_UNIT, _ADMIN}:
        return
    session = object_session(row)
    notice = session.get(OutboxMessage, row.message_id) if session else None
    if not new or notice is None or notice.plan_id is None or not row.channel.is_by_hand:
        raise Forbidden("deliveries are made by the worker")
    access = getattr(session, "access", lambda _: None)(notice.plan_id)
    if notice.person_id != row.person_id or not follows_up(access, notice.kind):
        raise Forbidden("who is reached is followed up by those who called")


def _authorise_agreement(actor: Actor, row: UserAgreement, new: bool) -> None:
    """What people have said yes to stays as they read it."""
    history = inspect(row).attrs.published_at.load_history()
    was = [*(history.deleted or ()), *(history.unchanged or ())]
    if not new and any(was):
        raise Forbidden("a published agreement is not changed")
    if row.published_at is not None and row.published_by_id != actor.person_id:
        raise Forbidden("nobody publishes in somebody else's name")


def _authorise_text(actor: Actor, row: ConsentText, new: bool) -> None:
    """What people are asked with stays as they read it."""
    history = inspect(row).attrs.approved_at.load_history()
    was = [*(history.deleted or ()), *(history.unchanged or ())]
    if not new and any(was):
        raise Forbidden("an approved text is not changed")
    if row.approved_at is not None and row.approved_by_id != actor.person_id:
        raise Forbidden("nobody approves in somebody else's name")


def _authorise_acceptance(actor: Actor, row: AgreementAcceptance, new: bool) -> None:
    session = object_session(row)
    agreement = session.get(UserAgreement, row.agreement_id) if session else None
    if agreement is None or agreement.published_at is None:
        raise Forbidden("only what is published here is accepted")


def _authorise_own_plan(actor: Actor, row: OwnPlan, new: bool) -> None:
    session: Any = object_session(row)
    seen = select(Plan.id).where(Plan.id == row.plan_id)
    if new and session.scalars(seen).first() is None:
        raise Forbidden("who cannot see a plan keeps nothing of it")


_MORE: dict[type[Any], Callable[[Actor, Any, bool], None]] = {
    Person: people.authorise_person,
    Account: _authorise_account,
    LoginSession: _authorise_login,
    Delivery: _authorise_delivery,
    Representation: people.authorise_representation,
    PlanRegister: _authorise_entry,
    Membership: _authorise_hat,
    Invitation: way_in.authorise_invitation,
    UserAgreement: _authorise_agreement,
    ConsentText: _authorise_text,
    AgreementAcceptance: _authorise_acceptance,
    RightsRequest: _authorise_request,
    PersonMerge: _authorise_merge,
    CoordinatorAppointment: appointing.authorise,
    SigningException: _authorise_exception,
    CompetenceDecision: _authorise_decision,
    **dict.fromkeys(case.WRITER, case.authorise),
    Nomination: naming.authorise,
    OwnPlan: _authorise_own_plan,
    CoordinatorProfile: coordinating.authorise_profile,
    Duty: duties.authorise,
    CourseSession: courses.authorise_session,
    CourseAttendance: courses.authorise_attendance,
}
