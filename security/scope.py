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
    FromClause,
    Integer,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import LoaderCriteriaOption

from models.account import Account, LinkedIdentity, LoginSession, Membership
from models.attachment import Attachment
from models.audit import LOOK, AccessEvent
from models.base import (
    EVERYTHING,
    READABLE,
    READABLE_BY_BOTH,
    Bound,
    Criterion,
    Model,
    MunicipalityBound,
    PlanBound,
)
from models.consent import Consent, ConsentLine, Grant, Hearing, Pause, Signature, SignatureAnswer
from models.draft import Draft
from models.elements import PlanElement, Readers, elements
from models.elements.goal import Goal
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message, MessageRecipient
from models.elements.minutes import Attended, Minutes
from models.elements.presentation import Presentation
from models.evidence import SignatureProof, SignatureRecord
from models.history import ElementIndex, ElementVersion
from models.illustration import GoalPicture, Portrait
from models.meeting_time import MeetingTime, TimeAnswer
from models.municipality import Municipality
from models.notice_choice import NoticeChoice
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.own_plan import OwnPlan
from models.paper import PaperConsent
from models.people import CoordinatorAppointment, Representation, holds_on
from models.plan import Participant, Plan
from models.plan_visit import PlanVisit
from models.receipt import Receipt, ReceiptCopy
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.second_factor import Authenticator, RecoveryCode, SignInCode
from models.user_agreement import AgreementAcceptance
from models.vocabulary import Circle, Level, PlanStatus, Scope
from security.acting import (
    CONFIRMS_IN,
    HERE,
    ME,
    MY_ACCOUNT,
    NOW,
    OF_THE_VIEWER,
    PARTS,
    STILL_WAITS,
    TODAY,
)
from security.bypass import refuse_core
from security.representing import reads, word

Condition = ColumnElement[bool]


# Who somebody is in a plan


def _own(plan_id: ColumnElement[int]) -> Condition:
    plan = Plan.__table__.alias("own_plan")
    return plan_id.in_(select(plan.c.id).where(plan.c.person_id == ME))


def _represented(plan_id: ColumnElement[int], bit: Any = None) -> Condition:
    """bit: that of a part, which a youth who decides alone may have shut to parents."""
    plan, r = Plan.__table__.alias("their_plan"), Representation.__table__.alias("r")
    mine = and_(
        r.c.person_id == plan.c.person_id,
        r.c.representative_id == ME,
        reads(r.c, plan.c, NOW, TODAY),
    )
    theirs = select(plan.c.id).join_from(plan, r, mine)
    if bit is not None:
        town = Municipality.__table__.alias("their_town")
        open_ = town.c.parts_until_18.op("&")(bit) != literal_column("0")
        kinds = (r.c.capacity != word(kind) for kind in sorted(UNTIL_THE_OWNER_DECIDES))
        unlimited = or_(and_(*kinds), plan.c.owner_decides_from > TODAY, open_)
        theirs = theirs.join(town, town.c.id == plan.c.municipality_id).where(unlimited)
    return plan_id.in_(theirs)


def _coordinated(plan_id: ColumnElement[int], status: PlanStatus | None = None) -> Condition:
    plan = Plan.__table__.alias("coordinated_plan")
    a = CoordinatorAppointment.__table__.alias("a")
    appointed = and_(
        a.c.person_id == plan.c.person_id,
        a.c.coordinator_id == ME,
        holds_on(a.c, TODAY),
        true() if status is None else plan.c.status == word(status),
    )
    return plan_id.in_(select(plan.c.id).join_from(plan, a, appointed))


def _granted(plan_id: ColumnElement[int], *more: Condition, g: FromClause) -> Condition:
    live = and_(
        g.c.person_id == ME,
        g.c.starts_at <= NOW,
        g.c.ends_at > NOW,
        g.c.revoked_at.is_(None),
    )
    return plan_id.in_(select(g.c.plan_id).where(live, *more))


# Elements


def element_criterion(cls: type[PlanElement], row: Any) -> Condition:
    """Rows of one element: owner, representative, grant that covers the row, own draft."""
    scope, named = cls.element.scope, _is_named(cls, row)
    circle = getattr(row, "circle", None)
    in_it = None if named is None else or_(row.author_id == ME, named)
    return and_(_open(scope), _content(row, word(scope), _bit(scope), circle, named, in_it))


def _open(scope: Scope) -> Condition:
    """Whether the part is open to the way the actor has signed in."""
    opened: Condition = PARTS.op("&")(_bit(scope)) != literal_column("0")
    return opened


def _bit(scope: Scope) -> Any:
    return literal_column(str(1 << list(Scope).index(scope)))


