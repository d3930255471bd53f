"""Staying signed in (halde fram): the answer to "are you there?", two minutes before the end."""

from __future__ import annotations

from flask import session as login
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from views.realm import AccountPage, needs


class Stay(AccountPage):
    """Asked by views/static/timeout.js only; without it a session ends as it always did."""

    route_base = "/stay"

    @expose("/", methods=["POST"])
    @needs("write")
    def now(self) -> Response:
        """The seconds there are left from now."""
        login.stay()  # type: ignore[attr-defined]
        return Response(f"{login.left.total_seconds():.0f}", mimetype="text/plain")  # type: ignore[attr-defined]
