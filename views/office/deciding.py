"""The answer to a request (avgjerd): one short form, beside what was asked."""

from __future__ import annotations

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from models.clock import today
from models.decision import Decision
from models.keys import key
from models.request import Request
from models.vocabulary import Ruling
from services.deciding import (
    BeforeTheRequest,
    NobodyLeads,
    decide,
    new_decision,
    request_with_answer,
)
from views.choices import WordsField
from views.fields import DayField, NotBefore, has_come, storable, stripped
from views.forms import RowForm
from views.once import once
from views.realm import HandMade, Realm, needs, not_there, see_other
from views.stale_edit import version_of


class DecisionForm(RowForm):
    outcome = WordsField(lazy_gettext("The answer"), Ruling, validators=[DataRequired()])
    sent_to = StringField(
        lazy_gettext("Who leads the coordination"),
        description=lazy_gettext("When there is no right, but a duty to coordinate."),
        validators=[Optional(), Length(max=200), storable],
        filters=[stripped],
    )
    decided_on = DayField(
        lazy_gettext("Date of the answer"), default=today, validators=[InputRequired(), has_come]
    )
    complain_by = DayField(
        lazy_gettext("Last day to complain"),
        description=lazy_gettext("Four weeks after the answer, if you leave it empty."),
        validators=[Optional(), NotBefore("decided_on")],
    )
    record = StringField(
        lazy_gettext("Reference in the record system"),
        description=lazy_gettext("The assessment and the reasons are written there, not here."),
        validators=[Optional(), Length(max=60), storable],
        filters=[stripped],
    )
    is_recorded = BooleanField(lazy_gettext("Entered in the record system"))


class Deciding(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/request"
    class_permission_name = "Request"

    @expose("/<pk>/answer", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        asked = request_with_answer(g.session, key(pk) or 0) or not_there()
        form = DecisionForm(obj=asked.decision)
        if not form.is_submitted() and asked.decision is not None:
            form.version.data = version_of(asked.decision)
        if form.validate_on_submit() and self._is_fresh(form, asked) and self._store(form, asked):
            flash(gettext("The answer is written down."), "success")
            return see_other(url_for("RequestView.show", pk=asked.id))
        page = self._page(form, asked)
        return page, 422 if form.errors else 200

    def _is_fresh(self, form: DecisionForm, asked: Request) -> bool:
        """Two may decide in the same case: the second one looks at what the first one wrote."""
        there, seen = asked.decision, form.version.data or ""
        now = version_of(there) if there is not None else ""
        is_second_click = not seen and there is not None and there.uid == request.form.get("uid")
        if seen == now or is_second_click:
            return True
        words = gettext("Somebody else has answered it. Send again if you want to change that.")
        form.outcome.errors = [words]
        form.version.data = now
        return False

    def _store(self, form: DecisionForm, asked: Request) -> bool:
        decision = asked.decision or new_decision(g.session, asked, form.uid.data or "")
        with g.session.no_autoflush:
            form.populate_obj(decision)
        try:
            once(Decision, decision.uid, lambda: decide(g.session, asked, decision))
        except BeforeTheRequest:
            form.decided_on.errors = [gettext("That is before the request came.")]
        except NobodyLeads:
            form.sent_to.errors = [gettext("Write who leads the coordination.")]
        return not form.errors

    def _page(self, form: DecisionForm, asked: Request) -> str:
        reference = asked.reference
        back = url_for("RequestView.show", pk=asked.id)
        g.session.rollback()  # nothing is rendered inside a writing transaction
        title = gettext("Answer to request %(reference)s", reference=reference)
        lead = gettext("The letter is sent from the record system. Medspel keeps the dates.")
        page = self.render_template("form_page.html", title=title, lead=lead, form=form, back=back)
        return str(page)
