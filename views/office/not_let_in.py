"""Coordinators who cannot sign in as one (utan rolla): the administrator gives it, one by one."""

from __future__ import annotations

from flask import url_for
from flask_appbuilder import expose
from flask_babel import gettext

from models.account import Membership
from models.people import Person
from services.appointments import not_let_in
from views.office.by_name import ByName
from views.realm import HandMade, Realm, needs


class NotLetIn(ByName, HandMade):
    """By name, page by key; each leads to where the role is given."""

    realm = Realm.REGISTER
    route_base = "/register/not-let-in"
    class_permission_name = "Account"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        page = self.render_template(
            "office/not_let_in.html",
            title=gettext("Coordinators who cannot sign in"),
            way=_way,
            **self.a_page(not_let_in()),
        )
        return str(page)


def _way(person: Person, hat: Membership | None) -> str:
    if hat is None:
        return url_for("AccountView.add", coordinator=person.id)
    return url_for("AccountView.edit", pk=hat.id)
