"""Who has been at which session (oppmøteliste): all lists in one register, brought in and taken
out as a file. One ticks on the page of a session (views.office.attendance)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import joinedload
from wtforms import BooleanField
from wtforms.validators import DataRequired, InputRequired, Length

from models.clock import today
from models.course import Course, CourseAttendance, CourseSession
from models.i18n import N_
from views.choices import RowField, rows_of_the_register
from views.fields import DayField, storable
from views.forms import Form
from views.office import known_training
from views.office.person_field import PersonField
from views.office.register import RegisterRows, RegisterView, declare


class AttendedRows(RegisterRows):
    """With the session of each; a list is of the course and the day, as people say it."""

    def narrow(self, statement: Any) -> Any:
        session = joinedload(CourseAttendance.session).joinedload(CourseSession.course)
        return super().narrow(statement).options(session)

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        of = item.session if col in ("course", "held_on") else item
        return RegisterRows._get_attr_value(of, col)


class AttendedForm(Form):
    """Mixed into the form of a row: the day and the course are those of one session.

    `held`: (course, day) -> keys of the sessions then, asked once for all rows (known_training).
    """

    held: Mapping[tuple[int, date], Sequence[int]] = {}

    @property
    def session_id(self) -> int | None:
        """The one session it can be; none: there is no such, or there are several."""
        found = self.held.get((self["course_id"].data, self["held_on"].data), ())
        return found[0] if len(found) == 1 else None

    def validate(self, *args: Any, **kw: Any) -> bool:
        right = bool(super().validate(*args, **kw))
        if right and self.session_id is None:
            self["held_on"].errors = [self._why()]
            return False
        return right

    def _why(self) -> str:
        if (self["course_id"].data, self["held_on"].data) in self.held:
            return str(gettext("The course was held twice this day. Tick on the page of one."))
        return str(gettext("The course was not held this day. Add the session first."))

    def populate_obj(self, obj: CourseAttendance) -> None:
        obj.session_id, obj.person_id = self.session_id or 0, self["person_id"].person_id
        obj.was_there = bool(self["was_there"].data) and self["held_on"].data <= today()


class AttendedRegister(RegisterView):
    nobody_text = lazy_gettext("Nobody by this name.")


def register() -> type[RegisterView]:
    at = CourseAttendance
    fields = {
        "course_id": N_("Course"), "held_on": N_("Day"), "person_id": N_("Person"),
        "was_there": N_("Was there"),
    }  # fmt: skip
    must = [DataRequired(), Length(max=300), storable]
    view = declare(
        "CourseAttendance", at, N_("Who has been where"), fields, base=AttendedRegister,
        rows=AttendedRows, permission="Attendance", named=at.person_id, eager=(at.person,),
        shown=("person", "course", "held_on", "was_there"), order=("id", "desc"), pages=("list",),
        labels={"course": N_("Course"), "person": N_("Person")},
        taken_out=True, intake=known_training.attendances,
        course_id=RowField(
            lazy_gettext("Course"), rows_of_the_register(Course), validators=[InputRequired()]
        ),
        held_on=DayField(lazy_gettext("Day"), validators=[InputRequired()]),
        person_id=PersonField(lazy_gettext("Person"), validators=must),
        was_there=BooleanField(lazy_gettext("Was there"), default=True),
    )  # fmt: skip
    view.menu_label = None  # one comes here from the courses
    view.add_form = type("AttendedForm", (AttendedForm, view.add_form), {})
    return view
