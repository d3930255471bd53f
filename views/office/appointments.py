"""The register of appointments (oppnemningar): who coordinates for whom, from, to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from flask import flash, g
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from models.clock import today
from models.i18n import N_
from models.municipality import Department
from models.people import CoordinatorAppointment, Person
from models.vocabulary import Role
from security.appointing import authority, is_left_to
from security.coordinating import Bonds, Unfit, bonds
from services.appointments import follow, without_the_role
from services.load import away
from views.choices import RowField, rows_of_the_register
from views.fields import storable
from views.forms import Form, register_form
from views.office import known_rows
from views.office.coordinator_profile import absence
from views.office.own_department import own_department
from views.office.person_field import PersonField
from views.office.register import RegisterRows, RegisterView, declare


class AppointmentRows(RegisterRows):
    """All of them for the coordinating unit; a leader's are those of the department."""

    def narrow(self, statement: Any) -> Any:
        narrowed = super().narrow(statement)
        if is_unit():
            return narrowed
        return narrowed.where(CoordinatorAppointment.department_id.in_(own_department()))


MOST_NAMED = 5


def warn(*items: CoordinatorAppointment) -> None:
    """Said at once, or the coordinator finds nobody on the first page."""
    lacking = [str(one) for one in without_the_role(g.session, items)]
    if lacking:
        words = gettext(
            "Cannot sign in as a coordinator yet: %(names)s. "
            "The system administrator sees it on the first page, and gives the role.",
            names=", ".join(lacking[:MOST_NAMED] + ["…"] * (len(lacking) > MOST_NAMED)),
        )
        flash(words, "warning")
    warn_of_absence(one.coordinator_id for one in items)


def warn_of_absence(people: Iterable[int]) -> None:
    """Somebody who is away may be chosen, and one should know."""
    for row in away(g.session, people):
        flash(f"{row.person}: {absence(row, today())}.", "warning")


UNFIT: dict[StrEnum, str] = {
    Unfit.THEMSELVES: N_("Nobody appoints themselves. Ask somebody else to do it."),
    Unfit.ACTS_FOR_THEM: N_("Acts for the person, and cannot be the coordinator too."),
    Unfit.COORDINATES_ALREADY: N_("Is the coordinator already."),
    Unfit.OWN_FAMILY: N_("You act for this person. Somebody else must appoint the coordinator."),
}


class AppointmentForm(Form):
    """Mixed into the form of a new one: who can be appointed, for whom, by whoever fills it in.

    `bonds`: in the rows of a file, those between all people in it, asked once (known_rows).
    """

    bonds: Bonds | None = None

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.left = None if is_unit() else authority(g.session, g.actor)
        if not is_unit():
            del self["department_id"]

    def validate(self, extra_validators: Any = None) -> bool:
        right = bool(super().validate(extra_validators))
        return right and ((self._is_theirs() and self._fits()) or self._is_stored())

    def populate_obj(self, obj: CoordinatorAppointment) -> None:
        super().populate_obj(obj)
        if self.left:
            obj.department_id = self.left.department_id

    def _is_stored(self) -> bool:
        """The second click on the same button, which finds what the first has stored; a row of a
        file has none."""
        if self.bonds is not None:
            return False
        a = CoordinatorAppointment
        return g.session.scalars(select(a.id).where(a.uid == self["uid"].data)).first() is not None

    def _is_theirs(self) -> bool:
        whom, starts_on = self["person_id"], self["starts_on"].data
        if self.left is None:
            return True
        person = g.session.get(Person, whom.person_id)
        if not self.left.covers(person, max(starts_on, today())):
            words = gettext(
                "You appoint for persons younger than %(age)s whose birth date is known here. "
                "Ask the coordinating unit.",
                age=self.left.under,
            )
            whom.errors = [words]
        return not whom.errors

    def _fits(self) -> bool:
        whom, who = self["person_id"].person_id, self["coordinator_id"]
        between = self.bonds or bonds(g.session, g.actor.person_id, [whom], [who.person_id])
        why = between.unfit(whom, who.person_id, self["starts_on"].data)
        if why:
            who.errors = [gettext(UNFIT[why])]
        return why is None


def another(_form: Any, field: PersonField) -> None:
    """For forms in which a coordinator is chosen without anybody to be one for."""
    if field.person_id == g.actor.person_id:
        raise ValidationError(gettext(UNFIT[Unfit.THEMSELVES]))


def is_unit() -> bool:
    return Role.COORDINATING_UNIT in g.actor.roles


class AppointmentRegister(RegisterView):
    """Who is appointed coordinator for whom; the plan register follows."""

    fixed = ("person", "coordinator", "department", "starts_on")

    def can(self, verb: str, row: Any = None) -> bool:
        """A leader appoints where it is left to the department, and ends it again."""
        if verb not in ("add", "edit", "bring_in") or is_unit() or not super().can(verb, row):
            return super().can(verb, row)
        if row is None:
            return authority(g.session, g.actor) is not None
        return is_left_to(g.session, g.actor, row.person_id, row.department_id)

    def store(self, item: CoordinatorAppointment) -> None:
        super().store(item)
        self.stored([item])

    def stored(self, rows: Sequence[CoordinatorAppointment]) -> None:
        follow(g.session, *rows)
        warn(*rows)


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
        intake=known_rows.appointments,
        eager=(a.person, a.coordinator, a.department),
        shown=("person", "coordinator", "department", "agreed_hours", "starts_on", "ends_on"),
        labels={
            "person": N_("Person"), "coordinator": N_("Coordinator"),
            "department": N_("Department"),
        },
        person_id=PersonField(lazy_gettext("Person"), validators=must),
        coordinator_id=PersonField(lazy_gettext("Coordinator"), validators=must),
        department_id=RowField(
            lazy_gettext("Department"), rows_of_the_register(Department),
            validators=[Optional()],
        ),
    )  # fmt: skip
    view.add_form = type("AppointmentForm", (AppointmentForm, view.add_form), {})
    ending = {"ends_on": N_("Until"), "agreed_hours": N_("Agreed hours a week")}
    view.edit_form = register_form(a, ending)  # persons never change: end it and appoint anew
    return view
