"""How pages look to one person (utsjånad): light, dark, high contrast, or as the device says."""

from __future__ import annotations

from flask import flash, g, has_request_context, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from models.account import Account
from models.vocabulary import Theme
from views.choices import OneField
from views.forms import Form
from views.realm import PublicPage, see_other
from views.words import shown


def scheme() -> str:
    """What `<html data-color-scheme>` says: the account's choice, or the browser session's."""
    if not has_request_context():
        return str(Theme.AUTO)
    return str(getattr(login, "theme", None) or login.get("theme") or Theme.AUTO)


def _choices() -> list[tuple[str, str]]:
    return [(str(theme), shown(theme)) for theme in Theme]


class LookForm(Form):
    theme = OneField(
        lazy_gettext("Colours"), choices=_choices, coerce=str, validators=[InputRequired()]
    )


class HowItLooks(PublicPage):
    """Kept on the account; before signing in, in this browser."""

    route_base = "/look"

    @expose("/", methods=["GET", "POST"])
    def page(self) -> str | Response | tuple[str, int]:
        form = LookForm(theme=scheme())
        if form.validate_on_submit():
            _keep(Theme(form.theme.data))
            flash(gettext("This is how it looks from now on."), "success")
            return see_other(url_for("HowItLooks.page"))
        g.session.rollback()
        title = gettext("How it looks")
        page = self.render_template("look.html", title=title, form=form)
        return str(page), 422 if form.errors else 200


def _keep(theme: Theme) -> None:
    if g.actor is None:
        login["theme"] = str(theme)
        return
    login.pop("theme", None)
    own = select(Account).where(Account.id == g.actor.account_id)
    g.session.scalars(own).one().theme = theme
