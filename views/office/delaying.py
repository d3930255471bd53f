"""Told that the answer takes longer (foreløpig svar): why, and until when."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length

from models.case_words import LetterKind
from models.clock import today
from models.delay import Delay
from models.i18n import N_
from models.request import Request
from services.case import BeforeTheRequest, NotLater, put_off
from views.fields import DayField, has_come, storable, stripped
from views.forms import RowForm
from views.office.case_letters import onward
from views.office.case_page import CasePage
from views.realm import needs, not_there
from views.words import shown


class DelayForm(RowForm):
    told_on = DayField(
        lazy_gettext("When they were told"), default=today, validators=[InputRequired(), has_come]
    )
    answer_by = DayField(lazy_gettext("The answer comes by"), validators=[InputRequired()])
    reason = StringField(
        lazy_gettext("Why it takes longer"),
        description=lazy_gettext("As it was told to whoever asked."),
        validators=[DataRequired(), Length(max=300), storable],
        filters=[stripped],
    )


class Delaying(CasePage):
    form_class, kind = DelayForm, Delay
    lead = N_("Whoever asked is told by %(day)s at the latest. The new day counts from now on.")
    saved = N_("The new day is written down.")
    wrong = {
        BeforeTheRequest: ("told_on", N_("That is before the request came.")),
        NotLater: ("answer_by", N_("Choose a day after the one that counts now.")),
    }

    @expose("/<pk>/delay", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    def title(self, asked: Request) -> str:
        return str(gettext("Request %(reference)s takes longer", reference=asked.reference))

    def lead_for(self, asked: Request) -> str:
        return str(gettext(self.lead, day=shown(asked.answer_by)))

    def row(self, asked: Request) -> None:
        """Each is new; what is answered takes no longer."""
        if asked.decision is not None:
            not_there()

    def onward(self, asked: Request) -> str:
        return onward(asked, LetterKind.DELAY)

    def new(self, asked: Request, at: dict[str, Any]) -> Delay:
        return Delay(**at, told_by_id=g.actor.person_id)

    def store(self, asked: Request, row: Delay) -> None:
        put_off(g.session, asked, row)
