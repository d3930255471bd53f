"""The evaluation (evaluering): each one's voice, the owner's first, and the conclusion."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, url_for
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from models.clock import months_later, today
from models.elements.evaluation import Evaluation, EvaluationAnswer, GoalOutcome
from models.municipality import EvaluationQuestion
from models.people import Person
from models.plan import Participant
from models.vocabulary import Continuation, Face, GoalResult, Level, Package, PlanType, Scope
from security.policy import Forbidden
from services.evaluation import (
    Outcome,
    Said,
    answer,
    finish,
    open_goals,
    own_answers,
    questions,
    start,
)
from services.packages import EVALUATED_WITHIN
from views.choices import FacesField, OneField, WordsField
from views.fields import LONGEST_TEXT, DayField, label_about, storable, stripped
from views.forms import Form, OnceForm
from views.once import once
from views.plan.hiding import hiding_address
from views.realm import PlanPage, needs, see_other
from views.words import shown

_TEXT = [Length(max=LONGEST_TEXT), storable]


class FinishForm(Form):
    conclusion = TextAreaField(
        lazy_gettext("Conclusion"), validators=[DataRequired(), *_TEXT], filters=[stripped]
    )
    continuation = WordsField(
        lazy_gettext("The plan from here"), Continuation, validators=[InputRequired()]
    )
    next_on = DayField(
        lazy_gettext("Next evaluation"),
        description=lazy_gettext("At most six months ahead."),
        validators=[InputRequired()],
    )

    def validate_next_on(self, field: Any) -> None:
        last = months_later(today(), EVALUATED_WITHIN)
        if not today() < field.data <= last:
            raise ValidationError(
                gettext("Choose a day after today, at the latest %(day)s.", day=shown(last))
            )


class EvaluationRoom(PlanPage):
    route_base = "/plan/<int:plan_id>/evaluation"
    types = frozenset({PlanType.INDIVIDUAL_PLAN, PlanType.RELAY_LOG})
    part = Scope.EVALUATION

    @expose("/start", methods=["GET", "POST"])
    @needs("write")
    def start(self) -> str | Response:
        _writers_only()
        form = OnceForm()
        if form.validate_on_submit():
            uid = str(form.uid.data)
            evaluation = once(Evaluation, uid, partial(start, g.session, g.plan, uid))
            if evaluation is None:
                return see_other(url_for("EvaluationView.list"))
            flash(gettext("Everybody is asked for their answers."), "success")
            return see_other(url_for("EvaluationRoom.page", pk=evaluation.id))
        return str(
            self.render_template(
                "form_page.html",
                title=gettext("Start an evaluation"),
                lead=gettext("The owner and everybody who takes part are asked to answer."),
                form=form,
                button=gettext("Start the evaluation"),
                back=url_for("EvaluationView.list"),
            )
        )

    @expose("/<int:pk>")
    @needs("read")
    def page(self, pk: int) -> str:
        evaluation = _evaluation(pk)
        of_it = select(EvaluationAnswer).where(EvaluationAnswer.evaluation_id == pk)
        said = g.session.scalars(of_it.order_by(EvaluationAnswer.id)).unique().all()
        results = select(GoalOutcome).where(GoalOutcome.evaluation_id == pk)
        return str(
            self.render_template(
                "plan/evaluation.html",
                title=gettext("Evaluation"),
                evaluation=evaluation,
                voices=_voices(said),
                outcomes=g.session.scalars(results.order_by(GoalOutcome.id)).unique().all(),
                may_answer=evaluation.locked_at is None and _may(Level.CONTRIBUTE),
                may_finish=evaluation.locked_at is None and _may(Level.WRITE),
                hiding=hiding_address(evaluation),
            )
        )

    @expose("/<int:pk>/answer", methods=["GET", "POST"])
    @needs("write")
    def answer(self, pk: int) -> str | Response | tuple[str, int]:
        evaluation = _evaluation(pk)
        if not _may(Level.CONTRIBUTE):
            raise Forbidden("answering needs contribute")
        form = _answer_form(questions(g.session, g.access), own_answers(g.session, evaluation))
        if form.validate_on_submit():
            said = {q: Said(_face(form, q), form[f"words-{q}"].data) for q in form.question_ids}
            answer(g.session, g.plan, evaluation, said, _coordinator_id())
            flash(gettext("Thank you. Your answers are stored."), "success")
            return see_other(url_for("EvaluationRoom.page", pk=pk))
        page = self.render_template(
            "plan/answer_evaluation.html",
            title=gettext("Your answers"),
            form=form,
            back=url_for("EvaluationRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200

    @expose("/<int:pk>/finish", methods=["GET", "POST"])
    @needs("write")
    def finish(self, pk: int) -> str | Response | tuple[str, int]:
        _writers_only()
        evaluation, goals = _evaluation(pk), open_goals(g.session, g.plan)
        form = _finish_form(goals)
        if form.validate_on_submit():
            outcomes = {
                goal.id: Outcome(
                    GoalResult(form[f"result-{goal.id}"].data), form[f"note-{goal.id}"].data
                )
                for goal in goals
            }
            finish(
                g.session, g.plan, evaluation, outcomes, conclusion=form.conclusion.data or "",
                continuation=form.continuation.data, next_on=form.next_on.data,
            )  # fmt: skip
            flash(gettext("The evaluation is finished."), "success")
            return see_other(url_for("EvaluationRoom.page", pk=pk))
        page = self.render_template(
            "form_page.html",
            title=gettext("Finish the evaluation"),
            lead=gettext("When you finish, nobody can change it any more."),
            form=form,
            button=gettext("Finish the evaluation"),
            back=url_for("EvaluationRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200


def _answer_form(asked: Any, known: dict[int, EvaluationAnswer]) -> Any:
    """Faces and free words for each question, with what was answered before."""
    fields: dict[str, Any] = {"question_ids": [q.id for q in asked]}
    language = str(get_locale())
    for question in asked:
        before = known.get(question.id)
        label, note = question.in_language(language), ""
        if question.to_office_only:
            note = gettext("Only the coordinating unit reads this, without the plan.")
        if question.has_face:
            fields[f"face-{question.id}"] = FacesField(
                label,
                validators=[Optional()],
                description=note,
                default=str(before.face) if before and before.face else None,
            )
        fields[f"words-{question.id}"] = TextAreaField(
            label_about(gettext("In your own words"), label) if question.has_face else label,
            validators=[Optional(), *_TEXT],
            filters=[stripped],
            description="" if question.has_face else note,
            default=before.words if before else None,
        )
    return type("AnswerForm", (Form,), fields)()


def _face(form: Any, question_id: int) -> Face | None:
    name = f"face-{question_id}"
    said = form[name].data if name in form else None
    return Face(said) if said else None


def _finish_form(goals: Any) -> Any:
    fields: dict[str, Any] = {}
    for goal in goals:
        fields[f"result-{goal.id}"] = OneField(
            goal.goal,
            choices={str(result): shown(result) for result in GoalResult},
            validators=[InputRequired()],
        )
        fields[f"note-{goal.id}"] = TextAreaField(
            label_about(gettext("What we do now"), goal.goal),
            validators=[Optional(), *_TEXT],
            filters=[stripped],
        )
    return type("FinishPlanForm", (FinishForm,), fields)()


def _voices(said: Any) -> list[dict[str, Any]]:
    """Answers by person, the owner's side first."""
    side = set(
        g.session.scalars(
            select(Participant.person_id).where(
                Participant.plan_id == g.plan.id, Participant.package.is_(None)
            )
        )
    )
    ids = {one.author_id for one in said}
    names = {p.id: p.name for p in g.session.scalars(select(Person).where(Person.id.in_(ids)))}
    asked = {one.question_id for one in said}
    wanted = select(EvaluationQuestion).where(EvaluationQuestion.id.in_(asked))
    language = str(get_locale())
    words = {q.id: q.in_language(language) for q in g.session.scalars(wanted)}
    voices = [
        {
            "name": names.get(person_id, ""),
            "first": person_id in side,
            "answers": [
                {"question": words.get(a.question_id, a.question), "face": a.face, "words": a.words}
                for a in said
                if a.author_id == person_id
            ],
        }
        for person_id in ids
    ]
    return sorted(voices, key=lambda voice: (not voice["first"], voice["name"]))


def _coordinator_id() -> int | None:
    leads = select(Participant.person_id).where(
        Participant.plan_id == g.plan.id, Participant.package == Package.COORDINATOR
    )
    found: int | None = g.session.scalars(leads).first()
    return found


def _evaluation(pk: int) -> Any:
    wanted = select(Evaluation).where(
        Evaluation.id == pk, Evaluation.plan_id == g.plan.id, Evaluation.removed_at.is_(None)
    )
    return g.session.scalars(wanted).first() or abort(404)


def _may(level: Level) -> bool:
    mine = g.access.level(Scope.EVALUATION)
    return mine is not None and mine.covers(level) and g.access.is_open


def _writers_only() -> None:
    if not _may(Level.WRITE):
        raise Forbidden("an evaluation is opened and finished with write")
