"""What a row was before: told to whoever may read it, and put back by those who may change it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.clock import utcnow
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.history import ElementVersion
from models.people import Person
from models.plan import Participant, Plan
from models.vocabulary import GoalStatus, LifeArea, ParticipantStatus, PlanStatus
from services.hiding import KeptFrom, keep_from
from tests.test_budgets import measured

pytestmark = pytest.mark.a_page

SCHOOL = frozenset({LifeArea.WORK_SCHOOL})


def at(town, name="school goal", kind="goal", rest=""):
    return f"/plan/{town.plan}/history/{kind}/{town.rows[name]}{rest}"


def change(desk, town, cls=Goal, name="school goal", by="coordinator", **values):
    with desk.session(by) as session:
        row = session.get(cls, town.rows[name])
        for key, value in values.items():
            setattr(row, key, value)
        session.commit()
        return row.version


@pytest.fixture
def changed(desk, town):
    """The school goal was changed twice: by the coordinator, and by the nurse."""
    change(desk, town, why="To read alone", due=date(2027, 3, 1), status=GoalStatus.UNDER_WAY)
    change(desk, town, by="nurse", goal="Read a book", why=None, life_areas=frozenset(LifeArea))
    return town


def words(page):
    main = page.split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", main))


def put_back(client, town, number, version, **kw):
    sent = {"number": number, "version": version}
    return client.post(at(town, rest="/put-back", **kw), data=sent)


def now(desk, town, cls=Goal, name="school goal"):
    with desk.system() as session:
        row = session.get(cls, town.rows[name])
        session.expunge_all()
        return row


def test_each_change_is_told_field_by_field_in_plain_words(browser, changed):
    said = words(browser("coordinator").get(at(changed)).text)
    assert said.index("Nurse,") < said.index("Coordinator,")
    assert "What I want Before Read After Read a book" in said
    assert "Status Before New After Under way" in said
    assert "By when Before Empty After 1 Mar 2027" in said
    assert "Why it matters to me Before To read alone After Empty" in said
    assert "Work, school, activity" in said and "work_school" not in said


def test_the_way_there_stands_on_the_page_of_what_was_changed(browser, desk, changed):
    client, plan = browser("reader"), f"/plan/{changed.plan}"
    assert at(changed) in client.get(f"{plan}/goal/show/{changed.rows['school goal']}").text
    never = client.get(f"{plan}/goal/show/{changed.rows['goal']}").text
    assert "Earlier versions" not in never
    change(desk, changed, Meeting, "meeting", place="Room 2")
    room = browser("mother").get(f"{plan}/meeting/{changed.rows['meeting']}").text
    assert at(changed, "meeting", "meeting") in room


def test_what_it_points_at_is_told_by_name(browser, desk, town):
    to = {"goal_id": town.rows["goal"], "responsible_id": town.people["nurse"]}
    change(desk, town, Activity, "activity", **to)
    said = words(browser("coordinator").get(at(town, "activity", "activity")).text)
    assert "Goal Before Read After Swim" in said
    assert "Contact person Before Empty After Nurse" in said


def test_a_goal_the_reader_may_not_see_is_not_named(browser, desk, town):
    change(desk, town, Activity, "task", goal_id=town.rows["hidden goal"])
    change(desk, town, Activity, "task", goal_id=None)
    with desk.system() as session:
        session.get(Activity, town.rows["task"]).hidden_from_guardians = False
        session.commit()
    said = words(browser("mother").get(at(town, "task", "activity")).text)
    assert "Hush" not in said and "Something that is gone, or not for you" in said


def test_an_earlier_version_is_put_back_as_a_new_one(browser, desk, changed):
    client = browser("coordinator")
    reply = put_back(client, changed, 2, 3)
    assert reply.status_code == 303 and "Put back." in client.get(reply.location).text
    row = now(desk, changed)
    assert (row.goal, row.why, row.due) == ("Read", "To read alone", date(2027, 3, 1))
    assert (row.life_areas, row.status, row.version) == (SCHOOL, GoalStatus.UNDER_WAY, 4)
    assert words(client.get(at(changed)).text).index("Coordinator,") < 200
    assert put_back(client, changed, 3, 4).status_code == 303  # and what was put away, again
    assert now(desk, changed).goal == "Read a book"


def test_the_second_click_makes_no_version_more(browser, desk, changed):
    for _ in "12":
        assert put_back(browser("coordinator"), changed, 1, 3).status_code == 303
    assert now(desk, changed).version == 4


def test_what_somebody_has_changed_meanwhile_is_not_lost(browser, desk, changed):
    change(desk, changed, goal="Read two books")
    reply = put_back(browser("coordinator"), changed, 1, 3)
    assert reply.status_code == 409 and "Read two books" in reply.text
    assert "Somebody else has changed this meanwhile" in reply.text
    assert now(desk, changed).goal == "Read two books"


@pytest.mark.parametrize("who", ["reader", "teacher"])
def test_who_may_only_read_does_not_put_back(browser, desk, changed, who):
    page = browser(who).get(at(changed)).text
    assert "To read alone" in page and "Put this back" not in page
    assert put_back(browser(who), changed, 1, 3).status_code == 403
    assert now(desk, changed).goal == "Read a book"


@pytest.mark.parametrize(
    "who", ["grandmother", "withdrawn", "expired", "stranger", "office", "admin", "leader"]
)
def test_nothing_is_told_outside_the_scope(browser, changed, who):
    for reply in (browser(who).get(at(changed)), put_back(browser(who), changed, 1, 3)):
        assert reply.status_code in (403, 404) and "To read alone" not in reply.text


def test_what_was_written_before_it_was_hidden_is_hidden_too(browser, desk, changed):
    with desk.session("coordinator") as session:
        plan, row = session.get(Plan, changed.plan), session.get(Goal, changed.rows["school goal"])
        keep_from(session, plan, row, KeptFrom(everybody=True), "Told in confidence")
        session.commit()
    assert browser("mother").get(at(changed)).status_code == 404
    assert put_back(browser("mother"), changed, 1, 4).status_code == 404
    said = words(browser("coordinator").get(at(changed)).text)
    assert "Told in confidence" not in said and said.count("Before") == 6  # no mark is told of


def test_a_row_in_another_life_area_has_no_history(browser, desk, town):
    change(desk, town, name="goal", why="Health is private")
    assert browser("teacher").get(at(town, "goal")).status_code == 404


@pytest.mark.parametrize("kind", ["x", "evaluation_answer", "goal_outcome", "plan", "person"])
def test_other_kinds_have_no_history(browser, town, kind):
    assert browser("coordinator").get(at(town, kind=kind)).status_code == 404


def test_another_plan_s_row_or_version_is_no_row(browser, desk, changed):
    client = browser("coordinator")
    assert client.get(at(changed, "foreign goal")).status_code == 404
    assert put_back(client, changed, 9, 3).status_code == 404
    assert put_back(client, changed, "x", 3).status_code == 400
    change(desk, changed, removed_at=utcnow())
    assert client.get(at(changed)).status_code == 404


def test_a_closed_plan_is_read_and_not_put_back(browser, desk, changed):
    with desk.system() as session:
        session.get(Plan, changed.plan).status = PlanStatus.CLOSED
        session.commit()
    page = browser("coordinator").get(at(changed))
    assert page.status_code == 200 and "Put this back" not in page.text
    assert put_back(browser("coordinator"), changed, 1, 3).status_code == 403


def test_what_is_sent_or_finished_is_never_put_back(browser, desk, town):
    with desk.system() as session:
        session.add(
            ElementVersion(
                plan_id=town.plan, scope="messages", key="message", data={"body": "Old"},
                row_id=town.rows["to teacher"], author_id=town.people["nurse"], version=1,
                life_areas=frozenset(), hidden_from_guardians=False, circle="chosen",
                changed_by_id=town.people["nurse"], changed_at=utcnow(),
            )
        )  # fmt: skip
        session.commit()
    reply = put_back(browser("nurse"), town, 1, 1, name="to teacher", kind="message")
    assert reply.status_code == 403


def test_who_has_gone_and_what_is_removed_do_not_come_back(browser, desk, town):
    to = {"goal_id": town.rows["goal"], "responsible_id": town.people["nurse"]}
    change(desk, town, Activity, "activity", **to)
    change(desk, town, Activity, "activity", what="New", goal_id=None, responsible_id=None)
    with desk.system() as session:
        session.get(Goal, town.rows["goal"]).removed_at = utcnow()
        one = session.get(Participant, town.rows["participant nurse"])
        one.status = ParticipantStatus.LEFT
        session.commit()
    kw = {"name": "activity", "kind": "activity"}
    assert put_back(browser("coordinator"), town, 2, 3, **kw).status_code == 303
    row = now(desk, town, Activity, "activity")
    assert (row.what, row.goal_id, row.responsible_id) == ("Practise", None, None)


def test_putting_back_never_makes_three_levels(browser, desk, town):
    change(desk, town, parent_id=town.rows["goal"])
    change(desk, town, parent_id=None)
    change(desk, town, name="goal", parent_id=town.rows["school goal"])
    reply = put_back(browser("coordinator"), town, 2, 3)
    assert reply.status_code == 409 and "two levels" in reply.text
    assert now(desk, town).parent_id is None


def test_the_log_says_whose_history_was_read_and_who_put_back(browser, desk, changed):
    browser("reader").get(at(changed))
    put_back(browser("coordinator"), changed, 1, 3)
    with desk.system() as session:
        events = session.scalars(select(AccessEvent).order_by(AccessEvent.seq)).all()
        kinds = [(one.action, one.kind, one.name) for one in events]
        assert ("read", "goal", "Reader") in kinds
        assert kinds[-1] == ("change", "goal", "Coordinator")
        assert "element_version" not in {kind for _, kind, _ in kinds}


def test_a_fault_in_the_middle_puts_nothing_back(browser, desk, changed, monkeypatch):
    def break_down(*_):
        raise RuntimeError("no history")

    client = browser("coordinator")
    monkeypatch.setattr("security.keeping.write", break_down)
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert put_back(client, changed, 1, 3).status_code == 500
    monkeypatch.undo()
    assert (now(desk, changed).goal, now(desk, changed).version) == ("Read a book", 3)


def test_the_page_costs_the_same_however_often_it_was_changed(browser, desk, changed, app_engine):
    few, sent = measured(browser("coordinator"), app_engine, at(changed))
    assert few[0] == 7, sent
    for n in range(8):
        change(desk, changed, goal=f"Read {n}", by="nurse" if n % 2 else "coordinator")
    many, sent = measured(browser("coordinator"), app_engine, at(changed))
    assert many == few, sent


def test_names_are_those_of_today(browser, desk, changed):
    with desk.system() as session:
        session.get(Person, changed.people["nurse"]).name = "Nora New"
        session.commit()
    assert "Nora New" in browser("mother").get(at(changed)).text


def test_comments_have_their_history_too(browser, desk, town):
    change(desk, town, Comment, "comment", by="nurse", comment="Very good")
    said = words(browser("mother").get(at(town, "comment", "comment")).text)
    assert "Comment Before Good After Very good" in said
