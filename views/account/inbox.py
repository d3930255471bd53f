"""All one's messages (innboks): threads of every plan one may read them in, the newest first."""

from __future__ import annotations

from flask_appbuilder import expose
from flask_babel import gettext

from views.plan.thread_lines import asked_for
from views.realm import AccountPage, needs


class Inbox(AccountPage):
    route_base = "/messages"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        asked = asked_for("Inbox.page", None)
        return str(self.render_template("inbox.html", title=gettext("My messages"), **asked))
