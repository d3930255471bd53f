"""Main goals and sub-goals: two levels, an order people choose, and what is finished."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.clock import today
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.goal import Goal
from models.history import ElementVersion
from models.plan import Plan
from models.vocabulary import ActivityStatus, GoalStatus, LifeArea, PlanStatus
from security.levels import WrongLevel
from security.policy import Forbidden
from services.goals import NotInTwoLevels, move, store
from services.hiding import KeptFrom, keep_from
from tests.conftest import statements
from tests.test_budgets import logging, measured


def at(town, rest=""):
    return f"/plan/{town.plan}/goal/{rest}"


@pytest.fixture
def new_goal(desk, town):
    """`new_goal("Dive", under="goal")`: one written by the coordinator, its key."""

    def write(words, under=None, by="coordinator", **more):
        with desk.session(by) as session:
            above = town.rows[under] if under else None
            goal = Goal(plan_id=town.plan, goal=words, parent_id=above, **more)
            session.add(goal)
            session.commit()
            town.rows[words] = goal.id
            return goal.id

    return write


def stored(desk, pk, cls=Goal):
    with desk.system() as session:
        row = session.get(cls, pk)
        session.expunge_all()
        return row


def add(client, town, **sent):
    data = {"goal": "Dive", "status": "new", **sent}
    return client.post(at(town, "add"), data=data)


def error_of(page, field):
    found = re.search(rf'<p class="ds-validation-message" id="{field}-error">([^<]+)', page)
    return found and found[1]


def version(client, town, pk):
    page = client.get(at(town, f"edit/{pk}")).text
    return re.search(r'name="version"[^>]*value="(\w+)"', page)[1]


# Two levels


def test_a_sub_goal_stands_below_its_main_goal_with_its_life_areas(browser, desk, town):
    client = browser("coordinator")
    sent = {"parent_id": town.rows["goal"], "life_areas": ["housing"], "source": "Advice from Moe"}
    assert add(client, town, **sent).status_code == 303
    with desk.system() as session:
        sub = session.scalars(select(Goal).where(Goal.goal == "Dive")).unique().one()
        assert sub.life_areas == {LifeArea.HEALTH} and sub.source == "Advice from Moe"
        assert (sub.status, sub.place) == (GoalStatus.NEW, None)
    page = client.get(at(town, "list/")).text
    assert page.index("Swim") < page.index("Dive") < page.index("Read")
    assert "Sub-goals" in client.get(at(town, f"show/{town.rows['goal']}")).text


def test_a_sub_goal_has_no_way_to_sub_goals_of_its_own(browser, town, new_goal):
    pk = new_goal("Dive", "goal")
    page = browser("coordinator").get(at(town, f"show/{pk}")).text
    assert "Part of this main goal" in page and "New sub-goal" not in page


@pytest.mark.parametrize(
    ("which", "above", "said"),
    [
        ("goal", "goal", "A goal cannot be part of itself."),
        ("goal", "Dive", "That is a sub-goal. Choose its main goal instead."),
        ("school goal", "Dive", "That is a sub-goal. Choose its main goal instead."),
        ("goal", "school goal", "This goal has sub-goals of its own, so it stays a main goal."),
        ("school goal", "foreign goal", "Choose one of those on the list."),
    ],
)
def test_a_goal_in_the_wrong_place_is_refused_beside_the_field(
    browser, desk, town, new_goal, which, above, said
):
    new_goal("Dive", "goal")
    client, pk = browser("coordinator"), town.rows[which]
    sent = {"goal": "Mine", "status": "new", "version": version(client, town, pk)}
    sent["parent_id"] = town.rows[above]
    reply = client.post(at(town, f"edit/{pk}"), data=sent)
    assert reply.status_code == 422 and error_of(reply.text, "parent_id") == said
    assert "Mine" in reply.text  # what was typed is not lost
    assert stored(desk, pk).parent_id is None


@pytest.mark.parametrize("above", ["itself", "sub", "two at once", "its own sub"])
def test_the_guard_refuses_what_no_form_would_send(desk, town, new_goal, above):
    new_goal("Dive", "goal")
    with desk.session("coordinator") as session:
        swim = session.get(Goal, town.rows["goal"])
        read, dive = (session.get(Goal, town.rows[name]) for name in ("school goal", "Dive"))
        if above == "itself":
            swim.parent = swim
        elif above == "sub":
            read.parent = dive
        elif above == "its own sub":
            swim.parent_id = dive.id
        else:
            read.parent, swim.parent_id = swim, town.rows["hidden goal"]
        with pytest.raises(WrongLevel):
            session.flush()


def test_nobody_hangs_a_goal_below_one_of_another_plan(desk, town):
    with desk.session("coordinator") as session:
        row = Goal(plan_id=town.plan, goal="Mine", parent_id=town.rows["foreign goal"])
        session.add(row)
        with pytest.raises(Forbidden):
            session.flush()


def test_two_who_build_three_levels_at_once_do_not_get_them(desk, town, new_goal):
    """The one has read before the other stores."""
    new_goal("Jump")
    with desk.session("coordinator") as one:
        plan, read = one.get(Plan, town.plan), one.get(Goal, town.rows["school goal"])
        one.rollback()
        with desk.session("nurse") as other:
            swim = other.get(Goal, town.rows["goal"])
            swim.parent_id = town.rows["Jump"]
            store(other, other.get(Plan, town.plan), swim)
            other.commit()
        read.parent_id = town.rows["goal"]
        with pytest.raises(NotInTwoLevels):
            store(one, plan, read)


def test_a_second_click_stores_once(browser, desk, town):
    client = browser("coordinator")
    uid = re.search(r'name="uid"[^>]*value="([^"]+)"', client.get(at(town, "add")).text)[1]
    for _ in range(2):
        assert add(client, town, uid=uid, parent_id=town.rows["goal"]).status_code == 303
    with desk.system() as session:
        assert len(session.scalars(select(Goal).where(Goal.goal == "Dive")).unique().all()) == 1


def test_a_second_click_on_a_change_is_no_conflict(browser, town, new_goal):
    """Though the life areas that were ticked gave way to those of the main goal."""
    pk, client = new_goal("Dive", life_areas=frozenset({LifeArea.HOUSING})), browser("coordinator")
    sent = {"goal": "Dive", "status": "new", "life_areas": ["housing"]}
    sent |= {"parent_id": town.rows["goal"], "version": version(client, town, pk)}
    assert [client.post(at(town, f"edit/{pk}"), data=sent).status_code for _ in "12"] == [303, 303]


# Marks


def test_a_sub_goal_and_all_below_it_is_hidden_with_its_main_goal(browser, desk, town, new_goal):
    dive = new_goal("Dive", "goal")
    with desk.session("coordinator") as session:
        task = Activity(plan_id=town.plan, what="Buy goggles", goal_id=dive)
        session.add(task)
        session.flush()
        session.add(Comment(plan_id=town.plan, comment="Psst", activity_id=task.id))
        session.commit()
        plan, swim = session.get(Plan, town.plan), session.get(Goal, town.rows["goal"])
        keep_from(session, plan, swim, KeptFrom(everybody=True), "Told in confidence")
        session.commit()
    with desk.session("mother") as session:
        for cls in (Goal, Activity, Comment):
            said = {row.title() for row in session.scalars(select(cls)).unique()}
            assert not said & {"Swim", "Dive", "Buy goggles", "Psst"}, cls
    page = browser("mother").get(at(town, "list/")).text
    assert "Read" in page and not re.search("Swim|Dive|goggles", page)
    for rest in (f"show/{dive}", f"edit/{dive}"):
        assert browser("mother").get(at(town, rest)).status_code == 404


def test_a_sub_goal_follows_its_main_goal_to_other_life_areas(browser, desk, town, new_goal):
    dive = new_goal("Dive", "goal")
    assert browser("teacher").get(at(town, f"show/{dive}")).status_code == 404
    with desk.session("coordinator") as session:
        session.get(Goal, town.rows["goal"]).life_areas = frozenset({LifeArea.WORK_SCHOOL})
        session.commit()
    assert stored(desk, dive).life_areas == {LifeArea.WORK_SCHOOL}
    assert browser("teacher").get(at(town, f"show/{dive}")).status_code == 200


def test_a_sub_goal_of_a_goal_that_is_removed_stands_alone(browser, town, new_goal):
    new_goal("Dive", "goal")
    client = browser("coordinator")
    assert client.post(at(town, f"delete/{town.rows['goal']}")).status_code == 303
    page = client.get(at(town, "list/")).text
    assert "Dive" in page and "Swim" not in re.sub(r"(?s)<div[^>]*ds-alert.*?</div>", "", page)


# What is finished


@pytest.mark.parametrize("status", ["reached", "set_aside"])
def test_what_is_finished_is_shown_when_one_asks(browser, town, new_goal, desk, status):
    new_goal("Dive", status=GoalStatus(status))
    new_goal("Dip toes", "goal", status=GoalStatus(status))
    with desk.session("coordinator") as session:
        done = {"goal_id": town.rows["goal"], "status": ActivityStatus.DONE}
        session.add(Activity(plan_id=town.plan, what="Buy goggles", **done))
        session.commit()
    client = browser("coordinator")
    page = client.get(at(town, "list/")).text
    assert not re.search("Dive|Dip toes|goggles", page) and "?finished=1" in page
    page = client.get(at(town, "list/?finished=1")).text
    assert all(words in page for words in ("Dive", "Dip toes", "goggles"))


def test_a_goal_whose_day_has_passed_says_so_until_it_is_reached(browser, desk, town):
    with desk.session("coordinator") as session:
        session.get(Goal, town.rows["goal"]).due = today() - timedelta(1)
        session.commit()
        assert "Should have been done" in browser("nurse").get(at(town, "list/")).text
        session.get(Goal, town.rows["goal"]).status = GoalStatus.REACHED
        session.commit()
    page = browser("nurse").get(at(town, "list/?finished=1")).text
    assert "Swim" in page and "Should have been done" not in page


# The order


def shown(client, town, address="list/"):
    return re.findall(r'id="goal-(\d+)"', client.get(at(town, address)).text)


def order(client, town):
    names = {str(pk): name for name, pk in town.rows.items() if "goal" in name or name[0].isupper()}
    return [names[pk] for pk in shown(client, town)]


def moved(client, town, which, way, past):
    sent = {"way": way, "past": town.rows[past]}
    return client.post(at(town, f"{town.rows[which]}/move"), data=sent)


def test_goals_are_moved_up_and_down_and_new_ones_come_last(browser, town, new_goal):
    client = browser("coordinator")
    assert order(client, town) == ["goal", "school goal", "hidden goal"]
    reply = moved(client, town, "school goal", "up", "goal")
    assert reply.location.endswith(f"/goal/list/#goal-{town.rows['school goal']}")
    assert "Moved up: Read" in client.get(reply.location).text
    new_goal("Dive")
    assert order(client, town) == ["school goal", "goal", "hidden goal", "Dive"]
    moved(client, town, "school goal", "down", "goal")
    moved(client, town, "hidden goal", "down", "Dive")
    assert order(client, town) == ["goal", "school goal", "Dive", "hidden goal"]


def test_sub_goals_are_moved_among_themselves(browser, town, new_goal):
    client = browser("coordinator")
    new_goal("Dive", "goal")
    new_goal("Jump", "goal")
    assert moved(client, town, "Jump", "up", "Dive").status_code == 303
    assert order(client, town) == ["goal", "Jump", "Dive", "school goal", "hidden goal"]


def test_moving_twice_moves_once(browser, town):
    client = browser("coordinator")
    for _ in "12":
        assert moved(client, town, "school goal", "up", "goal").status_code == 303
    assert order(client, town) == ["school goal", "goal", "hidden goal"]


def test_moving_keeps_the_version_of_the_text_and_says_in_the_log_who_did(browser, desk, town):
    client, pk = browser("coordinator"), town.rows["school goal"]
    before = stored(desk, pk).version
    opened = version(client, town, pk)
    moved(client, town, "school goal", "up", "goal")
    assert stored(desk, pk).version == before
    with desk.system() as session:
        assert session.scalars(select(ElementVersion)).all() == []
        noted = session.scalars(select(AccessEvent).where(AccessEvent.action == "change")).one()
        assert (noted.kind, noted.rows) == ("goal", [pk])
    sent = {"goal": "Read more", "status": "new", "version": opened, "life_areas": ["work_school"]}
    assert client.post(at(town, f"edit/{pk}"), data=sent).status_code == 303


def test_the_order_holds_for_those_who_see_less(browser, town):
    """What stands between is not told of, and keeps its place."""
    moved(browser("coordinator"), town, "hidden goal", "up", "goal")
    assert order(browser("mother"), town) == ["goal", "school goal"]
    moved(browser("mother"), town, "school goal", "up", "goal")
    assert order(browser("mother"), town) == ["school goal", "goal"]
    assert order(browser("coordinator"), town) == ["hidden goal", "school goal", "goal"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("reader", 403), ("teacher", 404), ("withdrawn", 404), ("admin", 404), ("office", 404)],
)
def test_who_may_not_change_the_goals_does_not_move_them(browser, desk, town, who, status):
    reply = moved(browser(who), town, "school goal", "up", "goal")
    assert reply.status_code in (status, 403)
    assert stored(desk, town.rows["school goal"]).place is None
    if who == "reader":
        assert "/move" not in browser(who).get(at(town, "list/")).text


def test_a_closed_plan_keeps_its_order(browser, desk, town):
    with desk.system() as session:
        session.get(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    assert moved(browser("coordinator"), town, "school goal", "up", "goal").status_code == 403
    assert "/move" not in browser("coordinator").get(at(town, "list/")).text


@pytest.mark.parametrize(
    "sent", [{}, {"way": "up"}, {"way": "sideways", "past": 1}, {"way": "up", "past": "x"}]
)
def test_moving_nowhere_is_refused(browser, town, sent):
    reply = browser("coordinator").post(at(town, f"{town.rows['goal']}/move"), data=sent)
    assert reply.status_code in (400, 404)


def test_a_hidden_goal_is_not_moved_by_a_guardian(browser, desk, town):
    assert moved(browser("mother"), town, "hidden goal", "up", "goal").status_code == 404
    assert moved(browser("mother"), town, "goal", "down", "hidden goal").status_code == 404


def test_two_who_move_at_once_take_turns(desk, town, new_goal):
    """The second has looked before the first has stored, and both get what they asked for."""
    new_goal("Dive")
    with desk.session("coordinator") as one, desk.session("nurse") as other:
        rows = [session.get(Goal, town.rows["school goal"]) for session in (one, other)]
        past = one.get(Goal, town.rows["goal"])
        dive, hidden = (other.get(Goal, town.rows[name]) for name in ("Dive", "hidden goal"))
        one.rollback(), other.rollback()
        move(one, one.get(Plan, town.plan), rows[0], past, up=True)
        one.commit()
        move(other, other.get(Plan, town.plan), dive, hidden, up=True)
        other.commit()
    with desk.session("coordinator") as session:
        by_place = select(Goal.goal).order_by(Goal.place)
        assert session.scalars(by_place).all() == ["Read", "Swim", "Dive", "Hush"]


def test_a_fault_in_the_middle_moves_nothing(browser, desk, town, monkeypatch):
    def break_down(*_):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("security.audit.append", break_down)
    client = browser("coordinator")
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert moved(client, town, "school goal", "up", "goal").status_code == 500
    monkeypatch.undo()
    assert stored(desk, town.rows["school goal"]).place is None


# What it costs


def test_the_goals_page_costs_the_same_whatever_there_is(browser, desk, town, app_engine, new_goal):
    client = browser("coordinator")
    new_goal("Dive", "goal")
    few, sent = measured(client, app_engine, at(town, "list/"))
    assert few == (6, logging(app_engine), 0), sent
    for n in range(8):
        new_goal(f"Main {n}")
        new_goal(f"Sub {n}", f"Main {n}")
        with desk.session("coordinator") as session:
            to = {"goal_id": town.rows[f"Sub {n}"], "responsible_id": town.people["nurse"]}
            session.add(Activity(plan_id=town.plan, what=f"Task {n}", **to))
            session.commit()
    many, sent = measured(client, app_engine, at(town, "list/"))
    assert many == few, sent


def test_a_long_list_is_turned_page_by_page(browser, desk, town):
    with desk.session("coordinator") as session:
        for n in range(60):
            session.add(Goal(plan_id=town.plan, goal=f"Goal {n:02}"))
        session.commit()
    client, seen, address = browser("coordinator"), [], at(town, "list/")
    moved_first = {"way": "up", "past": town.rows["goal"]}
    client.post(at(town, f"{town.rows['school goal']}/move"), data=moved_first)
    while address:
        page = client.get(address).text
        seen += re.findall(r'<li class="ds-card ms-stack" id="goal-(\d+)"', page)
        onward = re.search(r'href="([^"]+)">Next page', page)
        address = onward and onward[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 63
    assert seen[:2] == [str(town.rows["school goal"]), str(town.rows["goal"])]
    first = client.get(at(town, f"list/?after_GoalView={seen[24]}")).text
    assert f'name="past" value="{seen[24]}"' in first  # past the last one of the page before
    assert client.get(at(town, "list/?after_GoalView=x")).status_code == 400
    assert client.get(at(town, "list/?after_GoalView=999999")).status_code == 200


def test_moving_costs_a_few_statements(browser, town, app_engine):
    moved(browser("coordinator"), town, "school goal", "up", "goal")
    with statements(app_engine) as sent:
        moved(browser("coordinator"), town, "school goal", "down", "goal")
    assert len([s for s in sent if s.startswith("UPDATE goal")]) == 1  # one executemany


def test_a_stale_change_of_a_goal_shows_sets_and_its_main_goal(browser, desk, town, new_goal):
    pk = new_goal("Dive", life_areas=frozenset({LifeArea.HOUSING}))
    with desk.session("nurse") as session:
        row = session.get(Goal, pk)
        row.parent_id, row.source, row.status = town.rows["goal"], "Moe", GoalStatus.REACHED
        session.commit()
    sent = {"goal": "Dip", "status": "new", "version": "1", "life_areas": ["economy", "leisure"]}
    sent |= {"parent_id": "", "source": ""}
    reply = browser("coordinator").post(at(town, f"edit/{pk}"), data=sent)
    alert = reply.text.split("Somebody else has changed this meanwhile")[1].split("</dl>")[0]
    said = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", alert))
    assert reply.status_code == 409
    for theirs in ("What I want Dive", "main goal Swim", "Life areas Health", "comes from Moe"):
        assert theirs in said
    assert "Status Reached" in said
    assert re.findall(r'value="(\w+)" checked', reply.text) == ["economy", "leisure"]
    assert 'value="Dip"' in reply.text and stored(desk, pk).goal == "Dive"
