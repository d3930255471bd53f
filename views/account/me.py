"""My account (kontoen min): who I am here, how I am reached, and where I am signed in."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.account import Account
from models.keys import key
from models.people import Person
from models.vocabulary import Role
from security.sessions import end_others
from services.authenticator import may_have_app, own_app
from services.own_contact import is_reachable
from services.own_logins import NoSuchLogin, end_login, own_logins
from views import anew
from views.realm import AccountPage, needs, see_other


class MyAccount(AccountPage):
    route_base = "/account"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        me = g.session.get_one(Person, g.actor.person_id)
        mine = g.session.get_one(Account, g.actor.account_id)
        app = own_app(g.session)
        how_long: Any = current_app.session_interface
        return str(
            self.render_template(
                "my_account.html",
                title=gettext("My account"),
                me=me,
                login_name=mine.login_name,
                has_password=mine.password_hash is not None,
                eid=anew.provider_name(),
                may_have_app=may_have_app(g.session, app),
                wants_app=app is None or app.confirmed_at is None,
                no_code=mine.password_hash is not None and not is_reachable(g.session, app),
                trains=Role.COORDINATOR in g.actor.roles,
                logins=own_logins(g.session, how_long),
            )
        )

    @expose("/end", methods=["POST"])
    @needs("write")
    def end(self) -> Response:
        try:
            end_login(g.session, key(request.form.get("login", "")) or abort(404))
        except NoSuchLogin:
            abort(404)
        flash(gettext("That browser is signed out."), "success")
        return see_other(url_for("MyAccount.page"))

    @expose("/end-others", methods=["POST"])
    @needs("write")
    def end_others(self) -> Response:
        end_others(g.session, g.actor.account_id, g.actor.login_session_id)
        flash(gettext("You are signed out everywhere else."), "success")
        return see_other(url_for("MyAccount.page"))
