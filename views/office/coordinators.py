"""Those who coordinate (koordinatorar): for how many, agreed hours, and what training they lack."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.keys import key
from models.people import Person
from models.vocabulary import Role
from services.courses import missing_of
from services.load import load
from views.office.person_field import has_name
from views.office.search import Searched, sought
from views.paging import Order
from views.realm import HandMade, Realm, needs

A_PAGE = 25
BY_NAME = Order(Person, "name", falling=False)


class Coordinators(Searched, HandMade):
    """By name, page by key; a leader's are those of the department."""

    realm = Realm.REGISTER
    route_base = "/register/coordinators"
    class_permission_name = "Appointment"
    menu_label = lazy_gettext("Coordinators")
    menu_icon = "PersonGroup"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        unit = Role.COORDINATING_UNIT in g.actor.roles
        wanted: Any = load().options(joinedload(Person.department))
        if not unit:
            mine = select(Person.department_id).where(Person.id == g.actor.person_id)
            wanted = wanted.where(Person.department_id.in_(mine.scalar_subquery()))
        if sought():
            wanted = wanted.where(has_name(sought()))
        after = request.args.get("after", "")
        if after:
            wanted = BY_NAME.after(wanted, key(after) or abort(400))
        rows = g.session.execute(BY_NAME(wanted).limit(A_PAGE + 1)).all()
        people = [row[0] for row in rows[:A_PAGE]]
        more = len(rows) > A_PAGE
        page = self.render_template(
            "office/coordinators.html",
            title=gettext("Coordinators"),
            rows=rows[:A_PAGE],
            missing=missing_of(g.session, people) if unit and people else None,
            next=url_for("Coordinators.list", after=people[-1].id) if more else "",
            turned=bool(after),
            sought=sought(),
        )
        return str(page)
