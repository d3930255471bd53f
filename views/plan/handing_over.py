"""Handing over agreed tasks (overta avtalar), as when a contact person is swapped."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired, ValidationError

from models.people import Person
from models.vocabulary import Level, Scope
from security.policy import Forbidden
from services.errors import Conflict
from services.handing_over import hand_over, open_tasks
from views.choices import RowField, people_of_the_team
from views.forms import Form
from views.realm import PlanPage, needs, see_other


def _holders() -> list[tuple[int, str]]:
    """Those with open tasks, whether or not they still take part."""
    tasks = open_tasks(g.session, g.plan.id)
    who = select(Person.id, Person.name).where(Person.id.in_(tasks)).order_by(Person.name)
    return [(pk, f"{name}, {_how_many(tasks[pk])}") for pk, name in g.session.execute(who)]


def _how_many(number: int) -> str:
    return str(ngettext("%(num)s open task", "%(num)s open tasks", number))


class HandOverForm(Form):
    # The second click names somebody who has none left: that is no mistake.
    from_id = RowField(
        lazy_gettext("Whose tasks?"), _holders, validate_choice=False, validators=[InputRequired()]
    )
    to_id = RowField(
        lazy_gettext("Who takes them over?"), people_of_the_team, validators=[InputRequired()]
    )

    def validate_to_id(self, field: Any) -> None:
        if field.data is not None and field.data == self.from_id.data:
            raise ValidationError(gettext("Choose two different persons."))


class HandingOver(PlanPage):
    """For the coordinator, and others who may write goals and tasks."""

    route_base = "/plan/<int:plan_id>/activity"

    @expose("/hand-over", methods=["GET", "POST"])
    @needs("write")
    def page(self) -> str | Response | tuple[str, int]:
        if not may_hand_over():
            raise Forbidden("tasks are handed over by those who may write them")
        form = HandOverForm(data={"from_id": request.args.get("from_id", type=int)})
        if form.validate_on_submit() and self._stored(form):
            return see_other(url_for("ActivityView.list"))
        page = self.render_template(
            "form_page.html",
            title=gettext("Hand over tasks"),
            lead=gettext("All open tasks are moved at once. The one who takes over is told."),
            form=form,
            button=gettext("Hand over"),
            back=url_for("ActivityView.list"),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200

    def _stored(self, form: HandOverForm) -> bool:
        try:
            number = hand_over(g.session, g.plan, form.from_id.data, form.to_id.data)
        except Conflict as why:
            g.session.rollback()
            form.to_id.errors = [gettext(why.words)]
            return False
        said = ngettext("%(num)s task is moved.", "%(num)s tasks are moved.", number)
        flash(said if number else gettext("There was nothing left to hand over."), "success")
        return True


def may_hand_over() -> bool:
    return bool(g.access.level(Scope.GOALS) is Level.WRITE and g.access.is_open)
