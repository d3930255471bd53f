"""My courses (opplæringa mi): what a coordinator has been to, lacks, and can come to."""

from __future__ import annotations

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext

from models.clock import today
from models.people import Person
from services.courses import attended_by, coming, missing_of
from views.realm import HandMade, Realm, needs


class OwnTraining(HandMade):
    realm = Realm.ACCOUNT
    route_base = "/account/courses"
    class_permission_name = "Training"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        me = g.session.get_one(Person, g.actor.person_id)
        mine = attended_by(g.session, me.id)
        page = self.render_template(
            "own_courses.html",
            title=gettext("My courses"),
            lacks=missing_of(g.session, [me])[me.id],
            coming=coming(g.session),
            listed={one.session_id for one in mine},
            been=[one for one in mine if one.was_there],
            today=today(),
        )
        return str(page)