def _bit_of(row: Any) -> Any:
    """The same, of a row that says which part it is in."""
    bits = ((row.scope == word(scope), _bit(scope)) for scope in Scope)
    return case(*bits, else_=literal_column("0"))


def _part_open(row: Any) -> Condition:
    """The same, of a row that says which part it is in."""
    return or_(*(and_(row.scope == word(scope), _open(scope)) for scope in Scope))


def _named(cls: type[PlanElement], row: Any) -> Condition | None:
    """Rows that name the actor as a reader; None for an element that is for everybody."""
    if cls.audience is None:
        return None
    to = cls.audience.table.__table__.alias("addressed")
    mine = select(to.c[cls.audience.key]).where(to.c.person_id == ME)
    named: Condition = getattr(row, cls.audience.column).in_(mine)
    return _when_open(cls.audience, row, named)


def _when_open(audience: Readers, row: Any, named: Condition) -> Condition:
    """Those named read it from its moment on; those who write it, all the time."""
    if not audience.opens:
        return named
    assert audience.written_in is not None
    w = audience.written_in.__table__.alias("written_in")
    of_it = w.c.id == getattr(row, audience.column)
    writes = exists().where(of_it, or_(*(w.c[name] == ME for name in audience.writers)))
    return or_(and_(getattr(row, audience.opens) <= NOW, named), writes.correlate_except(w))


def _is_named(cls: type[PlanElement], row: Any) -> Condition | None:
    """The same of a row at hand: one look-up, however many name the actor."""
    if cls.audience is None:
        return None
    to = cls.audience.table.__table__.alias("addressed")
    of_it = to.c[cls.audience.key] == getattr(row, cls.audience.column)
    named = exists().where(of_it, to.c.person_id == ME).correlate_except(to)
    return _when_open(cls.audience, row, named)


def _content(
    row: Any,
    scope: Any,
    bit: Any,
    circle: Any,
    named: Condition | None,
    in_it: Condition | None,
) -> Condition:
    """in_it: rows addressed to some, of whom the actor is one, or wrote it: those are read in a
    part that is shut to parents too."""
    g = Grant.__table__.alias("g")
    areas = type_coerce(g.c.life_areas, Integer)
    covers = and_(
        g.c.scope == scope,
        or_(
            areas == literal_column(str(EVERYTHING)),
            areas.op("&")(type_coerce(row.life_areas, Integer)) != literal_column("0"),
        ),
        g.c.since <= row.created_at,
    )
    mine, shown = row.author_id == ME, row.hidden_from_guardians.is_(False)
    acts = _represented(row.plan_id, bit)
    if in_it is not None:
        acts = or_(acts, and_(_represented(row.plan_id), in_it))
    side = or_(_own(row.plan_id), and_(shown, acts))
    by_grant = _granted(row.plan_id, covers, g=g)
    draft = and_(mine, _coordinated(row.plan_id, PlanStatus.DRAFT))
    if named is None:
        return and_(_unshielded(row), or_(side, by_grant, draft))
    leads = _coordinated(row.plan_id)
    if circle is None:
        named_or_mine = and_(by_grant, or_(mine, named, leads))
        return and_(_unshielded(row), or_(side, named_or_mine, draft))
    open_ = func.coalesce(circle, Circle.CHOSEN.value) != Circle.COORDINATOR_ONLY.value
    return and_(
        _unshielded(row),
        or_(
            and_(side, or_(open_, mine)),
            and_(by_grant, or_(mine, leads, and_(open_, named))),
            draft,
            and_(circle == Circle.OWNERS_SIDE, leads),
        ),
    )


def _unshielded(row: Any) -> Condition:
    """The twin of `is_shielded`."""
    shut: Condition = row.shielded_from_id == ME
    return or_(row.shielded_from_id.is_(None), ~shut)


def shadow_criterion(row: Any) -> Condition:
    """Rows of the index: as open as the row they follow, whose marks they carry."""
    for_all = and_(*(row.key != cls.element.key for cls in elements() if cls.audience))
    named = []
    for cls in elements():
        if cls.audience:
            source = cls.__table__.alias(f"of_{cls.element.key}")
            rows = select(source.c.id).where(_named(cls, source.c))  # type: ignore[arg-type]
            named.append(and_(row.key == cls.element.key, row.row_id.in_(rows)))
    in_it = or_(and_(~for_all, row.author_id == ME), *named)
    readers = or_(for_all, *named)
    open_ = _content(row, row.scope, _bit_of(row), row.circle, readers, in_it)
    return and_(_part_open(row), open_)


def version_criterion(row: Any) -> Condition:
    """What a row was is as open as what it is now: written before it was hidden, or moved
    to another life area, it is shut with the row. (Versions are never rewritten.)"""
    return or_(*(_follows(cls, "row_id", row) & (row.key == cls.element.key) for cls in elements()))


