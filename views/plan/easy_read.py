"""The plan for its owner in few words (lettlesen): who helps me, my goals, what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from models.account import Account
from models.clock import OSLO, today, utcnow
from models.consent import Grant
from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.evaluation import Evaluation
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.plan import Participant
from models.vocabulary import ActivityStatus, LifeArea, Package
from security.audit import Noted
from security.facts import facts
from security.policy import Forbidden, basis
from services.evaluation import open_goals
from services.illustrations import of_goals
from views.pictures import picture
from views.realm import AccountPage, PlanPage, needs, see_other
from views.words import of_day

COLOURS = ("accent", "brand2", "brand1")
MOST = 6
"""Goals, helpers and things to come: more is no longer easy. The usual page has them all."""
TO_COME = 3


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that happens: the day twice, as a picture and in words."""

    weekday: str
    number: str
    title: str
    text: str
    url: str = ""


class EasyRead(PlanPage):
    """For the owner's side only: others read the plan as it is written."""

    route_base = "/plan/<int:plan_id>/easy"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        if not g.access.owners_side:
            raise Forbidden("the easy view of somebody else's plan")
        why = basis(g.access, facts(g.plan))
        g.session.note(Noted(g.plan.id, "read", "plan", why, rows={g.plan.id}))
        goals = _goals()
        return str(
            self.render_template(
                "plan/easy_read.html",
                title=gettext("My plan") if g.access.owner else gettext("The plan in few words"),
                helpers=_helpers(),
                goals=goals,
                drawn=of_goals(g.session, g.plan.id, [goal.id for goal in goals]),
                coming=[*_meetings(), *_tasks()],
                evaluation=_open_evaluation(),
                icon_of=_icon,
                colours=COLOURS,
                is_kept=getattr(login, "easy_read", False),
            )
        )


def _offered(cls: type[PlanElement]) -> bool:
    return g.plan.type in cls.element.types


def _helpers() -> list[Participant]:
    """Those a yes lets in today, the coordinator first."""
    now, c = utcnow(), Grant
    let_in = select(c.person_id).where(
        c.plan_id == g.plan.id, c.starts_at <= now, now < c.ends_at, c.revoked_at.is_(None)
    )
    wanted = (
        select(Participant)
        .where(Participant.plan_id == g.plan.id, Participant.person_id.in_(let_in))
        .options(joinedload(Participant.person))
        .order_by(Participant.id)
        .limit(MOST)
    )
    return sorted(g.session.scalars(wanted), key=lambda one: one.package != Package.COORDINATOR)


def _goals() -> Sequence[Goal]:
    if not _offered(Goal):
        return []
    return open_goals(g.session, g.plan)[:MOST]


def _icon(goal: Goal) -> str:
    return next((picture(area) for area in LifeArea if area in goal.life_areas), "Star")


def _meetings() -> list[Coming]:
    next_ones = (
        select(Meeting)
        .where(Meeting.plan_id == g.plan.id, Meeting.takes_place(), Meeting.ends_at > utcnow())
        .order_by(Meeting.starts_at)
        .limit(TO_COME)
    )
    return [
        _coming(
            meeting.starts_at.astimezone(OSLO).date(),
            meeting.purpose,
            gettext("Meeting about the plan, %(when)s.", when=_when(meeting.starts_at)),
            url_for("MeetingRoom.page", pk=meeting.id),
        )
        for meeting in g.session.scalars(next_ones)
    ]


def _tasks() -> list[Coming]:
    """What somebody has promised, by the day it is to be done."""
    a, open_ = Activity, (ActivityStatus.NEW, ActivityStatus.ONGOING)
    promised = (
        select(a)
        .where(a.plan_id == g.plan.id, a.removed_at.is_(None))
        .where(a.status.in_(open_), a.due >= today())
        .options(joinedload(a.responsible))
        .order_by(a.due, a.id)
        .limit(TO_COME)
    )
    rows = []
    for task in g.session.scalars(promised).unique():
        by = gettext("Before %(day)s.", day=of_day(task.due, "EEEE d. MMMM"))
        who = task.responsible
        text = gettext("%(name)s does this.", name=who.name.split()[0]) if who else ""
        rows.append(_coming(task.due, task.what, f"{text} {by}".strip()))
    return rows


def _coming(day: date, title: str, text: str, url: str = "") -> Coming:
    return Coming(of_day(day, "EEE"), str(day.day), title, text, url)


def _when(moment: datetime) -> str:
    local = moment.astimezone(OSLO)
    day = of_day(local.date(), "EEEE d. MMMM")
    return str(gettext("%(day)s at %(time)s", day=day, time=f"{local:%H:%M}"))


def _open_evaluation() -> Evaluation | None:
    """One that waits for answers."""
    if not _offered(Evaluation):
        return None
    e = Evaluation
    waiting = select(e).where(e.plan_id == g.plan.id, e.removed_at.is_(None), e.locked_at.is_(None))
    found: Evaluation | None = g.session.scalars(waiting.limit(1)).first()
    return found


class EasyReading(AccountPage):
    """Whether one comes to the easy view first; kept on the account."""

    route_base = "/easy-reading"

    @expose("/", methods=["POST"])
    @needs("write")
    def choose(self) -> Response:
        mine = select(Account).where(Account.id == g.actor.account_id)
        g.session.scalars(mine).one().easy_read = request.form.get("easy") == "yes"
        return see_other(url_for("Start.page"))
