"""Choosing one's own password (passord)."""

from __future__ import annotations

from flask import abort, flash, g, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from security.passwords import WeakPassword
from security.sessions import end_others
from services.authenticator import own_app
from services.own_contact import is_reachable
from services.sign_in import choose_password, has_password, is_own_password
from views.fields import storable
from views.forms import Form
from views.realm import AccountPage, needs, see_other

_NEW = {"autocomplete": "new-password"}


class PasswordForm(Form):
    old = PasswordField(
        lazy_gettext("The password you have now"),
        validators=[InputRequired()],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        lazy_gettext("New password"),
        description=lazy_gettext("At least 12 characters. A short sentence is easy to remember."),
        validators=[InputRequired(), Length(max=128), storable],
        render_kw=_NEW,
    )
    again = PasswordField(
        lazy_gettext("New password once more"),
        validators=[InputRequired(), EqualTo("new", lazy_gettext("The two are not the same."))],
        render_kw=_NEW,
    )


class OwnPassword(AccountPage):
    """After a start code the old password is not asked for: there is none."""

    route_base = "/password"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        form, first = PasswordForm(), not has_password(g.session)
        if first and login.vouched:  # type: ignore[attr-defined]
            abort(404)  # whoever has an electronic ID needs no password, and gets none by mistake
        if first:
            del form.old
        if form.validate_on_submit() and self._store(form, first):
            login.pop("new", None)
            end_others(g.session, g.actor.account_id, g.actor.login_session_id)
            flash(gettext("Your password is stored."), "success")
            return see_other(
                url_for(
                    "Start.page"
                    if is_reachable(g.session, own_app(g.session))
                    else "OwnContact.form"
                )
            )
        g.session.rollback()
        page = self.render_template("form_page.html", title=gettext("Choose a password"), form=form)
        return str(page), 422 if form.errors else 200

    def _store(self, form: PasswordForm, first: bool) -> bool:
        if not first and not is_own_password(g.session, g.session.get_bind(), form.old.data or ""):
            form.old.errors = [gettext("That is not your password.")]
            return False
        try:
            choose_password(g.session, form.new.data or "", None if first else form.old.data)
        except WeakPassword as weak:
            form.new.errors = [gettext(weak.why)]
            return False
        return True
