"""Who has seen the plan (innsyn): every look, every write, every refusal."""

from __future__ import annotations

from flask import abort, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from models.audit import AccessEvent
from models.keys import key
from security.policy import Forbidden
from views.plan.visits import by_day
from views.realm import PlanPage, needs

A_PAGE = 90


class AccessLog(PlanPage):
    route_base = "/plan/<int:plan_id>/log"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        if not g.access.owners_side:
            raise Forbidden("the log is for the owner's side")
        everybody = request.args.get("own") == "yes"
        wanted = select(AccessEvent).where(AccessEvent.plan_id == g.plan.id)
        if not everybody:  # one's own looks would hide those of the others
            wanted = wanted.where(AccessEvent.person_id.is_distinct_from(g.actor.person_id))
        before = request.args.get("before", "")
        if before:
            wanted = wanted.where(AccessEvent.seq < (key(before) or abort(400)))
        events = g.session.scalars(wanted.order_by(AccessEvent.seq.desc()).limit(A_PAGE + 1)).all()
        older = ""
        if len(events) > A_PAGE:
            own = "yes" if everybody else None
            older = url_for("AccessLog.page", before=events[A_PAGE - 1].seq, own=own)
        return str(
            self.render_template(
                "plan/access_log.html",
                title=gettext("Who has seen the plan"),
                days=by_day(events[:A_PAGE]),
                older=older,
                everybody=everybody,
            )
        )
