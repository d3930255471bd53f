"""More that is asked for before a request is answered (innhenting av opplysningar)."""

from __future__ import annotations

from typing import Any

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from models.case_words import LetterKind
from models.clock import today
from models.i18n import N_
from models.inquiry import Inquiry
from models.keys import key
from models.request import Request
from services.case import BeforeTheRequest, NotLater, inquire, replied
from views.fields import DayField, has_come, storable, stripped
from views.forms import RowForm
from views.office.case_letters import onward
from views.office.case_page import CasePage
from views.realm import needs, not_there, see_other


class InquiryForm(RowForm):
    asked_of = StringField(
        lazy_gettext("Who is asked"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    question = TextAreaField(
        lazy_gettext("What you need to know"),
        description=lazy_gettext("It stands in the letter as you write it here."),
        validators=[DataRequired(), Length(max=2000), storable],
        filters=[stripped],
    )
    asked_on = DayField(
        lazy_gettext("When you asked"), default=today, validators=[InputRequired(), has_come]
    )
    reply_by = DayField(lazy_gettext("Reply wished for by"), validators=[Optional()])


class Inquiring(CasePage):
    form_class, kind = InquiryForm, Inquiry
    lead = N_("The time you have to answer in runs on while you wait.")
    saved = N_("The question is written down.")
    wrong = {
        BeforeTheRequest: ("asked_on", N_("That is before the request came.")),
        NotLater: ("reply_by", N_("Choose a day after the question.")),
    }

    @expose("/<pk>/inquiry", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    @expose("/inquiry/<pk>/replied", methods=["POST"])
    @needs("edit")
    def replied(self, pk: str) -> Response:
        inquiry = replied(g.session, key(pk) or 0) or not_there()
        flash(gettext("It is written down that the reply has come."), "success")
        return see_other(url_for("RequestView.show", pk=inquiry.request_id))

    def title(self, asked: Request) -> str:
        return str(gettext("More to know about %(reference)s", reference=asked.reference))

    def row(self, asked: Request) -> None:
        """Each is new; what is answered waits for nothing."""
        if asked.decision is not None or not asked.municipality.keeps_cases:
            not_there()

    def onward(self, asked: Request) -> str:
        return onward(asked, LetterKind.INQUIRY)

    def new(self, asked: Request, at: dict[str, Any]) -> Inquiry:
        return Inquiry(**at, asked_by_id=g.actor.person_id)

    def store(self, asked: Request, row: Inquiry) -> None:
        inquire(g.session, asked, row)
