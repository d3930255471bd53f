"""My app for codes (kodeapp): set up with a picture, confirmed with a code, turned off."""

from __future__ import annotations

from typing import Any

import segno
from flask import abort, flash, g, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from models.account import Account
from models.second_factor import Authenticator
from security import one_time_code
from security.rate_limits import TooManyAttempts
from security.sessions import end_others
from services import authenticator
from services.second_factor import NotTheCode
from services.sign_in import is_own_password
from views import errors
from views.fields import storable
from views.forms import Form
from views.realm import AccountPage, needs, see_other

_TEXT = (InputRequired(), Length(max=200), storable)


class AppForm(Form):
    """The password, to begin; a code, to confirm; both, to turn it off."""

    password = PasswordField(
        lazy_gettext("Your password"),
        description=lazy_gettext("So that we know it is you who changes this."),
        validators=_TEXT,
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        lazy_gettext("The code the app shows"),
        validators=_TEXT,
        render_kw={"autocomplete": "one-time-code", "class": "ms-code"},
    )


class OwnApp(AccountPage):
    route_base = "/account/app"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        app, form = authenticator.own_app(g.session), AppForm()
        if not authenticator.may_have_app(g.session, app):
            abort(403)
        if app is None:
            del form.code
        elif app.confirmed_at is None:
            del form.password
        if form.validate_on_submit():
            try:
                done = self._do(app, form)
            except TooManyAttempts:
                g.session.rollback()
                return errors.page(429)
            if done is not None:
                return done
        g.session.rollback()
        return self._page(form)

    def _do(self, app: Authenticator | None, form: AppForm) -> Response | None:
        is_on = app is not None and app.confirmed_at is not None
        engine = g.session.get_bind()
        if form.password and not is_own_password(g.session, engine, form.password.data or ""):
            form.password.errors = [gettext("That is not your password.")]
            return None
        try:
            if app is None:
                authenticator.set_up(g.session)
                return see_other(url_for("OwnApp.form"))
            if is_on:
                authenticator.take_away(g.session, engine, form.code.data or "")
                flash(gettext("The app is turned off. We send you a code from now on."), "success")
                end_others(g.session, g.actor.account_id, g.actor.login_session_id)
                return see_other(url_for("MyAccount.page"))
            codes = authenticator.confirm(g.session, engine, form.code.data or "")
        except NotTheCode:
            wrong = gettext("That is not a code the app shows now. Wait for the next one.")
            form.code.errors = [wrong]
            return None
        end_others(g.session, g.actor.account_id, g.actor.login_session_id)
        login.keep({"address": url_for("OwnApp.codes"), "fields": [], "codes": list(codes)})  # type: ignore[attr-defined]
        return see_other(url_for("OwnApp.codes"))

    def _page(self, form: AppForm) -> tuple[str, int]:
        app = authenticator.own_app(g.session)
        page = self.render_template(
            "own_app.html", title=gettext("App for codes"), form=form, app=app,
            picture=self._picture(app), left=authenticator.recovery_left(g.session),
        )  # fmt: skip
        return str(page), 422 if form.errors else 200

    def _picture(self, app: Authenticator | None) -> Markup:
        """The secret as a QR code, black on white on every background."""
        if app is None or app.confirmed_at is not None:
            return Markup()
        name = g.session.get_one(Account, g.actor.account_id).login_name
        drawn = segno.make(one_time_code.address(app.secret, name), error="m", micro=False)
        title = gettext("A picture for the app to read")
        return Markup(drawn.svg_inline(scale=5, border=4, light="white", title=title))

    @expose("/codes")
    @needs("write")
    def codes(self) -> str:
        """Recovery codes, shown once: they are gone when one leaves the page."""
        kept: dict[str, Any] = login.kept or {}  # type: ignore[attr-defined]
        codes = kept.get("codes", ())
        if codes:
            login.keep(None)  # type: ignore[attr-defined]
        title = gettext("Your recovery codes")
        return str(self.render_template("recovery_codes.html", title=title, codes=codes))
