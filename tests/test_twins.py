"""The policy and its SQL twin say the same about every person and every row."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from models.base import READABLE, Bound, Model, MunicipalityBound, Personal, PlanBound, System
from models.clock import utcnow
from models.elements import elements
from models.elements.goal import Goal
from security.access import load_access
from security.acting import ACTING, Acting
from security.facts import facts
from security.policy import Action, permits
from security.scope import SCOPED
from tests.factories import OUTSIDE, WHO


def _key(row):
    return tuple(row.__mapper__.primary_key_from_instance(row))


def _expected(session, person_id, cls):
    """Ids the pure policy opens, judged on rows read without any scope."""
    access = cache(lambda plan_id: load_access(session, person_id, plan_id, utcnow()))
    rows = session.scalars(select(cls)).unique()
    return {_key(row) for row in rows if permits(access(row.plan_id), Action.READ, facts(row))}


def _plan_bound():
    return [m.class_ for m in Model.registry.mappers if issubclass(m.class_, PlanBound)]


def test_policy_and_sql_agree_on_every_row_for_everyone(desk, town):
    opened = 0
    for who in WHO:
        with desk.system() as system, desk.session(who) as session:
            for cls in _plan_bound():
                found = session.scalars(select(cls)).unique().all()
                ids = {_key(row) for row in found}
                assert ids == _expected(system, town.people[who], cls), (who, cls)
                opened += len(ids)
    assert opened > 200  # the twins do not agree by both being shut


def test_nobody_outside_reads_one_row_of_the_plan(desk, town):
    for who in OUTSIDE:
        with desk.session(who) as session:
            for cls in _plan_bound():
                rows = session.scalars(select(cls)).unique().all()
                assert not [r for r in rows if r.plan_id == town.plan], (who, cls)


def test_every_bound_class_has_a_criterion_without_another_class_criterion():
    for cls in (m.class_ for m in Model.registry.mappers):
        if issubclass(cls, Bound):
            assert cls in READABLE, cls
            parts = visitors.iterate(READABLE[cls](cls))
            entities = {part._annotations.get("parententity") for part in parts}
            assert entities <= {None, cls.__mapper__}, cls


def test_no_criterion_is_put_together_anew_at_every_query():
    """An IN over values is expanded at each execution: it cost a third of the guard."""
    for cls, criterion in READABLE.items():
        assert "POSTCOMPILE" not in str(select(cls).where(criterion(cls)).compile()), cls


def test_a_criterion_that_has_been_used_is_said_of_an_alias_as_well_as_a_new_one():
    """It is built once for each class, and adapted to an alias where a row is loaded eagerly."""
    SCOPED.known.clear()
    for cls in READABLE:
        criterion = SCOPED._resolve_where_criteria(inspect(cls))
        adapted = str(inspect(aliased(cls))._adapter.traverse(criterion))
        str(select(cls).where(criterion))
        assert str(inspect(aliased(cls))._adapter.traverse(criterion)) == adapted, cls
        assert SCOPED._resolve_where_criteria(inspect(cls)) is criterion


def test_every_mapped_class_says_what_it_is():
    kinds = (PlanBound, MunicipalityBound, Personal, System)
    ours = [m.class_ for m in Model.registry.mappers if m.class_.__module__.startswith("models.")]
    assert len(ours) > 30
    for cls in ours:
        assert sum(issubclass(cls, kind) for kind in kinds) == 1, cls


def test_an_alias_is_scoped_and_still_shows_what_is_mine(desk):
    for who, titles in {"mother": {"Swim", "Read"}, "stranger": {"Elsewhere"}, None: set()}.items():
        with desk.session(who) as session:
            other = aliased(Goal)
            assert set(session.scalars(select(other.goal))) == titles
            both = select(other.goal).join(Goal, Goal.id == other.id)
            assert set(session.scalars(both)) == titles


def test_nobody_sees_nothing(desk):
    ACTING.set(Acting(1, 1, 1))  # a left-over from someone else
    with desk.session(None) as session:
        assert not any(session.scalars(select(cls)).first() for cls in elements())


def test_no_statement_crosses_the_border_of_a_municipality(desk, town):
    for cls in (m.class_ for m in Model.registry.mappers):
        if issubclass(cls, MunicipalityBound):
            with desk.session("foreign office") as session:
                homes = {row.municipality_id for row in session.scalars(select(cls))}
                assert homes <= {town.foreign_id}, cls


ALLOWED = {
    "access is what the scope is made of",
    "the access log writes for everyone",
    "marks follow their root",
    "goals have one order, whoever may see them",
    "a goal has one level above it, whoever may see it",
    "history and index follow their row",
    "an account is of the whole installation",
    "who has invited an account before",
    "one ends what one has opened elsewhere",
    "a closed hat ends the sessions in it",
    "a short name is taken whoever may see it",
    "a draft goes with the access, and in time",
    "an account's own hats are in several municipalities",
    "one's own notices are marked as seen",
    "one's own last visit is noted",
    "a chain goes on where it ends",
    "what a double had ends, whoever may see it",
    "the days of a plan follow the register",
    "a paper takes its turn in a plan that stays shut",
    "nothing is told of what is kept from somebody",
    "a meeting has one minutes",
    "a session has so many places, whoever is on the list",
}


def test_every_way_round_the_scope_is_on_the_list():
    root = Path(__file__).parent.parent
    code = [
        p.read_text()
        for d in ("models", "security", "services", "views", "jobs", "integrations")
        for p in root.glob(f"{d}/**/*.py")
    ]
    found = set(re.findall(r'"?unscoped_because"?[:=] ?"([^"]+)"', "\n".join(code)))
    assert found - {"…"} == ALLOWED
