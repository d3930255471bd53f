"""The start page says what waits, for whom, in which plan; dates and counts, never words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.audit import AccessEvent, RegisterEvent
from models.clock import today, utcnow
from models.consent import Consent
from models.elements.activity import Activity
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message
from models.language import Language
from models.people import CoordinatorAppointment, Person
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import ActivityStatus, Attendance, Circle, ParticipantStatus, PlanStatus
from services import days
from services.messages import reachable, send_message
from services.notices import see
from services.waiting import plan_lines
from tests.conftest import statements
from tests.factories import OUTSIDE, WHO
from tests.test_budgets import forty  # noqa: F401  (a fixture)
from tests.test_patrol import SECRETS

pytestmark = pytest.mark.a_page


def section(page, name):
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", found[1]).split()) if found else ""


def line(desk, who, plan_id):
    with desk.session(who) as session:
        return next((one for one in plan_lines(session) if one.id == plan_id), None)


@pytest.fixture
def busy(desk, town):
    """A plan with an evaluation overdue, a meeting to come, and a late task of the nurse's."""
    with desk.system() as session:
        session.get(Plan, town.plan).next_evaluation = today() - timedelta(days=3)
        session.get(Activity, town.rows["task"]).due = today() - timedelta(days=1)
        author = {"plan_id": town.plan, "author_id": town.people["coordinator"]}
        soon = utcnow() + timedelta(days=2)
        past = utcnow() - timedelta(days=5)
        for at in (soon, past):
            ends = at + timedelta(hours=1)
            session.add(Meeting(**author, purpose="Secret", starts_at=at, ends_at=ends))
        session.commit()


def test_the_coordinator_sees_what_waits_across_plans(browser, busy):
    page = browser("coordinator").get("/").text
    waits = section(page, "waits")
    assert "OW 1 The evaluation is overdue" in waits
    assert "Minutes are missing from 1 meeting" in waits and waits.endswith("Open the plan OW 1")
    assert "OW 1 2 signatures are missing" in section(page, "awaits")
    assert "Nobody is called" in section(page, "meetings")


def test_a_participant_sees_own_tasks_with_the_day_and_the_next_meeting(browser, busy):
    page = browser("nurse").get("/").text
    yesterday = today() - timedelta(days=1)
    day = days.said(yesterday, "en")
    said = f"Waits for you OW 1 1 task is yours, by {day} To the tasks OW 1"
    assert section(page, "waits") == said
    assert " OW 1 " in section(page, "meetings")
    assert f"1 task is yours, by {day}" in section(page, "plans")


def test_an_invitation_waits_until_it_is_answered(browser, desk, town, busy):
    with desk.system() as session:
        for meeting in session.scalars(select(Meeting).where(Meeting.purpose == "Secret")):
            mine = {"plan_id": town.plan, "meeting_id": meeting.id}
            session.add(Invitee(**mine, person_id=town.people["nurse"]))
        session.commit()
    asks = "Say whether you come to 1 meeting"  # the one that has been is not asked about
    assert asks in section(browser("nurse").get("/").text, "waits")
    assert "Say whether" not in browser("mother").get("/").text
    with desk.system() as session:
        for one in session.scalars(
            select(Invitee).where(Invitee.person_id == town.people["nurse"])
        ):
            one.answer = Attendance.NOT_COMING
        session.commit()
    assert "Say whether" not in browser("nurse").get("/").text


@pytest.mark.a_page
def test_the_question_is_answered_on_the_start_page_itself(browser, desk, town, busy):
    with desk.system() as session:
        soon = select(Meeting).where(Meeting.purpose == "Secret", Meeting.starts_at > utcnow())
        meeting = session.scalars(soon).one().id
        for who in ("nurse", "teacher", "mother"):
            mine = {"plan_id": town.plan, "meeting_id": meeting}
            session.add(Invitee(**mine, person_id=town.people[who]))
        session.get(Activity, town.rows["task"]).status = ActivityStatus.DONE
        session.commit()
    nurse, where = browser("nurse"), f"/plan/{town.plan}/meeting/{meeting}/answer"
    assert f'action="{where}"' in nurse.get("/").text
    assert "0 of 3 have answered" in section(browser("coordinator").get("/").text, "meetings")
    assert "3 have not answered" in section(browser("coordinator").get("/").text, "awaits")
    nurse.post(where, data={"answer": "coming"})
    page = nurse.get("/").text
    assert where not in page and "Your answer: Coming" in section(page, "meetings")
    assert "1 of 3 have answered" in section(browser("coordinator").get("/").text, "meetings")
    assert "awaits" not in nurse.get("/").text  # who has answered is for those who called


