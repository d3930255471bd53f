"""The generated pages: forged input, stale edits, double clicks, threads, one commit, the log."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from flask_appbuilder.urltools import get_filter_args
from sqlalchemy import select, update

from models.account import LoginSession
from models.audit import AccessEvent, RegisterEvent
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.vocabulary import LifeArea
from tests.conftest import sit_down, statements
from tests.factories import WHO


def page(town, rest="list/", key="goal"):
    return f"/plan/{town.plan}/{key}/{rest}"


def test_add_show_change_remove(browser, desk, town):
    nurse = browser("nurse")
    data = {"goal": "Climb", "due": "2027-01-31", "life_areas": ["health", "leisure"]}
    reply = nurse.post(page(town, "add"), data=data)
    assert reply.status_code == 303 and reply.location.endswith("/goal/list/")
    with desk.session("owner") as session:
        goal = session.scalars(select(Goal).where(Goal.goal == "Climb")).one()
        assert goal.author_id == town.people["nurse"]
        assert goal.life_areas == {LifeArea.HEALTH, LifeArea.LEISURE}
    shown = nurse.get(page(town, f"show/{goal.id}")).text
    assert "31 Jan 2027" in shown and "None" not in shown and "Health" in shown
    reply = nurse.post(page(town, f"edit/{goal.id}"), data={"goal": "Climb high", "version": "1"})
    assert reply.status_code == 303
    assert "Climb high" in nurse.get(page(town)).text
    assert "Remove “" in nurse.get(page(town, f"delete/{goal.id}")).text
    assert nurse.post(page(town, f"delete/{goal.id}")).status_code == 303
    assert "Climb" not in nurse.get(page(town)).text
    with desk.system() as session:
        assert session.get(Goal, goal.id).removed_at is not None


def test_a_double_click_stores_once(browser, desk, town):
    data = {"goal": "Climb", "uid": str(uuid4())}
    first = browser("nurse").post(page(town, "add"), data=data)
    second = browser("nurse").post(page(town, "add"), data=data)
    assert (first.status_code, second.status_code) == (303, 303)
    with desk.session("owner") as session:
        assert len(session.scalars(select(Goal).where(Goal.goal == "Climb")).all()) == 1


def test_somebody_elses_uid_stores_nothing(browser, desk, town):
    with desk.system() as session:
        taken = session.get(Goal, town.rows["foreign goal"]).uid
    reply = browser("nurse").post(page(town, "add"), data={"goal": "Climb", "uid": taken})
    assert reply.status_code == 409 and "Elsewhere" not in reply.text
    with desk.session("owner") as session:
        assert not session.scalars(select(Goal).where(Goal.goal == "Climb")).all()


def test_a_stale_edit_overwrites_nothing_and_shows_both(browser, desk, town):
    address = page(town, f"edit/{town.rows['goal']}")
    browser("coordinator").post(address, data={"goal": "Dive", "version": "1"})
    reply = browser("nurse").post(address, data={"goal": "Row", "version": "1"})
    assert reply.status_code == 409
    assert "Dive" in reply.text and "Row" in reply.text
    with desk.session("owner") as session:
        assert session.get(Goal, town.rows["goal"]).goal == "Dive"
    again = browser("nurse").post(address, data={"goal": "Row", "version": "2"})
    assert again.status_code == 303
    with desk.session("owner") as session:
        assert session.get(Goal, town.rows["goal"]).goal == "Row"


def test_a_refused_write_leaves_nothing_but_a_denial(browser, desk, town):
    address = page(town, f"edit/{town.rows['school goal']}")
    reply = browser("teacher").post(address, data={"goal": "Mine", "version": "1"})
    assert reply.status_code == 403
    with desk.session("owner") as session:
        assert session.get(Goal, town.rows["school goal"]).goal == "Read"
        assert session.scalars(select(AccessEvent.action)).all() == ["denied"]


def test_after_twenty_denials_an_hour_one_line_sums_up(browser, desk, town):
    for _ in range(24):
        browser("stranger").get(page(town))
    with desk.system() as session:
        inside = session.scalars(select(AccessEvent.action)).all()
        outside = session.scalars(select(RegisterEvent.action)).all()
        assert inside == ["denied"] * 20 and outside == ["many denials"]


def test_a_fault_after_the_write_leaves_nothing(browser, desk, town, monkeypatch):
    def crash(*_a, **_k):
        raise RuntimeError("after")

    monkeypatch.setattr("views.safe.flash", crash)
    reply = browser("nurse").post(page(town, "add"), data={"goal": "Ghost"})
    assert reply.status_code == 500 and "RuntimeError" not in reply.text
    with desk.session("owner") as session:
        assert session.scalars(select(Goal).where(Goal.goal == "Ghost")).all() == []
        assert session.scalars(select(AccessEvent)).all() == []


BAD = {
    "too long": {"goal": "x" * 300},
    "empty": {"goal": ""},
    "blank": {"goal": "   "},
    "NUL": {"goal": "a\x00b"},
    "no date": {"goal": "x", "due": "2027-02-29"},
    "no area": {"goal": "x", "life_areas": "moon"},
    "long text": {"goal": "x", "why": "y" * 10_001},
}


@pytest.mark.parametrize("what", BAD)
def test_a_wrong_form_is_422_and_keeps_what_was_typed(browser, desk, town, what):
    reply = browser("nurse").post(page(town, "add"), data={"why": "because"} | BAD[what])
    assert reply.status_code == 422 and 'role="alert"' in reply.text
    assert BAD[what].get("why", "because") in reply.text
    assert "Error:" in reply.text.split("</title>")[0]
    with desk.session("owner") as session:
        assert len(session.scalars(select(Goal)).all()) == 3


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "😀 ‮abc", "'; --", "%s {x}"])
def test_odd_text_is_stored_and_shown_as_it_is(browser, town, text):
    assert browser("nurse").post(page(town, "add"), data={"goal": text}).status_code == 303
    shown = browser("nurse").get(page(town)).text
    assert "<script>alert" not in shown
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert escaped.replace("'", "&#39;") in shown


@pytest.mark.parametrize("target", ["foreign goal", "hidden goal"])
def test_a_forged_choice_is_no_choice(browser, town, target):
    address = page(town, "add", "activity")
    shown = browser("mother").get(address).text
    assert "Swim" in shown and "Elsewhere" not in shown and "Hush" not in shown
    data = {"what": "x", "status": "new", "goal_id": town.rows[target]}
    assert browser("mother").post(address, data=data).status_code == 422
    data = {"what": "x", "status": "new", "responsible_id": town.people["stranger"]}
    assert browser("mother").post(address, data=data).status_code == 422


def test_extra_fields_and_prefilled_relations_are_ignored(browser, desk, town):
    forged = f"?_flt_0_goal_id={town.rows['foreign goal']}"
    data = {"what": "Extra", "status": "new", "plan_id": 2, "author_id": 1, "id": 999}
    browser("nurse").post(page(town, f"add{forged}", "activity"), data=data)
    with desk.session("owner") as session:
        row = session.scalars(select(Activity).where(Activity.what == "Extra")).unique().one()
        assert (row.plan_id, row.author_id) == (town.plan, town.people["nurse"])
        assert row.goal_id is None and row.id != 999


@pytest.mark.parametrize(
    "query",
    [
        "_oc_ActivityView=author_id&_od_ActivityView=asc",
        "_oc_ActivityView=person.name",
        "after_ActivityView=x",
        "after_ActivityView=-1",
        "_od_ActivityView=up",
    ],
)
def test_odd_queries_are_400(browser, town, query):
    assert browser("owner").get(f"/plan/{town.plan}/activity/list/?{query}").status_code == 400


def test_a_filter_on_a_hidden_column_tells_nothing(browser, town):
    tasks = f"/plan/{town.plan}/activity/list/"
    everything = browser("owner").get(tasks).text.count('role="rowheader"')
    for query in ("_flt_0_author_id=1", "_flt_3_hidden_because=Told", "psize_ActivityView=100000"):
        shown = browser("owner").get(f"{tasks}?{query}").text
        assert shown.count('role="rowheader"') == everything


@pytest.mark.parametrize("pk", ["0", "999999", "x", "1e9", "9" * 30, "-1", "1 or 1=1"])
def test_odd_keys_are_404(browser, town, pk):
    assert browser("owner").get(page(town, f"show/{pk}")).status_code == 404


def test_reading_is_logged_once_per_kind_after_the_page(browser, desk, town):
    browser("teacher").get(page(town))
    with desk.session("owner") as session:
        events = session.scalars(select(AccessEvent)).all()
        kinds = {("read", kind, "Teacher") for kind in ("goal", "activity")}  # which hang below
        assert {(e.action, e.kind, e.name) for e in events} == kinds
        logged = {e.hidden_from_guardians: e.rows for e in events if e.kind == "goal"}
        assert logged == {False: [town.rows["school goal"]], True: [town.rows["hidden goal"]]}


def test_csrf_guards_every_post(app, browser, town):
    app.config["WTF_CSRF_ENABLED"] = True
    for address in (page(town, f"delete/{town.rows['goal']}"), "/sign-out/", "/language/"):
        assert browser("owner").post(address).status_code == 400


def test_what_a_form_carries_is_not_undone_by_another_page(app, browser, desk, town):
    """Two pages opened at once each write the whole session: the last one wins."""
    app.config["WTF_CSRF_ENABLED"] = True
    owner = browser("owner")
    first, second = (
        re.search(r'name="csrf_token" value="([^"]+)"', owner.get("/").text)[1] for _ in range(2)
    )
    with desk.system() as session:
        session.execute(update(LoginSession).values(data={}))  # as if another had been before
        session.commit()
    for carried in (first, second):
        reply = owner.post("/language/", data={"language": "nb", "csrf_token": carried})
        assert reply.status_code in (302, 303)
    stranger = browser("mother").post("/language/", data={"language": "nb", "csrf_token": first})
    assert stranger.status_code == 400


def test_delete_asks_first_and_a_get_deletes_nothing(browser, desk, town):
    assert browser("nurse").get(page(town, f"delete/{town.rows['goal']}")).status_code == 200
    with desk.session("owner") as session:
        assert session.get(Goal, town.rows["goal"]).removed_at is None


def test_the_list_keeps_its_budget_whatever_it_holds(browser, desk, town, app_engine):
    """Six reads (session, plan, access, count, rows, chain head) and two writes at most."""
    nurse = browser("nurse")
    counted = []
    for more in (0, 20):
        with desk.session("nurse") as session:
            session.add_all(Goal(plan_id=town.plan, goal=f"Goal {n}") for n in range(more))
            session.commit()
        nurse.get(page(town))
        with statements(app_engine) as sent:
            assert nurse.get(page(town)).status_code == 200
        writes = [s for s in sent if s.startswith("INSERT") or "FOR NO KEY" in s]
        counted.append((len(sent) - len(writes), len(writes)))
    assert counted[0] == counted[1]
    assert counted[0][0] <= 6 and counted[0][1] <= 2, counted


def test_threads_do_not_mix_filters(app, browser, town, monkeypatch):
    """FAB keeps filters on the view, which all threads share; SafeFilters must not."""
    meet = Barrier(2, timeout=20)

    def set_then_meet(filters):
        get_filter_args(filters)
        meet.wait()  # both threads have set their filters before either queries

    clients = [browser("owner"), browser("mother")]

    def look(n):
        mine, theirs = ("Practise", "Ring NAV") if n % 2 else ("Ring NAV", "Practise")
        tasks = f"/plan/{town.plan}/activity/list/"
        shown = clients[n % 2].get(f"{tasks}?_flt_0_what={mine}").text
        return f">{mine}<" in shown and f">{theirs}<" not in shown

    monkeypatch.setattr("views.safe.get_filter_args", set_then_meet)
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(look, range(8)))


def test_everyone_in_the_town_gets_pages_not_faults(browser, town):
    for who in WHO:
        for kind in ("goal", "activity", "comment", "message", "meeting", "evaluation"):
            assert browser(who).get(page(town, key=kind)).status_code in (200, 403, 404), who
        assert browser(who).get("/").status_code == 200, who


def test_an_empty_list_says_what_to_do_next(browser, town):
    page = browser("other mother").get(f"/plan/{town.rows['other plan']}/activity/list/").text
    assert "Nothing here yet." in page and "New task" in page and "<table" not in page


def test_a_form_that_does_not_say_what_it_looked_at_overwrites_nothing(browser, town):
    data = {"goal": "From nowhere", "status": "new"}
    reply = browser("coordinator").post(
        f"/plan/{town.plan}/goal/edit/{town.rows['goal']}", data=data
    )
    assert reply.status_code == 409 and "From nowhere" in reply.text
    assert "Swim" in browser("coordinator").get(f"/plan/{town.plan}/goal/list/").text


ARABIC = "أريد أن أسبح 25 متراً"


def test_arabic_in_a_nynorsk_page_runs_its_own_way(app, desk, town):
    """Every element with such words says dir="auto"; the page around it does not turn."""
    with desk.system() as session:
        session.get(Goal, town.rows["goal"]).goal = ARABIC
        session.commit()
    nurse = sit_down(app, town, "nurse", "nn")
    for rest in ("list/", f"show/{town.rows['goal']}"):
        shown = nurse.get(page(town, rest)).text
        assert '<html lang="nn"' in shown and 'dir="rtl"' not in shown
        main = shown.split("<main")[1]
        around = re.findall(rf"<(\w+)([^>]*)>\s*(?:<a [^>]*>)?\s*{ARABIC}", main)
        assert around, rest
        assert all('dir="auto"' in more or tag == "bdi" for tag, more in around), around
