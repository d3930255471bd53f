"""Training of coordinators in the demo (opplæring): courses that have been, and some to come."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from deploy.town.hall import Town
from models.clock import today
from models.course import Course, CourseSession
from models.language import Language
from services.courses import mark


class Day(NamedTuple):
    """A session: days from now, where, who leads it, and who is put on the list and ticked."""

    away: int
    place: str
    led_by: str
    people: tuple[str, ...] = ()


COURSES: dict[str, tuple[tuple[str, str, bool, tuple[Day, ...]], ...]] = {
    Language.NYNORSK: (
        (
            "Grunnkurs for koordinatorar",
            "Kva ein koordinator gjer gjennom året, korleis samtykke verkar, og korleis du leier "
            "eit møte der familien kjem til orde. Ein dag, med lunsj.",
            True,
            (
                Day(-62, "Kommunestyresalen", "Siv Moen", ("turid",)),
                Day(19, "Kommunestyresalen", "Siv Moen", ("arild",)),
            ),
        ),
        (
            "Barnekoordinator: dei fyrste vekene",
            "Kven du ringjer fyrst, kva familien treng å vite, og kva du kan la vente.",
            True,
            (Day(-20, "Biblioteket", "Tora Fjeld og Siv Moen", ("arild", "tora")),),
        ),
        (
            "Møte som hjelper",
            "Vi øver to og to: korte saker, tydelege avtalar, og eit referat før alle går heim.",
            False,
            (Day(44, "Biblioteket", "Turid Nesse"),),
        ),
    ),
    Language.BOKMAL: (
        (
            "Ny som koordinator",
            "Hva du gjør den første måneden, og hvem du kan spørre.",
            True,
            (
                Day(-40, "Herredshuset", "Berit Sagen", ("turid.lund",)),
                Day(26, "Herredshuset", "Berit Sagen"),
            ),
        ),
    ),
}


def train(town: Town) -> None:
    """What the coordinating unit has planned, and whom it has ticked off."""
    with town.acting(f"ke{town.tail}") as session:
        here = {"municipality_id": town.municipality}
        for name, content, is_basic, days in COURSES[town.language]:
            course = Course(**here, name=name, content=content, is_basic=is_basic)
            session.add(course)
            session.flush()
            for day in days:
                about = today() + timedelta(days=day.away)
                wednesday = about + timedelta(days=2 - about.weekday())
                at = CourseSession(
                    **here, course_id=course.id, held_on=wednesday,
                    place=day.place, led_by=day.led_by, places=20,
                )  # fmt: skip
                session.add(at)
                session.flush()
                mark(session, at, {town.people[one][0] for one in day.people}, set())