@pytest.mark.a_page
def test_a_meeting_that_goes_on_is_found_and_nobody_is_asked_about_it(browser, desk, town, busy):
    with desk.system() as session:
        soon = select(Meeting).where(Meeting.purpose == "Secret", Meeting.starts_at > utcnow())
        meeting = session.scalars(soon).one()
        meeting.starts_at = utcnow()
        called = {"plan_id": town.plan, "meeting_id": meeting.id}
        session.add(Invitee(**called, person_id=town.people["nurse"]))
        session.commit()
        room = f"/plan/{town.plan}/meeting/{meeting.id}"
    for who in ("nurse", "coordinator"):
        page = browser(who).get("/").text
        assert "Going on now" in section(page, "meetings") and f'href="{room}"' in page
        assert f'action="{room}/answer"' not in page and "not answered" not in page.lower()


@pytest.mark.a_page
def test_the_owners_side_sees_what_others_have_promised(browser, busy):
    assert "Others have promised 2 tasks, the first by" in section(
        browser("mother").get("/").text, "awaits"
    )


def test_tasks_of_somebody_who_has_left_wait_for_the_coordinator(browser, desk, town, busy):
    with desk.system() as session:
        nurse = session.get(Participant, town.rows["participant nurse"])
        nurse.status = ParticipantStatus.WITHDRAWN
        session.commit()
    assert line(desk, "coordinator", town.plan).left == 1
    assert "1 task needs somebody new" in browser("coordinator").get("/").text


def test_a_message_is_new_until_it_is_read(desk, town):
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        send_message(
            session, plan, reachable(session, plan), subject="Hi", body="Secret", uid="new",
            circle=Circle.CHOSEN, to=[town.people["nurse"]],
        )  # fmt: skip
        session.commit()
    news = {who: line(desk, who, town.plan).unread for who in ("nurse", "teacher", "mother")}
    assert news == {"nurse": 1, "teacher": 0, "mother": 0}
    with desk.session("nurse") as session:
        see(session, town.plan, "message", session.scalars(select(Message.id)).all()[-1])
        session.commit()
    assert line(desk, "nurse", town.plan).unread == 0


def test_those_who_decide_are_asked_and_nobody_else(browser, busy):
    asked = {
        who: "You are asked" in browser(who).get("/").text
        for who in ("mother", "father", "owner", "uncle", "coordinator", "nurse", "stranger")
    }
    assert asked == {who: who in ("mother", "father") for who in asked}


def test_asked_says_what_the_policy_says(desk, town):
    """The SQL is a twin of Access.decides: the two may not part."""
    for ahead in (-1, 5):  # the owner decides already, or not yet
        with desk.system() as session:
            session.get(Plan, town.plan).owner_decides_from = today() + timedelta(days=ahead)
            session.commit()
        for who in WHO:
            one = line(desk, who, town.plan)
            with desk.session(who) as session:
                access = session.access(town.plan)
            assert (one is not None and one.asked) == bool(access and access.decides), (who, days)


def test_whoever_has_signed_is_not_asked_again(browser, desk, town):
    from models.consent import Signature
    from models.vocabulary import Capacity

    with desk.system() as session:
        session.add(
            Signature(
                plan_id=town.plan, consent_id=town.rows["sent consent"], until=today(),
                person_id=town.people["mother"], capacity=Capacity.PARENTAL_RESPONSIBILITY,
                signed_at=utcnow(), language=Language.NYNORSK, method="password", digest="0" * 64,
            )
        )  # fmt: skip
        session.commit()
    assert "You are asked" not in browser("mother").get("/").text
    assert "You are asked" in browser("father").get("/").text


def test_nobody_counts_what_they_may_not_read(desk, town, busy):
    """Grandmother has messages and meetings, the reader goals, the teacher one life area."""
    grandmother, reader = (line(desk, w, town.plan) for w in ("grandmother", "reader"))
    assert (grandmother.tasks, grandmother.lasts_to) == (0, None) and grandmother.meeting
    assert (reader.meeting, reader.without_minutes, reader.unsigned) == (None, 0, False)
    assert reader.tasks == 2
    with desk.system() as session:
        session.get(Activity, town.rows["task"]).hidden_from_guardians = True
        session.commit()
    assert (line(desk, "mother", town.plan).tasks, line(desk, "nurse", town.plan).tasks) == (1, 2)


