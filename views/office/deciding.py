"""The answer to a request (avgjerd)."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from models.case_words import LetterKind, Ruling
from models.clock import today
from models.decision import Decision
from models.i18n import N_
from models.request import Request
from services.case import BeforeTheRequest, NobodyLeads, NotWeighed, decide
from services.case_rules import holds
from views.choices import WordsField
from views.fields import DayField, NotBefore, has_come, storable, stripped
from views.forms import RowForm
from views.office.case_letters import onward
from views.office.case_page import CasePage
from views.realm import needs


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
        validators=[Optional(), NotBefore("decided_on")],
    )
    record = StringField(
        lazy_gettext("Reference in the record system"),
        description=lazy_gettext("Where the papers of the case are."),
        validators=[Optional(), Length(max=60), storable],
        filters=[stripped],
    )
    is_recorded = BooleanField(lazy_gettext("Entered in the record system"))


class Deciding(CasePage):
    form_class, kind = DecisionForm, Decision
    lead = N_("The letter is sent from the record system. Medspel keeps the dates.")
    of_a_whole_case = N_("When you save, the letter is begun for you.")
    saved = N_("The answer is written down.")
    wrong = {
        BeforeTheRequest: ("decided_on", N_("That is before the request came.")),
        NobodyLeads: ("sent_to", N_("Write who leads the coordination.")),
        NotWeighed: (
            "outcome",
            N_("Answer each criterion first, under “Weigh it” on the page of the request."),
        ),
    }

    @expose("/<pk>/answer", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    def title(self, asked: Request) -> str:
        return str(gettext("Answer to request %(reference)s", reference=asked.reference))

    def row(self, asked: Request) -> Decision | None:
        return asked.decision

    def fit(self, form: RowForm, asked: Request) -> None:
        """The day to complain is explained by the rule of what is asked for."""
        here = str(get_locale())
        rule = holds(g.session, asked)
        weeks, body = rule.weeks_in(here), rule.body_in(here)
        if weeks is None:
            words = gettext("What is asked for gives no right to complain.")
        else:
            words = gettext(
                "%(weeks)s after the answer, if you leave it empty. A complaint goes to %(body)s.",
                weeks=weeks,
                body=body,
            )
        form["complain_by"].description = words

    def lead_for(self, asked: Request) -> str:
        whole = asked.municipality.keeps_cases
        return str(gettext(self.of_a_whole_case if whole else self.lead))

    def onward(self, asked: Request) -> str:
        return onward(asked, LetterKind.ANSWER)

    def new(self, asked: Request, at: dict[str, Any]) -> Decision:
        return Decision(**at, decided_by_id=g.actor.person_id)

    def store(self, asked: Request, row: Decision) -> None:
        decide(g.session, asked, row)
