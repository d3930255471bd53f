"""Who lacks basic training (manglar grunnopplæring): coordinators who have not had it all."""

from __future__ import annotations

from flask import abort, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from models.keys import key
from models.people import Person
from services.courses import lacking, missing_of
from views.office.person_field import has_name
from views.office.search import Searched, sought
from views.paging import Order
from views.realm import HandMade, Realm, needs

A_PAGE = 25
BY_NAME = Order(Person, "name", falling=False)


class LacksBasics(Searched, HandMade):
    """By name, page by key; for the coordinating unit, which trains them."""

    realm = Realm.REGISTER
    route_base = "/register/lacks-basics"
    class_permission_name = "Attendance"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        wanted = lacking().options(joinedload(Person.department))
        if sought():
            wanted = wanted.where(has_name(sought()))
        after = request.args.get("after", "")
        if after:
            wanted = BY_NAME.after(wanted, key(after) or abort(400))
        rows = g.session.execute(BY_NAME(wanted).limit(A_PAGE + 1)).all()
        people = [person for person, _ in rows[:A_PAGE]]
        more = len(rows) > A_PAGE
        page = self.render_template(
            "office/lacks_basics.html",
            title=gettext("Who lacks basic training"),
            rows=rows[:A_PAGE],
            missing=missing_of(g.session, people) if people else {},
            next=url_for("LacksBasics.list", after=people[-1].id) if more else "",
            turned=bool(after),
            sought=sought(),
        )
        return str(page)
