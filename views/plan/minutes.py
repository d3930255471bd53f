"""Reading minutes (referat): the owner's side first; remarks; and words for one's own record."""

from __future__ import annotations

from functools import partial

from flask import abort, flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from models.elements.minutes import FOR_REMARKS, Minutes
from models.elements.minutes_remark import MinutesRemark
from models.vocabulary import Scope
from security.policy import Forbidden, lets_minutes_go
from services.minutes import earlier_words, items, remarks
from services.minutes_giving import let_go, remark
from views.fields import LONGEST_TEXT, storable, stripped
from views.forms import OnceForm
from views.once import once
from views.plan.adding import may_add
from views.plan.hiding import hiding_address
from views.plan.minutes_form import ASKED, by_point
from views.plan.minutes_writing import one_minutes, writes
from views.realm import PlanPage, needs, see_other


class RemarkForm(OnceForm):
    said = TextAreaField(
        lazy_gettext("What is missing or wrong?"),
        description=lazy_gettext("All who read the minutes read it."),
        validators=[DataRequired(), Length(max=LONGEST_TEXT), storable],
        filters=[stripped],
    )


class MinutesRoom(PlanPage):
    route_base = "/plan/<int:plan_id>/minutes"
    part = Scope.MEETINGS
    of = "meeting"

    @expose("/<int:pk>")
    @needs("read")
    def page(self, pk: int) -> str:
        return self._page(one_minutes(pk), RemarkForm())

    def _page(self, minutes: Minutes, form: RemarkForm) -> str:
        points = items(g.session, minutes)
        page = self.render_template(
            "plan/minutes.html",
            title=gettext("Minutes: %(what)s", what=minutes.meeting.purpose),
            minutes=minutes,
            meeting=minutes.meeting,
            promises=[one for one in points if one.promise and (one.outcome or one.said)],
            groups=by_point(points),
            asked=ASKED,
            remarks=remarks(g.session, minutes),
            before=earlier_words(g.session, minutes, (minutes, *points)),
            form=form if _may_remark(minutes) else None,
            may_let_go=_may_let_go(minutes),
            writes=writes(minutes),
            until=minutes.opens_at + FOR_REMARKS if minutes.opens_at else None,
            sees_tasks=g.access.level(Scope.GOALS) is not None or g.access.owners_side,
            hiding=hiding_address(minutes),
        )
        return str(page)

    @expose("/<int:pk>/let-go", methods=["POST"])
    @needs("write")
    def let_go(self, pk: int) -> Response:
        """Those called may have it now, says the owner's side."""
        minutes = one_minutes(pk)
        if not lets_minutes_go(g.access):
            raise Forbidden("the owner's day is the owner's")
        let_go(g.session, g.plan, minutes)
        flash(
            gettext("Thank you. Those called to the meeting can read the minutes now."), "success"
        )
        return see_other(url_for("MinutesRoom.page", pk=pk))

    @expose("/<int:pk>/remark", methods=["POST"])
    @needs("write")
    def remark(self, pk: int) -> Response | tuple[str, int]:
        minutes, form = one_minutes(pk), RemarkForm()
        if form.validate():
            say = partial(remark, g.session, minutes, form.said.data or "", str(form.uid.data))
            once(MinutesRemark, form.uid.data, say)
            flash(gettext("Your remark stands under the minutes."), "success")
            return see_other(url_for("MinutesRoom.page", pk=pk))
        page = self._page(minutes, form)
        g.session.let_go()
        return page, 422

    @expose("/<int:pk>/journal")
    @needs("read")
    def journal(self, pk: int) -> str:
        """Words to copy into one's own record: nobody's name, and no number."""
        minutes = one_minutes(pk)
        if minutes.given_at is None:
            abort(404)
        me = g.actor.person_id
        mine = next((one for one in minutes.attended if one.person_id == me), None)
        tasks = [
            one for one in items(g.session, minutes) if one.responsible_id == me and one.agreed
        ]
        page = self.render_template(
            "plan/journal.html",
            title=gettext("For your own record"),
            meeting=minutes.meeting,
            mine=mine,
            tasks=tasks,
            back=url_for("MinutesRoom.page", pk=pk),
        )
        return str(page)


def _may_let_go(minutes: Minutes) -> bool:
    waits = minutes.given_at is not None and not minutes.is_open
    return waits and lets_minutes_go(g.access)


def _may_remark(minutes: Minutes) -> bool:
    return minutes.is_remarked_on and may_add(MinutesRemark)
