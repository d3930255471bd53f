"""How it is now (bakgrunn): a card for each life area, with the goals that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.elements import changing
from models.elements.background import Background
from models.elements.goal import Goal
from models.people import Person
from models.vocabulary import LifeArea, Scope
from security.facts import facts
from security.policy import Action, permits
from views.life_areas import names
from views.plan.adding import areas_open
from views.realm import PlanPage, needs


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in one life area, and where to change it (empty: one may not)."""

    row: Background
    facts: list[tuple[str, str]]
    change: str


@dataclass(frozen=True, slots=True)
class Card:
    """One life area: what is written, the goals, and where to begin (empty: no need, or one
    may not)."""

    area: LifeArea
    name: str
    written: list[Written]
    goals: list[Goal]
    begin: str


class BackgroundRoom(PlanPage):
    route_base = "/plan/<int:plan_id>/background"
    types = Background.element.types
    part = Background.element.scope

    @expose("/")
    @needs("read")
    def page(self) -> str:
        mine = _areas()
        if not mine:
            abort(404)
        rows, goals, called, open_ = _rows(), _goals(), names(), areas_open(Background)
        cards = [_card(area, called[area], rows, goals, area in open_) for area in mine]
        return str(
            self.render_template(
                "plan/background.html",
                title=gettext("How it is now"),
                cards=cards,
            )
        )


def _areas() -> list[LifeArea]:
    """Those the actor reads, in their order; a grant may be for some of them."""
    if g.access.owners_side:
        return list(LifeArea) if g.access.level(Scope.BACKGROUND) else []
    if g.access.coordinator and g.plan.status is g.plan.status.DRAFT:
        return list(LifeArea)
    granted = (a.life_areas for a in g.access.grants if a.scope is Scope.BACKGROUND)
    opened = g.access.level(Scope.BACKGROUND) and frozenset().union(*granted)
    return [area for area in LifeArea if opened and area in opened]


def _rows() -> Sequence[Background]:
    b = Background
    here = select(b).where(b.plan_id == g.plan.id, b.removed_at.is_(None)).order_by(b.id)
    rows: Sequence[Background] = g.session.scalars(
        here.options(joinedload(b.author).load_only(Person.name))
    ).all()
    return rows


def _goals() -> Sequence[Goal]:
    here = select(Goal).where(Goal.plan_id == g.plan.id, Goal.removed_at.is_(None))
    goals: Sequence[Goal] = g.session.scalars(here.order_by(Goal.id)).all()
    return goals


def _card(
    area: LifeArea, name: str, rows: Sequence[Background], goals: Sequence[Goal], open_: bool
) -> Card:
    written = [_written(row) for row in rows if area in row.life_areas]
    begin = url_for("BackgroundView.add", life_areas=area) if open_ and not written else ""
    return Card(area, name, written, [goal for goal in goals if area in goal.life_areas], begin)


def _written(row: Background) -> Written:
    may = row.locked_at is None and permits(g.access, Action.CHANGE, facts(row))
    said = [(gettext(label), getattr(row, name)) for name, label in changing(Background).items()]
    change = url_for("BackgroundView.edit", pk=row.id) if may else ""
    return Written(row, [(label, words) for label, words in said if words], change)
