"""When a meeting can be (datoval): proposing times, answering, and choosing one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired, Optional, ValidationError

from models.clock import utcnow
from models.elements.meeting import Meeting
from models.keys import key
from models.meeting_time import MeetingTime
from models.vocabulary import Suits
from services.date_polls import (
    FEWEST,
    MOST,
    CalledAlready,
    NotAsked,
    PollIsClosed,
    answer_times,
    best,
    choose_time,
    is_open,
    mine_of,
    propose_times,
    times_of,
)
from views.choices import OneField
from views.fields import OsloDateTimeField, to_come
from views.forms import Form, OnceForm
from views.once import once
from views.plan.meeting_agenda import open_meeting
from views.plan.one_meeting import changers_only, may_change, one_meeting
from views.realm import PlanPage, needs, see_other
from views.words import shown, span

ANSWERS = (Suits.YES, Suits.IF_I_MUST, Suits.NO)


def _stands_once(form: Any, field: Any) -> None:
    before = form.times()[: form.times().index(field)]
    if field.moment and field.moment in [one.moment for one in before]:
        raise ValidationError(gettext("This time stands above already."))


class TimesForm(OnceForm):
    """Some moments, each a field of its own: the first must be there."""

    def times(self) -> list[Any]:
        return [self[f"time_{n}"] for n in range(1, MOST + 1)]

    def starts(self) -> list[datetime]:
        return [one.moment for one in self.times() if one.moment]


for _n in range(1, MOST + 1):
    _must: Any = InputRequired() if _n <= FEWEST else Optional()
    _label = lazy_gettext("Time %(n)s", n=_n)
    _rules = [_must, to_come, _stands_once]
    setattr(TimesForm, f"time_{_n}", OsloDateTimeField(_label, validators=_rules))


def answer_form(times: Sequence[MeetingTime], said: dict[int, Any]) -> Form:
    """A choice for each time that is asked about."""
    words = {str(one): shown(one) for one in ANSWERS}
    fields = {
        f"time_{one.id}": OneField(
            span(one.starts_at, one.ends_at), choices=words, validators=[InputRequired()]
        )
        for one in times
        if one.id in said
    }
    stored = {f"time_{one}": str(row.answer) for one, row in said.items()}
    form: Form = type("AnswerTimesForm", (Form,), fields)(data=stored)
    return form


class MeetingTimes(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    of = "meeting"

    @expose("/<int:pk>/times")
    @needs("read")
    def page(self, pk: int) -> str:
        meeting = one_meeting(pk)
        times = times_of(g.session, meeting)
        asks = is_open(meeting, times)
        return str(
            self.render_template(
                "plan/meeting_times.html",
                title=gettext("When can we meet?"),
                meeting=meeting,
                times=times,
                best=best(times),
                asks=asks,
                mine=mine_of(g.session, times) if asks and g.access.is_open else {},
                may_choose=asks and may_change(meeting),
                may_propose=meeting.is_planned and not meeting.cancelled_at and may_change(meeting),
                answers=(*ANSWERS, Suits.UNANSWERED),
                now=utcnow(),
            )
        )

    @expose("/<int:pk>/times/propose", methods=["GET", "POST"])
    @needs("write")
    def propose(self, pk: int) -> str | Response | tuple[str, int]:
        meeting: Meeting = open_meeting(pk)
        changers_only(meeting)
        if not meeting.is_planned:
            raise CalledAlready(pk)
        form = TimesForm(data={"time_1": meeting.starts_at})
        if form.validate_on_submit():
            ask = partial(propose_times, g.session, g.plan, meeting, form.starts())
            once(MeetingTime, form.uid.data, partial(ask, str(form.uid.data)))
            flash(gettext("Those you plan to call are asked."), "success")
            return see_other(url_for("MeetingTimes.page", pk=pk))
        lead = gettext("Propose two to six times. Each is as long as the meeting is set to be now.")
        return self._form(pk, form, gettext("Ask when it suits"), lead, gettext("Ask them"))

    @expose("/<int:pk>/times/answer", methods=["GET", "POST"])
    @needs("write")
    def answer(self, pk: int) -> str | Response | tuple[str, int]:
        meeting = open_meeting(pk)
        times = times_of(g.session, meeting)
        mine = mine_of(g.session, times)
        if not is_open(meeting, times) and request.method == "POST":
            raise PollIsClosed(pk)
        if not is_open(meeting, times):
            return see_other(url_for("MeetingTimes.page", pk=pk))
        if not mine:
            raise NotAsked(pk)
        form = answer_form(times, mine)
        if form.validate_on_submit():
            said = {one: Suits(form[f"time_{one}"].data) for one in mine}
            answer_times(g.session, g.plan, meeting, said)
            flash(gettext("Your answer is stored."), "success")
            return see_other(url_for("MeetingTimes.page", pk=pk))
        lead = gettext("All who may read the meeting see what you answer.")
        return self._form(pk, form, gettext("Which times suit you?"), lead, gettext("Answer"))

    @expose("/<int:pk>/times/choose", methods=["POST"])
    @needs("write")
    def choose(self, pk: int) -> Response:
        meeting, time_id = open_meeting(pk), key(request.form.get("time"))
        changers_only(meeting)
        if time_id is None:
            abort(400)
        choose_time(g.session, g.plan, meeting, time_id)
        flash(gettext("The meeting has got its time. Now settle the agenda and send."), "success")
        return see_other(url_for("MeetingRoom.page", pk=pk))

    def _form(self, pk: int, form: Form, title: str, lead: str, button: str) -> tuple[str, int]:
        back = url_for("MeetingTimes.page", pk=pk)
        page = self.render_template(
            "form_page.html", title=title, lead=lead, form=form, button=button, back=back
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200
