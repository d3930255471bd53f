"""What an individual plan must have in it (dei ni punkta i forskrifta), and what it has.

The list is that of forskrift om habilitering, rehabilitering og koordinator, § 19. Counted from
the plan's own rows, as far as the one who asks may read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from models.clock import today
from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.background import Background
from models.elements.contact import Contact
from models.elements.expectation import Expectation
from models.elements.goal import Goal
from models.elements.presentation import Presentation
from models.outside import OutsideGrant
from models.plan import Participant, Plan
from models.vocabulary import ActivityStatus, Package, ParticipantStatus, PlanType, Scope
from security.acting import NOW, THE_PLAN

OPEN = tuple(status for status in ActivityStatus if not status.is_finished)


class Item(StrEnum):
    """The nine, in the order of the regulation."""

    NEEDS = "needs"
    PEOPLE = "people"
    COORDINATOR = "coordinator"
    SHARES = "shares"
    MEASURES = "measures"
    HOW = "how"
    PERIOD = "period"
    CONSENT = "consent"
    OTHERS = "others"


READ_IN: dict[Item, frozenset[Scope]] = {
    Item.NEEDS: frozenset({Scope.GOALS, Scope.BACKGROUND, Scope.PRESENTATION}),
    Item.SHARES: frozenset({Scope.CONTACTS}),
    Item.MEASURES: frozenset({Scope.GOALS}),
    Item.HOW: frozenset({Scope.GOALS}),
    Item.OTHERS: frozenset({Scope.CONTACTS}),
}
"""The parts one must read to say whether the item is there."""


def asked_of(plan: Plan) -> bool:
    """Whether the regulation speaks of such a plan."""
    return plan.type is PlanType.INDIVIDUAL_PLAN and plan.status.is_open


def columns() -> Iterator[ColumnElement[bool]]:
    """What is asked of the database about THE_PLAN, each under its name."""
    b, a, p, x = Background, Activity, Presentation, Expectation
    measure = (a.goal_id.is_not(None), a.status.in_(OPEN))
    whose = and_(a.extent.is_not(None), or_(a.responsible_id.is_not(None), a.service.is_not(None)))
    yield _there(Goal).label("goals")
    yield or_(_there(b, b.resources.is_not(None)), _there(p, p.strengths.is_not(None))).label(
        "strengths"
    )
    yield or_(_there(b, b.functioning.is_not(None)), _there(p, p.help.is_not(None))).label("needs")
    takes_part = select(Participant.id).where(
        Participant.plan_id == THE_PLAN,
        Participant.package.is_not(None),
        Participant.package != Package.COORDINATOR,
        Participant.status == ParticipantStatus.ACTIVE,
    )
    yield takes_part.exists().label("people")
    yield _there(x).label("shares")
    yield _there(a, *measure).label("measures")
    yield _there(a, *measure, ~whose).label("measures_bare")
    yield _there(a, *measure, a.how.is_(None)).label("measures_without_how")
    o = OutsideGrant
    outside = select(o.id).where(
        o.plan_id == THE_PLAN, o.revoked_at.is_(None), o.starts_at <= NOW, o.ends_at > NOW
    )
    yield or_(_there(Contact), outside.exists()).label("others")


def filled(row: Any, plan: Plan, *, in_force: bool) -> set[Item]:
    """Those of the nine that the plan has. row: what the columns above said.

    in_force: whether a consent is. Asked by a coordinator, so that there is one.
    """
    has = {
        Item.NEEDS: row.goals and row.strengths and row.needs,
        Item.PEOPLE: row.people,
        Item.COORDINATOR: True,
        Item.SHARES: row.shares,
        Item.MEASURES: row.measures and not row.measures_bare,
        Item.HOW: row.measures and not row.measures_without_how,
        Item.PERIOD: plan.next_evaluation is not None and plan.next_evaluation >= today(),
        Item.CONSENT: in_force,
        Item.OTHERS: row.others,
    }
    return {item for item, there in has.items() if there}


def _there(cls: type[PlanElement], *more: ColumnElement[bool]) -> Any:
    here = select(cls.id).where(cls.plan_id == THE_PLAN, cls.removed_at.is_(None), *more)
    return here.exists()
