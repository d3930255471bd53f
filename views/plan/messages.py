"""Writing a message (skrive melding): who can read it is said before it is sent."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from models.elements.message import Message
from models.keys import key
from models.municipality import MessageTemplate
from models.plan import Participant
from models.vocabulary import Circle, Scope
from security.policy import Forbidden
from services.messages import reachable, receivers_of, send_message
from services.threads import message_of
from views.choices import BoxesField, RowField
from views.fields import storable, stripped
from views.forms import Form
from views.once import once
from views.plan.letter_form import LetterForm, names_of, words_field
from views.plan.reading import EVERYBODY, readers_of
from views.realm import PlanPage, needs, see_other
from views.words import role_of


class MessageForm(LetterForm):
    to = BoxesField(
        lazy_gettext("Choose who"),
        coerce=int,
        description=lazy_gettext("Only when you chose “Those I choose”."),
        render_kw={"data-with": "chosen"},
    )
    subject = StringField(
        lazy_gettext("Subject"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    body = words_field(lazy_gettext("Message"))

    def shown_fields(self) -> list[Any]:
        return [self.who, self.to, self.subject, self.body, self.files]

    def start_from(self, template: MessageTemplate) -> None:
        """Put its words where nothing stands yet; what was written stays, in front of them."""
        subject, text = template.parts(str(get_locale()))
        self.subject.data = self.subject.data or subject
        self.body.data = "\n\n".join(filter(None, (self.body.data, text)))


class TemplateForm(Form):
    """Asked for where the form is shown, and not where it is sent."""

    template = RowField(lazy_gettext("Start from a template"), lambda: _templates())


class Compose(PlanPage):
    route_base = "/plan/<int:plan_id>/message"
    part = Scope.MESSAGES

    @expose("/write", methods=["GET", "POST"])
    @needs("write")
    def page(self) -> str | Response | tuple[str, int]:
        circles = whom()
        if not circles:
            raise Forbidden("messages need a grant")
        team = reachable(g.session, g.plan)
        form = MessageForm()
        form.who.choices = circles
        form.to.choices = [(p.person_id, f"{p.person.name}, {role_of(p)}") for p in team]
        until_now = form.goes_to(team)
        if request.method == "GET" and form.draft_since is None:
            _answer(form, team)
            _to_one(form, team)
        if request.form.get("fill"):
            _fill(form)
        elif form.validate_on_submit() and _has_receivers(form, team, until_now):
            return self._send(form, team)
        _say_who_is_gone(form, team)
        form.files.are_lost()
        page = self.render_template(
            "plan/write_message.html",
            title=gettext("New message"),
            form=form,
            templates=TemplateForm(),
            readers=readers_of([choice for choice, _ in circles], team),
            back=url_for("Threads.page"),
        )
        g.session.let_go()
        return str(page), 422 if form.errors and not request.form.get("fill") else 200

    def _send(self, form: MessageForm, team: list[Participant]) -> Response:
        circle, to = _chosen(form, team)
        send = partial(
            send_message, g.session, g.plan, team, subject=form.subject.data or "",
            body=form.body.data or "", circle=circle, to=to, uid=str(form.uid.data),
            files=form.files.data,
        )  # fmt: skip
        once(Message, form.uid.data, send)
        flash(gettext("The message is sent."), "success")
        return see_other(url_for("Threads.page"))


def _chosen(form: MessageForm, team: list[Participant]) -> tuple[Circle, list[int]]:
    if form.who.data == EVERYBODY:
        return Circle.CHOSEN, [p.person_id for p in team]
    return Circle(form.who.data), list(form.to.data or [])


def _templates() -> list[tuple[int, str]]:
    """What the municipality has written beforehand, by subject."""
    language = str(get_locale())
    rows = g.session.scalars(select(MessageTemplate).order_by(MessageTemplate.id))
    return sorted(((row.id, row.parts(language)[0]) for row in rows), key=lambda one: one[1])


def _fill(form: MessageForm) -> None:
    wanted = key(request.form.get("template", ""))
    template = g.session.get(MessageTemplate, wanted) if wanted is not None else None
    if template is not None:
        form.start_from(template)


def _answer(form: MessageForm, team: list[Participant]) -> None:
    """`?to=`: to whoever wrote that message, under the same subject, when one may.

    What was for the coordinator only is not quoted where more people read.
    """
    wanted = key(request.args.get("to", ""))
    asked = message_of(g.session, g.plan.id, wanted) if wanted else None
    if asked is None or asked.circle is Circle.COORDINATOR_ONLY:
        return
    form.subject.data = asked.subject_line
    by_name, there = str(Circle.CHOSEN), {one.person_id for one in team}
    if by_name in dict(whom()) and asked.author_id in there:
        form.who.data, form.to.data = by_name, [asked.author_id]


def _to_one(form: MessageForm, team: list[Participant]) -> None:
    """`?who=`: to this one of the team, when one may."""
    wanted, by_name = key(request.args.get("who", "")), str(Circle.CHOSEN)
    if by_name in dict(whom()) and wanted in {one.person_id for one in team}:
        form.who.data, form.to.data = by_name, [wanted]


def whom() -> list[tuple[str, str]]:
    """Whom this person may write to, widest first."""
    by_grant = g.access.level(Scope.MESSAGES) is not None
    if not by_grant and not g.access.coordinator:
        return []
    chosen = [
        (EVERYBODY, gettext("Everybody who takes part")),
        (str(Circle.CHOSEN), gettext("Those I choose")),
    ]
    if not g.access.coordinator:
        chosen.append((str(Circle.COORDINATOR_ONLY), gettext("The coordinator only")))
    owners = [(str(Circle.OWNERS_SIDE), gettext("The owner's side"))]
    return (chosen if by_grant else []) + (owners if g.access.coordinator else [])


def _has_receivers(form: MessageForm, team: list[Participant], until_now: str) -> bool:
    if form.who.data == Circle.CHOSEN and not form.to.data:
        form.to.errors = [str(form.to.left_out)]
        return False
    if form.who.data == EVERYBODY and not form.is_as_said(until_now, team):
        return False
    if not receivers_of(team, *_chosen(form, team)):
        form.who.errors = [gettext("Nobody would get it. Choose somebody else.")]
        return False
    return True


def _say_who_is_gone(form: MessageForm, team: list[Participant]) -> None:
    """Somebody who was chosen may have left since the form was opened."""
    ticked = {number for one in request.form.getlist("to") if (number := key(one)) is not None}
    gone = names_of(ticked - {one.person_id for one in team}) if form.to.errors else []
    if gone:
        form.to.errors = [
            gettext(
                "%(names)s cannot get it any more. Look at who gets it, and send again.",
                names=", ".join(gone),
            )
        ]
