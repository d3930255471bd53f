"""Looking a person up while the name is typed (oppslag): at most twenty, and in no address."""

from __future__ import annotations

from flask import g, jsonify, request
from flask_appbuilder import expose
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from security.rate_limits import count
from views.office.person_field import MOST, called, is_name, line
from views.realm import HandMade, Realm, needs

FEWEST_LETTERS = 2
MOST_LOOKED_UP = 300
"""In a quarter of an hour: more than anybody types, and few of a town's people."""


class Lookup(HandMade):
    """Asked by views/static/lookup.js; without it the field offers its hits when it is sent."""

    realm = Realm.REGISTER
    route_base = "/register/lookup"
    class_permission_name = "Person"

    @expose("/", methods=["POST"])
    @needs("list")
    def people(self) -> Response:
        count(g.session.get_bind(), f"look-up {g.actor.account_id}", MOST_LOOKED_UP)
        text = request.form.get("name", "").strip()
        found = called(text) if len(text) >= FEWEST_LETTERS and is_name(text) else []
        hits = [line(person) for person in found[:MOST]]
        return jsonify(hits=hits, said=_said(len(found)))


def _said(number: int) -> str:
    if number == 0:
        return str(gettext("Nobody by this name."))
    if number > MOST:
        said = gettext("The first %(num)s are shown. Write more of the name.", num=MOST)
        return str(said)
    return str(ngettext("%(num)s person found.", "%(num)s people found.", number))
