"""Which language a page speaks (språk): the person's choice, the municipality's, the browser's."""

from __future__ import annotations

from flask import abort, g, has_request_context, request
from flask import session as login
from flask_appbuilder import expose
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.account import Account
from models.language import LANGUAGES, Language
from views.back import came_from
from views.realm import PublicPage, see_other

DEFAULT = str(Language.NYNORSK)


def chosen() -> str:
    """The locale of this request."""
    if not has_request_context():
        return DEFAULT
    wish = login.get("language") or getattr(login, "language", None)
    if wish in LANGUAGES:
        return str(wish)
    return of_the_browser()


def of_the_browser() -> str:
    """What the browser asks for, when nobody knows who sits there."""
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT


class LanguageView(PublicPage):
    """The switch in the footer of every page."""

    route_base = "/language"

    @expose("/", methods=["POST"])
    def choose(self) -> Response:
        wish = request.form.get("language", "")
        if wish not in LANGUAGES:
            abort(400)
        login["language"] = wish
        if g.actor is not None:
            account = g.session.scalars(select(Account).where(Account.id == g.actor.account_id))
            account.one().language = Language(wish)
        return see_other(came_from())
