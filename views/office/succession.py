"""A coordinator leaves (avløysing): all whom the one coordinates for are handed over on one page,
with one press."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.validators import Length, Optional, ValidationError

from models.clock import today
from models.i18n import N_
from models.keys import key
from models.people import Person
from security.coordinating import Unfit
from services.succession import Hindrance, Led, NotHandedOver, hand_over, led_by
from views.fields import DayField, storable
from views.forms import Form, VersionField
from views.office.appointments import UNFIT, another, warn
from views.office.person_field import PersonField
from views.realm import HandMade, Realm, needs, not_there, see_other
from views.words import shown

A_PAGE = 25
_WHY: dict[StrEnum, str] = {
    **UNFIT,
    Unfit.THEMSELVES: N_("Nobody coordinates for themselves."),
    Hindrance.MEANWHILE: N_(
        "This was changed meanwhile, and nobody is handed over yet. Send again for the others."
    ),
    Hindrance.NOT_BEGUN: N_("The last day is before the first one here."),
    Hindrance.GAP: N_("This ends before the new one begins. Choose an earlier first day."),
}


class SuccessionForm(Form):
    """One field more for each person, `to_` and the key of the appointment. `seen`: those that
    were shown, so that nobody is handed over unseen."""

    seen = VersionField()
    all_to = PersonField(
        lazy_gettext("Who takes over for all?"),
        description=lazy_gettext("You can choose another for some of them below."),
        validators=[Optional(), Length(max=300), storable, another],
    )
    last_day = DayField(
        lazy_gettext("Last day of the one who leaves"),
        description=lazy_gettext("Without a day it is today."),
        validators=[Optional()],
    )
    first_day = DayField(
        lazy_gettext("First day of the new one"),
        description=lazy_gettext("They may overlap, so that the two can meet the family together."),
        validators=[Optional()],
    )

    def validate_last_day(self, field: DayField) -> None:
        if self.last < today() - timedelta(days=1):
            raise ValidationError(gettext("Choose yesterday or a later day."))

    def validate_first_day(self, field: DayField) -> None:
        if self.first < today():
            raise ValidationError(gettext("Nobody begins before today."))
        if self.first > self.last + timedelta(days=1):
            raise ValidationError(gettext("Nobody would coordinate between the two days."))

    @property
    def last(self) -> Any:
        return self.last_day.data if _is_read(self.last_day) else today()

    @property
    def first(self) -> Any:
        return self.first_day.data if _is_read(self.first_day) else today()

    def chosen(self, leaves: int) -> dict[int, int]:
        """Appointment -> who takes over. Who is left with the one who leaves, stays."""
        to = {
            key(field.name.removeprefix("to_")): field.person_id or self.all_to.person_id
            for field in self
            if field.name.startswith("to_")
        }
        return {one: who for one, who in to.items() if one and who and who != leaves}


class Succession(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/coordinators"
    class_permission_name = "Succession"

    @expose("/<int:pk>/hand-over", methods=["GET", "POST"])
    @needs("edit")
    def page(self, pk: int) -> str | Response | tuple[str, int]:
        who = g.session.scalars(select(Person).where(Person.id == pk)).first() or not_there()
        sent = request.method == "POST"
        seen = _keys(request.form.get("seen", "")) if sent else set()
        rows = led_by(g.session, pk, seen)
        open_ = [one for one in rows if one.is_open]
        known = [one for one in rows if one.appointment.id in seen]
        shown_ = known or open_[:A_PAGE]  # without them one looks anew, and nothing is done
        form = _form(shown_)
        if form.validate_on_submit() and self._store(form, who, bool(known)):
            return see_other(url_for("Coordinators.list"))
        still = {one.appointment.id for one in shown_ if one.is_open}
        form.seen.data = ",".join(map(str, sorted(still)))
        page = self.render_template(
            "office/succession.html",
            title=gettext("Hand over from %(name)s", name=who),
            form=form,
            rows=shown_,
            more=len(open_) > len(shown_),
            done=[one for one in rows if one.successors],
            back=url_for("Coordinators.list"),
        )
        g.session.rollback()
        return str(page), 422 if form.errors else 200

    def _store(self, form: SuccessionForm, who: Person, is_known: bool) -> bool:
        chosen = form.chosen(who.id)
        if not is_known:
            form.all_to.errors = [gettext("This page has changed. Look it over and send again.")]
            return False
        if not chosen:
            form.all_to.errors = [gettext("Choose who takes over, for all or for some.")]
            return False
        try:
            made = hand_over(g.session, who.id, chosen, form.last, form.first)
        except NotHandedOver as fault:
            for one, why in fault.why.items():
                form[f"to_{one}"].errors = [gettext(_WHY[why])]
            return False
        said = ngettext(
            "%(num)s person has a new coordinator.",
            "%(num)s persons have a new coordinator.",
            len(chosen),
        )
        flash(said, "success")
        warn(*made)
        return True


def _is_read(field: DayField) -> bool:
    """Without a day, or with one that is refused, no sum is made with it."""
    return field.data is not None and not field.errors


def _keys(text: str) -> set[int]:
    return set(filter(None, map(key, text.split(",")[:A_PAGE])))


def _form(rows: list[Led]) -> SuccessionForm:
    fields = {f"to_{one.appointment.id}": _field(one) for one in rows}
    form: SuccessionForm = type("SuccessionForm", (SuccessionForm,), fields)(
        data={"last_day": today(), "first_day": today()}
    )
    for name in ("all_to", *fields):
        form[name].flags.required = True  # one of them is: none is said to be optional
    return form


def _field(one: Led) -> Any:
    rules = [Optional(), Length(max=300), storable, another]
    return PersonField(one.appointment.person.name, description=_about(one), validators=rules)


def _about(one: Led) -> str:
    """What tells two of the same name apart, and what goes along."""
    a = one.appointment
    hours = a.agreed_hours
    beside = sorted({str(other.coordinator) for other in one.beside})
    said = (
        gettext("born %(day)s", day=shown(a.person.birth_date)) if a.person.birth_date else "",
        ngettext("%(num)s hour a week", "%(num)s hours a week", hours) if hours else "",
        str(a.department or ""),
        gettext("until %(day)s", day=shown(a.ends_on)) if a.ends_on else "",
        gettext("also %(names)s", names=", ".join(beside)) if beside else "",
    )
    return " · ".join(filter(None, said))
