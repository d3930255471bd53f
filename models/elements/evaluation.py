"""The half-yearly evaluation (evaluering): voices, results per goal, conclusion."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.elements._declare import Element, PlanElement, field
from models.elements._related import related
from models.elements.goal import Goal
from models.i18n import N_
from models.vocabulary import Continuation, Face, GoalResult, Level, PlanType, Scope

_IN_PLANS = frozenset({PlanType.INDIVIDUAL_PLAN, PlanType.RELAY_LOG})


class Evaluation(PlanElement):
    """One evaluation of the plan (evaluering), at least each half year; locked when finished.

    Forskrift om habilitering, rehabilitering og koordinator § 19. FHIR: Observation.
    """

    __tablename__ = "evaluation"
    element = Element(
        key="evaluation",
        label=N_("Evaluation"),
        plural=N_("Evaluations"),
        scope=Scope.EVALUATION,
        fhir="Observation",
        order=70,
        types=_IN_PLANS,
        pages=frozenset({"list"}),
        room="EvaluationRoom.page",
        start="EvaluationRoom.start",
        add_text=N_("Start an evaluation"),
        add_level=Level.WRITE,
    )

    held_on: Mapped[date] = field(label=N_("Date"), fhir="effectiveDateTime")
    conclusion: Mapped[str | None] = field(Text, label=N_("Conclusion"), fhir="note")
    continuation: Mapped[Continuation | None] = field(label=N_("The plan from here"))
    next_on: Mapped[date | None] = field(label=N_("Next evaluation"))

    def title(self) -> str:
        return f"{self.held_on:%d.%m.%Y}"


class EvaluationAnswer(PlanElement):
    """What one person answers to one question (svar), the owner's before the others'."""

    __tablename__ = "evaluation_answer"
    element = Element(
        key="evaluation_answer",
        label=N_("Answer"),
        plural=N_("Answers"),
        scope=Scope.EVALUATION,
        fhir="Observation.component",
        order=71,
        types=_IN_PLANS,
        pages=frozenset(),
        menu=False,
    )

    words: Mapped[str | None] = field(Text, label=N_("In your own words"))
    face: Mapped[Face | None] = field(label=N_("How it goes"))
    question_id: Mapped[int] = mapped_column(ForeignKey("evaluation_question.id"))
    question: Mapped[str] = mapped_column(String(200))
    evaluation_id: Mapped[int] = mapped_column(index=True)
    evaluation: Mapped[Evaluation] = related(
        Evaluation, "evaluation_id", label=N_("Evaluation"), marks=True
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        one_each = UniqueConstraint("evaluation_id", "question_id", "author_id")
        return (*super().constraints(), one_each)

    def title(self) -> str:
        return self.question


class GoalOutcome(PlanElement):
    """How far one goal has come (resultat), as the team agrees in the meeting."""

    __tablename__ = "goal_outcome"
    element = Element(
        key="goal_outcome",
        label=N_("Result"),
        plural=N_("Results"),
        scope=Scope.EVALUATION,
        fhir="Goal.achievementStatus",
        order=72,
        types=_IN_PLANS,
        pages=frozenset(),
        menu=False,
        add_level=Level.WRITE,
    )

    result: Mapped[GoalResult] = field(label=N_("Result"))
    note: Mapped[str | None] = field(Text, label=N_("What we do now"))
    evaluation_id: Mapped[int] = mapped_column(index=True)
    evaluation: Mapped[Evaluation] = related(Evaluation, "evaluation_id", label=N_("Evaluation"))
    goal_id: Mapped[int]
    goal: Mapped[Goal] = related(Goal, "goal_id", label=N_("Goal"), marks=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (*super().constraints(), UniqueConstraint("evaluation_id", "goal_id"))
