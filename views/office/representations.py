"""Who acts for whom (representasjon): confirmed and ended by the coordinating unit."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField
from wtforms.validators import Length, Optional

from models.clock import utcnow
from models.i18n import N_
from models.people import Representation
from models.representation_rules import HAS_MANDATE, RULES
from models.vocabulary import Mandate
from views.choices import WordsField
from views.fields import storable, stripped
from views.forms import Form
from views.office.register import RegisterView, declare


class ConfirmForm(Form):
    """The coordinating unit has checked, or the representation is over."""

    mandate = WordsField(
        lazy_gettext("What the mandate is for"),
        Mandate,
        description=lazy_gettext("For a legal guardian and a power of attorney."),
        validators=[Optional()],
    )
    document = StringField(
        lazy_gettext("Where the document lies"),
        description=lazy_gettext("Never what it says. Parents and next of kin need none."),
        validators=[Optional(), Length(max=200), storable],
        filters=[stripped],
    )
    confirmed = BooleanField(
        lazy_gettext("I have checked that this person acts for the other"),
        description=lazy_gettext(
            "Until then it opens nothing. Where there is a document, somebody else confirms it "
            "after you."
        ),
    )
    ended = BooleanField(lazy_gettext("It is over: end it now"))

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) and self._has_what_it_takes()

    def _has_what_it_takes(self) -> bool:
        rule = RULES.get(self._row.capacity)
        if not self.confirmed.data or self._row.verified_at is not None or rule is None:
            return True
        for needed, field in (
            (rule.personal_matters, self.mandate),
            (rule.document, self.document),
        ):
            if needed and not field.data:
                field.errors = [gettext("Fill in this one too.")]
                return False
        return True

    def populate_obj(self, obj: Representation) -> None:
        if obj.verified_at is None and obj.capacity in HAS_MANDATE:
            obj.mandate = self.mandate.data
        obj.document = self.document.data
        if self.confirmed.data and obj.verified_at is None:
            obj.verified_at, obj.verified_by_id = utcnow(), g.actor.person_id
        if self.ended.data and obj.ends_at is None:
            obj.ends_at = utcnow()


def register() -> type[RegisterView]:
    r = Representation
    view = declare(
        "Representation", r, N_("Who acts for whom"), {},
        shown=("person", "representative", "capacity", "verified_at", "confirmed_at", "ends_at"),
        more=("verified_how", "mandate", "document"),
        labels={
            "person": N_("Person"), "representative": N_("Acts for the person"),
            "capacity": N_("As"), "verified_how": N_("How this was checked"),
            "verified_at": N_("Checked"), "confirmed_at": N_("Confirmed by a second person"),
            "mandate": N_("What the mandate is for"), "document": N_("Where the document lies"),
            "ends_at": N_("Until"),
        },
        eager=(r.person, r.representative), named=r.person_id,
        pages=("list", "show", "edit"), order=("id", "desc"),
    )  # fmt: skip
    view.edit_form = ConfirmForm
    view.fixed = ("person", "representative", "capacity", "verified_how")
    return view
