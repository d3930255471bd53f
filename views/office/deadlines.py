"""What must be done in time (fristar), for the unit and for leaders: the first one first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from models.clock import today
from models.complaint import Complaint
from models.deadline_rule import DeadlineKind
from models.nomination import Nomination
from models.people import CoordinatorAppointment
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import Role
from services.deadline_rules import rules
from services.deadlines import Due, due, kinds_for
from views.office.own_department import own_department
from views.realm import HandMade, Realm, needs

AHEAD = timedelta(days=30)
MOST = 25


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
        unit = Role.COORDINATING_UNIT in g.actor.roles
        departments = None if unit else own_department()
        limits: dict[str, Any] = {"departments": departments, "most": MOST + 1}
        until = today() + AHEAD
        sections = [
            section(rule.kind, [*due(g.session, rule, until, **limits)])
            for rule in kinds_for(rules(g.session, g.actor.municipality_id), unit)
        ]
        shown = [one for one in sections if one.lines]
        title = gettext("Deadlines")
        return str(self.render_template("office/deadlines.html", title=title, sections=shown))


def section(kind: DeadlineKind, found: list[Due]) -> Section:
    lines = [Line(*_ABOUT[type(one.row)](one.row), one.day, one.is_late) for one in found[:MOST]]
    return Section(kind, lines, len(found) > MOST)


def _request(row: Request) -> tuple[str, str, str]:
    name = row.person_name or gettext("A child that is expected")
    who = row.case_worker.name if row.case_worker else ""
    return f"{row.reference} · {name}", url_for("RequestView.show", pk=row.id), who


def _complaint(row: Complaint) -> tuple[str, str, str]:
    return _request(row.request)


def _appointment(row: CoordinatorAppointment) -> tuple[str, str, str]:
    url = url_for("AppointmentView.show", pk=row.id)
    return row.person.name, url, row.coordinator.name


def _nomination(row: Nomination) -> tuple[str, str, str]:
    return row.person.name, url_for("NominationView.show", pk=row.id), row.department.name


def _plan(row: PlanRegister) -> tuple[str, str, str]:
    return row.person.name, "", row.coordinator.name if row.coordinator else ""


_ABOUT: dict[type[Any], Callable[[Any], tuple[str, str, str]]] = {
    Request: _request,
    Complaint: _complaint,
    Nomination: _nomination,
    CoordinatorAppointment: _appointment,
    PlanRegister: _plan,
}
