"""The pages of a request (førespurnadsskjema), a few questions each: what is asked depends on whom
it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from models.case_words import ASKED_BY_FAMILIES, Concerns, Wanted
from models.clock import today
from views.choices import OneField, WordsSetField
from views.fields import AddressField, DayField, has_come, storable, stripped
from views.forms import Form
from views.words import shown

_LINE, _TEXT = [Length(max=200), storable], [Length(max=5000), storable]


class PageForm(Form):
    """One page of the request, filled in with what was kept of it.

    kept: what was sent the last time; `stored`: read from that alone, whatever is sent now.
    """

    class Meta(Form.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if formdata is None:
                return None
            sent_now = request.method == "POST" and not form.stored
            return request.form if sent_now else form.kept

    def __init__(self, concerns: Concerns | None, kept: Any, stored: bool = False, **kw: Any):
        self.kept = MultiDict(kept) if kept is not None else None
        self.stored = stored
        super().__init__(**({"meta": {"csrf": False}} if stored else {}), **kw)
        self.suit(concerns)

    def suit(self, concerns: Concerns | None) -> None:
        """Leave out what is not asked of those it is for."""

    def drop(self, *names: str) -> None:
        for name in names:
            del self[name]

    def said(self) -> dict[str, Any]:
        """Columns of the request."""
        return {field.name: field.data for field in self.shown_fields()}


def is_to_come(_form: Any, field: Any) -> None:
    if field.data and field.data < today():
        raise ValidationError(gettext("That day has passed. A child that is born has a name."))


class AboutForm(PageForm):
    """Whom it is for, and what is asked for."""

    concerns = OneField(
        lazy_gettext("Who is it for?"),
        choices=lambda: [(str(one), shown(one)) for one in Concerns],
        validators=[InputRequired()],
    )
    wanted = WordsSetField(
        lazy_gettext("What do you ask for?"),
        Wanted,
        description=lazy_gettext("Choose what fits. If you do not know, say so: we find it out."),
    )

    def suit(self, concerns: Concerns | None) -> None:
        self.wanted.choices = [(str(one), shown(one)) for one in ASKED_BY_FAMILIES]

    def validate(self, *args: Any, **kw: Any) -> bool:
        right: bool = super().validate(*args, **kw)
        if right and not self.wanted.data and self.concerns.data != Concerns.FROM_WORK:
            self.wanted.errors = [gettext("Choose at least one.")]
            return False
        return right

    def said(self) -> dict[str, Any]:
        concerns = Concerns(self.concerns.data)
        from_work = concerns is Concerns.FROM_WORK
        wanted = {Wanted.POSSIBLE_NEED} if from_work else set(self.wanted.data or ())
        return {"concerns": concerns, "wanted": frozenset(wanted)}


class PersonForm(PageForm):
    """Who it is for."""

    person_name = StringField(
        lazy_gettext("Name"), validators=[DataRequired(), *_LINE], filters=[stripped]
    )
    birth_date = DayField(lazy_gettext("Birth date"), validators=[InputRequired(), has_come])
    due_on = DayField(
        lazy_gettext("When is the child expected?"), validators=[Optional(), is_to_come]
    )

    def suit(self, concerns: Concerns | None) -> None:
        if concerns is Concerns.EXPECTED_CHILD:
            self.drop("person_name", "birth_date")
            return
        self.drop("due_on")
        if concerns is Concerns.MYSELF:
            self.person_name.label.text = gettext("Your name")


class WordsForm(PageForm):
    """In their own words."""

    words = TextAreaField(
        lazy_gettext("What is it that you want help with?"),
        description=lazy_gettext("A few words are enough."),
        validators=[DataRequired(), *_TEXT],
        filters=[stripped],
    )
    services = TextAreaField(
        lazy_gettext("Which services are there today?"),
        description=lazy_gettext("School, doctor, home care, NAV and others."),
        validators=[Optional(), *_TEXT],
        filters=[stripped],
    )
    coordinator_wish = StringField(
        lazy_gettext("Is there somebody you wish for as coordinator?"),
        validators=[Optional(), *_LINE],
        filters=[stripped],
    )

    def suit(self, concerns: Concerns | None) -> None:
        if concerns is Concerns.FROM_WORK:
            self.drop("coordinator_wish")
            self.words.label.text = gettext("Why may they need it?")
            self.words.description = gettext("Only what the coordinating unit needs to know.")


class SenderForm(PageForm):
    """Who asks, and how they are reached."""

    from_name = StringField(
        lazy_gettext("Your name"), validators=[DataRequired(), *_LINE], filters=[stripped]
    )
    from_role = StringField(
        lazy_gettext("What you are to the person"),
        description=lazy_gettext("Mother, father, guardian or another."),
        validators=[DataRequired(), *_LINE],
        filters=[stripped],
    )
    from_phone = AddressField(
        lazy_gettext("Telephone"), "phone", description=lazy_gettext("This or an e-mail address.")
    )
    from_email = AddressField(lazy_gettext("E-mail"), "email")
    is_told = OneField(
        lazy_gettext("Do they know that you write to us?"),
        choices=lambda: [("yes", shown(True)), ("no", shown(False))],
        validators=[InputRequired()],
    )

    def suit(self, concerns: Concerns | None) -> None:
        if concerns is not Concerns.FROM_WORK:
            self.drop("is_told")
        else:
            self.from_role.label.text = gettext("Your work and workplace")
            self.from_role.description = ""
        if concerns is Concerns.MYSELF:
            self.drop("from_name", "from_role")

    def validate(self, *args: Any, **kw: Any) -> bool:
        right: bool = super().validate(*args, **kw)
        if right and not (self.from_phone.data or self.from_email.data):
            words = gettext("Write a telephone number or an e-mail address, so we can reach you.")
            self.from_phone.errors = [words]
            return False
        return right

    def said(self) -> dict[str, Any]:
        values = super().said()
        for field in (self.from_phone, self.from_email):
            values[field.name] = field.parse(field.data) if field.data else None
        if "is_told" in values:
            values["is_told"] = values["is_told"] == "yes"
        return values


PAGES: dict[str, type[PageForm]] = {
    "about": AboutForm,
    "person": PersonForm,
    "words": WordsForm,
    "sender": SenderForm,
}


def names_of(form: type[PageForm]) -> list[str]:
    """The questions of a page, whomever it is for."""
    return [name for name in dir(form) if isinstance(getattr(form, name), UnboundField)]


def concerns(kept: Mapping[str, Mapping[str, list[str]]]) -> Concerns | None:
    """Whom it is for, when that is said already."""
    said = [*kept.get("about", {}).get("concerns", ()), ""][0]
    return Concerns(said) if said in set(Concerns) else None


def filled(kept: Mapping[str, Mapping[str, list[str]]]) -> dict[str, PageForm]:
    """Every page as it was sent, judged anew."""
    whom = concerns(kept)
    forms = {name: form(whom, kept.get(name, {}), True) for name, form in PAGES.items()}
    return forms


def columns(forms: Mapping[str, PageForm]) -> dict[str, Any]:
    """What is stored of pages that are all right; who asks for themselves is who it is for."""
    said = {name: value for form in forms.values() for name, value in form.said().items()}
    return {"from_name": said.get("person_name"), **said}
