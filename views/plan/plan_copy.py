"""The plan as a file to take along (kopi av planen), for its owner and those who act for them."""

from __future__ import annotations

import json

from flask import g
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from security.policy import Forbidden
from services.plan_copy import plan_copy
from views.files import to_be_saved
from views.realm import PlanPage, needs


class PlanCopy(PlanPage):
    """Others read the plan where it is: what they have written they may copy by hand."""

    route_base = "/plan/<int:plan_id>/copy"

    @expose("/")
    @needs("read")
    def file(self) -> Response:
        if not g.access.owners_side:
            raise Forbidden("a copy of the plan is for its owner's side")
        text = json.dumps(plan_copy(g.session, g.plan), ensure_ascii=False, indent=1)
        return to_be_saved(text.encode(), "application/json", "plan.json")
