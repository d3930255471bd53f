"""Whether one may add a row (leggje til), and about what: the policy's own answer."""

from __future__ import annotations

from flask import g

from models.elements import PlanElement
from models.vocabulary import LifeArea
from security.facts import facts
from security.policy import Action, permits


def may_add(cls: type[PlanElement]) -> bool:
    """Whether the actor may add a row at all, in whatever life areas."""
    areas = [a.life_areas for a in g.access.grants if a.scope is cls.element.scope]
    return _may_add_in(cls, areas[0] if areas else frozenset())


def areas_open(cls: type[PlanElement]) -> list[LifeArea]:
    """The life areas the actor may add a row in, in order."""
    return [area for area in LifeArea if _may_add_in(cls, frozenset({area}))]


def _may_add_in(cls: type[PlanElement], areas: frozenset[LifeArea]) -> bool:
    draft = cls(plan_id=g.plan.id, author_id=g.actor.person_id, life_areas=areas)
    return permits(g.access, Action.ADD, facts(draft))
