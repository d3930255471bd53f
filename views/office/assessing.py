"""What is weighed before a request is answered (vurdering), one criterion at a time."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from models.assessment import Assessment
from models.case_words import Criterion
from models.i18n import N_
from models.request import Request
from services.case import NoReason, NothingWeighed, to_weigh, weigh
from services.words import WORDS
from views.choices import YesNoField
from views.fields import label_about, storable, stripped
from views.forms import RowForm
from views.office.case_page import CasePage
from views.realm import needs, not_there
from views.words import shown

LONGEST = 2000


class _AboutOne(TextAreaField):
    """Why a criterion is met or not; whoever hears the label hears which."""

    def __init__(self, criterion: Criterion, **kw: Any) -> None:
        rules = [Optional(), Length(max=LONGEST), storable]
        super().__init__("", validators=rules, filters=[stripped], **kw)
        self.label.text = label_about(gettext("Why"), shown(criterion))


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for one in Criterion:
        label = lazy_gettext(WORDS[Criterion, one.value])
        fields[str(one)] = YesNoField(label, validators=[Optional()])
        fields[f"{one}_why"] = _AboutOne(one)
    return fields


class _AllOfIt(RowForm):
    """All of it is wanted in the end, so none is said to be optional."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        for field in self.shown_fields():
            field.flags.required = True


AssessmentForm = type("AssessmentForm", (_AllOfIt,), _fields())


class Assessing(CasePage):
    form_class, kind = AssessmentForm, Assessment
    lead = N_("Answer one at a time. You can save and go on later.")
    saved = N_("What you have weighed is written down.")
    wrong = {
        NothingWeighed: ("", N_("Answer one of them at least.")),
        NoReason: ("", N_("Write why.")),
    }

    @expose("/<pk>/assessment", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    def title(self, asked: Request) -> str:
        return str(gettext("What is weighed for %(reference)s", reference=asked.reference))

    def row(self, asked: Request) -> Assessment | None:
        if not to_weigh(asked):
            not_there()
        return asked.assessment

    def fit(self, form: RowForm, asked: Request) -> None:
        for one in set(Criterion) - set(to_weigh(asked)):
            del form[str(one)], form[f"{one}_why"]

    def new(self, asked: Request, at: dict[str, Any]) -> Assessment:
        return Assessment(**at, written_by_id=g.actor.person_id)

    def store(self, asked: Request, row: Assessment) -> None:
        weigh(g.session, row)

    def wrong_fields(self, form: RowForm, fault: ValueError) -> list[str]:
        if isinstance(fault, NoReason):
            return [f"{one}_why" for one in fault.lacking]
        return [form.shown_fields()[0].name]
