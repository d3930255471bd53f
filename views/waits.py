"""What waits for one in a plan (ventar), the most pressing first: dates and counts, never words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from models.clock import today, utcnow
from models.vocabulary import Attendance, PlanStatus
from services.getting_started import NEW_FOR
from services.plan_line import NextMeeting, PlanLine
from views.words import last_day, shown

SOON = timedelta(days=30)
THIS_WEEK = timedelta(days=7)
COLOURS = ("danger", "warning", "info")


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing that waits in one plan: how much it presses, what, and where one does it.

    pk: the row whose page it is. asks: a meeting one can answer on the spot.
    """

    colour: str
    icon: str
    text: str
    button: str
    page: str
    plan: PlanLine
    pk: int | None = None
    asks: NextMeeting | None = None

    @property
    def url(self) -> str:
        row: dict[str, Any] = {} if self.pk is None else {"pk": self.pk}
        return url_for(self.page, plan_id=self.plan.id, **row)

    @property
    def presses(self) -> int:
        return COLOURS.index(self.colour)

    @property
    def is_late(self) -> bool:
        """More than something to know of."""
        return self.colour != "info"


def waits(plan: PlanLine) -> list[Waits]:
    """Everything that waits in an open plan, the most pressing first."""
    found = _waits(plan) if plan.status.is_open else ()
    return sorted(found, key=lambda one: one.presses)


def awaits(plan: PlanLine) -> Iterator[Waits]:
    """What others have not done yet, for those who may follow it up."""
    if not plan.status.is_open:
        return
    if plan.unsigned and not plan.asked:
        text = gettext("Waiting for signatures")
        if plan.lacking:
            text = ngettext(
                "%(num)s signature is missing", "%(num)s signatures are missing", plan.lacking
            )
        yield Waits("info", "Hourglass", text, "", "ConsentPage.page", plan)
    meeting = plan.meeting
    if plan.leads and meeting and meeting.silent and not meeting.has_begun:
        text = ngettext(
            "%(num)s has not answered about %(day)s",
            "%(num)s have not answered about %(day)s",
            meeting.silent,
            day=shown(meeting.starts_at),
        )
        yield Waits("info", "Hourglass", text, "", "MeetingRoom.page", plan, meeting.id)
    others = plan.tasks - plan.my_tasks
    if plan.own and others:
        text = ngettext(
            "Others have promised %(num)s task", "Others have promised %(num)s tasks", others
        )
        if due := plan.others_first_due:
            text = gettext("%(tasks)s, the first by %(day)s", tasks=text, day=shown(due))
        yield Waits("info", "Tasklist", text, "", "ActivityView.list", plan)


def _waits(plan: PlanLine) -> Iterator[Waits]:
    if plan.asked:
        text, button = gettext("You are asked who may see what"), gettext("Read and answer")
        yield Waits("danger", "HandShakeHeart", text, button, "ConsentPage.page", plan)
    if plan.unanswered:
        yield _unanswered(plan)
    if plan.polled:
        text, button = gettext("Say which time suits you for a meeting"), gettext("To the times")
        yield Waits("warning", "Calendar", text, button, "MeetingTimes.answer", plan, plan.polled)
    if plan.leads:
        yield from _leads(plan)
    if plan.my_tasks:
        yield _my_tasks(plan)
    if plan.unread:
        text = ngettext("%(num)s new message", "%(num)s new messages", plan.unread)
        button = gettext("To the messages")
        yield Waits("info", "Chat", text, button, "Threads.page", plan)


def _unanswered(plan: PlanLine) -> Waits:
    text = ngettext(
        "Say whether you come to %(num)s meeting",
        "Say whether you come to %(num)s meetings",
        plan.unanswered,
    )
    meeting = plan.meeting
    silent = meeting is not None and meeting.mine is Attendance.UNANSWERED
    asks = meeting if meeting and silent and not meeting.has_begun else None
    button = gettext("To the meetings")
    return Waits("warning", "Calendar", text, button, "MeetingView.list", plan, asks=asks)


def _leads(plan: PlanLine) -> Iterator[Waits]:
    """What its coordinator has to see to."""
    ends, now = plan.lasts_to, utcnow()
    in_force = ends is not None and ends > now
    if plan.status is PlanStatus.ACTIVE and not in_force:
        text, button = gettext("No consent in force"), gettext("To the participants")
        yield Waits("danger", "CircleSlash", text, button, "Team.page", plan)
    elif in_force and ends is not None and ends <= now + SOON:
        text = gettext("The consent lasts until %(day)s", day=last_day(ends))
        yield Waits("warning", "Clock", text, gettext("To the participants"), "Team.page", plan)
    if plan.unreached:
        text = ngettext(
            "%(num)s person is not reached by a notice",
            "%(num)s persons are not reached by a notice",
            plan.unreached,
        )
        button = gettext("See who is not reached")
        yield Waits("danger", "EnvelopeClosed", text, button, "Reached.page", plan)
    yield from _evaluation(plan)
    yield from _after_meetings(plan, in_force)
    if plan.left:
        text = ngettext(
            "%(num)s task needs somebody new", "%(num)s tasks need somebody new", plan.left
        )
        page = "HandingOver.page" if in_force else "ActivityView.list"
        yield Waits("warning", "Tasklist", text, gettext("Hand over tasks"), page, plan)
    if _is_beginning(plan):
        text, button = gettext("The plan is new"), gettext("Get started")
        yield Waits("info", "Mountain", text, button, "GettingStarted.page", plan)


def _evaluation(plan: PlanLine) -> Iterator[Waits]:
    due = plan.next_evaluation
    if due is None or due > today() + SOON:
        return
    button = gettext("Open the plan")
    if due < today():
        text = gettext("The evaluation is overdue: %(day)s", day=shown(due))
        yield Waits("danger", "ExclamationmarkTriangle", text, button, "Overview.page", plan)
    else:
        text = gettext("Next evaluation: %(day)s.", day=shown(due)).rstrip(".")
        yield Waits("info", "Clock", text, button, "Overview.page", plan)


def _after_meetings(plan: PlanLine, in_force: bool) -> Iterator[Waits]:
    if not plan.without_minutes:
        return
    text = ngettext(
        "Minutes are missing from %(num)s meeting",
        "Minutes are missing from %(num)s meetings",
        plan.without_minutes,
    )
    page, pk = ("MinutesWriting.begin", plan.minutes_of) if in_force else ("MeetingView.list", None)
    yield Waits("warning", "FileText", text, gettext("Write minutes"), page, plan, pk)


def _is_beginning(plan: PlanLine) -> bool:
    """Whether its coordinator is still helped to begin: something is not done yet, as far as
    one sees from here. The page itself looks closer."""
    if plan.steps_hidden or plan.opened_at < utcnow() - NEW_FOR:
        return False
    return plan.status is PlanStatus.DRAFT or not (plan.tasks and plan.has_met)


def _my_tasks(plan: PlanLine) -> Waits:
    text = ngettext("%(num)s task is yours", "%(num)s tasks are yours", plan.my_tasks)
    due, button = plan.my_first_due, gettext("To the tasks")
    if due is not None:
        text = gettext("%(tasks)s, by %(day)s", tasks=text, day=shown(due))
    return Waits(_how_late(due), "Tasklist", text, button, "ActivityView.list", plan)


def _how_late(due: date | None) -> str:
    if due is None or due > today() + THIS_WEEK:
        return "info"
    return "danger" if due < today() else "warning"
