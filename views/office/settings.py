"""Texts and settings (tekstar og innstillingar): the way to registers that are seldom changed."""

from __future__ import annotations

from flask_appbuilder import expose
from flask_babel import gettext

from views.navigation import settings
from views.realm import HandMade, Realm, needs


class Settings(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/settings"
    class_permission_name = "Settings"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        title = gettext("Texts and settings")
        return str(self.render_template("office/settings.html", title=title, registers=settings()))
