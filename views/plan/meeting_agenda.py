"""The agenda of a meeting (sakliste): anybody called proposes, who calls puts it in order."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length, Optional

from models.elements.agenda_item import AgendaItem
from models.keys import key
from models.vocabulary import Scope
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.agenda import agenda, may_be_points, move, propose, take_off
from services.minutes import minutes_of
from views.choices import RowField, people_of_the_team
from views.fields import storable, stripped
from views.forms import OnceForm
from views.once import once
from views.plan.adding import may_add
from views.plan.one_meeting import may_order, one_meeting
from views.realm import PlanPage, needs, see_other
from views.words import shown


class ProposeForm(OnceForm):
    topic = StringField(
        lazy_gettext("What do you want to talk about?"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    needed = RowField(
        lazy_gettext("Who is needed for it?"), people_of_the_team, validators=[Optional()]
    )


def may_take_off(item: AgendaItem) -> bool:
    """Whether the actor may take the point off: one's own, and all of them for who calls."""
    return permits(g.access, Action.CHANGE, facts(item))


def words_of(item: AgendaItem) -> str:
    """A point in words: its own, or in the reader's language."""
    return item.topic or shown(item.kind)


class MeetingAgenda(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    part = Scope.MEETINGS
    of = "meeting"

    @expose("/<int:pk>/propose", methods=["GET", "POST"])
    @needs("write")
    def propose(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = open_meeting(pk)
        if not may_add(AgendaItem):
            raise Forbidden("points are proposed by those who may write in meetings")
        goals = may_be_points(g.session, g.plan.id)
        asked = key(request.args.get("goal"))
        form = ProposeForm(data={"topic": next((o.goal for o in goals if o.id == asked), "")})
        if form.validate_on_submit():
            put = partial(propose, g.session, g.plan, meeting, form.topic.data or "")
            once(AgendaItem, form.uid.data, partial(put, str(form.uid.data), form.needed.data))
            flash(gettext("It is on the agenda."), "success")
            return see_other(url_for("MeetingRoom.page", pk=pk, _anchor="agenda"))
        page = self.render_template(
            "plan/propose_point.html",
            title=gettext("Propose a point"),
            form=form,
            meeting=meeting,
            goals=goals,
        )
        if form.errors:
            g.session.let_go()
        return str(page), 422 if form.errors else 200

    @expose("/<int:pk>/move", methods=["POST"])
    @needs("write")
    def move(self, pk: int) -> Response:
        meeting, way = open_meeting(pk), request.form.get("way")
        item_id, past_id = (key(request.form.get(name)) for name in ("item", "past"))
        if way not in ("up", "down") or item_id is None or past_id is None:
            abort(400)
        if not may_order(meeting):
            raise Forbidden("the points are put in order by who calls or leads the meeting")
        item = move(g.session, g.plan, meeting, item_id, past_id, up=way == "up")
        if item is None:
            abort(404)
        said = gettext("Moved up: %(goal)s", goal=words_of(item))
        down = gettext("Moved down: %(goal)s", goal=words_of(item))
        flash(said if way == "up" else down, "success")
        return see_other(url_for("MeetingRoom.page", pk=pk, _anchor=f"point-{item_id}"))

    @expose("/<int:pk>/take-off", methods=["POST"])
    @needs("write")
    def take_off(self, pk: int) -> Response:
        meeting, item_id = open_meeting(pk), key(request.form.get("item"))
        item = next((one for one in agenda(g.session, meeting) if one.id == item_id), None)
        if item is None:
            abort(404)
        take_off(g.session, item)
        flash(gettext("Taken off the agenda: %(what)s", what=words_of(item)), "success")
        return see_other(url_for("MeetingRoom.page", pk=pk, _anchor="agenda"))


def open_meeting(pk: int) -> Any:
    """What is minuted or cancelled has the agenda it had."""
    meeting = one_meeting(pk)
    if meeting.cancelled_at is not None or minutes_of(g.session, meeting) is not None:
        raise Forbidden("what is minuted or cancelled stays as it was")
    return meeting
