"""Keeping a draft while somebody writes (autolagring), and throwing it away."""

from __future__ import annotations

from flask import abort, g, request
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.clock import OSLO
from services.drafts import LONGEST_DRAFT, keep, throw_away
from views.drafts import form_of
from views.realm import PlanPage, needs, see_other
from views.typed import MACHINE, SECRET

NOT_KEPT = (MACHINE | SECRET) - {"version"}
"""The version goes with what was written: an old draft overwrites nothing newer."""


class DraftRoom(PlanPage):
    """What is kept is the writer's alone; see models.draft."""

    route_base = "/plan/<int:plan_id>/draft"

    @expose("/", methods=["POST"])
    @needs("write")
    def save(self) -> Response:
        address = request.form.get("address", "")
        part = form_of(address)
        sent = request.form.items(multi=True)
        fields = [(name, value) for name, value in sent if name not in NOT_KEPT]
        if sum(len(name) + len(value) for name, value in fields) > LONGEST_DRAFT:
            abort(413)
        at = keep(g.session, g.plan_id, part, address, fields).astimezone(OSLO)
        said = gettext("Draft saved %(time)s", time=f"{at:%H:%M}")
        return Response(said, mimetype="text/plain")

    @expose("/throw-away", methods=["POST"])
    @needs("write")
    def throw_away(self) -> Response:
        address = request.form.get("address", "")
        form_of(address)
        throw_away(g.session, g.plan_id, address)
        return see_other(address)
