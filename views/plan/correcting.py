"""Putting one's own message right (rette ei melding): what it said before is kept."""

from __future__ import annotations

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from models.elements.message import Message
from models.keys import HIGHEST
from models.vocabulary import Scope
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.messages import correct
from services.threads import message_of
from views.fields import storable, stripped
from views.forms import VersionForm
from views.plan.letter_form import words_field
from views.realm import PlanPage, needs, not_there, see_other


class CorrectionForm(VersionForm):
    subject = StringField(
        lazy_gettext("Subject"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    body = words_field(lazy_gettext("Message"))


class Correcting(PlanPage):
    route_base = "/plan/<int:plan_id>/message"
    part = Scope.MESSAGES

    @expose("/correct/<int:pk>", methods=["GET", "POST"])
    @needs("write")
    def page(self, pk: int) -> str | Response | tuple[str, int]:
        message = the_message(pk)
        if not may_correct(message):
            raise Forbidden("a message is put right by its author")
        stored = {"subject": message.subject_line, "body": message.body}
        form = CorrectionForm(data=stored | {"version": str(message.version)})
        if form.validate_on_submit():
            if form.version.data != str(message.version):
                form.body.errors = [
                    gettext("You have changed it meanwhile, in another window. Look at it first.")
                ]
            else:
                said = {"subject_line": form.subject.data, "body": form.body.data}
                correct(g.session, g.plan, message, said)
                flash(gettext("The message is put right. What it said before is kept."), "success")
                return see_other(url_for("Threads.thread", pk=pk))
        page = self.render_template(
            "form_page.html",
            title=gettext("Put the message right"),
            lead=gettext(
                "The same people read it. What it said before is kept, and they can read that too."
            ),
            form=form,
            back=url_for("Threads.thread", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200


def the_message(pk: int) -> Message:
    """A message of the plan at hand that one may read; 404 for any other."""
    found = message_of(g.session, g.plan.id, pk) if pk <= HIGHEST else None
    if found is None:
        not_there()
    return found


def may_correct(message: Message) -> bool:
    mine = message.author_id == g.actor.person_id
    return mine and permits(g.access, Action.CHANGE, facts(message))
