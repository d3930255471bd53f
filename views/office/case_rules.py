"""The register of rules for cases (saksreglar): how long one may complain, to whom, by what law."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale, lazy_gettext
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from models.case_rule import CaseRule
from models.i18n import N_
from models.language import LANGUAGES, Language, in_language
from views.fields import text_in
from views.office.register import RegisterRows, RegisterView, declare
from views.words import shown

DAYS, WEEKS = N_("Days to answer"), N_("Weeks to complain")
BODY, LAW = N_("Who answers a complaint"), N_("The law the answer is given by")


class CaseRuleRows(RegisterRows):
    """Words in several languages are shown in the reader's."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        value = RegisterRows._get_attr_value(item, col)
        return in_language(value, str(get_locale())) if col in ("complaint_body", "law") else value


class CaseRuleRegister(RegisterView):
    """The rules there are, one for each kind; which kind one is for stays."""

    fixed = ("wanted",)

    def title_of(self, row: Any) -> str:
        return shown(row.wanted)


def _number(label: str, most: int, help: str) -> IntegerField:
    return IntegerField(
        lazy_gettext(label),
        description=lazy_gettext(help),
        validators=[Optional(), NumberRange(1, most)],
    )


def _text(label: str, language: Language, is_required: bool = True) -> Any:
    """A text in one language, which is said in the label."""
    said = lazy_gettext(
        "%(what)s. Language: %(language)s", what=lazy_gettext(label), language=language.own_name
    )
    return text_in(language, said, CaseRule.longest, is_required=is_required)


def register() -> type[RegisterView]:
    bodies = {f"complaint_body_{one}": _text(BODY, one) for one in LANGUAGES}
    laws = {f"law_{one}": _text(LAW, one, is_required=False) for one in LANGUAGES}
    words = {name: BODY for name in bodies} | {name: LAW for name in laws}
    return declare(
        "CaseRule", CaseRule, N_("Rules for cases"),
        {"answer_days": DAYS, "complaint_weeks": WEEKS, **words},
        base=CaseRuleRegister, rows=CaseRuleRows,
        shown=("wanted", "answer_days", "complaint_weeks", "complaint_body", "law"),
        labels={"wanted": N_("Kind"), "complaint_body": BODY, "law": LAW},
        pages=("list", "show", "edit"),
        answer_days=_number(DAYS, 30, N_("Empty: a month, as the law says.")),
        complaint_weeks=_number(WEEKS, 52, N_("Empty: there is no right to complain.")),
        **bodies, **laws,
    )  # fmt: skip
