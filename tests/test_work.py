"""The plan at work: meetings and minutes, the evaluation, growing into an individual plan."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models.clock import CLOCK, months_later, today, utcnow
from models.consent import Consent, Grant
from models.elements.activity import Activity
from models.elements.evaluation import Evaluation, EvaluationAnswer, GoalOutcome
from models.elements.goal import Goal
from models.elements.meeting import Invitee, Meeting
from models.feedback import CoordinatorFeedback
from models.municipality import EvaluationQuestion
from models.plan import Plan, PlanRegister
from models.vocabulary import Attendance, Level, LifeArea, PlanStatus, PlanType, Scope
from tests.test_giving_access import signed  # noqa: F401  (a fixture)

pytestmark = pytest.mark.a_page

CALL = {"purpose": "Winter", "starts_at": "2099-01-15T09:00", "ends_at": "2099-01-15T10:00"}


def url(town, rest):
    return f"/plan/{town.plan}/{rest}"


# Meetings


def test_calling_a_meeting_tells_those_called_and_keeps_the_hour(browser, desk, town):
    data = CALL | {"people": [town.people["teacher"], town.people["mother"]]}
    reply = browser("coordinator").post(url(town, "meeting/call"), data=data)
    assert reply.status_code == 303
    page = browser("teacher").get(reply.location).text
    assert "15 Jan 2099 09:00–10:00" in page and "Are you coming?" in page
    with desk.system() as session:
        meeting = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).one()
        assert meeting.starts_at.hour == 8  # Oslo is an hour ahead of UTC in January


BAD_CALLS = {
    "ends before it starts": CALL | {"ends_at": "2099-01-15T08:59"},
    "nobody": CALL | {"people": []},
    "a stranger": CALL | {"people": ["stranger"]},
    "no purpose": CALL | {"purpose": " "},
    "an hour that is not there": CALL | {
        "starts_at": "2099-03-29T02:30", "ends_at": "2099-03-29T04:00",
    },
    "no date": CALL | {"starts_at": "29.02.2027"},
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_CALLS)
def test_a_bad_call_says_so_beside_the_field_and_stores_nothing(browser, desk, town, what):
    data = dict(BAD_CALLS[what])
    people = data.get("people", ["teacher"])
    data["people"] = [town.people[name] for name in people]
    reply = browser("coordinator").post(url(town, "meeting/call"), data=data)
    assert reply.status_code == 422 and "ds-validation-message" in reply.text
    with desk.system() as session:
        assert len(session.scalars(select(Meeting)).unique().all()) == 1


@pytest.mark.parametrize("who", ["teacher", "grandmother", "reader"])
def test_calling_a_meeting_needs_write(browser, town, who):
    data = CALL | {"people": [town.people["mother"]]}
    assert browser(who).post(url(town, "meeting/call"), data=data).status_code == 403


def test_each_answers_for_themselves_only(browser, desk, town):
    room = url(town, f"meeting/{town.rows['meeting']}")
    assert browser("teacher").post(f"{room}/answer", data={"answer": "coming"}).status_code == 303
    assert browser("nurse").post(f"{room}/answer", data={"answer": "coming"}).status_code == 409
    assert browser("teacher").post(f"{room}/answer", data={"answer": "x"}).status_code == 400
    with desk.system() as session:
        said = {i.person_id: i.answer for i in session.scalars(select(Invitee))}
        assert said[town.people["teacher"]] is Attendance.COMING
        assert said[town.people["mother"]] is Attendance.UNANSWERED


# Evaluation


@pytest.fixture
def asked(desk, town):
    """More questions: one for the team's members, one that only KE reads."""
    at = {"municipality_id": town.municipality_id, "nb": "?", "en": "How is it?"}
    with desk.system() as session:
        session.add(EvaluationQuestion(**at, key="member", audience="participant", nn="Korleis?"))
        session.add(
            EvaluationQuestion(**at, key="ke", audience="owner", nn="KE?", to_office_only=True)
        )
        session.commit()
        return {q.key: q.id for q in session.scalars(select(EvaluationQuestion))} | {
            "well": town.rows["question"]
        }


@pytest.fixture
def room(town):
    return url(town, f"evaluation/{town.rows['evaluation']}")


