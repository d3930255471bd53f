"""Who sees to a request (saksbehandlar): taken with one press by whoever reads it first."""

from __future__ import annotations

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.keys import key
from services.case import take
from views.realm import HandMade, Realm, needs, not_there, see_other


class Taking(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/request"
    class_permission_name = "Request"

    @expose("/<pk>/take", methods=["POST"])
    @needs("edit")
    def now(self, pk: str) -> Response:
        asked = take(g.session, key(pk) or 0) or not_there()
        if asked.case_worker_id == g.actor.person_id:
            flash(gettext("You see to it now."), "success")
        else:
            flash(gettext("%(name)s sees to it already.", name=asked.case_worker), "info")
        return see_other(url_for("RequestView.show", pk=asked.id))
