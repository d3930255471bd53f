"""Going by oneself (gå ut av planen): a participant ends the own access."""

from __future__ import annotations

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from security.policy import Forbidden
from services.leaving import leave
from views.realm import PlanPage, needs, see_other


class Leaving(PlanPage):
    """For those who were let in; the owner's side and the coordinator do not leave."""

    route_base = "/plan/<int:plan_id>/leave"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def page(self) -> str | Response:
        if g.access.owners_side or not g.access.grants:
            raise Forbidden("only who was let in goes")
        if request.method == "POST":
            leave(g.session, g.plan)
            flash(gettext("You have left the plan. Those who decide are told."), "success")
            return see_other(url_for("Start.page"))
        text = gettext(
            "You are out at once. What you have written stays in the plan. If you need your own "
            "notes for your record, take a copy of them first."
        )
        return str(
            self.render_template(
                "confirm.html",
                title=gettext("Leave the plan"),
                text=text,
                back_url=url_for("Team.page"),
            )
        )
