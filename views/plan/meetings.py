"""The meeting (møte): calling it, the room, and answers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.clock import utcnow
from models.elements.agenda_item import AgendaItem
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.vocabulary import Attendance, Level, Scope
from security.policy import Forbidden, follows_up
from services.agenda import agenda, missing
from services.meetings import answer, call
from services.messages import reachable
from services.minutes import minutes_of
from services.outside import guests
from views.once import once
from views.plan.adding import may_add
from views.plan.call_form import CallForm
from views.plan.hiding import hiding_address
from views.plan.meeting_agenda import ProposeForm, may_take_off
from views.plan.meeting_answers import ANSWERS, AnswerForm, mine_in
from views.plan.minutes_writing import may_begin, writes
from views.plan.one_meeting import may_change, may_have_link, may_order, one_meeting
from views.plan.versions import versions_address
from views.realm import PlanPage, needs, see_other
from views.words import role_of


class MeetingRoom(PlanPage):
    route_base = "/plan/<int:plan_id>/meeting"
    part = Scope.MEETINGS

    @expose("/call", methods=["GET", "POST"])
    @needs("write")
    def call(self) -> str | Response | tuple[str, int]:
        _writers_only()
        team = reachable(g.session, g.plan)
        form = CallForm(people=[p.person_id for p in team])  # untick those who are not to come
        form.people.choices = [(p.person_id, f"{p.person.name}, {role_of(p)}") for p in team]
        if form.validate_on_submit():
            return self._call(form)
        g.session.let_go()
        page = self.render_template(
            "form_page.html",
            title=gettext("Call a meeting"),
            lead=gettext("Those you choose are told when it is sent, and answer here."),
            form=form,
            button=gettext("Call the meeting"),
            back=url_for("MeetingView.list"),
        )
        return str(page), 422 if form.errors else 200

    def _call(self, form: CallForm) -> Response:
        starts = form.starts_at.moment
        assert starts is not None
        ends = form.ends_at.moment or starts + timedelta(hours=1)
        call_it = partial(
            call, g.session, g.plan, purpose=form.purpose.data or "", starts_at=starts,
            ends_at=ends, place=form.place.data, agenda=form.agenda.data,
            video_link=form.video_link.data, people=form.people.data or [], uid=str(form.uid.data),
            planned=bool(form.planned.data),
        )  # fmt: skip
        meeting = once(Meeting, form.uid.data, call_it)
        if meeting is None:
            return see_other(url_for("MeetingView.list"))
        planned = gettext("The meeting is planned. Nobody is told before you send it.")
        flash(planned if meeting.is_planned else gettext("The meeting is called."), "success")
        return see_other(url_for("MeetingRoom.page", pk=meeting.id))

    @expose("/<int:pk>")
    @needs("read")
    def page(self, pk: int) -> str:
        meeting = one_meeting(pk)
        minutes, points = minutes_of(g.session, meeting), agenda(g.session, meeting)
        mine = mine_in(meeting)
        stands = minutes is None and meeting.cancelled_at is None
        return str(
            self.render_template(
                "plan/meeting.html",
                title=meeting.purpose,
                meeting=meeting,
                minutes=minutes,
                agenda=points,
                missing=missing(points),
                reads_goals=g.plan.type in Goal.element.types and g.access.level(Scope.GOALS),
                proposing=ProposeForm() if stands and may_add(AgendaItem) else None,
                may_order=stands and may_order(meeting),
                may_change=stands and may_change(meeting),
                asks=mine is not None and minutes is None and meeting.state is None,
                may_take_off=may_take_off,
                guests=_guests(pk),
                begun=meeting.starts_at <= utcnow(),
                mine=mine,
                answers=ANSWERS,
                answer_form=AnswerForm(obj=mine),
                on_video=bool(meeting.video_link) and may_have_link(meeting),
                follows_up=follows_up(g.access, "meeting"),
                hiding=hiding_address(meeting),
                versions=versions_address(meeting),
                minutes_hiding=hiding_address(minutes) if minutes else "",
                may_write=may_begin(meeting),
                writes=minutes is not None and writes(minutes),
            )
        )

    @expose("/<int:pk>/answer", methods=["POST"])
    @needs("write")
    def answer(self, pk: int) -> Response | tuple[str, int]:
        if request.form.get("answer", "") not in ANSWERS:
            abort(400)
        meeting, form = one_meeting(pk), AnswerForm()
        if form.validate():
            answer(g.session, meeting, Attendance(form.answer.data), form.reason.data)
            flash(gettext("Your answer is stored."), "success")
            return see_other(url_for("MeetingRoom.page", pk=pk))
        page = self.render_template(
            "form_page.html",
            title=gettext("Are you coming?"),
            form=form,
            back=url_for("MeetingRoom.page", pk=pk),
        )
        g.session.let_go()
        return str(page), 422


def _guests(pk: int) -> list[tuple[str, bool]]:
    """For those around the plan; others see who was called."""
    around = g.access.owners_side or g.access.coordinator
    return guests(g.session, pk) if around else []


def _writers_only() -> None:
    if g.access.level(Scope.MEETINGS) is not Level.WRITE or not g.access.is_open:
        raise Forbidden("calling a meeting needs write")