def test_the_owners_voice_comes_first_and_about_the_coordinator_goes_to_ke_only(
    browser, desk, town, asked, room
):
    own = {f"face-{asked['well']}": "good", f"words-{asked['well']}": "I sleep better"}
    own[f"words-{asked['ke']}"] = "She is kind"
    for _ in range(2):  # a double click
        assert browser("mother").post(f"{room}/answer", data=own).status_code == 303
    theirs = {f"words-{asked['member']}": "We did it"}
    assert browser("nurse").post(f"{room}/answer", data=theirs).status_code == 303
    page = browser("coordinator").get(room).text
    assert page.index("I sleep better") < page.index("We did it") and "Good" in page
    assert "She is kind" not in page
    with desk.session("office") as session:
        told = session.scalars(select(CoordinatorFeedback.words)).all()
        assert told.count("She is kind") == 1
    with desk.system() as session:
        answers = session.scalars(select(EvaluationAnswer)).unique().all()
        assert "She is kind" not in {a.words for a in answers}


def test_answering_twice_changes_ones_own_answer(browser, desk, town, asked, room):
    for words in ("First", "Second"):
        data = {f"words-{asked['member']}": words}
        assert browser("nurse").post(f"{room}/answer", data=data).status_code == 303
    with desk.system() as session:
        mine = select(EvaluationAnswer).where(EvaluationAnswer.author_id == town.people["nurse"])
        assert session.scalars(mine).unique().one().words == "Second"
    assert "Second" in browser("nurse").get(f"{room}/answer").text


def _finish(town, **more):
    data = {f"result-{town.rows[key]}": "partly" for key in ("goal", "school goal", "hidden goal")}
    data |= {"conclusion": "We go on", "continuation": "go_on"}
    return data | {"next_on": months_later(today(), 6).isoformat()} | more


def test_a_finished_evaluation_is_locked_and_sets_the_next_date(browser, desk, town, asked, room):
    assert browser("coordinator").post(f"{room}/finish", data=_finish(town)).status_code == 303
    data = {f"words-{asked['member']}": "Too late"}
    assert browser("nurse").post(f"{room}/answer", data=data).status_code == 409
    assert browser("coordinator").post(f"{room}/finish", data=_finish(town)).status_code == 409
    with desk.system() as session:
        evaluation = session.get(Evaluation, town.rows["evaluation"])
        assert evaluation.locked_at and evaluation.next_on == months_later(today(), 6)
        assert session.get(Plan, town.plan).next_evaluation == evaluation.next_on
        entry = session.get(PlanRegister, town.rows["plan register"])
        assert (entry.last_evaluation, entry.next_evaluation) == (today(), evaluation.next_on)
        outcomes = session.scalars(select(GoalOutcome)).unique().all()
        assert len(outcomes) == 4
    page = browser("coordinator").get(url(town, "")).text
    assert "Next evaluation" in page and "overdue" not in page
    with CLOCK.stopped_at(utcnow() + timedelta(days=190)):
        from tests.conftest import sit_down

        late = sit_down_again(browser, desk, town)
        assert "overdue" in late.get(url(town, "")).text
        assert sit_down


def sit_down_again(browser, desk, town):
    from models.account import LoginSession

    with desk.system() as session:
        for row in session.scalars(select(LoginSession)):
            session.delete(row)
        session.commit()
    browser.__closure__  # noqa: B018  (browsers are kept; a new login is made for a known one)
    known = next(c.cell_contents for c in browser.__closure__ if isinstance(c.cell_contents, dict))
    known.clear()
    return browser("mother")


BAD_FINISH = {
    "too far": {"next_on": "2099-01-01"},
    "today": {"next_on": "today"},
    "no conclusion": {"conclusion": ""},
    "no result": {"result-1": ""},
    "no such result": {"result-1": "moon"},
}


@pytest.mark.parametrize("what", BAD_FINISH)
def test_a_bad_conclusion_finishes_nothing(browser, desk, town, room, what):
    wrong = {k: today().isoformat() if v == "today" else v for k, v in BAD_FINISH[what].items()}
    data = _finish(town, **wrong)
    assert browser("coordinator").post(f"{room}/finish", data=data).status_code == 422
    with desk.system() as session:
        assert session.get(Evaluation, town.rows["evaluation"]).locked_at is None
        assert len(session.scalars(select(GoalOutcome)).unique().all()) == 1


def test_an_outcome_of_a_hidden_goal_is_hidden_too(browser, desk, town, room):
    browser("coordinator").post(f"{room}/finish", data=_finish(town))
    assert "Hush" not in browser("mother").get(room).text
    with desk.session("mother") as session:
        goals = {o.goal_id for o in session.scalars(select(GoalOutcome)).unique()}
        assert town.rows["hidden goal"] not in goals and goals


@pytest.mark.parametrize("who", ["teacher", "reader", "grandmother"])
def test_finishing_needs_write(browser, town, room, who):
    status = browser(who).post(f"{room}/finish", data=_finish(town)).status_code
    assert status in (403, 404)


