"""Reminding somebody of an agreed task (minne på), from the front page of the plan."""

from __future__ import annotations

from flask import abort, flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from services.reminding import NoSuchTask, remind_of
from views.realm import PlanPage, needs, see_other


class Reminding(PlanPage):
    """For whoever reads the task."""

    route_base = "/plan/<int:plan_id>/activity"

    @expose("/<int:pk>/remind", methods=["POST"])
    @needs("write")
    def now(self, pk: int) -> Response:
        return remind_once(pk, url_for("Overview.page", _anchor="tasks"))


def remind_once(task_id: int, back: str) -> Response:
    """Send the reminder, or say that one is sent already."""
    try:
        sent = remind_of(g.session, g.plan, task_id)
    except NoSuchTask:
        abort(404)
    if sent:
        flash(gettext("A friendly reminder is on its way, in the name of Medspel."), "success")
    else:
        flash(gettext("A reminder was sent a short while ago. Once a week is enough."), "info")
    return see_other(back)
