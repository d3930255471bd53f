"""One who must sign does not (unntak): asked for by the coordinator, confirmed in the office."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from models.clock import months_later, today
from models.keys import key
from models.signing_exception import SigningException
from models.vocabulary import ExceptionReason
from security.policy import Forbidden
from security.second_person import LONGEST
from services import exceptions
from services.exceptions import NobodyLeft
from views.choices import OneField, WordsField
from views.fields import DayField, storable, stripped
from views.forms import OnceForm
from views.once import once
from views.realm import PlanPage, needs, see_other


class WithoutForm(OnceForm):
    """Who, why, and until when."""

    representative = OneField(lazy_gettext("Who does not sign?"), validators=[InputRequired()])
    reason = WordsField(
        lazy_gettext("Why?"),
        ExceptionReason,
        description=lazy_gettext("The others who sign are told this, unless it is danger."),
        validators=[InputRequired()],
    )
    explanation = TextAreaField(
        lazy_gettext("Explain it to the one who is to confirm"),
        description=lazy_gettext("Only the office reads it."),
        validators=[DataRequired(), Length(max=2000), storable],
        filters=[stripped],
    )
    until = DayField(
        lazy_gettext("Until"),
        description=lazy_gettext("At most 12 months."),
        validators=[InputRequired()],
    )

    def validate_until(self, field: Any) -> None:
        if field.data and not today() < field.data <= months_later(today(), LONGEST):
            raise ValidationError(gettext("Choose a day within 12 months."))


class SigningExceptions(PlanPage):
    route_base = "/plan/<int:plan_id>/consent/without"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        _coordinators_only()
        who = exceptions.may_be_asked(g.session, g.plan)
        if not who:
            raise NobodyLeft(g.plan.id)
        form = WithoutForm(until=months_later(today(), 6))
        form.representative.choices = [(str(one.person_id), one.name) for one in who]
        if form.validate_on_submit():
            ask = partial(
                exceptions.ask, g.session, g.plan, int(form.representative.data),
                form.reason.data, form.explanation.data or "", form.until.data or today(),
                str(form.uid.data),
            )  # fmt: skip
            once(SigningException, form.uid.data, ask)
            flash(gettext("Asked for. It counts when the office has confirmed it."), "success")
            return see_other(url_for("ConsentPage.page"))
        g.session.let_go()
        page = self.render_template(
            "form_page.html",
            title=gettext("One who must sign does not"),
            lead=gettext(
                "The others can sign without one, when the coordinating unit or a head of "
                "department has confirmed it. Whoever does not sign still reads, and may still "
                "take back."
            ),
            form=form,
            button=gettext("Ask for it"),
            back=url_for("ConsentPage.page"),
        )
        return str(page), 422 if form.errors else 200

    @expose("/<pk>/end", methods=["POST"])
    @needs("write")
    def end(self, pk: str) -> Response:
        _coordinators_only()
        found = [one for one in exceptions.of_the_plan(g.session, g.plan) if one.id == key(pk)]
        if not found:
            abort(404)
        exceptions.end(g.session, found[0])
        flash(gettext("From now on everybody signs."), "success")
        return see_other(url_for("ConsentPage.page"))


def _coordinators_only() -> None:
    if not g.access.coordinator or not g.access.is_open:
        raise Forbidden("the coordinator asks, in an open plan")