def _follows(table: type[PlanElement], key: str, row: Any) -> Condition:
    """As open as the element the row points at (a recipient, an invitee)."""
    target = table.__table__.alias("followed")
    of_it = (target.c.id == getattr(row, key), element_criterion(table, target.c))
    return exists().where(*of_it).correlate_except(target)


# The rest of the plan


def _team(plan_id: ColumnElement[int]) -> Condition:
    return or_(_involved(plan_id), _granted(plan_id, g=Grant.__table__.alias("any_grant")))


def _involved(plan_id: ColumnElement[int]) -> Condition:
    return or_(_side(plan_id), _coordinated(plan_id))


def _side(plan_id: ColumnElement[int]) -> Condition:
    return or_(_own(plan_id), _represented(plan_id))


def _grant(row: Any) -> Condition:
    """Those around the plan see all keys; who has one sees their own."""
    g = Grant.__table__.alias("any_of_mine")
    own = and_(row.person_id == ME, _granted(row.plan_id, g=g))
    return or_(_involved(row.plan_id), own)


def _log(row: Any) -> Condition:
    plan = Plan.__table__.alias("looked_at")
    by_owner = exists().where(plan.c.id == row.plan_id, plan.c.person_id == row.person_id)
    own_look = and_(row.action == LOOK, by_owner)
    shown = and_(row.hidden_from_guardians.is_(False), ~own_look, _represented(row.plan_id))
    unkept = or_(row.kept_by_id.is_(None), row.kept_by_id == ME)
    return and_(unkept, _unshielded(row), or_(_own(row.plan_id), shown))


def _paper(row: Any) -> Condition:
    """Those around the plan; and as long as it waits, who may be asked to compare it."""
    waits = and_(row.confirmed.is_(None), row.asked_at > STILL_WAITS, row.asked_by_id != ME)
    return or_(_involved(row.plan_id), and_(row.municipality_id == CONFIRMS_IN, waits))


def _draft(row: Any) -> Condition:
    """One's own, as long as the part it is for may be written in."""
    g = Grant.__table__.alias("g")
    by_grant = _granted(row.plan_id, g.c.scope == row.scope, g.c.level != word(Level.READ), g=g)
    message = and_(row.scope == word(Scope.MESSAGES), _coordinated(row.plan_id))
    shell = or_(message, _coordinated(row.plan_id, PlanStatus.DRAFT))
    messages = and_(row.scope == word(Scope.MESSAGES), _represented(row.plan_id))
    side = or_(_own(row.plan_id), _represented(row.plan_id, _bit_of(row)), messages)
    in_a_part = and_(_part_open(row), or_(side, by_grant, shell))
    of_the_consent = and_(row.scope.is_(None), _side(row.plan_id))
    return and_(row.person_id == ME, or_(in_a_part, of_the_consent))


# Municipality and account


def _here(row: Any) -> Condition:
    here: Condition = row.municipality_id == HERE
    return here


def _account(row: Any) -> Condition:
    m = Membership.__table__.alias("m")
    hats = select(m.c.account_id).where(m.c.municipality_id == HERE)
    return or_(row.id == MY_ACCOUNT, row.id.in_(hats))


def _mine(row: Any) -> Condition:
    mine: Condition = row.account_id == MY_ACCOUNT
    return mine


def fill() -> None:
    """Say, once and for every bound class, what is readable; the rest stays shut."""
    for cls in elements():
        READABLE[cls] = partial(element_criterion, cls)
    READABLE[ElementIndex], READABLE[ElementVersion] = shadow_criterion, version_criterion
    for with_it in (MessageRecipient, Attachment):
        READABLE[with_it] = partial(_follows, Message, "message_id")
    READABLE[Portrait] = partial(_follows, Presentation, "presentation_id")
    READABLE[GoalPicture] = partial(_follows, Goal, "goal_id")
    for of_a_meeting in (Invitee, MeetingTime, TimeAnswer):
        READABLE[of_a_meeting] = partial(_follows, Meeting, "meeting_id")
    READABLE[Attended] = partial(_follows, Minutes, "minutes_id")
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
    READABLE[Account] = _account
    mine = (LoginSession, LinkedIdentity, NoticeChoice, AgreementAcceptance, PlanVisit, OwnPlan)
    for own in (*mine, SignInCode, Authenticator, RecoveryCode):
        READABLE[own] = _mine
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

    def process_compile_state(self, compile_state: Any) -> None:
        refuse_core(compile_state.select_statement)
        super().process_compile_state(compile_state)


SCOPED = _Scoped(
    Bound, lambda cls: cls.readable(), include_aliases=True, track_closure_variables=False
)
SCOPED_BY_BOTH = _Scoped(
    Bound, lambda cls: cls.readable_by_both(), include_aliases=True, track_closure_variables=False
)
