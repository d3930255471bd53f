"""Search by name (søk på namn): what is looked for is kept in the session, never in an address."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask import session as login
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from views.realm import needs, see_other

LONGEST_NAME = 200


def sought() -> str:
    """The name looked for in the register at hand; empty when all are shown, or one of the lists
    within it (views.office.shown_only): how many stand in that is said elsewhere."""
    if request.args.get("show"):
        return ""
    view, words = login.get("sought", ("", ""))
    return str(words) if view == str(request.endpoint).partition(".")[0] else ""


class Searched:
    """A list with a search of its own; ADR 7."""

    @expose("/search", methods=["POST"])
    @needs("list")
    def search(self) -> Response:
        name = "" if "all" in request.form else request.form.get("name", "")
        words = name.replace("\x00", "").strip()[:LONGEST_NAME]
        login["sought"] = [type(self).__name__, words]
        return see_other(url_for(f"{type(self).__name__}.list", **self.asked()))

    def asked(self) -> dict[str, Any]:
        """What else is asked of the list, and stays in its address."""
        return {}

    def sought(self) -> str:
        return sought()
