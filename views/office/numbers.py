"""Numbers for those who lead the work (tal): what waits, each number a way to its list; and charts
that may be shown to others, a table under each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext

from models.vocabulary import Role
from services import office_counts
from services.numbers import Number, blurred, total
from services.office_counts import PlansOf, TimeTaken
from views.office.own_department import own_department
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


@dataclass(frozen=True, slots=True)
class Line:
    """A number of a card, its words, and the list it is the number of."""

    number: str
    words: str
    url: str
    presses: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    title: str
    icon: str
    lines: list[Line]


class Numbers(HandMade):
    """The unit's are of the whole municipality, a leader's of the own department."""

    realm = Realm.REGISTER
    route_base = "/register/numbers"
    class_permission_name = "Numbers"
    menu_label = lazy_gettext("Numbers")
    menu_icon = "BarChart"

    @expose("/")
    @needs("list")
    def list(self) -> str:
        unit = Role.COORDINATING_UNIT in g.actor.roles
        departments = None if unit else own_department()
        plans = office_counts.plans(g.session, departments)
        running, *rest = _of_plans(plans)
        cards = [running, _of_coordinators(departments), *rest]
        if unit:
            cards = [_of_requests(), *cards[:2], _of_complaints(), *rest]
        page = self.render_template(
            "office/numbers.html",
            title=gettext("Numbers"),
            cards=cards,
            times=_times() if unit else None,
            charts=[*_charts(plans, unit)],
            unit=unit,
        )
        return str(page)


def _of_requests() -> Card:
    n, at = office_counts.waiting_requests(g.session), "RequestView.list"
    return Card("requests", gettext("Requests without an answer"), "FileText", [
        _line(n, "late", gettext("should have been answered"), at, True),
        _line(n, "soon", gettext("due within seven days"), at),
        _line(n, "later", gettext("due later"), at),
    ])  # fmt: skip


def _of_complaints() -> Card:
    n, at = office_counts.complaints(g.session), "RequestView.list"
    return Card("complaints", gettext("Complaints"), "Chat", [
        _line(n, "complained", gettext("to look at again"), at),
        _line(n, "sent-on", gettext("sent on, not answered yet"), at),
    ])  # fmt: skip


def _of_plans(found: list[PlansOf]) -> Iterator[Card]:
    n = _added(pair for one in found for pair in one.counts.items())
    at = "PlanRegisterView.list"
    yield Card("plans", gettext("Plans"), "Files", [
        _line(n, "active", gettext("active"), at),
        _line(n, "draft", gettext("not signed yet"), at),
        _line(n, "no-meeting", gettext("active, no meeting in six months"), at, True),
    ])  # fmt: skip
    yield Card("evaluations", gettext("Evaluations"), "Calendar", [
        _line(n, "overdue", gettext("overdue"), at, True),
        _line(n, "evaluation-soon", gettext("due within thirty days"), at),
    ])  # fmt: skip
    yield Card("consents", gettext("Consents"), "HandShakeHeart", [
        _line(n, "run-out", gettext("have run out"), at, True),
        _line(n, "runs-out", gettext("run out within thirty days"), at),
    ])  # fmt: skip


def _of_coordinators(departments: Any) -> Card:
    n, at = office_counts.nominations(g.session), "NominationView.list"
    coordinate = str(office_counts.coordinators(g.session, departments))
    return Card("coordinators", gettext("Coordinators"), "PersonGroup", [
        _line(n, "late", gettext("asked for, should have been answered"), at, True),
        _line(n, "waits", gettext("asked for, not answered yet"), at),
        _line(n, "named", gettext("named, can be appointed"), at),
        Line(coordinate, gettext("coordinate now"), url_for("Coordinators.list")),
    ])  # fmt: skip


def _line(counts: dict[str, int], key: str, words: str, at: str, presses: bool = False) -> Line:
    number = counts[key]
    return Line(str(number), words, url_for(at, show=key), presses and number > 0)


def _times() -> list[Line]:
    """How long things take, in the middle of the last twelve months."""
    answered = office_counts.until_answered(g.session)
    met = office_counts.until_first_meeting(g.session)
    return [
        _time(answered, gettext("from request to answer"), "answered"),
        _time(met, gettext("from request to the first meeting"), "met"),
    ]


def _time(taken: TimeTaken, words: str, key: str) -> Line:
    url = url_for("RequestView.list", show=key)
    if taken.days is None:
        return Line("–", words, url)
    of = ngettext("%(what)s, %(num)s request", "%(what)s, %(num)s requests", taken.many, what=words)
    return Line(str(ngettext("%(num)s day", "%(num)s days", taken.days)), str(of), url)


def _charts(found: list[PlansOf], unit: bool) -> Iterator[Chart]:
    """A leader has one department only."""
    if unit:
        nowhere = gettext("Without a department")
        late = _added((one.department or nowhere, one.counts["overdue"]) for one in found)
        yield chart("late", gettext("Evaluations overdue"), gettext("Department"), late)
    kinds = _added((shown(one.type), one.counts["active"]) for one in found)
    yield chart("kinds", gettext("Active plans"), gettext("Kind of plan"), kinds)


def _added(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for label, count in pairs:
        sums[label] += count
    return sums


def chart(id: str, title: str, head: str, counts: Counter[str]) -> Chart:
    """Longest bar first. A blurred number has the length all blurred ones have."""
    numbers = {label: blurred(count) for label, count in counts.items()}
    longest = max((n.high for n in numbers.values()), default=0) or 1
    bars = [Bar(label, n, (n.low + n.high) / 2 / longest) for label, n in numbers.items()]
    bars.sort(key=lambda bar: (-bar.share, bar.label))
    return Chart(id, title, head, bars, total(numbers.values()))
