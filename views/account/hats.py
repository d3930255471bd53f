"""Switching hats (byte rolle): the same account as another person in another municipality."""

from __future__ import annotations

from flask import abort, flash, g, request
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.keys import key
from services.hats import hats_of
from views.realm import AccountPage, needs, see_other
from views.words import shown


class Hats(AccountPage):
    """The session starts anew in the new hat: nothing of the old one comes along."""

    route_base = "/hats"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        title = gettext("Switch role")
        return str(self.render_template("hats.html", title=title, hats=hats_of(g.session)))

    @expose("/", methods=["POST"])
    @needs("write")
    def take(self) -> Response:
        wish = key(request.form.get("hat", ""))
        hat = next((one for one in hats_of(g.session) if one.id == wish), None) or abort(404)
        language = login.get("language")
        login.sign_in(g.actor.account_id, hat.id)  # type: ignore[attr-defined]
        if language:
            login["language"] = language
        where = {"municipality": hat.municipality, "role": shown(hat.roles)}
        flash(gettext("You are in %(municipality)s now. Your role: %(role)s.", **where), "success")
        return see_other("/")
