"""The municipality's own row (kommunen): name, language, and how its pages look."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import lazy_gettext
from wtforms import BooleanField
from wtforms.validators import NumberRange, Optional

from models.i18n import N_
from models.look import OURS
from models.municipality import Municipality
from views.fields import NumberField
from views.forms import Form
from views.office.colour_field import TownColourField
from views.office.logo_field import LogoField
from views.office.register import RegisterRows, RegisterView, declare


class OwnMunicipality(RegisterView):
    """The administrator's own municipality, and no other."""


class OwnRows(RegisterRows):
    def narrow(self, statement: Any) -> Any:
        mine = Municipality.id == g.actor.municipality_id
        return statement.where(mine) if hasattr(statement, "where") else statement.filter(mine)


class _MunicipalityForm(Form):
    def populate_obj(self, obj: Municipality) -> None:
        ours = self["ours"].data
        del self["ours"]  # is no column
        for name in _ages():  # left empty, they stay
            if self[name].data is None:
                self[name].data = getattr(obj, name)
        super().populate_obj(obj)
        if ours:
            obj.accent = obj.brand = obj.logo = obj.logo_print = None


def _ages() -> dict[str, Any]:
    return {
        "consent_age": NumberField(
            lazy_gettext("From what age a youth signs"),
            description=lazy_gettext("16 is usual, some use 15. A new age counts at once."),
            validators=[Optional(), NumberRange(12, 18)],
        ),
        "grace_days": NumberField(
            lazy_gettext("Days the parents' signatures last after that birthday"),
            validators=[Optional(), NumberRange(0, 365)],
        ),
    }


def _look_fields() -> dict[str, Any]:
    return {
        "logo_print": LogoField(
            lazy_gettext("Logo"),
            description=lazy_gettext(
                "A PNG or JPEG file of at most 100 kB. Without one, pages show Medspel's mark."
            ),
        ),
        "accent": TownColourField(
            lazy_gettext("Main colour"),
            OURS["accent"],
            description=lazy_gettext(
                "For buttons, links and the place one is at. Lighter and darker shades, and those "
                "for dark pages and high contrast, are made from it."
            ),
        ),
        "brand": TownColourField(
            lazy_gettext("Second colour"),
            OURS["brand1"],
            description=lazy_gettext("For what belongs to the family."),
        ),
        "ours": BooleanField(lazy_gettext("Use Medspel's own mark and colours instead")),
    }


def register() -> type[RegisterView]:
    basic = {
        "name": N_("Name"),
        "language": N_("Language"),
        "phone": N_("Telephone"),
        "accepts_substantial": N_("The level “substantial” (MinID) is enough to open plans"),
        "consent_age": N_("From what age a youth signs"),
        "grace_days": N_("Days the parents' signatures last after that birthday"),
        "keeps_cases": N_("Requests are weighed and answered with letters here, not elsewhere"),
    }
    by_password = {
        "adults_by_password": N_("Adults may sign in with a password too"),
        "parts_by_password": N_("The parts of a plan a password opens for them"),
    }
    basic["parts_until_18"] = N_("What parents read when a youth decides alone, until 18")
    view = declare(
        "Municipality", Municipality, N_("Municipality"),
        basic | by_password | dict.fromkeys(_look_fields(), ""),
        shown=tuple(basic), more=(*by_password, "accent", "brand"),
        labels={"accent": N_("Main colour"), "brand": N_("Second colour")},
        pages=("list", "show", "edit"), base=OwnMunicipality, rows=OwnRows,
        **_ages(), **_look_fields(),
    )  # fmt: skip
    view.add_form = view.edit_form = type(
        "MunicipalityForm", (_MunicipalityForm, view.edit_form), {}
    )
    return view
