"""My courses (opplæringa mi): what a coordinator has been to, lacks, and can come to."""

from __future__ import annotations

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.clock import today
from models.keys import key
from models.people import Person
from services.courses import attended_by, coming, full_of, missing_of
from services.own_courses import NoSuchSession, come, stay_away
from views.realm import HandMade, Realm, needs, not_there, see_other


class OwnTraining(HandMade):
    realm = Realm.ACCOUNT
    route_base = "/account/courses"
    class_permission_name = "Training"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        me = g.session.get_one(Person, g.actor.person_id)
        mine, ahead = attended_by(g.session, me.id), coming(g.session)
        page = self.render_template(
            "own_courses.html",
            title=gettext("My courses"),
            lacks=missing_of(g.session, [me])[me.id],
            coming=ahead,
            full=full_of(g.session, ahead),
            listed={one.session_id: one.was_there for one in mine},
            been=[one for one in mine if one.was_there],
            today=today(),
        )
        return str(page)

    @expose("/<pk>/come", methods=["POST"])
    @needs("write")
    def come(self, pk: str) -> Response:
        try:
            come(g.session, key(pk) or 0)
        except NoSuchSession:
            not_there()
        flash(
            gettext("You are on the list. The coordinating unit sees that you are coming."),
            "success",
        )
        return see_other(url_for("OwnTraining.page"))

    @expose("/<pk>/stay-away", methods=["POST"])
    @needs("write")
    def stay_away(self, pk: str) -> Response:
        try:
            stay_away(g.session, key(pk) or 0)
        except NoSuchSession:
            not_there()
        flash(gettext("You are no longer on the list."), "success")
        return see_other(url_for("OwnTraining.page"))
