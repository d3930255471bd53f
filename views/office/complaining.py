"""A complaint of the answer (klage), as far as it has come."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired, Optional

from models.case_words import Reconsidered, Reviewed
from models.clock import today
from models.complaint import Complaint
from models.i18n import N_
from models.request import Request
from services.case import BeforeTheRequest, Incomplete, NotSentOn, OutOfOrder, complain
from services.case_rules import holds
from views.choices import WordsField
from views.fields import DayField, has_come
from views.forms import RowForm
from views.office.case_page import CasePage
from views.realm import needs, not_there


class ComplaintForm(RowForm):
    received_on = DayField(
        lazy_gettext("When it came"), default=today, validators=[InputRequired(), has_come]
    )
    reconsidered = WordsField(
        lazy_gettext("What you have done with it"), Reconsidered, validators=[Optional()]
    )
    reconsidered_on = DayField(lazy_gettext("When you did it"), validators=[Optional(), has_come])
    reviewed = WordsField(
        lazy_gettext("What the complaint body answered"), Reviewed, validators=[Optional()]
    )
    reviewed_on = DayField(
        lazy_gettext("When the complaint body answered"), validators=[Optional(), has_come]
    )


class Complaining(CasePage):
    form_class, kind = ComplaintForm, Complaint
    lead = N_("What the complaint says is kept in the record system. Medspel keeps the dates.")
    saved = N_("The complaint is written down.")
    wrong = {
        BeforeTheRequest: ("received_on", N_("That is before the answer.")),
        Incomplete: ("reconsidered_on", N_("Say both what was done and when.")),
        NotSentOn: ("reviewed", N_("Say first that you have sent the complaint on.")),
        OutOfOrder: ("reviewed_on", N_("The days must follow each other.")),
    }

    @expose("/<pk>/complaint", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    def title(self, asked: Request) -> str:
        return str(gettext("Complaint in case %(reference)s", reference=asked.reference))

    def fit(self, form: RowForm, asked: Request) -> None:
        """Who answers the complaint has a name."""
        here = str(get_locale())
        body = holds(g.session, asked).body_in(here, asked.complaint)
        words = gettext("If you keep the answer, the complaint goes to %(body)s.", body=body)
        form["reconsidered"].description = words
        form["reviewed"].label.text = gettext("What %(body)s answered", body=body)
        form["reviewed_on"].label.text = gettext("When %(body)s answered", body=body)

    def row(self, asked: Request) -> Complaint | None:
        """There is an answer to complain of."""
        if asked.decision is None:
            not_there()
        return asked.complaint

    def new(self, asked: Request, at: dict[str, Any]) -> Complaint:
        return Complaint(**at, written_by_id=g.actor.person_id)

    def store(self, asked: Request, row: Complaint) -> None:
        complain(g.session, asked, row)
