"""The goals of a plan (mål): main goals, sub-goals and tasks, in an order people choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased, joinedload, raiseload
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from models.elements.activity import Activity
from models.elements.goal import Goal
from models.illustration import GoalPicture
from models.keys import key
from models.people import Person
from models.vocabulary import PlanType
from security.levels import cannot_be_below
from services.goals import move, store
from services.illustrations import picture
from views.branches import Branch, branch
from views.choices import WRONG_CHOICE
from views.elements import TAKER, ElementView
from views.finished import is_asked_for, of_those_shown
from views.paging import Order
from views.plan.illustration import may_put
from views.realm import PlanPage, needs, see_other
from views.safe import PAGE_SIZE, after_row, widget

IN_ORDER = Order(Goal, "place", falling=False)


_LIGHT = (raiseload(Goal.parent), joinedload(Goal.author).load_only(Person.name))


class GoalRules:
    """A main goal above it, or none."""

    def validate_parent_id(self, field: Any) -> None:
        """The sub-goal has the life areas of its main goal, whatever was ticked."""
        if field.data is None:
            return
        above = g.session.scalars(_here(select(Goal)).where(Goal.id == field.data)).first()
        if above is None:
            raise ValidationError(str(WRONG_CHOICE))
        row: Any = getattr(self, "_row", None)
        wrong = cannot_be_below(g.session, row.id if row else None, above.id)
        if wrong and above.id != getattr(row, "parent_id", None):
            raise ValidationError(gettext(wrong))
        self.life_areas.data = list(above.life_areas)  # type: ignore[attr-defined]


@dataclass(slots=True)
class Step:
    """One goal on the page, with what hangs below it, and whom it can change places with."""

    goal: Goal
    tasks: list[Activity] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    picture: int | None = None
    up: int | None = None
    down: int | None = None


class Goals(ElementView):
    """The generated pages of goals, but for the list."""

    rules = (GoalRules,)

    def _list(self, **_: Any) -> dict[str, Any]:
        after = after_row("after_GoalView")
        steps, more = _page(after)
        shown = {
            "view": self,
            "steps": steps,
            "after": after,
            "more": more,
            "shown": is_asked_for(),
        }
        return {"list": widget("goals")(**shown)}

    def store(self, item: Any) -> None:
        store(g.session, g.plan, item)

    def put_right(self, item: Any) -> None:
        store(g.session, g.plan, item)

    def picture(self, row: Any) -> str:
        found = picture(g.session, GoalPicture, row)
        return url_for("GoalPicturePage.file", pk=found.id) if found else ""

    def ways(self, row: Any) -> list[tuple[str, str]]:
        if not may_put(GoalPicture, row):
            return super().ways(row)
        there = picture(g.session, GoalPicture, row) is not None
        form = url_for("GoalPicturePage.form", pk=row.id)
        put = [(gettext("Change the picture") if there else gettext("Put in a picture"), form)]
        if there:
            away = url_for("GoalPicturePage.away", pk=row.id)
            put.append((gettext("Take the picture away"), away))
        return put + super().ways(row)

    def branches(self, row: Any) -> list[Branch]:
        """A main goal has sub-goals; a sub-goal has none of its own."""
        below = super().branches(row)
        if row.parent_id is not None:
            return below
        steps = branch(Goal, "parent_id", row, IN_ORDER)
        said = {"label": gettext("Sub-goals"), "add_text": gettext("New sub-goal")}
        return [replace(steps, **said), *below]


class GoalPlaces(PlanPage):
    """Where a goal stands among the others, for those who may change both."""

    route_base = "/plan/<int:plan_id>/goal"
    types = frozenset({PlanType.INDIVIDUAL_PLAN, PlanType.RELAY_LOG})

    @expose("/<int:pk>/move", methods=["POST"])
    @needs("write")
    def move(self, pk: int) -> Response:
        goal, past = _goal(pk), _goal(key(request.form.get("past")))
        way = request.form.get("way")
        if way not in ("up", "down"):
            abort(400)
        move(g.session, g.plan, goal, past, up=way == "up")
        said = gettext("Moved up: %(goal)s", goal=goal.goal)
        flash(said if way == "up" else gettext("Moved down: %(goal)s", goal=goal.goal), "success")
        return see_other(url_for("GoalView.list", _anchor=f"goal-{pk}"))


def _goal(pk: int | None) -> Goal:
    found: Goal | None = g.session.scalars(_here(select(Goal)).where(Goal.id == pk)).first()
    return found or abort(404)


def _here(wanted: Select[Any]) -> Select[Any]:
    return wanted.where(Goal.plan_id == g.plan.id, Goal.removed_at.is_(None))


def _page(after: int) -> tuple[list[Step], bool]:
    """The main goals after that one with what hangs below them, and whether there are more."""
    alone = of_those_shown(_here(select(Goal.id)).where(_stands_alone()), Goal)
    mains = IN_ORDER(IN_ORDER.after(alone, after) if after else alone).limit(PAGE_SIZE + 1)
    on_it = or_(Goal.id.in_(mains), Goal.parent_id.in_(mains))
    drawn = and_(GoalPicture.goal_id == Goal.id, GoalPicture.removed_at.is_(None))
    wanted: Any = select(Goal, GoalPicture.id).outerjoin(GoalPicture, drawn).where(on_it)
    found = g.session.execute(IN_ORDER(of_those_shown(_here(wanted), Goal)).options(*_LIGHT)).all()
    goals, pictures = [goal for goal, _ in found], {goal.id: drawn for goal, drawn in found}
    if after and not goals:  # the row is gone meanwhile: from the start again
        return _page(0)
    keys = {goal.id for goal in goals}
    line = [goal for goal in goals if goal.parent_id not in keys]
    steps = _in_line(line, after or None)[:PAGE_SIZE]
    _hang_below({step.goal.id: step for step in steps}, goals)
    for main in steps:
        for step in (main, *main.steps):
            step.picture = pictures[step.goal.id]
    return steps, len(line) > PAGE_SIZE


def _stands_alone() -> ColumnElement[bool]:
    """A main goal; or a sub-goal whose main goal is gone, or not for this reader."""
    above = aliased(Goal)
    there = select(above.id).where(above.id == Goal.parent_id, above.removed_at.is_(None))
    return ~there.exists()


def _hang_below(mains: dict[int, Step], goals: Sequence[Goal]) -> None:
    for pk, main in mains.items():
        main.steps = _in_line([goal for goal in goals if goal.parent_id == pk])
    steps = mains | {s.goal.id: s for main in mains.values() for s in main.steps}
    for task in g.session.scalars(_tasks_of(steps)).unique() if steps else ():
        steps[task.goal_id].tasks.append(task)


def _tasks_of(steps: dict[int, Step]) -> Select[Any]:
    a = Activity
    wanted = select(a).where(a.plan_id == g.plan.id, a.goal_id.in_(steps), a.removed_at.is_(None))
    status = joinedload(a.taker).load_only(*TAKER)
    light = (raiseload(a.goal), joinedload(a.responsible).load_only(Person.name), status)
    urgent_first = (a.due.is_(None), a.due, a.id)
    shown: Select[Any] = of_those_shown(wanted.options(*light).order_by(*urgent_first), a)
    return shown


def _in_line(goals: Sequence[Goal], before: int | None = None) -> list[Step]:
    """Goals beside each other; before: the one that stands before the first."""
    keys = [before, *(goal.id for goal in goals), None]
    return [Step(goal, up=keys[n], down=keys[n + 2]) for n, goal in enumerate(goals)]
