"""Parents apart: a row is kept from one of those who act for the owner, and from nobody else."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from integrations.letter import Letter
from jobs.letters import letter_for
from jobs.planning import plan as plan_notices
from models.audit import AccessEvent
from models.base import Model, PlanBound
from models.clock import utcnow
from models.consent import Grant
from models.draft import Draft
from models.elements import elements
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.history import ElementIndex, ElementVersion
from models.outbox import Delivery, OutboxMessage
from models.plan import Plan
from models.vocabulary import Channel, Level, LifeArea, Scope
from security import audit
from security.access import load_access
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.hiding import KeptFrom, keep_from
from services.notices import notify, own_notices
from tests.factories import WHO
from tests.test_patrol import SECRETS, addresses
from views.realm import Realm


def keep(desk, town, cls, name, whom="father", by="coordinator"):
    """The row `name` is kept from `whom`."""
    with desk.session(by) as session:
        row, plan = session.get(cls, town.rows[name]), session.get(Plan, town.plan)
        keep_from(session, plan, row, KeptFrom(person_id=town.people[whom]), "A court said so")
        session.commit()


@pytest.fixture
def everything(desk, town):
    """Every element of the plan has a version, and is kept from the father."""
    with desk.system() as session:
        for cls in elements():
            for row in session.scalars(select(cls).where(cls.plan_id == town.plan)).unique():
                row.shielded_from_id, row.hidden_because = town.people["father"], "Court"
        session.commit()
    return town


def found(session, cls):
    return {tuple(row.__mapper__.primary_key_from_instance(row)) for row in
            session.scalars(select(cls)).unique()}  # fmt: skip


OF_ROWS = [
    m.class_ for m in Model.registry.mappers
    if issubclass(m.class_, PlanBound) and m.class_.family == "element"
]  # fmt: skip


def test_the_twins_agree_when_everything_is_kept_from_one(desk, everything, town):
    for who in WHO:
        with desk.system() as system, desk.session(who) as session:
            for cls in OF_ROWS:
                ids = set()
                for row in system.scalars(select(cls)).unique():
                    access = load_access(system, town.people[who], row.plan_id, utcnow())
                    if permits(access, Action.READ, facts(row)):
                        ids.add(tuple(row.__mapper__.primary_key_from_instance(row)))
                assert found(session, cls) == ids, (who, cls)


def test_it_is_kept_from_that_one_and_from_nobody_else(desk, town, request):
    before = {}
    for who in ("mother", "owner", "coordinator", "teacher"):
        with desk.session(who) as session:
            before[who] = {cls: found(session, cls) for cls in OF_ROWS}
    request.getfixturevalue("everything")
    with desk.session("father") as session:
        assert [cls for cls in OF_ROWS if found(session, cls)] == []
    for who, rows in before.items():
        with desk.session(who) as session:
            for cls, ids in rows.items():
                assert found(session, cls) >= ids, (who, cls)
    with desk.session("mother") as session:
        assert sum(len(found(session, cls)) for cls in OF_ROWS) > 30


def test_no_route_shows_that_one_anything(app, browser, everything, town):
    father = browser("father")
    for realm in (Realm.PLAN, Realm.ACCOUNT):
        for endpoint, method, address in addresses(app, realm, town):
            if method == "GET":
                page = father.get(address)
                assert page.status_code in (200, 403, 404), endpoint
                for secret in (*SECRETS, b"Autumn", b"to owners", b"to teacher", b"Ring NAV"):
                    assert secret not in page.data, (endpoint, secret)
    shown = browser("mother").get(f"/plan/{town.plan}/goal/list/").data
    assert b"Swim" in shown  # it is not shut because everything is


def test_neither_start_page_nor_overview_count_it(browser, desk, town):
    with desk.system() as session:
        task = session.get(Activity, town.rows["task"])
        task.responsible_id = town.people["father"]
        session.commit()
    assert "1 task is yours" in browser("father").get("/").text
    keep(desk, town, Activity, "task")
    assert "is yours" not in browser("father").get("/").text
    assert "Others have promised 2 tasks" in browser("mother").get("/").text
    assert "Ring NAV" in browser("mother").get(f"/plan/{town.plan}/").text
    assert "Ring NAV" not in browser("father").get(f"/plan/{town.plan}/").text


def test_he_finds_no_form_and_changes_nothing(browser, desk, town):
    keep(desk, town, Goal, "goal")
    at = f"/plan/{town.plan}/goal"
    for address in (f"{at}/show/{town.rows['goal']}", f"{at}/edit/{town.rows['goal']}"):
        assert browser("father").get(address).status_code == 404
        assert browser("mother").get(address).status_code == 200
    data = {"goal": "Mine", "version": "1", "uid": "x"}
    reply = browser("father").post(f"{at}/edit/{town.rows['goal']}", data=data)
    assert reply.status_code == 404
    form = browser("father").get(f"/plan/{town.plan}/comment/add?goal_id={town.rows['goal']}").text
    assert "Swim" not in form


def test_a_grant_does_not_open_it(desk, town):
    with desk.system() as session:
        old = session.scalars(select(Grant).where(Grant.person_id == town.people["nurse"])).first()
        for scope in Scope:
            session.add(
                Grant(
                    plan_id=town.plan, consent_id=old.consent_id, person_id=town.people["father"],
                    scope=scope, level=Level.WRITE, life_areas=frozenset(LifeArea),
                    since=old.since, starts_at=old.starts_at, ends_at=old.ends_at,
                )
            )  # fmt: skip
        session.commit()
    keep(desk, town, Goal, "school goal")
    with desk.session("father") as session:
        assert session.get(Goal, town.rows["school goal"]) is None
        assert session.get(Goal, town.rows["goal"]) is not None


def test_what_hangs_below_is_kept_with_it(desk, town):
    with desk.session("coordinator") as session:
        session.get(Goal, town.rows["school goal"]).goal = "Read aloud"
        session.commit()
    keep(desk, town, Goal, "school goal")
    with desk.session("nurse") as session:
        session.add(Comment(plan_id=town.plan, comment="New", goal_id=town.rows["school goal"]))
        session.commit()
    below = {"goal": "school goal", "activity": "activity", "comment": "comment"}
    for who, sees in {"father": False, "mother": True}.items():
        with desk.session(who) as session:
            assert bool(session.scalars(select(Comment).filter_by(comment="New")).first()) == sees
            for shadow in (ElementIndex, ElementVersion):
                lines = {(one.key, one.row_id) for one in session.scalars(select(shadow))}
                kept = {(key, town.rows[name]) for key, name in below.items()}
                assert bool(lines & kept) == sees, (who, shadow)


def test_what_is_kept_from_both_by_two_rows_above_is_hidden_from_all(desk, town):
    with desk.session("coordinator") as session:
        school = town.rows["school goal"]
        task = Activity(plan_id=town.plan, what="Both", goal_id=school)
        session.add(task)
        session.flush()
        row = Comment(plan_id=town.plan, comment="x", goal_id=town.rows["goal"])
        row.activity_id = task.id
        session.add(row)
        session.commit()
        row_id, town.rows["both"] = row.id, task.id
    keep(desk, town, Goal, "goal", "father")
    keep(desk, town, Activity, "both", "mother")
    readers = {"mother": False, "father": False, "owner": True, "coordinator": True}
    for who, sees in readers.items():
        with desk.session(who) as session:
            assert bool(session.get(Comment, row_id)) == sees, who
    with desk.session("coordinator") as session:  # and opened again, it follows the other
        row, plan = session.get(Goal, town.rows["goal"]), session.get(Plan, town.plan)
        keep_from(session, plan, row, KeptFrom(), "Settled")
        session.commit()
    for who, sees in (readers | {"father": True}).items():
        with desk.session(who) as session:
            assert bool(session.get(Comment, row_id)) == sees, who


@pytest.mark.parametrize(
    "by, whom, reason",
    [
        ("mother", "father", "x"), ("owner", "father", "x"), ("nurse", "father", "x"),
        ("coordinator", "father", " "), ("coordinator", "teacher", "x"),
        ("coordinator", "owner", "x"), ("coordinator", "other mother", "x"),
    ],
)  # fmt: skip
def test_it_takes_author_or_coordinator_a_reason_and_one_who_acts(desk, town, by, whom, reason):
    with desk.session(by) as session:
        goal = session.get(Goal, town.rows["goal"])
        goal.shielded_from_id, goal.hidden_because = town.people[whom], reason
        with pytest.raises(Forbidden):
            session.flush()


def test_an_author_keeps_an_own_row_from_one_and_opens_it_again(desk, town):
    with desk.session("nurse") as session:
        own = Goal(plan_id=town.plan, goal="Own", life_areas=frozenset({LifeArea.HEALTH}))
        own.shielded_from_id, own.hidden_because = town.people["father"], "x"
        session.add(own)
        session.commit()
        town.rows["own"] = own.id
    with desk.session("father") as session:
        assert session.get(Goal, town.rows["own"]) is None
    with desk.session("nurse") as session:
        plan, own = session.get(Plan, town.plan), session.get(Goal, town.rows["own"])
        keep_from(session, plan, own, KeptFrom(), "x")
        session.commit()
    with desk.session("father") as session:
        assert session.get(Goal, town.rows["own"]) is not None


def test_nothing_is_kept_from_the_one_who_wrote_it(desk, town):
    with desk.session("father") as session:
        session.add(Goal(plan_id=town.plan, goal="His", life_areas=frozenset(LifeArea)))
        session.commit()
        town.rows["his"] = session.scalars(select(Goal.id).filter_by(goal="His")).one()
    with pytest.raises(Forbidden):
        keep(desk, town, Goal, "his")


def test_the_log_does_not_tell_him_either_and_stays_whole(browser, desk, town):
    keep(desk, town, Goal, "goal")
    browser("nurse").get(f"/plan/{town.plan}/goal/show/{town.rows['goal']}")
    kept = select(AccessEvent).where(AccessEvent.kind == "goal")
    with desk.session("father") as session:
        assert [e for e in session.scalars(kept) if town.rows["goal"] in e.rows] == []
    for who in ("mother", "owner"):
        with desk.session(who) as session:
            seen = [e.action for e in session.scalars(kept) if town.rows["goal"] in e.rows]
            assert {"change", "read"} <= set(seen), who
    with desk.system() as session:
        assert audit.verify(session, town.plan) is None


@pytest.mark.parametrize("column", ["shielded_from_id", "kept_by_id"])
def test_a_mark_put_on_a_line_of_the_log_is_found(desk, town, engine, column):
    from security import triggers

    keep(desk, town, Goal, "goal")
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(
            text(f"UPDATE access_event SET {column} = 4711 WHERE plan_id = {town.plan}")
        )
        triggers.install(connection)
    with desk.system() as session:
        assert audit.verify(session, town.plan) is not None


# Notices and drafts


@pytest.fixture
def called(desk, town, reach):
    """Mother and father are called to the meeting, and have not looked."""
    reach("mother", phone="+4790000001")
    reach("father", phone="+4790000002")
    with desk.session("coordinator") as session:
        people = [town.people["mother"], town.people["father"]]
        row = town.rows["meeting"]
        notify(session, session.get(Plan, town.plan), people, "meeting", row, "k")
        session.commit()


def listed(desk, town, who):
    with desk.session(who) as session:
        return [one.kind for one in own_notices(session, 50)]


def test_a_notice_of_it_is_not_there_and_not_new(browser, desk, town, called):
    assert listed(desk, town, "father") == ["meeting"]
    assert "New notices" in browser("father").get("/notices/").text
    keep(desk, town, Meeting, "meeting")
    assert (listed(desk, town, "father"), listed(desk, town, "mother")) == ([], ["meeting"])
    assert "New notices" not in browser("father").get("/notices/").text
    assert "New notices" in browser("mother").get("/notices/").text


def test_a_notice_on_its_way_does_not_leave(desk, engine, town, called):
    plan_notices(engine, [Channel.MAIL, Channel.SMS])
    keep(desk, town, Meeting, "meeting")
    with desk.system() as session:
        sent = {
            row.person_id: isinstance(letter_for(session, row), Letter)
            for row in session.scalars(select(Delivery).options(joinedload(Delivery.message)))
        }
    assert sent == {town.people["mother"]: True, town.people["father"]: False}


def test_nothing_new_is_told_of_it(desk, town):
    keep(desk, town, Meeting, "meeting")
    with desk.session("coordinator") as session:
        people = [town.people["mother"], town.people["father"]]
        plan, row = session.get(Plan, town.plan), town.rows["meeting"]
        for kind in ("meeting", "minutes"):
            notify(session, plan, people, kind, row, f"later {kind}")
        session.commit()
    with desk.system() as session:
        told = session.scalars(select(OutboxMessage.person_id)).all()
    assert told == [town.people["mother"]] * 2


def test_hidden_from_all_who_act_nothing_is_told_either(desk, town, called):
    with desk.session("coordinator") as session:
        row, plan = session.get(Meeting, town.rows["meeting"]), session.get(Plan, town.plan)
        keep_from(session, plan, row, KeptFrom(everybody=True), "x")
        session.commit()
    assert (listed(desk, town, "father"), listed(desk, town, "mother")) == ([], [])


def test_minutes_of_a_kept_meeting_are_kept(desk, town):
    keep(desk, town, Meeting, "meeting")
    for who, sees in {"father": False, "mother": True}.items():
        with desk.session(who) as session:
            assert bool(session.get(Minutes, town.rows["minutes"])) == sees


def test_what_he_had_begun_to_change_goes_with_it(desk, town):
    def address(cls, name):
        return f"/plan/{town.plan}/{cls.element.key}/edit/{town.rows[name]}"

    forms = (address(Goal, "school goal"), address(Activity, "activity"), address(Goal, "goal"))
    for who in ("father", "mother"):
        with desk.session(who) as session:
            mine = {"plan_id": town.plan, "person_id": town.people[who], "scope": Scope.GOALS}
            session.add_all(Draft(**mine, address=one, fields="[]") for one in forms)
            session.commit()
    keep(desk, town, Goal, "school goal")
    with desk.system() as session:
        left = session.execute(select(Draft.person_id, Draft.address)).all()
    assert {(p, a) for p, a in left} == {
        (town.people["father"], forms[2]), *((town.people["mother"], one) for one in forms)
    }  # fmt: skip


# The page


@pytest.fixture
def address(town):
    return f"/plan/{town.plan}/kept/goal/{town.rows['goal']}"


def test_the_coordinator_chooses_from_whom(browser, town, address):
    show = f"/plan/{town.plan}/goal/show/{town.rows['goal']}"
    assert f'href="{address}"' in browser("coordinator").get(show).text
    page = browser("coordinator").get(address).text
    assert "Only Mother" in page and "Only Father" in page and "Uncle" not in page
    data = {"whom": str(town.people["father"]), "reason": "Court"}
    assert browser("coordinator").post(address, data=data).location.endswith(show)
    assert browser("father").get(show).status_code == 404
    assert browser("mother").get(show).status_code == 200
    again = browser("coordinator").get(address).text
    chosen = re.search(r"<input[^>]*checked[^>]*>", again)[0]
    assert f'value="{town.people["father"]}"' in chosen
    browser("coordinator").post(address, data={"whom": "everybody", "reason": "Court"})
    assert browser("mother").get(show).status_code == 404
    browser("coordinator").post(address, data={"whom": "nobody", "reason": "Settled"})
    assert browser("father").get(show).status_code == 200


@pytest.mark.parametrize("data", [
    {"whom": "everybody"}, {"whom": "everybody", "reason": "  "}, {"whom": "", "reason": "x"},
    {"whom": "0", "reason": "x"}, {"whom": "x", "reason": "x"}, {"whom": "nobody"},
])  # fmt: skip
def test_without_a_choice_or_a_reason_nothing_is_kept(browser, desk, town, address, data):
    assert browser("coordinator").post(address, data=data).status_code == 422
    data = {"whom": str(town.people["teacher"]), "reason": "x"}
    assert browser("coordinator").post(address, data=data).status_code == 422
    with desk.system() as session:
        goal = session.get(Goal, town.rows["goal"])
        assert goal.shielded_from_id is None and not goal.hidden_from_guardians


@pytest.mark.parametrize("who", ["mother", "father", "owner", "nurse"])
def test_nobody_else_comes_to_it(browser, town, address, who):
    show = browser(who).get(f"/plan/{town.plan}/goal/show/{town.rows['goal']}")
    assert show.status_code == 200 and "/kept/" not in show.text
    assert browser(who).get(address).status_code == 403
    data = {"whom": "everybody", "reason": "x"}
    assert browser(who).post(address, data=data).status_code == 403


@pytest.mark.parametrize("name", ["to owners", "past evaluation"])
def test_what_is_finished_cannot_be_kept_back(browser, town, name):
    kind = "message" if name == "to owners" else "evaluation"
    address = f"/plan/{town.plan}/kept/{kind}/{town.rows[name]}"
    assert browser("coordinator").get(address).status_code in (403, 404)


@pytest.mark.parametrize("address", ["goal/0", "goal/999999", "x/1", "plan/1", "draft/1"])
def test_a_row_that_is_not_there(browser, town, address):
    assert browser("coordinator").get(f"/plan/{town.plan}/kept/{address}").status_code == 404
    foreign = f"/plan/{town.plan}/kept/goal/{town.rows['foreign goal']}"
    assert browser("coordinator").get(foreign).status_code == 404


@pytest.mark.parametrize("kind", ["meeting", "minutes", "evaluation", "activity", "comment"])
def test_every_kind_of_row_is_kept_back_from_its_page(browser, town, kind):
    address = f"/plan/{town.plan}/kept/{kind}/{town.rows[kind]}"
    reply = browser("coordinator").get(address)
    if reply.status_code == 403:  # somebody else's finished words
        assert kind == "minutes"
        return
    assert reply.status_code == 200
    back = re.search(r'href="([^"]+)"[^>]*>Cancel', reply.text)[1]
    assert f'href="{address}"' in browser("coordinator").get(back).text
    data = {"whom": str(town.people["father"]), "reason": "x"}
    assert browser("coordinator").post(address, data=data).status_code == 303


# To the coordinator only


def test_the_log_does_not_say_who_wrote_to_the_coordinator_only(browser, desk, town):
    data = {"circle": "coordinator_only", "subject": "Alone", "body": "x"}
    with desk.session("mother") as session:
        from models.vocabulary import Circle
        from services.messages import reachable, send_message

        plan = session.get(Plan, town.plan)
        send_message(
            session, plan, reachable(session, plan), subject=data["subject"], body="x",
            circle=Circle.COORDINATOR_ONLY, to=[], uid="alone",
        )  # fmt: skip
        session.commit()
    browser("coordinator").get(f"/plan/{town.plan}/message/list/")
    about = select(AccessEvent).where(AccessEvent.kind.in_(("message", "message_recipient")))
    with desk.session("mother") as session:
        assert {e.action for e in session.scalars(about)} == {"add", "read"}
        from models.elements.message import Message

        alone = session.scalars(select(Message.id).filter_by(subject_line="Alone")).one()
    for who in ("father", "owner"):
        with desk.session(who) as session:
            told = session.scalars(about).all()
            assert [e for e in told if e.action == "add"] == [], who
            assert [e for e in told if e.kind == "message" and alone in e.rows] == [], who
            assert told  # that the coordinator has read the others is said
        assert "Wrote" not in browser(who).get(f"/plan/{town.plan}/log/").text
    assert "Wrote" in browser("mother").get(f"/plan/{town.plan}/log/?own=yes").text
    with desk.system() as session:
        assert audit.verify(session, town.plan) is None
        for who in WHO:  # the twins, with such lines there
            with desk.session(who) as mine:
                ids = set()
                for row in session.scalars(select(AccessEvent)):
                    access = load_access(session, town.people[who], row.plan_id, utcnow())
                    if permits(access, Action.READ, facts(row)):
                        ids.add((row.plan_id, row.seq))
                assert found(mine, AccessEvent) == ids, who


def test_it_is_kept_from_the_same_human_in_another_row(desk, town):
    """Somebody who stood twice in the register is one: no merging opens what was kept back."""
    from tests.test_merging import merge

    with desk.system() as session:
        for name in ("goal", "comment"):
            row = session.get({"goal": Goal, "comment": Comment}[name], town.rows[name])
            row.shielded_from_id, row.hidden_because = town.people["late"], "Court"
        session.commit()
    merge(desk, town, "late", "reader")
    with desk.session("reader") as session:
        assert session.get(Goal, town.rows["goal"]) is None
        lines = select(ElementIndex).where(ElementIndex.key == "goal")
        assert town.rows["goal"] not in {one.row_id for one in session.scalars(lines)}
        assert session.get(Goal, town.rows["school goal"]) is not None
