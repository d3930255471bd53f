"""Who is called to a meeting (innkalla): those its points need, and more of the team later."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import DataRequired

from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Meeting
from services.agenda import agenda, needed_for
from services.meetings import call_more
from services.messages import reachable
from views.choices import BoxesField
from views.forms import Form
from views.plan.meeting_agenda import open_meeting, words_of
from views.plan.one_meeting import changers_only
from views.realm import PlanPage, needs, see_other
from views.words import role_of


class MoreForm(Form):
    people = BoxesField(
        lazy_gettext("Who is called too"),
        description=lazy_gettext("They get the notice, and may read the minutes."),
        coerce=int,
        validators=[DataRequired()],
    )


class MeetingPeople(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    of = "meeting"

    @expose("/<int:pk>/people", methods=["GET", "POST"])
    @needs("write")
    def page(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = open_meeting(pk)
        changers_only(meeting)
        if meeting.is_planned:
            return see_other(url_for("MeetingSending.settle", pk=pk))
        points, called = agenda(g.session, meeting), {one.person_id for one in meeting.called}
        team = [one for one in offered(points) if one[0] not in called]
        if not team:
            flash(gettext("Everybody in the team is called already."), "info")
            return see_other(url_for("MeetingRoom.page", pk=pk))
        form = MoreForm(people=sorted(needed_for(points)))
        form.people.choices = team
        if form.validate_on_submit():
            call_more(g.session, g.plan, meeting, form.people.data or [])
            flash(gettext("They are called, and told."), "success")
            return see_other(url_for("MeetingRoom.page", pk=pk, _anchor="called"))
        page = self.render_template(
            "form_page.html",
            title=gettext("Call more people"),
            lead=gettext("Those you choose are told at once, and answer here."),
            form=form,
            button=gettext("Call them"),
            back=url_for("MeetingRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200


def offered(points: Sequence[AgendaItem]) -> list[tuple[int, str]]:
    """The team but for the actor, each with the points that need them."""
    needs_them = needed_for(points)
    return [
        (p.person_id, _said(f"{p.person.name}, {role_of(p)}", needs_them.get(p.person_id, ())))
        for p in reachable(g.session, g.plan)
    ]


def _said(who: str, points: Sequence[AgendaItem]) -> str:
    if not points:
        return who
    words = ", ".join(words_of(one) for one in points)
    return str(gettext("%(who)s. Needed for: %(points)s", who=who, points=words))


def first_chosen(meeting: Meeting, points: Sequence[AgendaItem]) -> list[int]:
    """Those it was planned with, and those its points need."""
    return sorted({one.person_id for one in meeting.called} | needed_for(points).keys())
