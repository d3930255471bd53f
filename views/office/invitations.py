"""Who has not answered an invitation (invitasjonar): send once more, give a code, take back."""

from __future__ import annotations

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from models.account import Invitation
from models.clock import utcnow
from models.keys import key
from services.apart import beside
from services.invitations import how_it_went, renew, unanswered, withdraw
from views.office.registration import hand_over
from views.realm import HandMade, Realm, needs, see_other

A_PAGE = 50


class Invitations(HandMade):
    """A coordinator sees those she has asked, the office all of the municipality."""

    realm = Realm.REGISTER
    route_base = "/register/invitations"
    class_permission_name = "Invitation"
    menu_label = lazy_gettext("Invitations")
    menu_icon = "Paperplane"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        wanted, before = unanswered(g.session), request.args.get("before", "")
        wanted = wanted.where(Invitation.person_id.not_in(beside(g.session)))
        if before:
            wanted = wanted.where(Invitation.id < (key(before) or abort(400)))
        rows = g.session.scalars(wanted.limit(A_PAGE + 1)).all()
        more = len(rows) > A_PAGE
        shown = rows[:A_PAGE]
        return str(
            self.render_template(
                "office/invitations.html",
                title=gettext("Invitations"),
                rows=shown,
                went=how_it_went(g.session, shown),
                now=utcnow(),
                me=g.actor.person_id,
                older=url_for("Invitations.list", before=shown[-1].id) if more else "",
            )
        )

    @expose("/<int:pk>/again", methods=["POST"])
    @needs("edit")
    def again(self, pk: int) -> Response:
        """By letter, or by a code to hand over (`how`)."""
        by_code = request.form.get("how") == "code"
        ticket = renew(g.session, self._asked(pk), by_code=by_code)
        return hand_over([ticket], url_for("Invitations.list"))

    @expose("/<int:pk>/withdraw", methods=["POST"])
    @needs("edit")
    def withdraw(self, pk: int) -> Response:
        withdraw(g.session, self._asked(pk))
        flash(gettext("The invitation is taken back. Nobody comes in by it."), "success")
        return see_other(url_for("Invitations.list"))

    def _asked(self, pk: int) -> Invitation:
        found: Invitation | None = g.session.scalars(
            unanswered(g.session).where(Invitation.id == pk)
        ).first()
        return found or abort(404)
