"""Signing in (logg inn)."""

from __future__ import annotations

from flask import request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from models.contact import telephone
from security.rate_limits import TooManyAttempts
from services.sign_in import Door, NoOpenHat, NotByPassword, WrongSignIn, sign_in
from views import errors
from views.account.second_step import ask_for_code
from views.back import on_the_way_to
from views.engine import engine
from views.fields import storable
from views.forms import Form
from views.providers import has_eid, ways_in
from views.realm import PublicPage, see_other


class SignInForm(Form):
    name = StringField(
        lazy_gettext("E-mail or user name"),
        validators=[InputRequired(), Length(max=200), storable],
        render_kw={"autocomplete": "username"},
    )
    secret = PasswordField(
        lazy_gettext("Password"),
        description=lazy_gettext("The first time: the start code you were given."),
        validators=[InputRequired(), Length(max=200), storable],
        render_kw={"autocomplete": "current-password"},
    )


class SignIn(PublicPage):
    """One page for everybody; a start code is typed where the password goes."""

    route_base = "/sign-in"

    @expose("/", methods=["GET", "POST"])
    def form(self) -> str | Response | tuple[str, int]:
        form = SignInForm()
        if not form.validate_on_submit():
            return self._page(form)
        try:
            door = sign_in(
                engine(),
                form.name.data or "",
                form.secret.data or "",
                request.remote_addr or "",
                has_eid=has_eid(),
            )
        except TooManyAttempts:
            return errors.page(429)
        except WrongSignIn:
            wrong = gettext("The name and the password do not belong together. Try again.")
            form.secret.errors = [wrong]
            return self._page(form)
        except NoOpenHat as shut:
            form.name.errors = [_whom_to_ask(shut)]
            return self._page(form)
        except NotByPassword:
            form.name.errors = [
                gettext("You are known here as an adult. Use one of the ways above instead.")
            ]
            return self._page(form)
        if not door.new:
            return _ask(door)
        login.come_in(door.account_id, door.membership_id)  # type: ignore[attr-defined]
        login["new"] = True
        return see_other(url_for("OwnPassword.form"))

    def _page(self, form: SignInForm) -> tuple[str, int]:
        page = self.render_template(
            "sign_in.html",
            title=gettext("Sign in"),
            form=form,
            ways=ways_in(),
        )
        return str(page), 422 if form.errors else 200


def _ask(door: Door) -> Response | tuple[str, int]:
    try:
        return ask_for_code(door.account_id, door.membership_id, on_the_way_to())
    except TooManyAttempts:
        return errors.page(429)


def _whom_to_ask(shut: NoOpenHat) -> str:
    """Why one does not come in although the password is right, and what to do about it."""
    why = gettext("You have no role with us, so there is nothing to open.")
    ask = gettext("Ask your municipality.")
    if shut.phone:
        number = telephone(shut.phone)
        ask = gettext("Call %(who)s: %(number)s", who=shut.town, number=number)
    return f"{why} {ask}"
