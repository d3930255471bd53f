"""A draft is its writer's alone, waits for them, and is gone when it is no longer wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from jobs.worker import clean_up
from models.audit import AccessEvent, RegisterEvent
from models.clock import CLOCK, utcnow
from models.consent import Grant
from models.draft import Draft
from models.elements.goal import Goal
from models.history import ElementIndex, ElementVersion
from models.outbox import OutboxMessage
from models.plan import Plan
from models.vocabulary import Level, PlanStatus, Scope
from security.access import load_access
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.drafts import KEPT_FOR, MOST_DRAFTS
from services.withdrawal import withdraw_plan
from tests.conftest import statements
from tests.factories import WHO
from tests.steps import DO

sign_what_waits = DO["sign"]
STORY = "Ho søv betre, og vi vil meir"


def form(town, page="goal/add"):
    return f"/plan/{town.plan}/{page}"


def save(client, town, page="goal/add", **fields):
    data = {"address": form(town, page), "goal": "Climb", "why": STORY} | fields
    return client.post(f"/plan/{town.plan}/draft/", data=data)


def drafts(desk):
    with desk.system() as session:
        return session.scalars(select(Draft).order_by(Draft.id)).all()


def test_what_was_begun_is_offered_back_to_its_writer_and_stored_once(browser, desk, town):
    nurse = browser("nurse")
    said = save(nurse, town)
    assert said.status_code == 200 and said.text.startswith("Draft saved ")
    assert said.mimetype == "text/plain"
    save(nurse, town, why=STORY + "!")
    page = nurse.get(form(town)).text
    assert "This is your draft from" in page and STORY + "!" in page and 'value="Climb"' in page
    reply = nurse.post(form(town), data={"goal": "Climb", "why": STORY, "draft": "yes"})
    assert reply.status_code == 303 and drafts(desk) == []
    assert "This is your draft from" not in nurse.get(form(town)).text


def test_nobody_but_its_writer_meets_it_anywhere(app, browser, desk, town):
    save(browser("nurse"), town)
    for who in WHO:
        pages = [form(town), form(town, "goal/list/"), form(town, "log/"), form(town, ""), "/"]
        if who != "nurse":
            assert not any(STORY in browser(who).get(page).text for page in pages), who
        with desk.session(who) as session:
            found = session.scalars(select(Draft)).all()
            assert len(found) == (1 if who == "nurse" else 0), who


def _looks():
    read = (AccessEvent.action == "read", AccessEvent.kind == "goal")
    return select(func.count()).select_from(AccessEvent).where(*read)


def test_it_is_in_no_log_index_history_or_outbox_and_not_readable_in_the_file(
    browser, desk, town, engine
):
    kinds = (AccessEvent, RegisterEvent, ElementIndex, ElementVersion, OutboxMessage)
    with desk.system() as session:
        before = [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]
        looked = session.scalar(_looks())
    save(browser("nurse"), town)
    browser("nurse").get(form(town))
    browser("nurse").post(form(town, "draft/throw-away"), data={"address": form(town)})
    save(browser("nurse"), town)
    with desk.system() as session:
        after = [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]
        after[0] -= session.scalar(_looks()) - looked  # the form offers goals to put it under
    assert before == after
    with engine.connect() as connection:
        (stored,) = connection.execute(text("SELECT fields FROM draft")).one()
        assert STORY.encode() not in bytes(stored) and b"Climb" not in bytes(stored)


def test_the_policy_and_its_twin_agree_about_everyones_drafts(desk, town):
    """One of everybody in every part, written past the policy: it opens them or does not."""
    with desk.system() as session:
        grant = {"plan_id": town.plan, "consent_id": town.rows["consent"]}
        for scope in Scope:
            for who, person_id in town.people.items():
                mine = {"plan_id": town.plan, "person_id": person_id, "scope": scope}
                session.add(Draft(**mine, address=f"{who} {scope}", fields="[]"))
        session.add(
            Grant(
                **grant, person_id=town.people["late"], scope=Scope.MEETINGS, level=Level.READ,
                life_areas=frozenset(), since=utcnow(), starts_at=utcnow(),
                ends_at=utcnow() + timedelta(days=1),
            )
        )  # fmt: skip
        session.commit()
    opened = {}
    for status in (PlanStatus.ACTIVE, PlanStatus.DRAFT, PlanStatus.CLOSED):
        with desk.system() as session:
            session.get(Plan, town.plan).status = status
            session.commit()
        for who in WHO:
            with desk.session(who) as session, desk.system() as system:
                found = {d.id for d in session.scalars(select(Draft))}
                access = load_access(system, town.people[who], town.plan, utcnow())
                rows = system.scalars(select(Draft)).all()
                assert found == {d.id for d in rows if permits(access, Action.READ, facts(d))}, (
                    who,
                    status,
                )
                opened[who, status] = {d.scope for d in rows if d.id in found}
    active = {who: parts for (who, status), parts in opened.items() if status == "active"}
    assert active["owner"] == active["mother"] == active["coordinator"] == set(Scope)
    assert active["teacher"] == {Scope.GOALS, Scope.MESSAGES, Scope.MEETINGS, Scope.EVALUATION}
    for who in ("reader", "late", "expired", "withdrawn", "unsigned", "stranger", "uncle"):
        assert active[who] == set(), who
    for who in ("office", "leader", "admin", "newcomer", "foreign coordinator"):
        assert active[who] == set(), who


MAY = {"owner", "mother", "father", "coordinator", "nurse", "teacher"}


@pytest.mark.parametrize("who", WHO)
def test_who_may_keep_a_draft_of_a_goal(browser, desk, town, who):
    reply = save(browser(who), town)
    assert reply.status_code in ((200,) if who in MAY else (403, 404))
    assert len(drafts(desk)) == (who in MAY)


def test_nobody_writes_a_draft_for_another_or_throws_it_away(desk, town):
    with desk.session("mother") as session:
        mine = {"plan_id": town.plan, "scope": Scope.GOALS, "address": "x", "fields": "[]"}
        session.add(Draft(**mine, person_id=town.people["father"]))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.system() as session:
        draft = Draft(**mine, person_id=town.people["father"])
        session.add(draft)
        session.commit()
        session.expunge(draft)
    with desk.session("mother") as session:
        session.add(draft)
        session.delete(draft)
        with pytest.raises(Forbidden):
            session.flush()


ENDS = {
    "withdrawn": {"revoked_at": timedelta(seconds=-1)},
    "expired": {"starts_at": timedelta(days=-9), "ends_at": timedelta(seconds=-1)},
}


@pytest.mark.parametrize("how", ENDS)
def test_with_the_access_goes_the_draft(browser, desk, town, how):
    nurse = browser("nurse")
    save(nurse, town)
    if how == "withdrawn":
        out = f"/plan/{town.plan}/consent/withdraw/{town.people['nurse']}"
        save(browser("teacher"), town)
        assert browser("mother").post(out).status_code == 303
        assert {d.person_id for d in drafts(desk)} == {town.people["teacher"]}
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=10)):
        if how == "expired":
            with desk.system() as session:
                mine = select(Grant).where(Grant.person_id == town.people["nurse"])
                session.execute(text("DROP TRIGGER access_grant_only_ends" + on(session)))
                for grant in session.scalars(mine):
                    grant.ends_at = utcnow() - timedelta(seconds=1)
                session.commit()
        assert nurse.get(form(town)).status_code in (403, 404)
        assert save(nurse, town).status_code in (403, 404)
        with desk.session("nurse") as session:
            assert session.scalars(select(Draft)).all() == []


def on(session):
    return " ON access_grant" if session.get_bind().dialect.name == "postgresql" else ""


def test_a_withdrawn_consent_takes_all_drafts_of_those_who_are_out(browser, desk, town):
    for who in ("nurse", "teacher", "coordinator", "father"):
        save(browser(who), town)
    with desk.session("mother") as session:
        withdraw_plan(session, session.get(Plan, town.plan))
        session.commit()
    assert {d.person_id for d in drafts(desk)} == {town.people["father"]}


def test_a_new_consent_takes_the_drafts_of_those_it_leaves_out(browser, desk, town):
    """The one that waits asks about one person only: all the others are out."""
    for who in ("nurse", "father"):
        save(browser(who), town)
    for who in ("mother", "father"):
        with desk.session(who) as session:
            sign_what_waits(session, session.get(Plan, town.plan), town)
            session.commit()
    assert {d.person_id for d in drafts(desk)} == {town.people["father"]}


def test_after_thirty_days_it_is_not_offered_and_the_worker_takes_it(browser, desk, town, engine):
    save(browser("nurse"), town)
    with desk.system() as session:
        draft = session.scalars(select(Draft)).one()
        draft.saved_at = utcnow() - KEPT_FOR + timedelta(hours=1)
        session.commit()
    clean_up(engine)
    assert STORY in browser("nurse").get(form(town)).text
    with desk.system() as session:
        session.scalars(select(Draft)).one().saved_at -= timedelta(hours=2)
        session.commit()
    assert STORY not in browser("nurse").get(form(town)).text
    assert save(browser("nurse"), town, why="Anew").status_code == 200  # over the old one
    assert "Anew" in browser("nurse").get(form(town)).text
    with desk.system() as session:
        session.scalars(select(Draft)).one().saved_at -= KEPT_FOR + timedelta(hours=1)
        session.commit()
    clean_up(engine)
    assert drafts(desk) == []


def test_it_is_thrown_away_without_javascript_and_leads_back_to_the_form(browser, desk, town):
    save(browser("nurse"), town)
    reply = browser("nurse").post(form(town, "draft/throw-away"), data={"address": form(town)})
    assert reply.status_code == 303 and reply.location == form(town)
    assert drafts(desk) == []


LONG = {
    "goal/add": {"why": STORY},
    "message/write": {"who": "everybody", "body": STORY},
    "meeting/call": {"agenda": STORY, "starts_at": "2099-01-15T09:00"},
    "minutes/{minutes}/write": {"owner_account": STORY},
    "evaluation/{evaluation}/answer": {"words-{question}": STORY, "face-{question}": "good"},
    "evaluation/{evaluation}/finish": {"conclusion": STORY},
    "goal/edit/{goal}": {"goal": "Dive", "why": STORY},
    "activity/add?goal_id={goal}": {"what": "Practise more", "how": STORY},
}


@pytest.mark.parametrize("page", LONG)
def test_every_long_form_of_a_plan_comes_back_as_it_was(browser, town, page):
    said, rows = LONG[page], town.rows
    who = browser("mother" if "answer" in page else "coordinator")
    page = page.format(**rows)
    empty = who.get(form(town, page))
    assert empty.status_code == 200 and "data-draft=" in empty.text and STORY not in empty.text
    fields = {name.format(**rows): value for name, value in said.items()}
    data = {"address": form(town, page)} | fields
    assert who.post(f"/plan/{town.plan}/draft/", data=data).status_code == 200
    back = who.get(form(town, page)).text
    assert all(value in back for value in fields.values() if value not in ("everybody", "good"))
    assert "everybody" not in fields.values() or 'value="everybody" checked' in back
    assert "good" not in fields.values() or 'value="good" checked' in back
    other = form(town, "activity/add") if "goal_id" in page else form(town, "comment/add")
    assert STORY not in who.get(other).text


def test_an_old_draft_overwrites_nothing_newer(browser, desk, town):
    address, nurse = form(town, f"goal/edit/{town.rows['goal']}"), browser("nurse")
    with desk.system() as session:
        version = session.get(Goal, town.rows["goal"]).version
    save(nurse, town, f"goal/edit/{town.rows['goal']}", version=version)
    data = {"goal": "Theirs", "version": version}
    assert browser("coordinator").post(address, data=data).status_code == 303
    page = nurse.get(address).text
    assert f'name="version" type="hidden" value="{version}"' in page
    mine = {"goal": "Climb", "version": version, "draft": "yes"}
    reply = nurse.post(address, data=mine)
    assert reply.status_code == 409 and "Theirs" in reply.text and 'name="draft"' in reply.text
    assert len(drafts(desk)) == 1  # not stored yet, and so not lost


def test_it_outlives_a_lost_session_a_refusal_and_an_error(app, browser, desk, town):
    nurse = browser("nurse")
    save(nurse, town)
    data = {"goal": "", "why": STORY, "draft": "yes"}
    refused = nurse.post(form(town), data=data)
    assert refused.status_code == 422 and 'name="draft"' in refused.text
    assert app.test_client().post(form(town), data=data).status_code == 401
    app.config["WTF_CSRF_ENABLED"] = True
    assert nurse.post(form(town), data=data).status_code == 400
    app.config["WTF_CSRF_ENABLED"] = False
    assert STORY in nurse.get(form(town)).text and len(drafts(desk)) == 1


WRONG = {
    "elsewhere": "https://evil.no/", "another plan": "/plan/{other}/goal/add", "no form": "/x",
    "no part": "/plan/{plan}/team/add", "a list": "/plan/{plan}/goal/list/", "empty": "",
    "long": "/plan/{plan}/goal/add?" + "x" * 300, "two lines": "/plan/{plan}/goal/add?\nx: y",
    "slashes": "//evil.no/plan/{plan}/goal/add", "nul": "/plan/{plan}/goal/add?\x00",
    "host": "http:///plan/{plan}/goal/add",
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_form_of_the_plan_has_no_draft_and_leads_nowhere(browser, desk, town, what):
    address = WRONG[what].format(plan=town.plan, other=town.rows["stranger plan"])
    for page in ("draft/", "draft/throw-away"):
        reply = browser("nurse").post(form(town, page), data={"address": address, "why": STORY})
        assert reply.status_code == 400, (page, reply.status_code)
    assert drafts(desk) == []


def test_there_is_an_end_to_how_much_is_kept(browser, desk, town):
    assert save(browser("nurse"), town, why="x" * 201_000).status_code == 413
    with desk.system() as session:
        mine = {"plan_id": town.plan, "person_id": town.people["nurse"], "scope": Scope.GOALS}
        for n in range(MOST_DRAFTS):
            session.add(Draft(**mine, address=f"{n}", fields="[]"))
        session.commit()
    reply = save(browser("nurse"), town)
    assert reply.status_code == 409 and "too many drafts" in reply.text
    assert len(drafts(desk)) == MOST_DRAFTS


def test_what_a_form_costs_and_what_it_costs_to_keep_a_draft(browser, town, app_engine):
    nurse = browser("nurse")
    nurse.get(form(town))
    save(nurse, town)
    with statements(app_engine) as sent:
        save(nurse, town, why="More")
    assert len(sent) == 5, sent  # session, plan, access, draft, and its update
    with statements(app_engine) as sent:
        nurse.post(form(town, "comment/add"), data={"comment": "No draft here"})
    assert not [s for s in sent if "draft" in s.lower().replace("'draft'", "")], sent
