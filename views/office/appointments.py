"""The register of appointments (oppnemningar): who coordinates for whom, from, to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, g
from flask_babel import gettext, lazy_gettext
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from models.clock import today
from models.i18n import N_
from models.municipality import Department
from models.people import CoordinatorAppointment
from models.vocabulary import Role
from services.appointments import follow, without_the_role
from services.load import away
from views.choices import RowField, rows_of_the_register
from views.fields import storable
from views.forms import register_form
from views.office.coordinator_profile import absence
from views.office.own_department import own_department
from views.office.person_field import PersonField
from views.office.register import RegisterRows, RegisterView, declare


class AppointmentRows(RegisterRows):
    """All of them for the coordinating unit; a leader's are those of the department."""

    def narrow(self, statement: Any) -> Any:
        narrowed = super().narrow(statement)
        if Role.COORDINATING_UNIT in g.actor.roles:
            return narrowed
        return narrowed.where(CoordinatorAppointment.department_id.in_(own_department()))


def warn(*items: CoordinatorAppointment) -> None:
    """Said at once, or the coordinator finds nobody on the first page."""
    for name in without_the_role(g.session, items):
        words = gettext(
            "%(name)s cannot sign in as a coordinator yet. "
            "Ask a system administrator to give the role.",
            name=name,
        )
        flash(words, "warning")
    warn_of_absence(one.coordinator_id for one in items)


def warn_of_absence(people: Iterable[int]) -> None:
    """Somebody who is away may be chosen, and one should know."""
    for row in away(g.session, people):
        flash(f"{row.person}: {absence(row, today())}.", "warning")


class AppointmentRegister(RegisterView):
    """Who is appointed coordinator for whom; the plan register follows."""

    fixed = ("person", "coordinator", "department", "starts_on")

    def store(self, item: CoordinatorAppointment) -> None:
        super().store(item)
        follow(g.session, item)
        warn(item)


def another(_form: Any, field: PersonField) -> None:
    if field.person_id == g.actor.person_id:
        raise ValidationError(gettext("Somebody else in the unit must appoint you."))


def register() -> type[RegisterView]:
    fields = {
        "person_id": N_("Person"),
        "coordinator_id": N_("Coordinator"),
        "department_id": N_("Department"),
        "agreed_hours": N_("Agreed hours a week"),
        "starts_on": N_("From"),
        "ends_on": N_("Until"),
    }
    a = CoordinatorAppointment
    must = [DataRequired(), Length(max=300), storable]
    view = declare(
        "Appointment", a, N_("Appointments"), fields, base=AppointmentRegister,
        rows=AppointmentRows, named=a.person_id, taken_out=True,
        eager=(a.person, a.coordinator, a.department),
        shown=("person", "coordinator", "department", "agreed_hours", "starts_on", "ends_on"),
        labels={
            "person": N_("Person"), "coordinator": N_("Coordinator"),
            "department": N_("Department"),
        },
        person_id=PersonField(lazy_gettext("Person"), validators=must),
        coordinator_id=PersonField(lazy_gettext("Coordinator"), validators=[*must, another]),
        department_id=RowField(
            lazy_gettext("Department"), rows_of_the_register(Department),
            validators=[Optional()],
        ),
    )  # fmt: skip
    ending = {"ends_on": N_("Until"), "agreed_hours": N_("Agreed hours a week")}
    view.edit_form = register_form(a, ending)  # persons never change: end it and appoint anew
    return view
