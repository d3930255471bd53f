"""Every register of the office, in the order of the menu; the short ones are declared here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import get_locale, gettext, lazy_gettext
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from models.case_words import LetterKind, Ruling
from models.clock import today
from models.feedback import CoordinatorFeedback
from models.i18n import N_
from models.language import LANGUAGES, Language
from models.municipality import (
    Department,
    EvaluationQuestion,
    HelpText,
    LetterText,
    LifeAreaName,
    MessageTemplate,
    NoticeText,
    PlanTypeName,
    ServiceType,
)
from services import letter_texts, notice_texts
from views.fields import text_in
from views.help import name_of
from views.office import (
    accounts,
    agreements,
    appointments,
    attended,
    case_rules,
    competence,
    consent_texts,
    courses,
    deadline_rules,
    duties,
    known_rows,
    municipality,
    nominations,
    persons,
    representations,
    requests,
)
from views.office.register import RegisterRows, RegisterView, declare
from views.words import headline, shown

_UNDER = N_("Its leader appoints for those under (years)")
_WORDS = {str(one): one.own_name.capitalize() for one in LANGUAGES}


def _years(label: str) -> IntegerField:
    hint = N_("18 for children and youths. Empty: the coordinating unit appoints.")
    rules = [Optional(), NumberRange(1, 120)]
    return IntegerField(lazy_gettext(label), description=lazy_gettext(hint), validators=rules)


class HelpRows(RegisterRows):
    """A page is shown by what people call it; its endpoint is ours."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        return name_of(item.page) if col == "page" else RegisterRows._get_attr_value(item, col)


def _tells_nothing(_form: Any, field: Any) -> None:
    """What would carry somebody's affairs out of the house is refused, with the reason."""
    try:
        notice_texts.check(field.data or "")
    except notice_texts.UnknownHole:
        raise ValidationError(
            gettext("Only {deadline} may stand in braces. It becomes the day to answer by.")
        ) from None
    except notice_texts.Tells:
        raise ValidationError(
            gettext("No addresses, links or long numbers: this is sent outside Medspel.")
        ) from None


def _notice_field(language: Language, label: str) -> Any:
    return text_in(language, lazy_gettext(label), NoticeText.longest, _tells_nothing)


class NoticeRows(RegisterRows):
    """A kind is shown by what it is about; `preview` as it is sent, with a day as an example."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col == "kind":
            return headline(item.kind)
        if col != "preview":
            return RegisterRows._get_attr_value(item, col)
        language = item.said_in(str(get_locale()))
        example = today() + timedelta(days=9)
        return notice_texts.fill(item.words[language], example, language)


class NoticeRegister(RegisterView):
    """The texts there are, one for each kind; which kind a text is for stays."""

    fixed = ("kind",)


def _has_known_holes(_form: Any, field: Any) -> None:
    try:
        letter_texts.check(field.data or "")
    except notice_texts.UnknownHole:
        known = ", ".join(f"{{{hole}}}" for hole in sorted(letter_texts.HOLES))
        words = gettext("Only these may stand in braces: %(known)s", known=known)
        raise ValidationError(words) from None


def _letter_field(language: Language) -> Any:
    label = lazy_gettext(language.own_name.capitalize())
    return text_in(language, label, LetterText.longest, _has_known_holes)


class LetterRows(RegisterRows):
    """A text is shown by what it is for: each answer has its own."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col != "key":
            return RegisterRows._get_attr_value(item, col)
        answer = item.key.removeprefix(f"{LetterKind.ANSWER}_")
        return shown(LetterKind(item.key) if answer == item.key else Ruling(answer))


class LetterRegister(RegisterView):
    """The texts there are, one for each kind of letter; which kind a text is for stays."""

    fixed = ("key",)


class TemplateRows(RegisterRows):
    """A template is shown by its first line, which becomes the subject."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col != "starts":
            return RegisterRows._get_attr_value(item, col)
        return item.parts(str(get_locale()))[0]


class HelpRegister(RegisterView):
    """The texts there are, one for each page; which page a text is about stays."""

    fixed = ("page",)


def views() -> list[type[RegisterView]]:
    """Every generated register, in the order of the menu."""
    area = LifeAreaName
    feedback = CoordinatorFeedback
    return [
        requests.register(),
        nominations.register(),
        appointments.register(),
        courses.courses(),
        courses.sessions(),
        attended.register(),
        persons.register(),
        representations.register(),
        competence.decisions(),
        competence.exceptions(),
        accounts.register(),
        municipality.register(),
        declare("Department", Department, N_("Departments"),
                {"name": N_("Name"), "appoints_under": _UNDER},
                taken_out=True, intake=known_rows.departments, appoints_under=_years(_UNDER),
                pages=("list", "show", "add", "edit", "delete")),
        declare("ServiceType", ServiceType, N_("Kinds of service"), _WORDS, taken_out=True,
                intake=known_rows.service_types,
                pages=("list", "show", "add", "edit", "delete")),
        declare("LifeAreaName", area, N_("Life areas"), {"area": N_("Life area"), **_WORDS},
                pages=("list", "show", "edit")),  # all there can be are shipped
        declare("PlanTypeName", PlanTypeName, N_("Kinds of plan"),
                {"plan_type": N_("Kind of plan"), **_WORDS, "offered": N_("Offered here")},
                pages=("list", "show", "edit")),
        declare("EvaluationQuestion", EvaluationQuestion, N_("Evaluation questions"),
                {"key": N_("Key"), "audience": N_("Who is asked"), **_WORDS,
                 "has_face": N_("With faces"), "to_office_only": N_("Only the office reads it"),
                 "position": N_("Position")},
                shown=("nn", "audience", "has_face", "to_office_only", "position"),
                more=(*tuple(_WORDS)[1:], "key"), order=("position", "asc")),
        deadline_rules.register(),
        case_rules.register(),
        duties.register(),
        consent_texts.register(),
        agreements.register(),
        declare("HelpText", HelpText, N_("Help texts"), _WORDS, shown=("page",),
                more=tuple(_WORDS), labels={"page": N_("Page")}, base=HelpRegister,
                rows=HelpRows, order=("page", "asc"), pages=("list", "show", "edit")),
        declare("NoticeText", NoticeText, N_("Texts of notices"), _WORDS, shown=("kind", "preview"),
                more=tuple(_WORDS), labels={"kind": N_("Kind"), "preview": N_("As it is sent")},
                base=NoticeRegister, rows=NoticeRows, order=("kind", "asc"),
                pages=("list", "show", "edit"),
                **{str(one): _notice_field(one, one.own_name.capitalize()) for one in LANGUAGES}),
        declare("LetterText", LetterText, N_("Texts of letters"), _WORDS, shown=("key",),
                more=tuple(_WORDS), labels={"key": N_("What it is for")}, base=LetterRegister,
                rows=LetterRows, order=("key", "asc"), pages=("list", "show", "edit"),
                **{str(one): _letter_field(one) for one in LANGUAGES}),
        declare("MessageTemplate", MessageTemplate, N_("Message templates"), _WORDS,
                shown=("starts",), more=tuple(_WORDS), rows=TemplateRows,
                labels={"starts": N_("Subject")},
                pages=("list", "show", "add", "edit", "delete")),
        declare("CoordinatorFeedback", feedback, N_("Feedback on coordinators"), {},
                shown=("coordinator", "given_on", "words"),
                labels={"coordinator": N_("Coordinator"), "given_on": N_("Date"),
                        "words": N_("In their own words")},
                eager=(feedback.coordinator,), pages=("list",)),
    ]  # fmt: skip
