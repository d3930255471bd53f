"""What did not arrive (ikkje levert): to whom, why, and once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from models.keys import key
from models.outbox import Delivery
from models.people import Person
from services.apart import beside
from services.deliveries import lost_deliveries, try_again
from views.realm import HandMade, Realm, needs, see_other
from views.words import headline

A_PAGE = 50
MOST_AT_ONCE = 500


class Undelivered(HandMade):
    """By person, the newest first. What is said of a notice is its kind: whose plan it is
    about is nobody's business."""

    realm = Realm.REGISTER
    route_base = "/register/undelivered"
    class_permission_name = "Undelivered"
    menu_label = lazy_gettext("Not delivered")
    menu_icon = "EnvelopeClosed"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        wanted, before = lost_deliveries(), request.args.get("before", "")
        wanted = wanted.where(Delivery.person_id.not_in(beside(g.session)))
        if before:
            wanted = wanted.where(Delivery.id < (key(before) or abort(400)))
        rows = g.session.scalars(wanted.limit(A_PAGE + 1)).all()
        more = len(rows) > A_PAGE
        people: dict[Person, list[Delivery]] = {}
        for row in rows[:A_PAGE]:
            people.setdefault(row.person, []).append(row)
        return str(
            self.render_template(
                "office/undelivered.html",
                title=gettext("Not delivered"),
                people=people,
                headline=headline,
                older=url_for("Undelivered.list", before=rows[A_PAGE - 1].id) if more else "",
            )
        )

    @expose("/again", methods=["POST"])
    @needs("edit")
    def again(self) -> Response:
        """All there are to one (`person`), or to everybody."""
        wanted, one = lost_deliveries(), request.form.get("person", "")
        if one:
            wanted = wanted.where(Delivery.person_id == (key(one) or abort(400)))
        rows: Sequence[Any] = g.session.scalars(wanted.limit(MOST_AT_ONCE)).all()
        count = try_again(g.session, rows)
        flash(
            ngettext(
                "%(num)s notice is sent once more.", "%(num)s notices are sent once more.", count
            ),
            "success",
        )
        return see_other(url_for("Undelivered.list"))
