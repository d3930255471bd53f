"""Decisions that somebody cannot consent (samtykkekompetanse), and exceptions from signing: the
coordinating unit's two registers of what another confirms (views.office.confirmations)."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from models.clock import utcnow
from models.competence import CompetenceDecision
from models.i18n import N_
from models.signing_exception import SigningException
from views.fields import DayField, NotBefore, has_come, storable
from views.forms import Form
from views.office.person_field import PersonField
from views.office.register import RegisterView, declare

_ASKED = {
    "asked_by": N_("Asked for by"), "answered_by": N_("Answered by"), "confirmed": N_("Confirmed"),
    "ended_at": N_("Ended"),
}  # fmt: skip


class EndForm(Form):
    """What counts, or waits, is over."""

    ended = BooleanField(lazy_gettext("It is over: end it now"))

    def populate_obj(self, obj: Any) -> None:
        if self.ended.data and obj.ended_at is None:
            obj.ended_at = utcnow()


class DecisionRegister(RegisterView):
    """Counts when somebody else has confirmed it."""

    add_row_message = lazy_gettext("Saved. It counts when somebody else has confirmed it.")
    fixed = ("person", "decided_on", "decided_by", "starts_on", "until")

    def new(self, form: FlaskForm) -> CompetenceDecision:
        return CompetenceDecision(
            municipality_id=g.actor.municipality_id, asked_by_id=g.actor.person_id
        )


class ExceptionRegister(RegisterView):
    """Asked for by a coordinator, ended here."""

    fixed = ("person", "representative", "reason", "until")


def decisions() -> type[RegisterView]:
    d = CompetenceDecision
    must = [DataRequired(), Length(max=300), storable]
    fields = {
        "person_id": N_("Person"),
        "decided_on": N_("Decided on"),
        "decided_by": N_("Decided by: role or profession"),
        "document": N_("Where the document lies"),
        "starts_on": N_("From"),
        "until": N_("Until"),
    }
    view = declare(
        "CompetenceDecision", d, N_("Decisions on consent"), fields, base=DecisionRegister,
        shown=("person", "decided_on", "starts_on", "until", "confirmed", "ended_at"),
        more=("decided_by", "document", "asked_by", "answered_by"),
        labels={"person": N_("Person")} | _ASKED,
        eager=(d.person, d.asked_by, d.answered_by), named=d.person_id, order=("id", "desc"),
        person_id=PersonField(lazy_gettext("Person"), validators=must),
        decided_on=DayField(lazy_gettext("Decided on"), validators=[InputRequired(), has_come]),
        starts_on=DayField(
            lazy_gettext("From"), validators=[InputRequired(), NotBefore("decided_on")]
        ),
        until=DayField(lazy_gettext("Until"), validators=[Optional(), NotBefore("starts_on")]),
    )  # fmt: skip
    view.edit_form = EndForm
    return view


def exceptions() -> type[RegisterView]:
    e = SigningException
    view = declare(
        "SigningException", e, N_("Exceptions from signing"), {}, base=ExceptionRegister,
        shown=("person", "representative", "reason", "until", "confirmed", "ended_at"),
        more=("explanation", "asked_by", "answered_by"),
        labels={
            "person": N_("Person"), "representative": N_("Need not sign"), "reason": N_("Why"),
            "until": N_("Until"), "explanation": N_("Explanation"), **_ASKED,
        },
        eager=(e.person, e.representative, e.asked_by, e.answered_by), named=e.person_id,
        pages=("list", "show", "edit"), order=("id", "desc"),
    )  # fmt: skip
    view.edit_form = EndForm
    return view
