"""The SQL twin of READ (lesegrense), applied to every statement of a guarded session.

There is ONE loader criterion, on the mixin `Bound`, built at start-up. Who and when
are bound values read at execution, so that SQLAlchemy's statement cache holds and the
guard costs next to nothing however many classes there are.
Fails closed: without an actor nobody is person -1, and nothing is theirs.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    String,
    and_,
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
from models.consent import Consent, ConsentLine, Grant, Hearing, Signature, SignatureAnswer
from models.draft import Draft
from models.elements import PlanElement, elements
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message, MessageRecipient
from models.history import ElementIndex, ElementVersion
from models.notice_choice import NoticeChoice
from models.people import CoordinatorAppointment, Representation, holds_on
from models.plan import Participant, Plan
from models.second_factor import Authenticator, RecoveryCode, SignInCode
from models.user_agreement import AgreementAcceptance
from models.vocabulary import OF_A_CHILD, Capacity, Circle, Level, PlanStatus, Scope
from security.acting import HERE, ME, MY_ACCOUNT, NOW, OF_THE_VIEWER, PARTS, TODAY
from security.bypass import refuse_core

Condition = ColumnElement[bool]


def _word(constant: StrEnum) -> Any:
    """A constant of ours, written out: a bound one is prepared anew at every execution,
    and an IN over bound ones has its SQL put together anew too."""
    return literal_column(f"'{constant.value}'", type_=String())


# Who somebody is in a plan


def _own(plan_id: ColumnElement[int]) -> Condition:
    plan = Plan.__table__.alias("own_plan")
    return plan_id.in_(select(plan.c.id).where(plan.c.person_id == ME))


def _represented(plan_id: ColumnElement[int]) -> Condition:
    plan, r = Plan.__table__.alias("their_plan"), Representation.__table__.alias("r")
    until_18 = or_(
        and_(*(r.c.capacity != _word(capacity) for capacity in sorted(OF_A_CHILD))),
        plan.c.guardian_until > TODAY,
    )
    mine = and_(
        r.c.person_id == plan.c.person_id,
        r.c.representative_id == ME,
        r.c.capacity != _word(Capacity.PARENT_INFORMED),
        r.c.verified_at.is_not(None),
        r.c.starts_at <= NOW,
        or_(r.c.ends_at.is_(None), r.c.ends_at > NOW),
        until_18,
    )
    return plan_id.in_(select(plan.c.id).join_from(plan, r, mine))


def _coordinated(plan_id: ColumnElement[int], status: PlanStatus | None = None) -> Condition:
    plan = Plan.__table__.alias("coordinated_plan")
    a = CoordinatorAppointment.__table__.alias("a")
    appointed = and_(
        a.c.person_id == plan.c.person_id,
        a.c.coordinator_id == ME,
        holds_on(a.c, TODAY),
        true() if status is None else plan.c.status == _word(status),
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
    scope, named = cls.element.scope, _named(cls, row)
    return and_(_open(scope), _content(row, _word(scope), getattr(row, "circle", None), named))


def _open(scope: Scope) -> Condition:
    """Whether the part is open to the way the actor has signed in."""
    bit: Any = literal_column(str(1 << list(Scope).index(scope)))
    opened: Condition = PARTS.op("&")(bit) != literal_column("0")
    return opened


def _part_open(row: Any) -> Condition:
    """The same, of a row that says which part it is in."""
    return or_(*(and_(row.scope == _word(scope), _open(scope)) for scope in Scope))


def _named(cls: type[PlanElement], row: Any) -> Condition | None:
    """Rows that name the actor as a reader; None for an element that is for everybody."""
    if cls.audience is None:
        return None
    to = cls.audience.table.__table__.alias("addressed")
    mine = select(to.c[cls.audience.key]).where(to.c.person_id == ME)
    named: Condition = getattr(row, cls.audience.column).in_(mine)
    return named


def _content(row: Any, scope: Any, circle: Any, named: Condition | None) -> Condition:
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
    side = or_(_own(row.plan_id), and_(shown, _represented(row.plan_id)))
    by_grant = _granted(row.plan_id, covers, g=g)
    draft = and_(mine, _coordinated(row.plan_id, PlanStatus.DRAFT))
    if named is None:
        return or_(side, by_grant, draft)
    leads = _coordinated(row.plan_id)
    if circle is None:
        return or_(side, and_(by_grant, or_(mine, named, leads)), draft)
    open_ = func.coalesce(circle, Circle.CHOSEN.value) != Circle.COORDINATOR_ONLY.value
    return or_(
        and_(side, or_(open_, mine)),
        and_(by_grant, or_(mine, leads, and_(open_, named))),
        draft,
        and_(circle == Circle.OWNERS_SIDE, leads),
    )


def shadow_criterion(row: Any) -> Condition:
    """Rows of the index: as open as the row they follow, whose marks they carry."""
    named = [and_(*(row.key != cls.element.key for cls in elements() if cls.audience))]
    for cls in elements():
        if cls.audience:
            source = cls.__table__.alias(f"of_{cls.element.key}")
            rows = select(source.c.id).where(_named(cls, source.c))  # type: ignore[arg-type]
            named.append(and_(row.key == cls.element.key, row.row_id.in_(rows)))
    return and_(_part_open(row), _content(row, row.scope, row.circle, or_(*named)))


def version_criterion(row: Any) -> Condition:
    """What a row was is as open as what it is now: written before it was hidden, or moved
    to another life area, it is shut with the row. (Versions are never rewritten.)"""
    return or_(*(_follows(cls, "row_id", row) & (row.key == cls.element.key) for cls in elements()))


def _follows(table: type[PlanElement], key: str, row: Any) -> Condition:
    """As open as the element the row points at (a recipient, an invitee)."""
    target = table.__table__.alias("followed")
    among: Condition = getattr(row, key).in_(
        select(target.c.id).where(element_criterion(table, target.c))
    )
    return among


# The rest of the plan


def _team(plan_id: ColumnElement[int]) -> Condition:
    return or_(_involved(plan_id), _granted(plan_id, g=Grant.__table__.alias("any_grant")))


def _involved(plan_id: ColumnElement[int]) -> Condition:
    return or_(_side(plan_id), _coordinated(plan_id))


def _side(plan_id: ColumnElement[int]) -> Condition:
    return or_(_own(plan_id), _represented(plan_id))


def _log(row: Any) -> Condition:
    plan = Plan.__table__.alias("looked_at")
    by_owner = exists().where(plan.c.id == row.plan_id, plan.c.person_id == row.person_id)
    own_look = and_(row.action == LOOK, by_owner)
    shown = and_(row.hidden_from_guardians.is_(False), ~own_look, _represented(row.plan_id))
    return or_(_own(row.plan_id), shown)


def _draft(row: Any) -> Condition:
    """One's own, as long as the part it is for may be written in."""
    g = Grant.__table__.alias("g")
    by_grant = _granted(row.plan_id, g.c.scope == row.scope, g.c.level != _word(Level.READ), g=g)
    message = and_(row.scope == _word(Scope.MESSAGES), _coordinated(row.plan_id))
    shell = or_(message, _coordinated(row.plan_id, PlanStatus.DRAFT))
    side = _side(row.plan_id)
    in_a_part = and_(_part_open(row), or_(side, by_grant, shell))
    return and_(row.person_id == ME, or_(in_a_part, and_(row.scope.is_(None), side)))


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
    READABLE[MessageRecipient] = partial(_follows, Message, "message_id")
    READABLE[Invitee] = partial(_follows, Meeting, "meeting_id")
    READABLE[Plan] = lambda row: _team(row.id)
    READABLE[Participant] = lambda row: _team(row.plan_id)
    for of_the_proposal in (Consent, ConsentLine, Signature, Grant):
        READABLE[of_the_proposal] = lambda row: _involved(row.plan_id)
    for of_the_side in (SignatureAnswer, Hearing):
        READABLE[of_the_side] = lambda row: _side(row.plan_id)
    READABLE[AccessEvent], READABLE[Draft] = _log, _draft
    for mapper in Model.registry.mappers:
        if issubclass(mapper.class_, MunicipalityBound):
            READABLE[mapper.class_] = _here
    READABLE[Account] = _account
    mine = (LoginSession, LinkedIdentity, NoticeChoice, AgreementAcceptance)
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