def test_a_refusal_says_which_question_or_goal_it_is_about(browser, asked, room):
    """Fields of one name are told apart, in the summary and to those who only hear them."""
    wrong = {f"words-{asked['well']}": "x" * 10_001}
    page = browser("mother").post(f"{room}/answer", data=wrong).text
    assert re.search(r'ds-list">\s*<li><a[^>]*>In your own words: \w[^:<]+: Field', page)
    page = browser("coordinator").post(f"{room}/finish", data={"note-1": "x" * 10_001}).text
    assert re.search(r">What we do now: \w[^:<]+: ", page) and "Make a choice." in page


def test_an_answered_meeting_no_longer_asks(browser, town):
    data = CALL | {"people": [town.people["nurse"]]}
    page = browser("coordinator").post(url(town, "meeting/call"), data=data).location
    before = browser("nurse").get(page).text
    browser("nurse").post(f"{page}/answer", data={"answer": "coming"})
    after = browser("nurse").get(page).text
    assert "Are you coming?" in before and "Are you coming?" not in after
    assert "Your answer: Coming" in after and "Change my answer" in after


def test_one_evaluation_at_a_time(browser, desk, town, room):
    start = url(town, "evaluation/start")
    assert browser("coordinator").post(start).status_code == 409
    browser("coordinator").post(f"{room}/finish", data=_finish(town))
    assert browser("coordinator").post(start).status_code == 303


# Conversion


@pytest.fixture
def converted(signed):  # noqa: F811
    assert signed.browser("newcomer").post(signed.url("convert/")).status_code == 303
    signed.sign("marte@example.no")
    signed.sign("jonas")
    return signed


def test_conversion_shows_first_what_it_means(signed, browser):  # noqa: F811
    page = browser("newcomer").get(signed.url("convert/")).text
    assert "How it is now" in page and "There is no way back" in page
    with signed.desk.system() as session:
        assert session.get(Plan, signed.plan).type is PlanType.SIMPLE_COLLABORATION


def test_the_type_changes_with_the_last_signature_and_everything_is_there(signed, browser):  # noqa: F811
    browser("newcomer").post(signed.url("activity/add"), data={"what": "Ring", "status": "new"})
    since = {(g.person_id, g.scope): g.since for g in signed.grants()}
    browser("newcomer").post(signed.url("convert/"))
    signed.sign("marte@example.no")
    with signed.desk.system() as session:
        assert session.get(Plan, signed.plan).type is PlanType.SIMPLE_COLLABORATION
    assert "Ring" in browser("newcomer").get(signed.url("activity/list/")).text  # goes on as it was
    signed.sign("jonas")
    with signed.desk.system() as session:
        plan = session.get(Plan, signed.plan)
        assert (plan.type, plan.status) == (PlanType.INDIVIDUAL_PLAN, PlanStatus.ACTIVE)
        entry = select(PlanRegister).where(PlanRegister.plan_id == signed.plan)
        entry = session.scalars(entry).one()
        assert entry.type is PlanType.INDIVIDUAL_PLAN
        assert plan.next_evaluation == entry.next_evaluation == months_later(today(), 6)
    assert "Ring" in browser("teacher").get(signed.url("activity/list/")).text
    after = {(g.person_id, g.scope): g.since for g in signed.grants()}
    assert since.items() <= after.items()
    assert browser("newcomer").get(signed.url("goal/list/")).status_code == 200


def test_there_is_no_way_back(converted, browser, engine):
    assert browser("newcomer").get(converted.url("convert/")).status_code == 409
    assert browser("newcomer").post(converted.url("convert/")).status_code == 409
    assert "convert" not in browser("newcomer").get(converted.url()).text
    back = "UPDATE plan SET type = 'simple_collaboration' WHERE type = 'individual_plan'"
    with engine.connect() as connection, pytest.raises(DBAPIError, match="never becomes"):
        connection.exec_driver_sql(back)


def test_a_second_open_individual_plan_is_refused(converted, browser, desk):
    again = {"type": "individual_plan", "short_name": "EV 9"}
    guardian = {
        "guardians-0-name": "Marte Vik", "guardians-0-login_name": "marte@example.no",
        "guardians-0-capacity": "parental_responsibility", "guardians-0-verified_how": "document",
    }  # fmt: skip
    reply = browser("newcomer").post(
        f"/my-persons/{converted.child}/register", data=again | guardian
    )
    assert reply.status_code == 409 and "open plan of this kind" in reply.text
    with desk.system() as session:
        plans = session.scalars(select(Plan).where(Plan.person_id == converted.child)).all()
        assert len(plans) == 1