@pytest.mark.parametrize("who", OUTSIDE)
def test_nothing_waits_in_a_plan_one_is_not_in(desk, town, busy, who):
    assert line(desk, who, town.plan) is None


@pytest.mark.parametrize("who", WHO)
def test_no_word_of_a_plan_stands_there(browser, busy, who):
    page = browser(who).get("/")
    assert page.status_code == 200
    assert not any(secret in page.data for secret in (*SECRETS, b"Secret", b"Ring NAV", b"Autumn"))


def test_a_closed_plan_waits_for_nobody(browser, desk, town, busy):
    with desk.system() as session:
        session.get(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    page = browser("coordinator").get("/").text
    assert "OW 1" in section(page, "plans") and section(page, "waits") == ""


def test_what_is_done_does_not_wait(browser, desk, town, busy):
    with desk.system() as session:
        session.get(Activity, town.rows["task"]).status = ActivityStatus.DONE
        session.commit()
    assert section(browser("nurse").get("/").text, "waits") == ""


def test_a_consent_that_is_gone_or_soon_ends_is_said_to_the_coordinator(browser, desk, town):
    def until(moment, status="signed"):
        with desk.system() as session:
            consent = session.get(Consent, town.rows["consent"])
            consent.until, consent.status = moment, status
            session.commit()
        return section(browser("coordinator").get("/").text, "waits")

    assert "consent" not in until(utcnow() + timedelta(days=200)).lower()
    assert "The consent lasts until" in until(utcnow() + timedelta(days=9))
    assert "No consent in force" in until(utcnow() - timedelta(days=1))


def test_the_office_sees_numbers_and_its_registers(browser, desk, town):
    with desk.system() as session:
        entry = session.get(PlanRegister, town.rows["plan register"])
        entry.next_evaluation = entry.consent_until = today() - timedelta(days=1)
        session.commit()
    page = browser("office").get("/").text
    assert "1 evaluation is overdue" in page and "1 consent has run out" in page
    assert 'href="/register/plans/?show=overdue"' in page
    for who in ("foreign office", "leader", "nurse", "coordinator"):  # the leader has no department
        assert "is overdue<" not in browser(who).get("/").text, who
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.get(PlanRegister, town.rows["plan register"]).department_id = town.rows[
            "department"
        ]
        session.commit()
    assert "1 evaluation is overdue" in browser("leader").get("/").text


def test_a_look_at_the_list_is_one_event_that_names_the_plans(browser, desk, town, busy):
    browser("coordinator").get("/")
    with desk.system() as session:
        events = session.scalars(select(RegisterEvent)).all()
        assert [(e.action, e.kind, e.rows) for e in events] == [("list", "plan", [town.plan])]
        assert session.scalars(select(AccessEvent)).all() == []


def test_forty_plans_cost_what_one_does_and_weigh_twelve_kibibytes(
    browser,
    desk,
    town,
    app_engine,
    forty,  # noqa: F811
    busy,
):
    coordinator = browser("coordinator")
    for address, rows in (("/", 12), ("/plans/", 41)):
        page = coordinator.get(address)
        with statements(app_engine) as sent:
            assert coordinator.get(address).status_code == 200
        reads = [s for s in sent if s.startswith("SELECT") and " FOR " not in s]
        assert len(reads) <= 4, reads
        assert page.text.count('<th scope="row">') == rows
        assert len(page.data) <= 12 * 1024, len(page.data)


def test_what_waits_is_sorted_and_cut(browser, desk, town, forty):  # noqa: F811
    late = today() - timedelta(days=1)
    with desk.system() as session:
        for plan in session.scalars(select(Plan).where(Plan.short_name.startswith("F "))):
            plan.next_evaluation = late
        session.commit()
    page = browser("coordinator").get("/")
    waits = section(page.text, "waits")
    assert waits.count("is overdue") == 5 and "And 75 more, in the plans below." in waits
    assert len(page.data) <= 12 * 1024, len(page.data)


def test_an_appointment_that_has_ended_leads_nothing(desk, town):
    assert line(desk, "coordinator", town.plan).leads
    with desk.system() as session:
        one = session.get(CoordinatorAppointment, town.rows["appointment"])
        one.ends_on = today() - timedelta(days=1)
        session.commit()
    assert not line(desk, "coordinator", town.plan).leads
