"""Who lacks basic training (manglar grunnopplæring): coordinators who have not had it all."""

from __future__ import annotations

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from models.people import Person
from services.courses import lacking, missing_of
from views.office.by_name import ByName
from views.realm import HandMade, Realm, needs


class LacksBasics(ByName, HandMade):
    """By name, page by key; for the coordinating unit, which trains them."""

    realm = Realm.REGISTER
    route_base = "/register/lacks-basics"
    class_permission_name = "Attendance"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        wanted = lacking().options(joinedload(Person.department))
        shown = self.a_page(wanted)
        people = [person for person, _ in shown["rows"]]
        page = self.render_template(
            "office/lacks_basics.html",
            title=gettext("Who lacks basic training"),
            missing=missing_of(g.session, people) if people else {},
            **shown,
        )
        return str(page)
