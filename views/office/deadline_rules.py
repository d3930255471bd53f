"""The register of deadlines (fristreglar): how long one has, and who is told when."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from models.deadline_rule import DeadlineRule
from models.i18n import N_
from services.deadline_rules import SHIPPED, TOLD_ELSEWHERE
from views.fields import storable
from views.office.person_field import PersonField
from views.office.register import RegisterRows, RegisterView, declare
from views.words import shown

LONGEST = 730
TO_WHOM = N_("Who is told that it is late")
FIELDS = {
    "days": N_("How many days one has"),
    "warn_before": N_("Told so many days before"),
    "escalate_after": N_("Somebody else is told so many days after"),
    "escalate_to_id": TO_WHOM,
}


class RuleRegister(RegisterView):
    """The rules there are, one for each kind; which kind one is for stays."""

    fixed = ("kind",)

    def title_of(self, row: Any) -> str:
        return shown(row.kind)


class _Counted:
    """How many days is asked only where neither the law nor the plan says it, and when one is told
    only where it is not settled elsewhere."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        form: Any = self
        if form._row is not None and SHIPPED[form._row.kind]["days"] is None:
            del form.days
        if form._row is not None and form._row.kind in TOLD_ELSEWHERE:
            del form.warn_before


def _number(label: str, least: int = 0) -> IntegerField:
    return IntegerField(
        lazy_gettext(label), validators=[InputRequired(), NumberRange(least, LONGEST)]
    )


def register() -> type[RegisterView]:
    view = declare(
        "DeadlineRule", DeadlineRule, N_("Rules for deadlines"), FIELDS,
        base=RuleRegister, rows=RegisterRows, eager=(DeadlineRule.escalate_to,),
        shown=("kind", "days", "warn_before", "escalate_after", "escalate_to"),
        labels={"kind": N_("Kind"), "escalate_to": TO_WHOM},
        pages=("list", "show", "edit"),
        days=_number(FIELDS["days"], least=1),
        warn_before=_number(FIELDS["warn_before"]),
        escalate_after=_number(FIELDS["escalate_after"]),
        escalate_to_id=PersonField(
            lazy_gettext(TO_WHOM),
            validators=[Optional(), Length(max=300), storable],
        ),
    )  # fmt: skip
    view.edit_form = type("RuleForm", (_Counted, view.edit_form), {})
    return view
