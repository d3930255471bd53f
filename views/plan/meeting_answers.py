"""What those called to a meeting say (svar): whether they come, why, and what they bring."""

from __future__ import annotations

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Optional

from models.elements.meeting import Invitee, Meeting
from models.vocabulary import Attendance
from services.meetings import NotInvited, prepare, write_down
from views.choices import NO_CHOICE, OneField, RowField
from views.fields import storable, stripped
from views.forms import Form
from views.plan.meeting_agenda import open_meeting
from views.plan.one_meeting import changers_only
from views.realm import PlanPage, needs, see_other
from views.words import shown

ANSWERS = (Attendance.COMING, Attendance.NOT_COMING)
_LINE = [Optional(), Length(max=200), storable]


class AnswerForm(Form):
    answer = OneField(
        lazy_gettext("Are you coming?"), choices=lambda: [(str(one), shown(one)) for one in ANSWERS]
    )
    reason = StringField(
        lazy_gettext("Do you want to say why?"), validators=_LINE, filters=[stripped]
    )


class ToldForm(Form):
    """What somebody has answered on the telephone, or face to face."""

    person = RowField(lazy_gettext("Who has answered?"), lambda: [], validators=[InputRequired()])
    answer = OneField(
        lazy_gettext("What did they answer?"),
        choices=lambda: [(str(one), shown(one)) for one in ANSWERS],
        validators=[InputRequired()],
    )
    reason = StringField(
        lazy_gettext("Did they say why?"),
        description=lazy_gettext("Only what they want the others to read."),
        validators=_LINE,
        filters=[stripped],
    )


class PreparedForm(Form):
    brings = StringField(
        lazy_gettext("What I want to bring up"), validators=_LINE, filters=[stripped]
    )
    has_done = StringField(
        lazy_gettext("What I have done since last time"), validators=_LINE, filters=[stripped]
    )


def mine_in(meeting: Meeting) -> Invitee | None:
    """The actor among those called."""
    return next((i for i in meeting.called if i.person_id == g.actor.person_id), None)


class MeetingAnswers(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    of = "meeting"

    @expose("/<int:pk>/write-down", methods=["GET", "POST"])
    @needs("write")
    def write_down(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = open_meeting(pk)
        changers_only(meeting)
        others = [one for one in meeting.called if one.person_id != g.actor.person_id]
        form = ToldForm()
        form.person.choices = [
            ("", str(NO_CHOICE)),
            *((i.person_id, i.person.name) for i in others),
        ]
        if form.validate_on_submit():
            said = Attendance(form.answer.data)
            write_down(g.session, meeting, form.person.data, said, form.reason.data)
            flash(gettext("The answer is written down, with your name."), "success")
            return see_other(url_for("MeetingRoom.page", pk=pk, _anchor="called"))
        page = self.render_template(
            "form_page.html",
            title=gettext("Write down an answer"),
            lead=gettext(
                "For one who has told you whether they come. They see it, and can change it."
            ),
            form=form,
            back=url_for("MeetingRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200

    @expose("/<int:pk>/ready", methods=["GET", "POST"])
    @needs("write")
    def ready(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = open_meeting(pk)
        mine = mine_in(meeting)
        if mine is None:
            raise NotInvited(pk)
        form = PreparedForm(obj=mine)
        if form.validate_on_submit():
            prepare(g.session, meeting, form.brings.data, form.has_done.data)
            flash(gettext("It says that you are prepared."), "success")
            return see_other(url_for("MeetingRoom.page", pk=pk))
        page = self.render_template(
            "form_page.html",
            title=gettext("Prepare for the meeting"),
            lead=gettext("One or two lines are enough. All who may read the meeting see them."),
            form=form,
            button=gettext("I am prepared"),
            back=url_for("MeetingRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200
