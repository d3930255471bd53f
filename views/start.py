"""The page one comes to first (startsida): what waits for one, the next meetings, one's plans.

It shows dates and counts, no word of any plan: a telephone lies open on a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import current_app, g, redirect, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.clock import today, utcnow
from models.people import Person
from models.vocabulary import PlanStatus, Role
from security.audit import Noted
from security.roles import PLAN
from services import confirming, merging
from services.invitations import stuck
from services.rights import count_for_me
from services.waiting import OfficeCounts, PlanLine, office_counts, plan_lines
from views.navigation import top
from views.realm import AccountPage, needs
from views.words import last_day, shown

MOST_WAITING, MOST_MEETINGS = 5, 5
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing that waits in one plan: how much it presses, what, and where to go."""

    colour: str
    icon: str
    text: str
    page: str
    plan: PlanLine

    @property
    def url(self) -> str:
        return url_for(self.page, plan_id=self.plan.id)

    @property
    def presses(self) -> int:
        return ("danger", "warning", "info").index(self.colour)


class Start(AccountPage):
    route_base = ""

    @expose("/")
    @needs("read")
    def page(self) -> str | Response:
        opens = current_app.appbuilder.sm.has_access("can_read", PLAN)  # type: ignore[attr-defined]
        plans = plan_lines(g.session) if opens else []
        easy = _easy(plans)
        _, *office = top()
        if easy and len(plans) == 1 and not office:
            return redirect(url_for("EasyRead.page", plan_id=plans[0].id))
        if plans:
            g.session.note(Noted(0, "list", "plan", "own plans", rows={p.id for p in plans}))
        waiting = sorted((w for p in plans for w in _waits(p)), key=lambda w: w.presses)
        return str(
            self.render_template(
                "start.html",
                title=gettext("My page"),
                plans=plans,
                nothing=_nothing(),
                easy=easy,
                waiting=waiting[:MOST_WAITING],
                more=max(len(waiting) - MOST_WAITING, 0),
                meetings=_meetings(plans),
                office=office,
                counts=_counts(),
                rights=_rights(),
                to_confirm=_to_confirm(),
                **_office_waits(),
            )
        )


def _nothing() -> tuple[str, str]:
    """What is the case for somebody who has no plan, and what to do about it."""
    if not g.actor.roles:
        town = g.actor.municipality
        case = gettext("You have no role in %(municipality)s", municipality=town)
        return case, gettext("So there is nothing to open here. Ask for one if you need it.")
    case = gettext("No plans yet")
    return case, gettext("When somebody lets you into a plan, it stands here.")


def _easy(plans: Sequence[PlanLine]) -> set[int]:
    """Those one reads in few words: the own side's, when that is chosen."""
    if not getattr(login, "easy_read", False):
        return set()
    return {plan.id for plan in plans if plan.own}


def _meetings(plans: Sequence[PlanLine]) -> list[PlanLine]:
    """The plans whose teams meet next, the first meeting first."""
    coming = [p for p in plans if p.next_meeting is not None and p.status.is_open]
    return sorted(coming, key=lambda plan: plan.next_meeting or utcnow())[:MOST_MEETINGS]


def _waits(plan: PlanLine) -> Iterator[Waits]:
    if not plan.status.is_open:
        return
    if plan.asked:
        text = gettext("You are asked who may see what")
        yield Waits("danger", "HandShakeHeart", text, "ConsentPage.page", plan)
    if plan.unanswered:
        text = ngettext(
            "Say whether you come to %(num)s meeting",
            "Say whether you come to %(num)s meetings",
            plan.unanswered,
        )
        yield Waits("warning", "Calendar", text, "Overview.page", plan)
    if plan.leads:
        yield from _leads(plan)
    if plan.my_tasks:
        yield _my_tasks(plan)


def _leads(plan: PlanLine) -> Iterator[Waits]:
    """What its coordinator has to see to."""
    due, ends = plan.next_evaluation, plan.lasts_to
    if due is not None and due < today():
        text = gettext("The evaluation is overdue: %(day)s", day=shown(due))
        yield Waits("danger", "ExclamationmarkTriangle", text, "Overview.page", plan)
    if plan.status is PlanStatus.ACTIVE and (ends is None or ends <= utcnow()):
        text = gettext("No consent in force")
        yield Waits("danger", "CircleSlash", text, "Team.page", plan)
    elif ends is not None and ends <= utcnow() + SOON:
        text = gettext("The consent lasts until %(day)s", day=last_day(ends))
        yield Waits("warning", "Clock", text, "Team.page", plan)
    if plan.unreached:
        text = ngettext(
            "%(num)s person is not reached by a notice",
            "%(num)s persons are not reached by a notice",
            plan.unreached,
        )
        yield Waits("danger", "EnvelopeClosed", text, "Reached.page", plan)
    if plan.without_minutes:
        text = ngettext(
            "Minutes are missing from %(num)s meeting",
            "Minutes are missing from %(num)s meetings",
            plan.without_minutes,
        )
        yield Waits("warning", "FileText", text, "MeetingView.list", plan)
    if plan.unsigned:
        text = gettext("Waiting for signatures")
        yield Waits("info", "Hourglass", text, "ConsentPage.page", plan)


def _my_tasks(plan: PlanLine) -> Waits:
    text = ngettext("%(num)s task is yours", "%(num)s tasks are yours", plan.my_tasks)
    due = plan.my_first_due
    if due is None:
        return Waits("info", "Tasklist", text, "ActivityView.list", plan)
    text = gettext("%(tasks)s, by %(day)s", tasks=text, day=shown(due))
    return Waits(_how_late(due), "Tasklist", text, "ActivityView.list", plan)


def _how_late(due: date) -> str:
    if due < today():
        return "danger"
    return "warning" if due <= today() + timedelta(days=7) else "info"


def _rights() -> int:
    """How many wait for one's yes or no to become system administrator."""
    if not current_app.appbuilder.sm.has_access("can_edit", "Rights"):  # type: ignore[attr-defined]
        return 0
    return count_for_me(g.session)


def _to_confirm() -> int:
    """How many wait for one's yes or no as the second person."""
    if not current_app.appbuilder.sm.has_access("can_edit", "Confirmation"):  # type: ignore[attr-defined]
        return 0
    return confirming.count_for_me(g.session)


def _office_waits() -> dict[str, int]:
    """How many whom one has let in have not come, and will not unless one does something; and
    how many doubles wait for one's yes or no. One question, when none waits."""
    may = current_app.appbuilder.sm.has_access  # type: ignore[attr-defined]
    if not may("can_list", "Invitation"):
        return {}
    if not may("can_edit", "Merging"):
        return {"invitations": stuck(g.session)[0]}
    invitations, doubles = stuck(g.session, merging.how_many_wait(g.session))
    return {
        "invitations": invitations,
        "doubles": merging.wait_for_me(g.session) if doubles else 0,
    }


def _counts() -> OfficeCounts | None:
    """For those whose work it is; a leader counts the own department."""
    if not current_app.appbuilder.sm.has_access("can_list", "PlanRegister"):  # type: ignore[attr-defined]
        return None
    everything = g.actor.roles & {Role.COORDINATING_UNIT, Role.ADMINISTRATOR}
    mine: Any = select(Person.department_id).where(Person.id == g.actor.person_id)
    return office_counts(g.session, None if everything else mine)
