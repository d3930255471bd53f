"""Writing a message (skrive melding): who can read it is said before it is sent."""

from __future__ import annotations

from functools import partial

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from models.elements.message import Message
from models.keys import key
from models.plan import Participant
from models.vocabulary import Circle, Scope
from security.policy import Forbidden
from services.messages import reachable, send_message
from views.choices import BoxesField, OneField
from views.fields import LONGEST_TEXT, storable, stripped
from views.forms import OnceForm
from views.once import once
from views.realm import PlanPage, needs, see_other
from views.words import role_of

EVERYBODY = "everybody"


class MessageForm(OnceForm):
    who = OneField(lazy_gettext("To"), validators=[InputRequired()])
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
    body = TextAreaField(
        lazy_gettext("Message"),
        validators=[DataRequired(), Length(max=LONGEST_TEXT), storable],
        filters=[stripped],
    )


class Compose(PlanPage):
    route_base = "/plan/<int:plan_id>/message"
    part = Scope.MESSAGES

    @expose("/write", methods=["GET", "POST"])
    @needs("write")
    def page(self) -> str | Response | tuple[str, int]:
        circles = _circles()
        if not circles:
            raise Forbidden("messages need a grant")
        team = reachable(g.session, g.plan)
        form = MessageForm()
        form.who.choices = circles
        form.to.choices = [(p.person_id, f"{p.person.name}, {role_of(p)}") for p in team]
        if request.method == "GET" and form.draft_since is None:
            _answer(form, team)
            _to_one(form, team)
        if form.validate_on_submit() and _has_receivers(form):
            circle = Circle.CHOSEN if form.who.data == EVERYBODY else Circle(form.who.data)
            chosen = (
                [p.person_id for p in team]
                if form.who.data == EVERYBODY
                else list(form.to.data or [])
            )
            return self._send(form, team, circle, chosen)
        g.session.rollback()
        page = self.render_template(
            "plan/write_message.html",
            title=gettext("New message"),
            form=form,
            back=url_for("MessageView.list"),
        )
        return str(page), 422 if form.errors else 200

    def _send(
        self, form: MessageForm, team: list[Participant], circle: Circle, chosen: list[int]
    ) -> Response:
        send = partial(
            send_message, g.session, g.plan, team, subject=form.subject.data or "",
            body=form.body.data or "", circle=circle, to=chosen, uid=str(form.uid.data),
        )  # fmt: skip
        once(Message, form.uid.data, send)
        flash(gettext("The message is sent."), "success")
        return see_other(url_for("MessageView.list"))


def _answer(form: MessageForm, team: list[Participant]) -> None:
    """`?to=`: to whoever wrote that message, under the same subject, when one may.

    What was for the coordinator only is not quoted where more people read.
    """
    wanted = key(request.args.get("to", ""))
    mine = select(Message).where(Message.id == wanted, Message.plan_id == g.plan.id)
    asked = g.session.scalars(mine).unique().first() if wanted else None
    if asked is None or asked.circle is Circle.COORDINATOR_ONLY:
        return
    form.subject.data = asked.subject_line
    by_name, there = str(Circle.CHOSEN), {one.person_id for one in team}
    if by_name in dict(_circles()) and asked.author_id in there:
        form.who.data, form.to.data = by_name, [asked.author_id]


def _to_one(form: MessageForm, team: list[Participant]) -> None:
    """`?who=`: to this one of the team, when one may."""
    wanted, by_name = key(request.args.get("who", "")), str(Circle.CHOSEN)
    if by_name in dict(_circles()) and wanted in {one.person_id for one in team}:
        form.who.data, form.to.data = by_name, [wanted]


def _circles() -> list[tuple[str, str]]:
    """Whom this person may write to, widest first."""
    by_grant = g.access.level(Scope.MESSAGES) is not None
    if not by_grant and not g.access.coordinator:
        return []
    chosen = [
        (EVERYBODY, gettext("Everybody who takes part")),
        (str(Circle.CHOSEN), gettext("Those I choose")),
        (str(Circle.COORDINATOR_ONLY), gettext("The coordinator only")),
    ]
    owners = [(str(Circle.OWNERS_SIDE), gettext("The owner's side"))]
    return (chosen if by_grant else []) + (owners if g.access.coordinator else [])


def _has_receivers(form: MessageForm) -> bool:
    if form.who.data == Circle.CHOSEN and not form.to.data:
        form.to.errors = [str(form.to.left_out)]
        return False
    return True
