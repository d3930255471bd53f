"""Those who coordinate (koordinatorar): for how many, agreed hours, what they can
take on, and what training they lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import or_
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from models.clock import today
from models.i18n import N_
from models.people import Person
from models.vocabulary import Role
from services.courses import missing_of
from services.load import load, speaks
from views.office.by_name import BY_NAME, ByName
from views.office.coordinator_profile import absence
from views.office.own_department import own_department
from views.office.person_field import has_name
from views.office.taking_out import as_file
from views.office.tongues_field import called, in_words
from views.realm import HandMade, Realm, needs

HEADS = (
    N_("Name"), N_("Department"), N_("E-mail"), N_("Telephone"), N_("Coordinates for"),
    N_("Agreed hours a week"), N_("Hours a week for coordinating"), N_("Other languages"),
    N_("Away"), N_("Lacks training"),
)  # fmt: skip


class Coordinators(ByName, HandMade):
    """By name, page by key; a leader's are those of the department."""

    realm = Realm.REGISTER
    route_base = "/register/coordinators"
    class_permission_name = "Appointment"
    menu_label = lazy_gettext("Coordinators")
    menu_icon = "PersonGroup"

    def is_meant(self, words: str) -> Any:
        return or_(has_name(words), speaks(called(words)))

    @expose("/")
    @needs("list")
    def list(self) -> str:
        unit = Role.COORDINATING_UNIT in g.actor.roles
        shown = self.a_page(_theirs())
        people = [row[0] for row in shown["rows"]]
        page = self.render_template(
            "office/coordinators.html",
            title=gettext("Coordinators"),
            absence=lambda known: absence(known, today()),
            spoken=in_words,
            missing=missing_of(g.session, people) if people else {},
            unit=unit,
            file=url_for("Coordinators.file") if g.may("can_export") else "",
            **shown,
        )
        return str(page)

    @expose("/file")
    @needs("export")
    def file(self) -> Response:
        heads = [gettext(one) for one in HEADS]
        return as_file(self.narrowed(_theirs()), BY_NAME, heads, _lines, "coordinators")


def _theirs() -> Any:
    """Everybody who coordinates (services.load); for a leader, those of the department."""
    wanted: Any = load().options(joinedload(Person.department))
    if Role.COORDINATING_UNIT in g.actor.roles:
        return wanted
    return wanted.where(Person.department_id.in_(own_department()))


def _lines(people: Sequence[Person]) -> Iterator[tuple[Any, ...]]:
    """Row by row, head by head."""
    keys = [one.id for one in people]
    rows = {row[0].id: row for row in g.session.execute(_theirs().where(Person.id.in_(keys)))}
    missing = missing_of(g.session, people) if people else {}
    for person, families, hours, known in (rows[key] for key in keys if key in rows):
        yield (
            person.name, person.department, person.email, person.shown_phone, families, hours,
            known and known.capacity_hours, in_words(known.languages) if known else "",
            absence(known, today()), ", ".join(missing[person.id]),
        )  # fmt: skip
