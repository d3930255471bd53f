"""The points every meeting has (faste saker): reworded for one meeting, and put back."""

from __future__ import annotations

from flask import abort, flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, Optional

from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Meeting
from models.vocabulary import AgendaKind, Scope
from security.policy import Forbidden
from services.agenda import agenda, put_back, reword
from views.fields import storable, stripped
from views.forms import Form
from views.plan.meeting_agenda import open_meeting
from views.plan.one_meeting import may_order
from views.realm import PlanPage, needs, see_other
from views.words import shown


class RewordForm(Form):
    topic = StringField(
        lazy_gettext("What it is called in this meeting"),
        description=lazy_gettext("Left empty, it has its usual name."),
        validators=[Optional(), Length(max=200), storable],
        filters=[stripped],
    )


class StandingPoints(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    part = Scope.MEETINGS
    of = "meeting"

    @expose("/point/<int:pk>/reword", methods=["GET", "POST"])
    @needs("write")
    def reword(self, pk: int) -> str | Response | tuple[str, int]:
        point = g.session.get(AgendaItem, pk)
        if point is None or point.plan_id != g.plan.id:
            abort(404)
        meeting = open_meeting(point.meeting_id)
        item = next((one for one in agenda(g.session, meeting) if one.id == pk), None)
        if item is None or item.kind is AgendaKind.PROPOSED:
            abort(404)
        _who_orders(meeting)
        form, back = RewordForm(obj=item), url_for("MeetingRoom.page", pk=meeting.id)
        if form.validate_on_submit():
            reword(g.session, item, form.topic.data)
            flash(gettext("The point has a new name in this meeting."), "success")
            return see_other(f"{back}#point-{pk}")
        page = self.render_template(
            "form_page.html",
            title=gettext("Rename: %(what)s", what=shown(item.kind)),
            lead=gettext("Only in this meeting. In the next one it has its usual name."),
            form=form,
            button=gettext("Save"),
            back=back,
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200

    @expose("/<int:pk>/put-back", methods=["POST"])
    @needs("write")
    def put_back(self, pk: int) -> Response:
        meeting = open_meeting(pk)
        _who_orders(meeting)
        put_back(g.session, g.plan, meeting)
        flash(gettext("The usual points are on the agenda again."), "success")
        return see_other(url_for("MeetingRoom.page", pk=pk, _anchor="agenda"))


def _who_orders(meeting: Meeting) -> None:
    if not may_order(meeting):
        raise Forbidden("the usual points are for who calls or leads the meeting")
