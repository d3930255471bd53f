"""What a row was before (tidlegare versjonar): who changed what, and putting it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.elements import PlanElement, element
from models.elements.meeting import Meeting
from models.keys import key
from models.people import Person
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.versions import ChangedMeanwhile, State, fields, put_back, states, titles
from views.plan.one_meeting import may_have_link
from views.realm import PlanPage, needs, not_there, see_other
from views.words import shown


@dataclass(frozen=True, slots=True)
class Told:
    """One version in words: when, by whom, and (field, before, after) of what was changed."""

    number: int
    when: str
    by: str
    changes: list[tuple[str, str, str]]
    words: list[tuple[str, str]]


class Versions(PlanPage):
    """For whoever may read the row; it is put back by those who may change it."""

    route_base = "/plan/<int:plan_id>/history"

    @expose("/<kind>/<int:pk>")
    @needs("read")
    def page(self, kind: str, pk: int) -> str:
        return self._page(_row(kind, pk))

    @expose("/<kind>/<int:pk>/put-back", methods=["POST"])
    @needs("write")
    def put_back(self, kind: str, pk: int) -> Response | tuple[str, int]:
        row = _row(kind, pk)
        if not _may_put_back(row):
            raise Forbidden("a row is put back by those who may change it")
        number, seen = (key(request.form.get(name)) for name in ("number", "version"))
        if number is None or seen is None:
            abort(400)
        try:
            found = put_back(g.session, g.plan, row, number, seen)
        except ChangedMeanwhile:
            g.session.rollback()
            return self._page(_row(kind, pk), is_stale=True), 409
        if not found:
            abort(404)
        flash(gettext("Put back. What stood there is kept as an earlier version."), "success")
        return see_other(_show(row))

    def _page(self, row: PlanElement, is_stale: bool = False) -> str:
        found = states(g.session, row)
        page = self.render_template(
            "plan/versions.html",
            title=gettext("Earlier versions"),
            row=row,
            told=_in_words(row, found),
            version=row.version,
            may_put_back=_may_put_back(row),
            is_stale=is_stale,
            back=_show(row),
        )
        return str(page)


def versions_address(row: PlanElement) -> str:
    """Where one reads what the row was; empty for one that was never changed."""
    changed = row.version is not None and row.version > 1 and row.element.has_a_page
    return url_for("Versions.page", kind=row.element.key, pk=row.id) if changed else ""


def _row(kind: str, pk: int) -> Any:
    try:
        cls: Any = element(kind)
    except KeyError:
        abort(404)
    if g.plan.type not in cls.element.types or not cls.element.has_a_page:
        abort(404)
    wanted = select(cls).where(cls.id == pk, cls.plan_id == g.plan.id, cls.removed_at.is_(None))
    found = g.session.scalars(wanted).unique().first()
    if found is None:
        not_there()
    return found


def _may_put_back(row: PlanElement) -> bool:
    """What has no page to change it on (a message, minutes) is not changed here either."""
    changes = "edit" in row.element.pages and row.locked_at is None
    return changes and permits(g.access, Action.CHANGE, facts(row))


def _show(row: PlanElement) -> str:
    return url_for(row.element.room or f"{type(row).__name__}View.show", pk=row.id)


def _in_words(row: PlanElement, found: list[State]) -> list[Told]:
    who = select(Person.id, Person.name).where(Person.id.in_({one.by_id for one in found}))
    names: dict[int, str] = dict(g.session.execute(who).all())
    labels, called = fields(type(row)), titles(g.session, row, found)
    pointing = {relation.key for relation in row.relations.values()}
    withheld = {"video_link"} if isinstance(row, Meeting) and not may_have_link(row) else set()

    def said(name: str, value: Any) -> str:
        if name in pointing and value is not None:
            return called.get((name, value)) or gettext("Something that is gone, or not for you")
        return shown(value)

    return [
        Told(
            one.number,
            shown(one.at),
            names.get(one.by_id, ""),
            [
                (gettext(labels[n]), said(n, (one.before or {})[n]), said(n, one.said[n]))
                for n in one.changed
                if n not in withheld
            ],
            [
                (gettext(labels[n]), said(n, value))
                for n, value in one.said.items()
                if value and n not in withheld
            ],
        )
        for one in found
    ]
