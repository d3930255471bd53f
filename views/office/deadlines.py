"""What must be done in time (fristar), the first one first: all of it for the unit, a leader's own
department, and what a coordinator herself sees to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from models.clock import today
from models.complaint import Complaint
from models.deadline_rule import DeadlineKind
from models.duty import Duty
from models.nomination import Nomination
from models.people import CoordinatorAppointment
from models.plan import Plan, PlanRegister
from models.request import Request
from models.vocabulary import PlanStatus, Role
from services.deadline_rules import rules
from services.deadlines import OF_A_COORDINATOR, Due, Whose, due, kinds_for
from services.plans import initials
from views.office.own_department import own_department
from views.realm import HandMade, Realm, needs
from views.words import shown

AHEAD = timedelta(days=30)
MOST = 25
Opens = dict[int, dict[int, str]]
"""Person -> the plans one may look into, with their short names."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: what it is about, where one does it (empty: not here), who sees to it."""

    title: str
    url: str
    who: str
    day: date
    is_late: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of deadline; more: that there are others than those shown."""

    kind: DeadlineKind
    lines: list[Line]
    more: bool


class Deadlines(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/deadlines"
    class_permission_name = "Deadlines"
    menu_label = lazy_gettext("Deadlines")
    menu_icon = "Clock"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        limits: dict[str, Any] = {"whose": _whose(), "most": MOST + 1}
        until = today() + AHEAD
        found = {
            rule.kind: [*due(g.session, rule, until, **limits)]
            for rule in kinds_for(rules(g.session, g.actor.municipality_id), g.actor.roles)
        }
        opens = _own_plans(found)
        sections = [section(kind, rows, opens) for kind, rows in found.items() if rows]
        said: dict[str, Any] = {"title": gettext("Deadlines"), "sections": sections}
        said["duties"] = url_for("DutyView.list") if g.may("can_list", "Duty") else ""
        return str(self.render_template("office/deadlines.html", **said))


def _whose() -> Whose | None:
    roles = g.actor.roles
    if Role.COORDINATING_UNIT in roles:
        return None
    me = g.actor.person_id if Role.COORDINATOR in roles else None
    return Whose(own_department() if Role.LEADER in roles else None, me)


def _own_plans(found: dict[DeadlineKind, list[Due]]) -> Opens:
    """The open plans of these people that a coordinator may look into."""
    opens: Opens = {}
    people = {one.row.person_id for kind in OF_A_COORDINATOR for one in found.get(kind, ())}
    if people and Role.COORDINATOR in g.actor.roles:
        open_ = Plan.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE))
        columns = (Plan.person_id, Plan.id, Plan.short_name)
        wanted = select(*columns).where(Plan.person_id.in_(people), open_)
        for person_id, plan_id, short_name in g.session.execute(wanted.order_by(Plan.id)):
            opens.setdefault(person_id, {})[plan_id] = short_name
    return opens


def section(kind: DeadlineKind, found: list[Due], opens: Opens) -> Section:
    lines = [
        Line(*_ABOUT[type(one.row)](one.row, opens), one.day, one.is_late) for one in found[:MOST]
    ]
    return Section(kind, lines, len(found) > MOST)


def _request(row: Request, opens: Opens) -> tuple[str, str, str]:
    name = row.person_name or gettext("A child that is expected")
    who = row.case_worker.name if row.case_worker else ""
    return f"{row.reference} · {name}", url_for("RequestView.show", pk=row.id), who


def _complaint(row: Complaint, opens: Opens) -> tuple[str, str, str]:
    return _request(row.request, opens)


def _appointment(row: CoordinatorAppointment, opens: Opens) -> tuple[str, str, str]:
    if not _is_mine(row):
        return row.person.name, url_for("AppointmentView.show", pk=row.id), row.coordinator.name
    plan = min(opens.get(row.person_id, ()), default=0)
    url = _overview(plan) if plan else url_for("Registration.page")
    return _short_name(row, plan, opens), url, row.coordinator.name


def _nomination(row: Nomination, opens: Opens) -> tuple[str, str, str]:
    return row.person.name, url_for("NominationView.show", pk=row.id), row.department.name


def _plan(row: PlanRegister, opens: Opens) -> tuple[str, str, str]:
    url = _overview(row.plan_id) if row.plan_id in opens.get(row.person_id, ()) else ""
    name = _short_name(row, row.plan_id, opens) if _is_mine(row) else row.person.name
    return name, url, row.coordinator.name if row.coordinator else ""


def _is_mine(row: PlanRegister | CoordinatorAppointment) -> bool:
    """Whether it is for the coordinator who looks to see to; the unit's people see to all."""
    roles = g.actor.roles
    mine = Role.COORDINATOR in roles and row.coordinator_id == g.actor.person_id
    return mine and Role.COORDINATING_UNIT not in roles


def _short_name(row: PlanRegister | CoordinatorAppointment, plan: int, opens: Opens) -> str:
    """As on her start page, where a screen tells nobody who it is about."""
    return opens.get(row.person_id, {}).get(plan) or initials(row.person.name)


def _overview(plan_id: int) -> str:
    return url_for("Overview.page", plan_id=plan_id)


def _duty(row: Duty, opens: Opens) -> tuple[str, str, str]:
    who = row.responsible.name if row.responsible else ""
    return shown(row.kind), url_for("DutyView.show", pk=row.id), who


_ABOUT: dict[type[Any], Callable[[Any, Opens], tuple[str, str, str]]] = {
    Request: _request,
    Complaint: _complaint,
    Nomination: _nomination,
    CoordinatorAppointment: _appointment,
    PlanRegister: _plan,
    Duty: _duty,
}