def test_only_the_coordinator_proposes_a_conversion(signed, browser):  # noqa: F811
    assert signed.guardian("jonas").post(signed.url("convert/")).status_code == 403
    assert browser("teacher").post(signed.url("convert/")).status_code == 403
    with signed.desk.system() as session:
        kinds = {c.plan_type for c in session.scalars(select(Consent))}
        assert PlanType.INDIVIDUAL_PLAN in kinds  # the town's own; none of this plan
        mine = select(Consent).where(Consent.plan_id == signed.plan)
        assert {c.plan_type for c in session.scalars(mine)} == {PlanType.SIMPLE_COLLABORATION}


def test_goals_belong_to_individual_plans(converted, browser):
    data = {"goal": "Swim 25 metres", "life_areas": ["leisure"]}
    assert browser("newcomer").post(converted.url("goal/add"), data=data).status_code == 303
    with converted.desk.system() as session:
        goal = session.scalars(select(Goal).where(Goal.goal == "Swim 25 metres")).one()
    activity = {"what": "Pool", "status": "new", "goal_id": goal.id, "service": "Sport"}
    assert browser("newcomer").post(converted.url("activity/add"), data=activity).status_code == 303
    comment = {"comment": "Well done", "goal_id": goal.id}
    assert browser("newcomer").post(converted.url("comment/add"), data=comment).status_code == 303


def test_what_hangs_below_a_goal_is_shown_with_it_and_added_there(browser, desk, town):
    goal = town.rows["school goal"]
    page = browser("teacher").get(url(town, f"goal/show/{goal}")).text
    assert "Practise" in page and "Good" in page and "Nurse" in page
    form = url(town, f"comment/add?goal_id={goal}")
    assert form in page
    assert f'<option selected value="{goal}">Read</option>' in browser("teacher").get(form).text
    data = {"comment": "From the goal", "goal_id": str(goal)}
    reply = browser("teacher").post(form, data=data)
    assert reply.location == url(town, f"goal/show/{goal}")
    assert "From the goal" in browser("teacher").get(reply.location).text


def test_a_row_one_may_not_read_is_no_choice_in_the_form_below_it(browser, town):
    for goal in (town.rows["hidden goal"], town.rows["foreign goal"]):
        form = browser("mother").get(url(town, f"comment/add?goal_id={goal}"))
        assert form.status_code == 200 and f'value="{goal}"' not in form.text


def test_everybody_in_the_team_is_called_what_they_are(browser, town):
    page = browser("nurse").get(url(town, "activity/add")).text
    assert "Mother, mother" in page and "Coordinator, coordinator" in page
    assert "Owner, Owner of the plan" in page


def test_a_link_one_cannot_see_is_not_taken_away_by_saving(browser, desk, town):
    newcomer, areas = town.people["withdrawn"], frozenset(LifeArea)
    at = {"plan_id": town.plan, "person_id": newcomer}
    with desk.system() as session:
        session.add(
            Grant(
                **at, consent_id=town.rows["consent"], scope=Scope.GOALS, level=Level.CONTRIBUTE,
                life_areas=areas, since=utcnow(), starts_at=utcnow(),
                ends_at=utcnow() + timedelta(days=9),
            )
        )  # fmt: skip
        session.flush()
        task = Activity(
            plan_id=town.plan, author_id=newcomer, what="Old", goal_id=town.rows["school goal"]
        )
        session.add(task)
        session.commit()
        task_id = task.id
    form = browser("withdrawn").get(url(town, f"activity/edit/{task_id}")).text
    assert "Read" not in re.findall("<option[^>]*>([^<]*)", form)  # older than the grant
    data = {"what": "New", "status": "new", "version": "1", "goal_id": ""}
    reply = browser("withdrawn").post(url(town, f"activity/edit/{task_id}"), data=data)
    assert reply.status_code == 303
    with desk.system() as session:
        task = session.get(Activity, task_id)
        assert (task.what, task.goal_id) == ("New", town.rows["school goal"])


def test_what_must_be_filled_in_is_not_said_to_be_optional(browser, town):
    page = browser("coordinator").get(url(town, "meeting/call")).text
    legend = re.search(r"<legend[^>]*>Who is called(.*?)</legend>", page, re.S)
    assert legend and "optional" not in legend[1]
    reply = browser("coordinator").post(url(town, "meeting/call"), data=CALL)
    assert reply.status_code == 422 and "Choose at least one." in reply.text
