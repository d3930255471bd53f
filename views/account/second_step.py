"""The second step of signing in (steg to): the code that is asked for after a password.

Nobody is signed in before it is right; the session holds only who is asked, for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from models.clock import OSLO, utcnow
from models.vocabulary import Channel
from security.rate_limits import TooManyAttempts
from services.second_factor import Asked, CodeIsOver, NotTheCode, answer, ask, asked
from views import errors
from views.engine import engine
from views.fields import storable
from views.forms import Form
from views.realm import PublicPage, see_other

KEPT_FOR = timedelta(minutes=30)
"""How long a right password is remembered while a code is waited for."""


class CodeForm(Form):
    code = StringField(
        lazy_gettext("Code"),
        validators=[InputRequired(), Length(max=40), storable],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "ms-code"},
    )


def ask_for_code(account_id: int, membership_id: int, onward: str) -> Response:
    """Send the code, and go to the page it is typed on. Raises: TooManyAttempts."""
    code = _ask(account_id)
    step = {
        "account": account_id, "hat": membership_id, "code": code, "next": onward,
        "at": utcnow().isoformat(),
    }  # fmt: skip
    login.half_in(step=step)  # type: ignore[attr-defined]
    g.actor = None
    return see_other(url_for("SecondStep.form"))


class SecondStep(PublicPage):
    route_base = "/sign-in/code"

    @expose("/", methods=["GET", "POST"])
    def form(self) -> str | Response | tuple[str, int]:
        step, form = _step(), CodeForm()
        if step is None:
            return _too_late()
        if form.validate_on_submit():
            try:
                answer(engine(), step["account"], step["code"], form.code.data or "", _address())
            except TooManyAttempts:
                return errors.page(429)
            except NotTheCode:
                form.code.errors = [gettext("That is not the code. Look at it once more.")]
            except CodeIsOver:
                form.code.errors = [gettext("This code does not count any more.")]
            else:
                login.come_in(step["account"], step["hat"])  # type: ignore[attr-defined]
                return see_other(step["next"])
        return self._page(step, form)

    @expose("/again", methods=["POST"])
    def again(self) -> Response | tuple[str, int]:
        step = _step()
        if step is None:
            return _too_late()
        try:
            code = _ask(step["account"])
        except TooManyAttempts:
            return errors.page(429)
        if code:
            login["step"] = step | {"code": code}
            flash(gettext("A new code is on its way. The old one does not count."), "success")
        return see_other(url_for("SecondStep.form"))

    def _page(self, step: dict[str, Any], form: CodeForm) -> tuple[str, int]:
        said = asked(engine(), step["account"], step["code"], current_app.config["CHANNELS"])
        if said.by_app:
            form.code.description = gettext("Six digits, or one of your recovery codes.")
            form.code.render_kw = {**form.code.render_kw, "inputmode": "text"}
        page = self.render_template(
            "second_step.html", title=gettext("Type the code"), form=form, said=said,
            sent_to=_sent_to(said), wait=how_long(said.wait),
            until=f"{said.until.astimezone(OSLO):%H:%M}" if said.until else "",
        )  # fmt: skip
        return str(page), 422 if form.errors else 200


def _sent_to(said: Asked) -> str:
    """Where the code is, so that one knows where to look; nothing for an app."""
    if said.channel is None:
        return ""
    if said.channel is Channel.SMS:
        if not said.hint:
            return str(gettext("We have sent a code to your mobile number."))
        where = gettext("We have sent a code to the number that ends with %(end)s.", end=said.hint)
        return str(where)
    if not said.hint:
        return str(gettext("We have sent a code to your e-mail address."))
    return str(gettext("We have sent a code by e-mail to %(address)s.", address=said.hint))


def how_long(wait: timedelta) -> str:
    """30 seconds, 5 minutes; empty for no time. Never less than it is."""
    seconds = int(-(-wait.total_seconds() // 1))
    if seconds <= 0:
        return ""
    if seconds < 60:
        return str(ngettext("%(num)s second", "%(num)s seconds", seconds))
    return str(ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // 60)))


def _step() -> dict[str, Any] | None:
    """Who is asked in this browser, when the password is not long ago."""
    step: dict[str, Any] | None = login.get("step")
    if step is None or utcnow() - datetime.fromisoformat(step["at"]) > KEPT_FOR:
        return None
    return step


def _too_late() -> Response:
    login.pop("step", None)
    flash(gettext("Sign in once more: it took too long, or was begun in another browser."), "info")
    return see_other(url_for("SignIn.form"))


def _ask(account_id: int) -> str:
    return ask(engine(), account_id, address=_address(), channels=current_app.config["CHANNELS"])


def _address() -> str:
    return request.remote_addr or ""
