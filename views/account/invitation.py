"""Behind the link of an invitation (invitasjon): who asks, and choosing a password."""

from __future__ import annotations

from flask import request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from security import letter_link
from security.letter_link import Opens
from security.passwords import WeakPassword
from security.rate_limits import TooManyAttempts
from services.invitations import CannotBeUsed, Opened, WrongPassword, answer, opened
from views import errors
from views.account.password import PasswordForm
from views.account.second_step import ask_for_code
from views.engine import engine
from views.fields import storable
from views.forms import Form
from views.providers import has_eid, ways_in
from views.realm import PublicPage, see_other


class KnownForm(Form):
    """For somebody who has an account already, with another municipality."""

    secret = PasswordField(
        lazy_gettext("Your password"),
        validators=[InputRequired(), Length(max=200), storable],
        render_kw={"autocomplete": "current-password"},
    )


class InvitationPage(PublicPage):
    """That the link was right is noted in the session at once: no address on the screen, in the
    history or sent on to another page holds its token, and neither does the database."""

    route_base = "/invitation"

    @expose("/<token>")
    def take(self, token: str) -> Response:
        login["invitation"] = letter_link.read(token, Opens.INVITATION) or ""
        return see_other(url_for("InvitationPage.page"))

    @expose("/", methods=["GET", "POST"])
    def page(self) -> str | Response | tuple[str, int]:
        uid = login.get("invitation", "")
        try:
            asked = opened(engine(), uid, has_eid=has_eid())
            form = KnownForm() if asked.has_password else _first_password()
            if form.validate_on_submit():
                return self._let_in(uid, asked, form)
        except TooManyAttempts:
            return errors.page(429)
        except CannotBeUsed:
            title = gettext("This invitation cannot be used")
            return str(self.render_template("invitation_over.html", title=title)), 410
        return self._page(asked, form)

    def _let_in(
        self, uid: str, asked: Opened, form: KnownForm | PasswordForm
    ) -> Response | tuple[str, int]:
        field = form.secret if isinstance(form, KnownForm) else form.new
        try:
            account, hat = answer(
                engine(), uid, field.data or "", request.remote_addr or "", has_eid=has_eid()
            )
        except WrongPassword:
            field.errors = [gettext("That is not your password.")]
            return self._page(asked, form)
        except WeakPassword as weak:
            field.errors = [gettext(weak.why)]
            return self._page(asked, form)
        if asked.has_password:  # a letter to an address another has registered is no second factor
            return ask_for_code(account, hat, url_for("Start.page"))
        login.come_in(account, hat)  # type: ignore[attr-defined]
        return see_other(url_for("Start.page"))

    def _page(self, asked: Opened, form: KnownForm | PasswordForm) -> tuple[str, int]:
        title = gettext("You are invited to Medspel")
        by_eid = [] if asked.has_password else ways_in()
        page = self.render_template(
            "invitation.html", title=title, asked=asked, form=form, ways=by_eid
        )
        return str(page), 422 if form.errors else 200


def _first_password() -> PasswordForm:
    form = PasswordForm()
    del form.old
    return form
