"""Writing minutes while the meeting goes on (skrive referat), and handing them over."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from models.clock import utcnow
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.keys import HIGHEST, key
from models.vocabulary import Level, Scope
from security.facts import facts
from security.policy import Action, Forbidden, permits, writes_minutes
from services.consent import lock
from services.minutes import begin, items, minutes_of, the_minutes
from services.minutes_giving import give, gone, kept, may_make_tasks
from services.minutes_writing import add_decision, add_point
from views.fields import storable, stripped
from views.forms import Form
from views.plan.minutes_form import WritingForm, by_point, writing_form
from views.plan.one_meeting import one_meeting
from views.realm import PlanPage, needs, not_there, see_other


class GiveForm(Form):
    skip = BooleanField(lazy_gettext("Send it to everybody at once, not to the owner first"))
    because = StringField(
        lazy_gettext("Why does the owner not get it first?"),
        description=lazy_gettext("Only when you send it to everybody at once."),
        validators=[Length(max=200), storable],
        filters=[stripped],
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.because.flags.required = True  # with the tick; the help says when

    def validate(self, *args: Any, **kw: Any) -> bool:
        right: bool = super().validate(*args, **kw)
        if right and self.skip.data and not self.because.data:
            self.because.errors = [gettext("Say why, in one sentence.")]
            return False
        if right and self.because.data and not self.skip.data:
            words = gettext("You have said why, but not that it goes to everybody at once.")
            self.because.errors = [words]
            return False
        return right


class MinutesWriting(PlanPage):
    route_base = "/plan/<int:plan_id>/minutes"
    part = Scope.MEETINGS
    of = "meeting"

    @expose("/begin/<int:pk>", methods=["GET", "POST"])
    @needs("write")
    def begin(self, pk: int) -> str | Response:
        """pk: of the meeting."""
        meeting = one_meeting(pk)
        if not may_begin(meeting):
            raise Forbidden("minutes are written by those who write, or are asked to")
        there = minutes_of(g.session, meeting)
        if there is not None or request.method == "POST":
            minutes = there or begin(g.session, g.plan, meeting)
            return see_other(url_for("MinutesWriting.page", pk=minutes.id))
        page = self.render_template(
            "plan/begin_minutes.html",
            title=gettext("Write minutes"),
            meeting=meeting,
            makes_tasks=may_make_tasks(g.session, g.plan),
            back=url_for("MeetingRoom.page", pk=pk),
        )
        return str(page)

    @expose("/<int:pk>/write", methods=["GET", "POST"])
    @needs("write")
    def page(self, pk: int) -> str | Response | tuple[str, int]:
        if request.method == "POST":
            lock(g.session, g.plan.id)  # and all that is read from here on is the newest
        minutes = writers_minutes(pk)
        points = items(g.session, minutes)
        form = writing_form(minutes, points, minutes.given_at is None)
        if form.validate_on_submit() and form.store():
            return self._go_on(form, minutes)
        return self._page(form, minutes, points)

    def _go_on(self, form: WritingForm, minutes: Minutes) -> Response:
        """What was typed is stored; now for the button that was pressed."""
        asked, here = request.form.get("do", ""), url_for("MinutesWriting.page", pk=minutes.id)
        whole = minutes.given_at is None
        if whole and form._fields["point"].data:
            point = add_point(g.session, minutes, form._fields["point"].data, str(form.uid.data))
            return see_other(f"{here}#said_{point.id}")
        position = key(asked.removeprefix("more-")) if asked.startswith("more-") else None
        if whole and position is not None:
            add_decision(g.session, minutes, position, str(form.uid.data))
            return see_other(f"{here}#point-{position}")
        if whole and asked == "give":
            return see_other(url_for("MinutesWriting.give", pk=minutes.id))
        flash(gettext("What you wrote is stored."), "success")
        page = here if whole else url_for("MinutesRoom.page", pk=minutes.id)
        return see_other(page)

    def _page(self, form: WritingForm, minutes: Minutes, points: Any) -> str | tuple[str, int]:
        left = gone(g.session, points) if minutes.given_at is None else set()
        for row in points:
            if row.responsible_id in left and row.task_id is None and not form.errors:
                words = gettext("Has left the team. Choose somebody else.")
                form[f"who_{row.id}"].errors = [words]
        page = self.render_template(
            "plan/write_minutes.html",
            title=gettext("Write minutes"),
            form=form,
            minutes=minutes,
            meeting=minutes.meeting,
            promises=[one for one in points if one.promise],
            groups=by_point(points),
            whole=minutes.given_at is None,
            makes_tasks=may_make_tasks(g.session, g.plan),
            back=url_for("MinutesRoom.page", pk=minutes.id),
        )
        if form.is_submitted():
            g.session.let_go()
        return str(page), 422 if form.is_submitted() and form.errors else 200

    @expose("/<int:pk>/give", methods=["GET", "POST"])
    @needs("write")
    def give(self, pk: int) -> str | Response | tuple[str, int]:
        minutes, form = writers_minutes(pk), GiveForm()
        back = url_for("MinutesWriting.page", pk=pk)
        if minutes.given_at is not None:
            return see_other(url_for("MinutesRoom.page", pk=pk))
        points = items(g.session, minutes)
        if gone(g.session, points):
            return see_other(back)
        if form.validate_on_submit():
            skipped = form.because.data if form.skip.data else None
            give(g.session, g.plan, minutes, skipped)
            flash(gettext("The minutes are handed over."), "success")
            return see_other(url_for("MinutesRoom.page", pk=pk))
        page = self.render_template(
            "plan/give_minutes.html",
            title=gettext("Hand over the minutes"),
            form=form,
            agreed=[one for one in points if one.agreed],
            kept=kept(g.session, g.plan, points),
            empty=[one for one in points if not (one.said or one.agreed or one.promise)],
            makes_tasks=may_make_tasks(g.session, g.plan),
            minutes=minutes,
            calls=g.access.level(Scope.MEETINGS) is Level.WRITE,
            now=utcnow(),
            back=back,
        )
        if form.errors:
            g.session.let_go()
        return str(page), 422 if form.errors else 200


def one_minutes(pk: int) -> Minutes:
    """Minutes of the plan at hand that one may read; 404 for any other."""
    found = the_minutes(g.session, g.plan.id, pk) if pk <= HIGHEST else None
    if found is None:
        not_there()
    return found


def writers_minutes(pk: int) -> Minutes:
    minutes = one_minutes(pk)
    if not writes(minutes):
        raise Forbidden("minutes are written by those who are asked to")
    return minutes


def writes(minutes: Minutes) -> bool:
    return writes_minutes(g.access, facts(minutes), finished=minutes.locked_at is not None)


def may_begin(meeting: Meeting) -> bool:
    """Who writes all minutes, or leads this meeting or is its referent; in a draft, its maker."""
    if meeting.cancelled_at is not None:
        return False
    first = Minutes(plan_id=g.plan.id, author_id=g.actor.person_id, meeting=meeting)
    return permits(g.access, Action.ADD, facts(first))
