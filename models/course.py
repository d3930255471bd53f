"""Training of those who coordinate (opplæring): courses, their sessions, and who was there."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, PersonKey, Row
from models.people import Person


class Course(MunicipalityBound, Row):
    """A course (opplæring) the coordinating unit gives those who coordinate.

    `is_basic`: everyone who coordinates should have it (grunnopplæring). One that is not given
    any more is not `active`: nobody lacks it. Helse- og omsorgstenestelova § 7-3.
    """

    __tablename__ = "course"
    deletable = True
    __table_args__ = (UniqueConstraint("municipality_id", "name"),)

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[str | None] = mapped_column(Text)
    is_basic: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class CourseSession(MunicipalityBound, Row):
    """A day on which a course is held (samling). `places`: how many there is room for."""

    __tablename__ = "course_session"
    deletable = True
    __table_args__ = (
        CheckConstraint("places IS NULL OR places > 0", name="has_room"),
        Index(None, "municipality_id", "held_on", "id"),
    )
    immutable = MunicipalityBound.immutable | {"course_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    held_on: Mapped[date]
    place: Mapped[str | None] = mapped_column(String(200))
    led_by: Mapped[str | None] = mapped_column(String(200))
    places: Mapped[int | None]

    course: Mapped[Course] = relationship(lazy="raise_on_sql")


class CourseAttendance(MunicipalityBound, Row):
    """Somebody on the list of a session (oppmøte); `was_there` is said when the day has come.

    Read by the coordinating unit, and by those it is about.
    """

    __tablename__ = "course_attendance"
    deletable = True
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)
    immutable = MunicipalityBound.immutable | {"session_id", "person_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("course_session.id"))
    person_id: Mapped[PersonKey]
    was_there: Mapped[bool] = mapped_column(default=False)

    session: Mapped[CourseSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
