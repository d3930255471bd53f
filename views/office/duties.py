"""The register of what the municipality must do in time (plikter)."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import lazy_gettext
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from models.duty import Duty, DutyKind
from models.i18n import N_
from services.duties import come_back
from views.choices import WordsField
from views.fields import DayField, has_come, storable, stripped
from views.forms import register_form
from views.office.person_field import PersonField
from views.office.register import RegisterView, RowsWithDays, declare
from views.words import shown

WHAT, NOTE, WHO = N_("What it is"), N_("What must be done"), N_("Who sees to it")
AGAIN, DONE = N_("Comes back after (months)"), N_("Done on")


class DutyRegister(RegisterView):
    """What is done is read, and not changed."""

    fixed = ("kind",)

    def title_of(self, row: Duty) -> str:
        return shown(row.kind)

    def can(self, verb: str, row: Any = None) -> bool:
        done = verb == "edit" and row is not None and row.done_on is not None
        return not done and super().can(verb, row)

    def put_right(self, item: Duty) -> None:
        super().put_right(item)
        come_back(g.session, item)


def register() -> type[RegisterView]:
    changing = {
        "note": NOTE, "due_on": N_("Last day"), "responsible_id": WHO, "repeats_months": AGAIN,
    }  # fmt: skip
    special: dict[str, Any] = {
        "kind": WordsField(lazy_gettext(WHAT), DutyKind, validators=[InputRequired()]),
        "note": TextAreaField(
            lazy_gettext(NOTE),
            description=lazy_gettext("Write nobody's name here."),
            validators=[Optional(), Length(max=500), storable],
            filters=[stripped],
        ),
        "responsible_id": PersonField(
            lazy_gettext(WHO),
            description=lazy_gettext("Somebody in the unit, or a system administrator."),
            validators=[Optional(), Length(max=300), storable],
        ),
        "repeats_months": IntegerField(
            lazy_gettext(AGAIN),
            description=lazy_gettext("12 for once a year. Empty: once."),
            validators=[Optional(), NumberRange(1, 120)],
        ),
    }
    view = declare(
        "Duty", Duty, N_("Duties of the municipality"), {"kind": WHAT, **changing},
        base=DutyRegister, rows=RowsWithDays, eager=(Duty.responsible,),
        shown=("kind", "due", "responsible", "done_on"),
        more=("note", "due_on", "repeats_months"),
        labels={"due": N_("Deadline"), "responsible": WHO, "done_on": DONE},
        order=("due_on", "desc"), **special,
    )  # fmt: skip
    done = DayField(lazy_gettext(DONE), validators=[Optional(), has_come])
    view.edit_form = register_form(Duty, {**changing, "done_on": DONE}, **special, done_on=done)
    view.menu_label = None  # one comes here from the deadlines
    return view
