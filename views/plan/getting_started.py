"""The first steps of a new plan (kom i gang), for its coordinator: what is done, what is next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.elements.goal import Goal
from models.i18n import N_
from models.vocabulary import PlanStatus
from security.policy import Forbidden
from services.getting_started import Step, is_hidden, progress
from services.own_plans import hide_steps
from views.realm import PlanPage, needs, see_other

WORDS: dict[Step, tuple[str, str, str]] = {
    Step.WHO_DECIDES: (
        N_("Check who decides"),
        N_("Those who sign for the owner must be registered and checked."),
        N_("See who signs"),
    ),
    Step.OWN_WORDS: (
        N_("The owner's own words"),
        N_("Who am I, and what matters to me? The owner may write it, or you together."),
        N_("To the presentation"),
    ),
    Step.PROPOSE: (
        N_("Propose those who take part"),
        N_("Talk with the owner first. Nobody sees anything before it is signed."),
        N_("Propose a participant"),
    ),
    Step.CONSENT: (
        N_("Ask for signatures"),
        N_("Those who decide say yes or no to each person."),
        N_("To the participants"),
    ),
    Step.TASKS: (
        N_("Write down what you have agreed"),
        N_("One thing is enough to begin with: who does what, and by when."),
        N_("To the tasks"),
    ),
    Step.MEETING: (
        N_("Call the first meeting"),
        N_("You can do it when everybody has signed."),
        N_("Call a meeting"),
    ),
    Step.EVALUATION: (
        N_("Set a day for the evaluation"),
        N_("The day is set when everybody has signed. You can choose another."),
        N_("To the evaluations"),
    ),
}
"""Step -> what it is, what is good to know, and the words of the way there."""
_PAGES = {
    Step.WHO_DECIDES: "ConsentPage.page",
    Step.OWN_WORDS: "PresentationRoom.page",
    Step.PROPOSE: "Team.add",
    Step.CONSENT: "Team.page",
    Step.MEETING: "MeetingRoom.call",
    Step.EVALUATION: "EvaluationView.list",
}
_WHEN_SIGNED = (Step.MEETING, Step.EVALUATION)
_IN_THE_PLAN = (Step.OWN_WORDS, Step.TASKS)


@dataclass(frozen=True, slots=True)
class Line:
    """A step as it is shown; `url` is empty while it cannot be taken yet."""

    title: str
    text: str
    button: str
    url: str
    done: bool


class GettingStarted(PlanPage):
    route_base = "/plan/<int:plan_id>/getting-started"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        _coordinators_only()
        now = progress(g.session, g.plan)
        lines = [_line(step, done) for step, done in now.steps]
        return str(
            self.render_template(
                "plan/getting_started.html",
                title=gettext("Get started"),
                progress=now,
                lines=lines,
                now=next((n for n, one in enumerate(lines) if one.url and not one.done), None),
            )
        )

    @expose("/hide", methods=["POST"])
    @needs("write")
    def hide(self) -> Response:
        _coordinators_only()
        hide_steps(g.session, g.plan)
        flash(gettext("The first steps are hidden. The rest of the plan is as it was."), "success")
        return see_other(url_for("Overview.page"))


def _line(step: Step, done: bool) -> Line:
    title, text, button = WORDS[step]
    url = url_for(_page(step)) if _is_open(step) else ""
    return Line(gettext(title), gettext(text), gettext(button), url, done)


def _is_open(step: Step) -> bool:
    """Whether it can be taken now: some when all have signed, and what is written in the plan
    while it is prepared too."""
    if g.access.grants or step not in (*_WHEN_SIGNED, *_IN_THE_PLAN):
        return True
    return step in _IN_THE_PLAN and g.plan.status is PlanStatus.DRAFT


def _page(step: Step) -> str:
    if step is Step.TASKS:
        return "GoalView.list" if g.plan.type in Goal.element.types else "ActivityView.list"
    return _PAGES[step]


def where_to_begin() -> tuple[str, str]:
    """The words and address of the way on in a plan that is being prepared."""
    if is_hidden(g.session, g.plan):
        return gettext("To the participants"), url_for("Team.page")
    return gettext("Get started"), url_for("GettingStarted.page")


def _coordinators_only() -> None:
    if not g.access.coordinator or not g.access.is_open:
        raise Forbidden("the coordinator gets a plan started")
