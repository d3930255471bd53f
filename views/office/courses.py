"""The registers of training (opplæring): courses, and the sessions they are held in."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from models.clock import today
from models.course import Course, CourseSession
from models.i18n import N_
from models.keys import key
from services.courses import somebody_was_there
from views.branches import Branch
from views.choices import RowField, rows_of_the_register
from views.fields import NumberField
from views.forms import register_form
from views.office import known_training
from views.office.register import RegisterView, declare
from views.words import shown

MOST_SHOWN = 50
"""The newest sessions of a course stand on its page; the list has them all."""


class CourseRegister(RegisterView):
    """Courses, with the sessions of each on its page."""

    nobody_text = lazy_gettext("No course by this name.")
    inside = ("CourseSessionView", "CourseAttendanceView", "Attendance", "LacksBasics")

    def ways_from_the_list(self) -> list[tuple[str, str]]:
        there = [(gettext("All sessions"), url_for("CourseSessionView.list"))]
        if g.may("can_list", "Attendance"):
            there.append((gettext("Who has been where"), url_for("CourseAttendanceView.list")))
            there.append((gettext("Who lacks basic training"), url_for("LacksBasics.list")))
        return [*there, *super().ways_from_the_list()]

    def branches(self, row: Course) -> list[Branch]:
        wanted = select(CourseSession).where(CourseSession.course_id == row.id)
        newest = wanted.order_by(CourseSession.held_on.desc(), CourseSession.id.desc())
        lines = [
            {
                "title": shown(one.held_on),
                "url": url_for("CourseSessionView.show", pk=one.id),
                "said": " · ".join(said for said in (one.place, one.led_by) if said),
            }
            for one in g.session.scalars(newest.limit(MOST_SHOWN))
        ]
        add = url_for("CourseSessionView.add", course=row.id) if self.can("add") else ""
        return [Branch(gettext("Sessions"), lines, gettext("Add a session"), add)]


class SessionRegister(RegisterView):
    """The days courses are held on; which course it is of stays."""

    fixed = ("course",)
    nobody_text = lazy_gettext("No course by this name.")

    def title_of(self, row: CourseSession) -> str:
        return f"{row.course.name}, {shown(row.held_on)}"

    def blank(self) -> FlaskForm:
        """From the page of a course it is of that course."""
        return self.add_form(data={"course_id": key(request.args.get("course", "0")) or None})

    def get_redirect(self) -> str:
        of = key(request.args.get("course", "0"))
        return url_for("CourseView.show", pk=of) if of else super().get_redirect()

    def ways(self, row: CourseSession) -> list[tuple[str, str]]:
        to_course = (gettext("Open the course"), url_for("CourseView.show", pk=row.course_id))
        if not g.may("can_edit", "Attendance"):
            return [to_course]
        words = gettext("Who is coming?") if row.held_on > today() else gettext("Who was there?")
        return [(words, url_for("Attendance.page", pk=row.id)), to_course]


class _NotMoved:
    """A day that has been is not moved to one that is to come, once somebody was there."""

    def validate_held_on(self, field: Any) -> None:
        row = getattr(self, "_row", None)
        later = field.data and field.data > today()
        if later and row is not None and somebody_was_there(g.session, row.id):
            raise ValidationError(gettext("Somebody was there already. So the day has been."))


def courses() -> type[RegisterView]:
    c = Course
    fields = {
        "name": N_("Name"), "content": N_("What it holds"),
        "is_basic": N_("Everyone who coordinates should have it"), "active": N_("Is given now"),
    }  # fmt: skip
    return declare(
        "Course", c, N_("Courses"), fields, base=CourseRegister, named=c.id, whose=c,
        shown=("name", "is_basic", "active"), more=("content",), order=("name", "asc"),
        labels={"is_basic": N_("For everyone"), "active": N_("Is given now")},
        taken_out=True, intake=known_training.courses,
        is_basic=BooleanField(
            lazy_gettext("Everyone who coordinates should have it"),
            description=lazy_gettext("Who has not been there is on the list of who lacks it."),
        ),
        active=BooleanField(lazy_gettext("Is given now"), default=True),
        pages=("list", "show", "add", "edit", "delete"),
    )  # fmt: skip


def sessions() -> type[RegisterView]:
    s = CourseSession
    changing = {
        "held_on": N_("Day"), "place": N_("Place"), "led_by": N_("Led by"),
        "places": N_("Places"),
    }  # fmt: skip
    rules = [Optional(), NumberRange(1, 10_000)]
    room = NumberField(lazy_gettext("Places"), validators=rules)
    view = declare(
        "CourseSession", s, N_("Sessions"), {"course_id": N_("Course"), **changing},
        base=SessionRegister, permission="Course", named=s.course_id, whose=Course,
        eager=(s.course,), shown=("held_on", "course", "place", "led_by", "places"),
        labels={"course": N_("Course")}, order=("held_on", "desc"),
        taken_out=True, intake=known_training.sessions,
        pages=("list", "show", "add", "edit", "delete"),
        course_id=RowField(
            lazy_gettext("Course"), rows_of_the_register(Course), validators=[InputRequired()]
        ),
        places=room,
    )  # fmt: skip
    view.menu_label = None  # one comes here from the courses
    edit = register_form(s, changing, places=room)
    view.edit_form = type("CourseSessionForm", (_NotMoved, edit), {})
    return view
