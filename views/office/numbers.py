"""Numbers for the coordinating unit (tal): charts over the plan register, a table under each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import case, func, select

from models.clock import today
from models.municipality import Department
from models.plan import PlanRegister
from models.vocabulary import PlanStatus
from services.numbers import Number, blurred, total
from views.realm import HandMade, Realm, needs
from views.words import shown

LONGEST_LABEL = 36
"""What fits above a bar on a phone; the table says the whole of it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: words, the number as it may be told, and how long its bar is, 0-1."""

    label: str
    number: Number
    share: float

    @property
    def short(self) -> str:
        fits = len(self.label) <= LONGEST_LABEL
        return self.label if fits else self.label[: LONGEST_LABEL - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    title: str
    head: str
    bars: list[Bar]
    total: Number


class Numbers(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/numbers"
    class_permission_name = "Numbers"
    menu_label = lazy_gettext("Numbers")
    menu_icon = "BarChart"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        rows = g.session.execute(_counted()).all()
        nowhere = gettext("Without a department")
        late = _added((row.name or nowhere, row.late) for row in rows)
        kinds = _added((shown(row.type), row.running) for row in rows)
        charts = [
            chart("late", gettext("Evaluations overdue"), gettext("Department"), late),
            chart("kinds", gettext("Active plans"), gettext("Kind of plan"), kinds),
        ]
        page = self.render_template(
            "office/numbers.html",
            title=gettext("Numbers"),
            charts=charts,
            lacking=url_for("LacksBasics.list"),
        )
        return str(page)


def _counted() -> Any:
    """One question for both charts."""
    r, runs = PlanRegister, PlanRegister.status == PlanStatus.ACTIVE
    late = case((runs & (r.next_evaluation < today()), 1), else_=0)
    return (
        select(
            Department.name,
            r.type,
            func.sum(case((runs, 1), else_=0)).label("running"),
            func.sum(late).label("late"),
        )
        .select_from(r)
        .outerjoin(Department, Department.id == r.department_id)
        .group_by(Department.name, r.type)
    )


def _added(pairs: Any) -> Counter[str]:
    sums: Counter[str] = Counter()
    for label, count in pairs:
        sums[label] += int(count)
    return sums


def chart(id: str, title: str, head: str, counts: Counter[str]) -> Chart:
    """Longest bar first. A blurred number has the length all blurred ones have."""
    numbers = {label: blurred(count) for label, count in counts.items()}
    longest = max((n.high for n in numbers.values()), default=0) or 1
    bars = [Bar(label, n, (n.low + n.high) / 2 / longest) for label, n in numbers.items()]
    bars.sort(key=lambda bar: (-bar.share, bar.label))
    return Chart(id, title, head, bars, total(numbers.values()))
