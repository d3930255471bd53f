"""Sending a planned meeting (sende innkalling), and saying how its agenda is settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Meeting
from models.vocabulary import Settled
from services.agenda import agenda
from services.meetings import cancel
from services.sending import send, settle
from views.choices import BoxesField, OneField
from views.fields import storable, stripped
from views.forms import Form
from views.plan.meeting_agenda import open_meeting
from views.plan.meeting_people import first_chosen, offered
from views.plan.one_meeting import changers_only, one_meeting
from views.realm import PlanPage, needs, see_other
from views.words import shown


class SettleForm(Form):
    settled = OneField(
        lazy_gettext("How is the agenda settled with the owner or those who act for them?"),
        validators=[InputRequired()],
        choices=lambda: [(str(how), shown(how)) for how in Settled],
    )
    because = StringField(
        lazy_gettext("If it is not settled: why?"),
        validators=[Length(max=200), storable],
        filters=[stripped],
    )
    people = BoxesField(
        lazy_gettext("Who is called"),
        description=lazy_gettext("They get the notice, and may read the minutes."),
        coerce=int,
        validators=[DataRequired()],
    )

    def validate_because(self, field: Any) -> None:
        """A meeting about somebody is not called past them without a reason."""
        if self.settled.data == Settled.NOT and not field.data:
            raise ValidationError(gettext("Say why, in one sentence."))


def _form_of(meeting: Meeting, points: Sequence[AgendaItem]) -> SettleForm:
    """Who is called is chosen when it is sent."""
    said = {"settled": meeting.settled, "because": meeting.settled_because}
    form = SettleForm(data=said | {"people": first_chosen(meeting, points)})
    if meeting.is_planned:
        form.people.choices = offered(points)
    else:
        del form.people
    return form


class CancelForm(Form):
    because = StringField(
        lazy_gettext("Why is it cancelled?"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )


class MeetingSending(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    of = "meeting"

    @expose("/<int:pk>/settle", methods=["GET", "POST"])
    @needs("write")
    def settle(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = open_meeting(pk)
        changers_only(meeting)
        planned = meeting.is_planned
        form = _form_of(meeting, agenda(g.session, meeting) if planned else ())
        if form.validate_on_submit():
            how, because = Settled(form.settled.data), form.because.data
            if planned:
                send(g.session, g.plan, meeting, how, because, form.people.data or [])
                flash(gettext("The meeting is sent. Those called are told."), "success")
            else:
                settle(g.session, meeting, how, because)
                flash(gettext("It is noted."), "success")
            return see_other(url_for("MeetingRoom.page", pk=pk))
        title = gettext("Settle the agenda and send") if planned else gettext("Settle the agenda")
        lead = gettext("Go through the agenda with the owner first. Then those called are told.")
        page = self.render_template(
            "form_page.html",
            title=title,
            lead=lead if planned else gettext("All who may read the meeting see what you answer."),
            form=form,
            button=gettext("Send to those called") if planned else gettext("Save"),
            back=url_for("MeetingRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200

    @expose("/<int:pk>/cancel", methods=["GET", "POST"])
    @needs("write")
    def cancel(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = one_meeting(pk)
        changers_only(meeting)
        back, form = url_for("MeetingRoom.page", pk=pk), CancelForm()
        if meeting.cancelled_at is not None:
            return see_other(back)
        if form.validate_on_submit():
            cancel(g.session, g.plan, open_meeting(pk), form.because.data or "")
            flash(gettext("The meeting is cancelled."), "success")
            return see_other(back)
        page = self.render_template(
            "form_page.html",
            title=gettext("Cancel the meeting"),
            lead=gettext("Those called are told, and read why. The meeting stays in the list."),
            form=form,
            button=gettext("Cancel the meeting"),
            back=back,
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200
