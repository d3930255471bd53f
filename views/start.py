"""The page one comes to first (startsida): what waits for one, the next meetings, one's plans.

It shows dates and counts, no word of any plan: a telephone lies open on a table. Nothing here
asks who one is. What stands in one's plans decides what is shown: a coordinator has minutes to
write, a parent is asked something, a teacher has a task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, g, redirect, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.clock import OSLO, today, utcnow
from models.vocabulary import Attendance
from security.audit import Noted
from security.roles import PLAN
from services.plan_line import PlanLine
from services.waiting import plan_lines
from views.navigation import top
from views.office.to_see import to_see
from views.realm import AccountPage, needs
from views.waits import COLOURS, Waits, awaits, waits
from views.words import in_full, shown

MOST_WAITING, MOST_MEETINGS, MOST_AWAITED, MOST_PLANS = 5, 3, 5, 12
ANSWERS = (Attendance.COMING, Attendance.NOT_COMING)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list of them: what waits in it, and what comes next."""

    plan: PlanLine
    waits: Sequence[Waits]
    easy: bool

    @property
    def url(self) -> str:
        return url_for("EasyRead.page" if self.easy else "Overview.page", plan_id=self.plan.id)

    @property
    def urgency(self) -> int:
        """What is over comes last."""
        if not self.plan.status.is_open:
            return len(COLOURS) + 1
        return self.waits[0].presses if self.waits else len(COLOURS)

    @property
    def next(self) -> str:
        plan = self.plan
        if not plan.status.is_open:
            return ""
        if plan.meeting is not None:
            day = shown(plan.meeting.starts_at.astimezone(OSLO).date())
            return str(gettext("Meeting %(day)s", day=day))
        if plan.next_evaluation is not None and plan.next_evaluation >= today():
            return str(gettext("Evaluation %(day)s", day=shown(plan.next_evaluation)))
        return ""

    @property
    def late(self) -> Waits | None:
        """The most pressing thing, when it is more than something to know of."""
        return self.waits[0] if self.waits and self.waits[0].is_late else None


class Start(AccountPage):
    route_base = ""

    @expose("/")
    @needs("read")
    def page(self) -> str | Response:
        rows = _rows()
        _, *office = top()
        if len(rows) == 1 and rows[0].easy and not office:
            return redirect(rows[0].url)
        waiting = sorted((w for row in rows for w in row.waits), key=lambda one: one.presses)
        awaited = [one for row in rows for one in awaits(row.plan)]
        return str(
            self.render_template(
                "start.html",
                title=gettext("My page"),
                day=in_full(today()),
                rows=rows[:MOST_PLANS],
                plans=len(rows),
                leads=any(row.plan.leads for row in rows),
                nothing=_nothing(),
                waiting=waiting[:MOST_WAITING],
                more=max(len(waiting) - MOST_WAITING, 0),
                answers=ANSWERS,
                meetings=_meetings(rows),
                awaited=awaited[:MOST_AWAITED],
                office=office,
                to_see=list(to_see()),
                may_register=_may("can_read", "Registration"),
            )
        )

    @expose("/plans/")
    @needs("read")
    def plans(self) -> str:
        """All of them, for those who have more than fit in on the start page."""
        rows = _rows()
        title = gettext("All my plans")
        return str(self.render_template("plans.html", title=title, rows=rows, nothing=_nothing()))


def _may(verb: str, view: str) -> bool:
    return bool(current_app.appbuilder.sm.has_access(verb, view))  # type: ignore[attr-defined]


def _rows() -> list[PlanRow]:
    """One's plans, the most pressing first."""
    plans = plan_lines(g.session) if _may("can_read", PLAN) else []
    if plans:
        g.session.note(Noted(0, "list", "plan", "own plans", rows={p.id for p in plans}))
    few_words = bool(getattr(login, "easy_read", False))
    rows = [PlanRow(plan, waits(plan), few_words and plan.own) for plan in plans]
    return sorted(rows, key=lambda row: row.urgency)


def _nothing() -> tuple[str, str]:
    """What is the case for somebody who has no plan, and what to do about it."""
    if not g.actor.roles:
        town = g.actor.municipality
        case = gettext("You have no role in %(municipality)s", municipality=town)
        return case, gettext("So there is nothing to open here. Ask for one if you need it.")
    case = gettext("No plans yet")
    return case, gettext("When somebody lets you into a plan, it stands here.")


def _meetings(rows: Sequence[PlanRow]) -> list[PlanLine]:
    """The plans whose teams meet next, the first meeting first."""
    coming = [row.plan for row in rows if row.plan.meeting and row.plan.status.is_open]
    coming.sort(key=lambda plan: plan.meeting.starts_at if plan.meeting else utcnow())
    return coming[:MOST_MEETINGS]
