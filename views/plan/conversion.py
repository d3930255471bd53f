"""Making an Enkelt samspill an individual plan (konvertere): shown first, then asked."""

from __future__ import annotations

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.people import Person
from security.policy import Forbidden
from services.conversion import convert, preview, target
from views.realm import PlanPage, needs, see_other


class Conversion(PlanPage):
    route_base = "/plan/<int:plan_id>/convert"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def page(self) -> str | Response:
        if not g.access.coordinator:
            raise Forbidden("the coordinator proposes a conversion")
        to = target(g.plan)
        if request.method == "POST":
            convert(g.session, g.plan)
            flash(gettext("Those who decide are asked to sign."), "success")
            return see_other(url_for("ConsentPage.page"))
        changes = preview(g.session, g.plan)
        ids = [change.participant.person_id for change in changes]
        people = g.session.scalars(select(Person).where(Person.id.in_(ids)))
        return str(
            self.render_template(
                "plan/convert.html",
                title=gettext("Make this an individual plan"),
                to=to,
                changes=changes,
                names={person.id: person.name for person in people},
            )
        )
