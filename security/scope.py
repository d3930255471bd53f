"""The SQL twin of READ (lesegrense), applied to every statement of a guarded session.

There is ONE loader criterion, on the mixin `Bound`, built at start-up. Who and when
are bound values read at execution, so that SQLAlchemy's statement cache holds and the
guard costs next to nothing however many classes there are.
Fails closed: without an actor nobody is person -1, and nothing is theirs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import LoaderCriteriaOption

from models.account import Account, LinkedIdentity, LoginSession, Membership
from models.attachment import Attachment
from models.audit import LOOK, AccessEvent
from models.base import (
    READABLE,
    READABLE_BY_BOTH,
    Bound,
    Criterion,
    Model,
    MunicipalityBound,
    PlanBound,
)
from models.begun_import import BegunImport
from models.case_letter import CaseLetterFile
from models.consent import Consent, ConsentLine, Grant, Hearing, Pause, Signature, SignatureAnswer
from models.coordinator import CoordinatorProfile
from models.course import CourseAttendance
from models.draft import Draft
from models.elements import elements
from models.elements.goal import Goal
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message, MessageRecipient
from models.elements.minutes import Attended, Minutes
from models.elements.presentation import Presentation
from models.evidence import SignatureProof, SignatureRecord
from models.history import ElementIndex, ElementVersion
from models.illustration import GoalPicture, Portrait
from models.meeting_time import MeetingTime, TimeAnswer
from models.nomination import Nomination
from models.notice_choice import NoticeChoice
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.own_plan import OwnPlan
from models.paper import PaperConsent
from models.people import Person
from models.plan import Participant, Plan
from models.plan_visit import PlanVisit
from models.receipt import Receipt, ReceiptCopy
from models.request import Request, RequestName
from models.second_factor import Authenticator, RecoveryCode, SignInCode
from models.user_agreement import AgreementAcceptance
from models.vocabulary import Level, PlanStatus, Scope
from security.acting import (
    CONFIRMS_IN,
    HERE,
    LEADS_IN,
    ME,
    MY_ACCOUNT,
    OF_THE_VIEWER,
    OFFICE_IN,
    STILL_WAITS,
)
from security.bypass import refuse_core
from security.case import WRITER
from security.element_scope import (
    bit_of,
    element_criterion,
    follows,
    part_open,
    shadow_criterion,
    unshielded,
    version_criterion,
)
from security.parties import is_party
from security.representing import word
from security.standing import Condition, coordinated, granted, own, represented

# The rest of the plan


def _team(plan_id: ColumnElement[int]) -> Condition:
    return or_(_involved(plan_id), granted(plan_id, g=Grant.__table__.alias("any_grant")))


def _involved(plan_id: ColumnElement[int]) -> Condition:
    return or_(_side(plan_id), coordinated(plan_id))


def _side(plan_id: ColumnElement[int]) -> Condition:
    return or_(own(plan_id), represented(plan_id))


def _grant(row: Any) -> Condition:
    """Those around the plan see all keys; who has one sees their own."""
    g = Grant.__table__.alias("any_of_mine")
    mine = and_(row.person_id == ME, granted(row.plan_id, g=g))
    return or_(_involved(row.plan_id), mine)


def _log(row: Any) -> Condition:
    plan = Plan.__table__.alias("looked_at")
    by_owner = exists().where(plan.c.id == row.plan_id, plan.c.person_id == row.person_id)
    own_look = and_(row.action == LOOK, by_owner)
    shown = and_(row.hidden_from_guardians.is_(False), ~own_look, represented(row.plan_id))
    unkept = or_(row.kept_by_id.is_(None), row.kept_by_id == ME)
    return and_(unkept, unshielded(row), or_(own(row.plan_id), shown))


def _paper(row: Any) -> Condition:
    """Those around the plan; and as long as it waits, who may be asked to compare it."""
    waits = and_(row.confirmed.is_(None), row.asked_at > STILL_WAITS, row.asked_by_id != ME)
    return or_(_involved(row.plan_id), and_(row.municipality_id == CONFIRMS_IN, waits))


def _draft(row: Any) -> Condition:
    """One's own, as long as the part it is for may be written in."""
    g = Grant.__table__.alias("g")
    by_grant = granted(row.plan_id, g.c.scope == row.scope, g.c.level != word(Level.READ), g=g)
    message = and_(row.scope == word(Scope.MESSAGES), coordinated(row.plan_id))
    shell = or_(message, coordinated(row.plan_id, PlanStatus.DRAFT))
    messages = and_(row.scope == word(Scope.MESSAGES), represented(row.plan_id))
    side = or_(own(row.plan_id), represented(row.plan_id, bit_of(row)), messages)
    in_a_part = and_(part_open(row), or_(side, by_grant, shell))
    of_the_consent = and_(row.scope.is_(None), _side(row.plan_id))
    return and_(row.person_id == ME, or_(in_a_part, of_the_consent))


# Municipality and account


def _here(row: Any) -> Condition:
    here: Condition = row.municipality_id == HERE
    return here


def _request(row: Any) -> Condition:
    """The coordinating unit's own, and there nobody's who is a party; no other role opens it."""
    return and_(row.municipality_id == OFFICE_IN, ~is_party(row, ME))


def _of_the_request(row: Any) -> Condition:
    asked = Request.__table__.alias("answered")
    return exists().where(asked.c.id == row.request_id, _request(asked.c)).correlate_except(asked)


