"""The texts people sign (samtykketekstar): written, looked at as they will be shown, approved."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from models.clock import today
from models.consent import ConsentText
from models.i18n import N_
from models.language import LANGUAGES, Tongue, tongues
from services import consent_texts
from services.readability import EASY, lix
from views.choices import NO_CHOICE, ChoiceField
from views.fields import storable, stripped
from views.office.register import RegisterRows, RegisterView, declare
from views.realm import needs, see_other

SHORT = 1_000


class TongueField(ChoiceField):
    """Any language there is a name for: those Medspel speaks first, the others by their name."""

    def __init__(self, label: Any, **kw: Any) -> None:
        super().__init__(label, choices=_by_name, **kw)

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, Tongue(self.data))


def _by_name() -> list[tuple[str, str]]:
    here = str(get_locale())
    spoken = [(str(one), one.own_name.capitalize()) for one in LANGUAGES]
    others = ((str(one), one.name_in(here).capitalize()) for one in tongues())
    more = sorted((one for one in others if one[0] not in LANGUAGES), key=lambda one: one[1])
    return [("", str(NO_CHOICE)), *spoken, *more]


class ConsentTextRows(RegisterRows):
    """A text nobody has approved says so; one that nobody here has written too."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col == "lix":
            return readability(item)
        value = RegisterRows._get_attr_value(item, col)
        if col == "approved_at":
            return value or gettext("Not approved yet")
        if col == "approved_by" and value is None and item.approved_at:
            return gettext("Came with Medspel")
        return value


class ConsentTextRegister(RegisterView):
    """A new text is a new version; what is approved stays as it was."""

    show_template = "office/consent_text.html"
    add_text = lazy_gettext("Write a new version")

    def title_of(self, row: Any) -> str:
        name = row.language.own_name.capitalize()
        return str(gettext("Version %(number)s, %(language)s", number=row.version, language=name))

    def can(self, verb: str, row: Any = None) -> bool:
        is_done = row is not None and row.approved_at is not None
        return super().can(verb, row) and not (verb == "edit" and is_done)

    def _must(self, verb: str, row: Any = None) -> None:
        if row is not None and row.approved_at is not None:
            raise consent_texts.Approved(row.id)
        super()._must(verb, row)

    def blank(self) -> Any:
        return self.add_form(data={"starts_on": today()})

    def new(self, form: Any) -> ConsentText:
        kind, language = form.plan_type.data, Tongue(form.language.data)
        version = consent_texts.next_version(g.session, kind, language)
        return ConsentText(municipality_id=g.actor.municipality_id, version=version)

    def store(self, item: Any) -> None:
        super().store(item)
        g.made = item.id

    def post_add_redirect(self) -> Response:
        """To the text as it will be shown, where it is approved."""
        made = g.get("made")
        return see_other(self.address("show", made) if made else self.get_redirect())

    def post_edit_redirect(self) -> Response:
        return see_other(self.address("show", (request.view_args or {})["pk"]))

    def render_template(self, template: str, **context: Any) -> Any:
        return super().render_template(template, **{"row": g.get("row"), "view": self} | context)

    def look(self, row: ConsentText) -> str:
        """What was looked at, for the button that approves it."""
        return self.version_of(row)

    def lix_of(self, row: ConsentText) -> int | None:
        return readability(row)

    def is_hard(self, row: ConsentText) -> bool:
        return (readability(row) or 0) >= EASY

    @expose("/approve/<pk>", methods=["POST"])
    @needs("edit")
    def approve(self, pk: str) -> Response:
        row = self.row(pk)
        if row.approved_at is None and request.form.get("look") != self.look(row):
            raise consent_texts.Changed(row.id)
        consent_texts.approve(g.session, row)
        flash(gettext("It is approved. People are asked with it from the day it says."), "success")
        return see_other(self.address("show", row.id))


def readability(text: ConsentText) -> int | None:
    """LIX of what everybody reads; of languages it was not made for there is none."""
    return lix(text.body) if str(text.language) in LANGUAGES else None


def _area(label: str, longest: int, *must: Any, help: Any = "") -> Any:
    rules = [*must, Length(max=longest), storable]
    text = lazy_gettext(label)
    return TextAreaField(text, validators=rules, filters=[stripped], description=help)


def register() -> type[RegisterView]:
    fields = {
        "plan_type": N_("Kind of plan"), "language": N_("Language"), "body": N_("Short text"),
        "details": N_("More, for those who want to read it"), "starts_on": N_("In use from"),
    }  # fmt: skip
    short_help = lazy_gettext(
        "What is shared, with whom, why and how long; that one may say no and take it back. "
        "It must fit one screen of a phone."
    )
    return declare(
        "ConsentText", ConsentText, N_("Consent texts"), fields,
        shown=("plan_type", "language", "version", "starts_on", "approved_at", "lix"),
        more=("approved_by",),
        labels={
            "version": N_("Version"), "approved_at": N_("Approved"),
            "approved_by": N_("Approved by"), "lix": N_("Readability (LIX)"),
        },
        eager=(ConsentText.approved_by,), base=ConsentTextRegister, rows=ConsentTextRows,
        pages=("list", "show", "add", "edit", "approve"),
        language=TongueField(lazy_gettext("Language"), validators=[InputRequired()]),
        body=_area("Short text", SHORT, DataRequired(), help=short_help),
        details=_area("More, for those who want to read it", 10_000),
    )  # fmt: skip
