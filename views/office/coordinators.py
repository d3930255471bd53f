"""Those who coordinate (koordinatorar): for how many, agreed hours, what they can
take on, and what training they lack."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import or_
from sqlalchemy.orm import joinedload

from models.clock import today
from models.people import Person
from models.vocabulary import Role
from services.courses import missing_of
from services.load import load, speaks
from views.office.by_name import ByName
from views.office.coordinator_profile import absence
from views.office.own_department import own_department
from views.office.person_field import has_name
from views.office.tongues_field import called, in_words
from views.realm import HandMade, Realm, needs


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
        wanted: Any = load().options(joinedload(Person.department))
        if not unit:
            wanted = wanted.where(Person.department_id.in_(own_department()))
        shown = self.a_page(wanted)
        people = [row[0] for row in shown["rows"]]
        page = self.render_template(
            "office/coordinators.html",
            title=gettext("Coordinators"),
            absence=lambda known: absence(known, today()),
            spoken=in_words,
            missing=missing_of(g.session, people) if people else {},
            unit=unit,
            **shown,
        )
        return str(page)
