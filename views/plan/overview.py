"""The plan room's first place (No): who does what, what is new, and what one may do here."""

from __future__ import annotations

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext

from models.clock import today
from models.vocabulary import Attendance
from security.audit import Noted
from security.facts import facts
from security.policy import basis
from services.conversion import UPWARDS
from views.plan.glance import glance
from views.plan.news import news
from views.plan.next_step import next_step
from views.plan.nine import ticks
from views.plan.presentation import change_at, may_begin
from views.plan.who_does import who_does
from views.plan.who_sees import who_sees
from views.realm import PlanPage, needs


class Overview(PlanPage):
    route_base = "/plan/<int:plan_id>"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        now = glance()
        why = basis(g.access, facts(g.plan))
        g.session.note(Noted(g.plan.id, "read", "plan", why, rows={g.plan.id}))
        due, step = g.plan.next_evaluation, next_step(now.consents)
        return str(
            self.render_template(
                "plan/overview.html",
                title=gettext("Now"),
                news=news(),
                overdue=due is not None and due < today(),
                meeting=now.meeting,
                work=who_does(),
                answers=(Attendance.COMING, Attendance.NOT_COMING),
                may_convert=step is None and _may_convert(),
                step=step,
                owner=now.owner or g.plan.short_name,
                words=now.words,
                picture=now.picture,
                change=change_at(now.words) if now.words else "",
                begin=not now.words and g.access.owners_side and may_begin(),
                ticks=ticks(now.filled) if now.filled is not None else [],
                who=who_sees(),
            )
        )


def _may_convert() -> bool:
    """A coordinator whose access is taken back asks for that first."""
    running = g.plan.status is g.plan.status.ACTIVE and g.access.grants
    return bool(g.access.coordinator and running and g.plan.type in UPWARDS)
