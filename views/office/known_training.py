"""What courses, their sessions and lists count as the same (kjende rader), for files of them."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select

from models.course import Course, CourseAttendance, CourseSession
from views.office.import_rows import Intake, Keys
from views.office.known_rows import Said, by_name
from views.office.said_people import meant

_COURSE = ("kurs", "kursnamn", "kursnavn", "opplæring", "course")
_DAY = ("dag", "dato", "kursdato", "samling", "date")


def _courses(_form: Any, _said: Said) -> Keys:
    return {name.casefold() for name in g.session.scalars(select(Course.name))}


courses = Intake(
    {
        "name": ("namn", "navn", *_COURSE),
        "content": ("innhald", "innhold", "skildring", "beskrivelse"),
        "is_basic": ("grunnopplæring", "grunnkurs", "obligatorisk", "basic", "for everyone"),
        "active": ("aktiv", "active"),
    },
    by_name, _courses,
)  # fmt: skip


def _session(form: Any) -> Keys:
    place = (form["place"].data or "").casefold()
    return {(form["course_id"].data, form["held_on"].data, place)}


def _sessions(_form: Any, _said: Said) -> Keys:
    s = CourseSession
    rows = g.session.execute(select(s.course_id, s.held_on, s.place))
    return {(course, day, (place or "").casefold()) for course, day, place in rows}


sessions = Intake(
    {
        "course_id": _COURSE,
        "held_on": _DAY,
        "place": ("stad", "sted", "lokale"),
        "led_by": ("kurshaldar", "kursholder", "leiar", "leder", "teacher"),
        "places": ("plassar", "plasser", "maks"),
    },
    _session, _sessions,
)  # fmt: skip


def _attended(form: Any) -> Keys:
    return {(form.session_id, form["person_id"].person_id)}


def _attendances(form: Any, _said: Said) -> Keys:
    """And the days courses were held on, by which a row is told its session."""
    s, at = CourseSession, CourseAttendance
    form.held = {}
    for course, day, key in g.session.execute(select(s.course_id, s.held_on, s.id)):
        form.held.setdefault((course, day), []).append(key)
    people = meant(form["person_id"])
    listed = select(at.session_id, at.person_id).where(at.person_id.in_(people))
    return {(row[0], row[1]) for row in g.session.execute(listed)}


attendances = Intake(
    {
        "course_id": _COURSE,
        "held_on": _DAY,
        "person_id": ("namn", "navn", "name", "deltakar", "deltaker", "tilsett", "ansatt",
                      "participant"),
        "person_id +born": ("fødd", "født", "fødselsdato", "date of birth", "born"),
        "person_id +mail": ("e-post", "epost", "e-mail", "mail"),
        "was_there": ("møtte", "oppmøte", "til stades", "til stede", "attended", "present"),
    },
    _attended, _attendances,
)  # fmt: skip
