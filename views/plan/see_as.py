"""See the plan as … (sjå planen som): choosing whose eyes, and having one's own back."""

from __future__ import annotations

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.vocabulary import LifeArea
from security.policy import Forbidden
from services.seeing import begin, let_in
from views import seeing
from views.realm import PlanPage, needs, see_other

ONWARD = {"withdraw": "ConsentPage.withdraw", "change": "OneAccess.page"}
"""What one may do with the access at once, with one's own eyes."""


class SeeAs(PlanPage):
    """For the owner's side, with their own eyes even while they see as somebody else."""

    route_base = "/plan/<int:plan_id>/see-as"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        if not g.access.owners_side:
            raise Forbidden("the owner's side sees the plan as others do")
        return str(
            self.render_template(
                "plan/see_as.html",
                title=gettext("See the plan as …"),
                people=let_in(g.session, g.plan.id),
                life_areas=LifeArea,
            )
        )

    @expose("/<int:person_id>", methods=["POST"])
    @needs("read")
    def begin(self, person_id: int) -> Response:
        if not begin(g.session, g.plan.id, person_id):
            abort(404)
        seeing.start(g.plan.id, person_id)
        return see_other(url_for("Overview.page"))

    @expose("/stop", methods=["POST"])
    @needs("read")
    def stop(self) -> Response:
        """Also on the way to less of the access, which is done with one's own eyes."""
        if not g.access.owners_side:
            raise Forbidden("the owner's side sees the plan as others do")
        kept = seeing.stop()
        onward = ONWARD.get(request.form.get("then", ""))
        if kept and onward:
            return see_other(url_for(onward, person_id=kept))
        flash(gettext("You see the plan with your own eyes again."), "success")
        return see_other(url_for("SeeAs.page"))
