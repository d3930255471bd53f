"""What one agrees to as a user (brukaravtale): met before anything else, and read again later."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from models.language import Language
from models.user_agreement import UserAgreement
from services import user_agreements
from views.back import on_the_way_to
from views.realm import AccountPage, needs, see_other


class Agreement(AccountPage):
    """The edge leads everybody here who has not accepted what is in force."""

    route_base = "/agreement"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        newest, mine = user_agreements.in_force(g.session), user_agreements.accepted(g.session)
        asked = newest is not None and login.must_agree  # type: ignore[attr-defined]
        return str(
            self.render_template(
                "agreement.html",
                title=gettext("User agreement"),
                agreement=newest,
                language=newest and newest.said_in(str(get_locale())),
                asked=asked,
                accepted=mine,
                wish=on_the_way_to(),
            )
        )

    @expose("/", methods=["POST"])
    @needs("write")
    def accept(self) -> Response:
        """What was on the page, and nothing that came after it."""
        newest, sent = user_agreements.in_force(g.session), request.form
        if newest is None or not _is_what_was_read(newest, sent):
            flash(gettext("The text is not the one you read. Here is the one that counts."), "info")
            return see_other(url_for("Agreement.page", next=on_the_way_to()))
        user_agreements.accept(g.session, newest, Language(sent["shown"]))
        return see_other(on_the_way_to())


def _is_what_was_read(newest: UserAgreement, sent: Mapping[str, str]) -> bool:
    same = sent.get("version") == str(newest.version)
    return same and sent.get("shown") in newest.words
