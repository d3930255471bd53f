"""Everything in the plan by when it happens (tidslinje), and finding in it (søk)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from flask import g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.clock import OSLO, utcnow
from models.elements import element, elements
from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Meeting
from models.history import ElementIndex
from models.keys import key
from models.people import Person
from services.agenda import meetings_of
from services.search import LONGEST, MOST_HITS, Piece, around, find
from views.paging import Order
from views.realm import PlanPage, needs, see_other
from views.words import of_day

PAGE_SIZE = 25
WITH_A_PAGE = [cls.element.key for cls in elements() if cls.element.has_a_page]
SOUGHT = [*WITH_A_PAGE, AgendaItem.element.key]
"""What is looked for; a point of an agenda stands on the page of its meeting."""
_NEWEST_FIRST = Order(ElementIndex, "happens_at", falling=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the plan. piece: what was looked for, where it stands in it."""

    label: str
    title: str
    by: str
    at: datetime
    url: str
    to_come: bool
    pieces: list[Piece]

    @property
    def month(self) -> str:
        """Under which heading it stands."""
        return of_day(self.at.astimezone(OSLO).date(), "LLLL yyyy")


class Timeline(PlanPage):
    route_base = "/plan/<int:plan_id>/timeline"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        asked = _sought()
        lines, more = _found(asked) if asked else _newest()
        return str(
            self.render_template(
                "plan/timeline.html",
                title=gettext("Timeline"),
                lines=lines,
                groups=[("", lines)] if asked and lines else _by_month(lines),
                asked=asked,
                more=more,
                most=MOST_HITS,
            )
        )

    @expose("/search", methods=["POST"])
    @needs("read")
    def search(self) -> Response:
        """What is looked for is kept in the session, never in an address (ADR 7)."""
        words = "" if "all" in request.form else request.form.get("name", "")
        words = words.replace("\x00", "").strip()[:LONGEST]
        login["sought"] = [f"Timeline:{g.plan.id}", words]
        return see_other(url_for("Timeline.page"))


def line_of(
    line: ElementIndex,
    by: str | None,
    at: datetime,
    asked: str = "",
    meetings: Mapping[int, int] = MappingProxyType({}),
) -> Line:
    """A row of the index as it stands on a page; at: the moment that is told there. meetings: of
    points of an agenda."""
    is_point = line.key == AgendaItem.element.key
    cls = element(line.key)
    page = (Meeting if is_point else cls).element.room or f"{cls.__name__}View.show"
    pk = meetings[line.row_id] if is_point else line.row_id
    pieces = around(line.text, asked) if asked else []
    label = str(gettext(cls.element.label))
    return Line(
        label=label, title=line.title or label, by=by or "", at=at,
        url=url_for(page, plan_id=line.plan_id, pk=pk),
        to_come=line.happens_at > utcnow(), pieces=pieces,
    )  # fmt: skip


def _by_month(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """Under each heading what stands there, in the order it has."""
    return [(month, list(rows)) for month, rows in groupby(lines, key=attrgetter("month"))]


def _sought() -> str:
    where, words = login.get("sought", ("", ""))
    return str(words) if where == f"Timeline:{g.plan.id}" else ""


def _found(asked: str) -> tuple[list[Line], int]:
    hits = find(g.session, g.plan.id, asked, SOUGHT)
    meetings = meetings_of(g.session, g.plan.id, [hit for hit, _ in hits])
    shown = [
        line_of(hit, by, hit.happens_at, asked, meetings)
        for hit, by in hits[:MOST_HITS]
        if hit.key in WITH_A_PAGE or hit.row_id in meetings
    ]
    return shown, int(len(hits) > MOST_HITS)


def _newest() -> tuple[list[Line], int]:
    """A page of all there is, and after which row the next one begins."""
    wanted: Any = (
        g.session.query(ElementIndex, Person.name)
        .outerjoin(Person, Person.id == ElementIndex.author_id)
        .filter(ElementIndex.plan_id == g.plan.id, ElementIndex.key.in_(WITH_A_PAGE))
    )
    last = key(request.args.get("after", ""))
    if last:
        wanted = _NEWEST_FIRST.after(wanted, last)
    rows = _NEWEST_FIRST(wanted).limit(PAGE_SIZE + 1).all()
    more = rows[PAGE_SIZE - 1][0].id if len(rows) > PAGE_SIZE else 0
    return [line_of(line, by, line.happens_at) for line, by in rows[:PAGE_SIZE]], more
