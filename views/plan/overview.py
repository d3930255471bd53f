"""The plan room's first place (No): what is new, and what one may do here."""

from __future__ import annotations

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from models.clock import today
from models.history import ElementIndex
from models.people import Person
from models.vocabulary import Attendance
from security.audit import Noted
from security.facts import facts
from security.policy import basis
from services.conversion import UPWARDS
from views.plan.agenda import next_meeting, tasks
from views.plan.next_step import next_step
from views.plan.timeline import WITH_A_PAGE, line_of
from views.realm import PlanPage, needs

NEWEST = 8


class Overview(PlanPage):
    route_base = "/plan/<int:plan_id>"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        newest = (
            select(ElementIndex, Person.name)
            .outerjoin(Person, Person.id == ElementIndex.author_id)
            .where(ElementIndex.plan_id == g.plan.id, ElementIndex.key.in_(WITH_A_PAGE))
        )
        lines = g.session.execute(
            newest.order_by(ElementIndex.at.desc(), ElementIndex.id.desc()).limit(NEWEST)
        ).all()
        why = basis(g.access, facts(g.plan))
        g.session.note(Noted(g.plan.id, "read", "plan", why, rows={g.plan.id}))
        due, step = g.plan.next_evaluation, next_step()
        return str(
            self.render_template(
                "plan/overview.html",
                title=gettext("Now"),
                lines=[line_of(line, by, line.at) for line, by in lines],
                overdue=due is not None and due < today(),
                meeting=next_meeting(),
                tasks=tasks(),
                today=today(),
                answers=(Attendance.COMING, Attendance.NOT_COMING),
                may_convert=step is None and _may_convert(),
                step=step,
            )
        )


def _may_convert() -> bool:
    """A coordinator whose access is taken back asks for that first."""
    running = g.plan.status is g.plan.status.ACTIVE and g.access.grants
    return bool(g.access.coordinator and running and g.plan.type in UPWARDS)
