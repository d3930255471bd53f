"""A copy of the plan: every row its owner's side may read, by its uid, and no other."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.elements import elements
from models.elements.goal import Goal
from tests.factories import OUTSIDE
from tests.test_budgets import measured
from tests.test_work import url


@pytest.fixture
def copy_of(browser, town):
    def taken(who):
        reply = browser(who).get(url(town, "copy/"))
        assert reply.status_code == 200
        assert reply.headers["Content-Disposition"] == 'attachment; filename="plan.json"'
        return json.loads(reply.text)["rows"]

    return taken


@pytest.mark.parametrize("who", ["mother", "father", "owner"])
def test_every_row_of_every_element_one_may_read_is_in_it_once(copy_of, desk, town, who):
    with desk.session(who) as session:
        there = {
            (cls.element.key, uid)
            for cls in elements()
            for uid in session.scalars(
                select(cls.uid).where(cls.plan_id == town.plan, cls.removed_at.is_(None))
            )
        }
    found = [(one["kind"], one["uid"]) for one in copy_of(who)]
    assert len(found) == len(set(found)) and set(found) == there
    assert {"goal", "activity", "message", "meeting", "presentation"} <= {key for key, _ in found}


def test_rows_point_at_one_another_by_uid_and_at_people_by_name(copy_of, desk, town):
    rows = {one["uid"]: one for one in copy_of("mother")}
    task = next(one for one in rows.values() if one["kind"] == "activity" and one["words"]["goal"])
    assert rows[task["words"]["goal"]]["kind"] == "goal" and task["by"]
    assert "Nurse" in {one["words"].get("responsible") for one in rows.values()}
    assert not any(key.endswith("_id") for one in rows.values() for key in one["words"])
    assert all(one["by"] and one["at"] and one["version"] for one in rows.values())


def test_what_is_kept_from_a_guardian_is_not_in_hers(copy_of, desk):
    with desk.system() as session:
        hidden = session.scalars(select(Goal).where(Goal.hidden_from_guardians)).first().uid
    assert hidden in {one["uid"] for one in copy_of("owner")}
    assert hidden not in {one["uid"] for one in copy_of("mother")}


def test_it_is_for_the_owners_side_and_it_stands_in_the_log(browser, desk, town, copy_of):
    for who in ("coordinator", "teacher", "nurse"):
        assert browser(who).get(url(town, "copy/")).status_code == 403
        assert "/copy/" not in browser(who).get(url(town, "timeline/")).text
    for who in OUTSIDE:
        assert browser(who).get(url(town, "copy/")).status_code in (302, 403, 404)
    assert "/copy/" in browser("mother").get(url(town, "timeline/")).text
    copy_of("mother")
    with desk.system() as session:
        mine = AccessEvent.person_id == town.people["mother"]
        kinds = set(session.scalars(select(AccessEvent.kind).where(mine)))
    assert {"goal", "message", "meeting"} <= kinds


@pytest.mark.a_page
def test_it_costs_a_question_for_each_kind(browser, town, app_engine):
    (reads, _, _), _ = measured(browser("mother"), app_engine, url(town, "copy/"))
    assert reads == 5 + len(list(elements()))
