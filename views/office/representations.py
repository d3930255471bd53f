"""Who acts for whom (representasjon): confirmed and ended by the coordinating unit."""

from __future__ import annotations

from flask import g
from flask_babel import lazy_gettext
from wtforms import BooleanField

from models.clock import utcnow
from models.i18n import N_
from models.people import Representation
from views.forms import Form
from views.office.register import RegisterView, declare


class ConfirmForm(Form):
    """The coordinating unit has checked, or the representation is over."""

    confirmed = BooleanField(
        lazy_gettext("I have checked that this person acts for the other"),
        description=lazy_gettext("Until then it opens nothing."),
    )
    ended = BooleanField(lazy_gettext("It is over: end it now"))

    def populate_obj(self, obj: Representation) -> None:
        if self.confirmed.data and obj.verified_at is None:
            obj.verified_at, obj.verified_by_id = utcnow(), g.actor.person_id
        if self.ended.data and obj.ends_at is None:
            obj.ends_at = utcnow()


def register() -> type[RegisterView]:
    r = Representation
    view = declare(
        "Representation", r, N_("Who acts for whom"), {},
        shown=("person", "representative", "capacity", "verified_how", "verified_at", "ends_at"),
        labels={
            "person": N_("Person"), "representative": N_("Acts for the person"),
            "capacity": N_("As"), "verified_how": N_("How this was checked"),
            "verified_at": N_("Confirmed"), "ends_at": N_("Until"),
        },
        eager=(r.person, r.representative), named=r.person_id,
        pages=("list", "show", "edit"), order=("id", "desc"),
    )  # fmt: skip
    view.edit_form = ConfirmForm
    view.fixed = ("person", "representative", "capacity", "verified_how")
    return view
