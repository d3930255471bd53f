"""System administrators (systemansvarleg), each made by two: one asks, another answers."""

from __future__ import annotations

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from models.account import Membership
from models.keys import key
from models.rights import RightsRequest
from services import rights
from views.realm import HandMade, Realm, needs, not_there, see_other

LAST = 10


class Rights(HandMade):
    """Who it is now, what waits for a second person's yes, and what was answered."""

    realm = Realm.REGISTER
    route_base = "/register/rights"
    class_permission_name = "Rights"
    menu_label = lazy_gettext("System administrators")

    @expose("/")
    @needs("list")
    def list(self) -> str:
        requests = rights.waiting(g.session)
        return str(
            self.render_template(
                "office/rights.html",
                title=gettext("System administrators"),
                now=rights.names_now(g.session),
                requests=requests,
                mine={one.id for one in requests if rights.may_answer(g.session, one)},
                answered=rights.answered(g.session, LAST),
            )
        )

    @expose("/ask/<pk>", methods=["GET"])
    @needs("add")
    def form(self, pk: str) -> str:
        """What is asked for, for whom, and who can say yes to it."""
        hat = _hat(pk)
        rights.check(g.session, hat)
        names = rights.names_of_confirmers(g.session, hat)
        if names:
            then = gettext("One of these must say yes: %(names)s.", names=", ".join(names))
        else:
            then = gettext(
                "Nobody can say yes to it yet. It takes one more system administrator, or a head "
                "of department when there is none."
            )
        what = gettext(
            "A system administrator gives accounts and roles to others, and closes them. It counts "
            "when somebody else has said yes, and lapses after two weeks."
        )
        name = hat.person.name
        return str(
            self.render_template(
                "confirm.html",
                title=gettext("Make system administrator"),
                heading=gettext("Shall %(name)s become system administrator?", name=name),
                text=f"{what} {then}",
                yes=gettext("Yes, ask for it"),
                back_url=url_for("AccountView.show", pk=hat.id),
            )
        )

    @expose("/ask/<pk>", methods=["POST"])
    @needs("add")
    def ask(self, pk: str) -> Response:
        rights.ask(g.session, _hat(pk))
        flash(gettext("Asked for. It counts when somebody else has said yes."), "success")
        return see_other(url_for("Rights.list"))

    @expose("/<pk>/yes", methods=["POST"])
    @needs("edit")
    def yes(self, pk: str) -> Response:
        request = _request(pk)
        rights.answer(g.session, request, True)
        name = request.membership.person.name
        flash(gettext("%(name)s is system administrator now.", name=name), "success")
        return see_other(url_for("Rights.list"))

    @expose("/<pk>/no", methods=["POST"])
    @needs("edit")
    def no(self, pk: str) -> Response:
        rights.answer(g.session, _request(pk), False)
        flash(gettext("Nothing is changed."), "success")
        return see_other(url_for("Rights.list"))


def _hat(pk: str) -> Membership:
    wanted = select(Membership).where(Membership.id == key(pk))
    whole = (joinedload(Membership.person), joinedload(Membership.account))
    hat: Membership | None = g.session.scalars(wanted.options(*whole)).first()
    return hat or not_there()


def _request(pk: str) -> RightsRequest:
    wanted = select(RightsRequest).where(RightsRequest.id == key(pk))
    hat = joinedload(RightsRequest.membership).joinedload(Membership.person)
    request: RightsRequest | None = g.session.scalars(wanted.options(hat)).first()
    return request or not_there()