def _nomination(row: Any) -> Condition:
    """The unit's that reads the request, and the leaders' of the department that is asked."""
    asked, me = Request.__table__.alias("asked_for"), Person.__table__.alias("leader")
    of_the_department = exists().where(me.c.id == ME, me.c.department_id == row.department_id)
    leads = and_(row.municipality_id == LEADS_IN, of_the_department.correlate_except(me))
    theirs = or_(row.municipality_id == OFFICE_IN, leads)
    no_party = exists().where(asked.c.id == row.request_id, ~is_party(asked.c, ME))
    return and_(theirs, no_party.correlate_except(asked))


def _attendance(row: Any) -> Condition:
    """Who was where is the coordinating unit's and the own leader's to know, and one's own."""
    return or_(_profile(row), row.person_id == ME)


def _profile(row: Any) -> Condition:
    """The unit's, and the leaders' of the department the person works in."""
    who, me = Person.__table__.alias("coordinates"), Person.__table__.alias("leads")
    same = exists().where(
        who.c.id == row.person_id, me.c.id == ME, me.c.department_id == who.c.department_id
    )
    leads = and_(row.municipality_id == LEADS_IN, same.correlate_except(who, me))
    return or_(row.municipality_id == OFFICE_IN, leads)


def _account(row: Any) -> Condition:
    m = Membership.__table__.alias("m")
    hats = select(m.c.account_id).where(m.c.municipality_id == HERE)
    return or_(row.id == MY_ACCOUNT, row.id.in_(hats))


def _mine(row: Any) -> Condition:
    mine: Condition = row.account_id == MY_ACCOUNT
    return mine


def _mine_here(row: Any) -> Condition:
    return and_(_mine(row), _here(row))


def fill() -> None:
    """Say, once and for every bound class, what is readable; the rest stays shut."""
    for cls in elements():
        READABLE[cls] = partial(element_criterion, cls)
    READABLE[ElementIndex], READABLE[ElementVersion] = shadow_criterion, version_criterion
    for with_it in (MessageRecipient, Attachment):
        READABLE[with_it] = partial(follows, Message, "message_id")
    READABLE[Portrait] = partial(follows, Presentation, "presentation_id")
    READABLE[GoalPicture] = partial(follows, Goal, "goal_id")
    for of_a_meeting in (Invitee, MeetingTime, TimeAnswer):
        READABLE[of_a_meeting] = partial(follows, Meeting, "meeting_id")
    READABLE[Attended] = partial(follows, Minutes, "minutes_id")
    READABLE[Plan] = lambda row: _team(row.id)
    READABLE[Participant] = lambda row: _team(row.plan_id)
    of_the_proposals = (Consent, ConsentLine, Signature, Pause, SignatureRecord, ReceiptCopy)
    for of_the_proposal in (*of_the_proposals, OutsideLine, OutsideGrant):
        READABLE[of_the_proposal] = lambda row: _involved(row.plan_id)
    READABLE[Grant] = _grant
    for of_the_side in (SignatureAnswer, OutsideAnswer, Hearing, SignatureProof, Receipt):
        READABLE[of_the_side] = lambda row: _side(row.plan_id)
    READABLE[AccessEvent], READABLE[Draft] = _log, _draft
    READABLE[PaperConsent] = _paper
    for mapper in Model.registry.mappers:
        if issubclass(mapper.class_, MunicipalityBound):
            READABLE[mapper.class_] = _here
    READABLE[Request] = _request
    READABLE[Nomination] = _nomination
    READABLE[CoordinatorProfile] = _profile
    of_requests: tuple[type[Any], ...] = (*WRITER, CaseLetterFile, RequestName)
    for of_the_request in of_requests:
        READABLE[of_the_request] = _of_the_request
    READABLE[CourseAttendance] = _attendance
    READABLE[Account] = _account
    mine = (LoginSession, LinkedIdentity, NoticeChoice, AgreementAcceptance, PlanVisit, OwnPlan)
    for of_mine in (*mine, SignInCode, Authenticator, RecoveryCode):
        READABLE[of_mine] = _mine
    READABLE[BegunImport] = _mine_here
    for cls, criterion in READABLE.items():
        in_a_plan = issubclass(cls, PlanBound)  # the rest is open to an account or a municipality
        READABLE_BY_BOTH[cls] = partial(by_both, criterion) if in_a_plan else criterion


def by_both(criterion: Criterion, row: Any) -> Condition:
    """Rows open to the participant a plan is seen as, and to who really looks."""
    theirs = criterion(row)
    token = OF_THE_VIEWER.set(True)
    try:
        return and_(theirs, criterion(row))
    finally:
        OF_THE_VIEWER.reset(token)


fill()


class _Scoped(LoaderCriteriaOption):
    """`with_loader_criteria` that also looks for ways round, once per shape of statement:
    SQLAlchemy processes options when it compiles, and caches what it compiled."""

    _traverse_internals = LoaderCriteriaOption._traverse_internals  # keep it cacheable

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.known: dict[Any, ColumnElement[bool]] = {}

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        """Of a class the same in every statement: to build and copy it anew is most of what a
        statement takes to compile, and of what it takes to remember."""
        if ext_info.is_aliased_class:
            return super()._resolve_where_criteria(ext_info)
        if ext_info not in self.known:
            self.known[ext_info] = super()._resolve_where_criteria(ext_info)
        return self.known[ext_info]

    def process_compile_state(self, compile_state: Any) -> None:
        refuse_core(compile_state.select_statement)
        super().process_compile_state(compile_state)


SCOPED = _Scoped(
    Bound, lambda cls: cls.readable(), include_aliases=True, track_closure_variables=False
)
SCOPED_BY_BOTH = _Scoped(
    Bound, lambda cls: cls.readable_by_both(), include_aliases=True, track_closure_variables=False
)
