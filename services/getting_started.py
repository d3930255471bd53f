"""The first steps of a new plan (kom i gang): which are done, seen from the rows themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal, or_, select

from models.clock import today, utcnow
from models.consent import Consent
from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.evaluation import Evaluation
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.elements.presentation import Presentation
from models.own_plan import OwnPlan
from models.people import Representation
from models.plan import Participant, Plan
from models.vocabulary import ConsentStatus, Package
from security import representing
from security.session import GuardedSession

NEW_FOR = timedelta(days=90)
"""How long a plan is new."""


class Step(StrEnum):
    """In the order they are usually taken."""

    WHO_DECIDES = "who_decides"
    OWN_WORDS = "own_words"
    PROPOSE = "propose"
    CONSENT = "consent"
    TASKS = "tasks"
    MEETING = "meeting"
    EVALUATION = "evaluation"


_ONLY_WITH: dict[Step, type[PlanElement]] = {
    Step.OWN_WORDS: Presentation,
    Step.EVALUATION: Evaluation,
}


class Progress(NamedTuple):
    """The steps of a plan of its type, with whether each is done; and whether the acting person
    wants no more help with them."""

    steps: Sequence[tuple[Step, bool]]
    hidden: bool

    @property
    def done(self) -> int:
        return sum(done for _, done in self.steps)

    @property
    def is_shown(self) -> bool:
        return not self.hidden and self.done < len(self.steps)


def progress(session: GuardedSession, plan: Plan) -> Progress:
    """How far a plan has come, in one question. What the acting person may not read is not
    counted: the owner's words are seen when the consent is signed."""
    row = (
        session.execute(
            select(
                _decided(plan).label(Step.WHO_DECIDES),
                _there(Presentation, plan).label(Step.OWN_WORDS),
                _proposed(plan).label(Step.PROPOSE),
                _asked(plan).label(Step.CONSENT),
                or_(_there(Goal, plan), _there(Activity, plan)).label(Step.TASKS),
                _there(Meeting, plan).label(Step.MEETING),
                literal(plan.next_evaluation is not None).label(Step.EVALUATION),
                _hidden(plan).label("hidden"),
            )
        )
        .one()
        ._mapping
    )
    types = {step: cls.element.types for step, cls in _ONLY_WITH.items()}
    here = [step for step in Step if plan.type in types.get(step, (plan.type,))]
    return Progress([(step, bool(row[step])) for step in here], bool(row["hidden"]))


def is_hidden(session: GuardedSession, plan: Plan) -> bool:
    """Whether the acting person wants no more help to get started here."""
    return bool(session.scalar(select(_hidden(plan))))


def _hidden(plan: Plan) -> ColumnElement[bool]:
    mine = select(OwnPlan.id).where(OwnPlan.plan_id == plan.id)
    return mine.where(OwnPlan.steps_hidden_at.is_not(None)).exists()


def _there(cls: Any, plan: Plan) -> ColumnElement[bool]:
    return select(cls.id).where(cls.plan_id == plan.id, cls.removed_at.is_(None)).exists()


def _decided(plan: Plan) -> ColumnElement[bool]:
    """Whether somebody decides: one who acts for the owner and is checked, or the owner."""
    r, now, day = Representation, utcnow(), today()
    acts = select(r.id).join(Plan, Plan.person_id == r.person_id)
    signs = acts.where(Plan.id == plan.id, representing.signs(r, Plan, now, day)).exists()
    return or_(signs, literal(plan.owner_decides_from <= day))


def _proposed(plan: Plan) -> ColumnElement[bool]:
    """Whether somebody else than the coordinator is to take part."""
    p = Participant
    others = (p.package.is_not(None), p.package != Package.COORDINATOR)
    return select(p.id).where(p.plan_id == plan.id, *others).exists()


def _asked(plan: Plan) -> ColumnElement[bool]:
    sent = Consent.status.in_((ConsentStatus.SENT, ConsentStatus.SIGNED))
    return select(Consent.id).where(Consent.plan_id == plan.id, sent).exists()
