"""What must be done in time: told of once, in time, and no more when it is done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from models.case_words import Reconsidered, Ruling
from models.clock import CLOCK, OSLO, today
from models.complaint import Complaint
from models.deadline_rule import DeadlineKind, DeadlineRule
from models.decision import Decision
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import PlanRegister
from models.request import Request
from models.vocabulary import Capacity
from security.policy import Forbidden
from services import days
from services.deadline_notices import remind
from services.deadline_rules import equip
from tests.conftest import statements
from tests.test_budgets import measured
from tests.test_registers import version_in

DUE = date(2025, 4, 1)  # of the request in town


def at(day):
    return CLOCK.stopped_at(datetime.combine(day, datetime.min.time(), OSLO) + timedelta(hours=9))


def run(engine, day, times=1):
    with at(day):
        for _ in range(times):
            remind(engine)


@pytest.fixture
def told(desk, town, app_engine):
    """Runs on a day, twice, and answers who has been told what since the last time."""
    seen = set()

    def on(day):
        run(app_engine, day, 2)
        with desk.system() as session:
            found = session.scalars(select(OutboxMessage)).all()
            new = [one for one in found if one.id not in seen]
            seen.update(one.id for one in new)
            here = [one for one in new if one.municipality_id == town.municipality_id]
        return sorted((one.kind, names(town)[one.person_id], one.deadline) for one in here)

    return on


def names(town):
    return {person: who for who, person in town.people.items()}


@pytest.fixture
def quiet(desk, town):
    """Nothing runs but the request that is asked about."""
    with desk.system() as session:
        session.execute(delete(CoordinatorAppointment))
        session.commit()


def change(desk, cls, key, **values):
    with desk.system() as session:
        row = session.get(cls, key)
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()


def test_the_unit_is_told_once_a_week_before_and_never_of_what_is_answered(desk, town, told, quiet):
    assert told(DUE - timedelta(days=8)) == []
    assert told(DUE - timedelta(days=7)) == [("deadline", "office", DUE)]
    assert told(DUE + timedelta(days=40)) == []
    with desk.system() as session:
        say = {"municipality_id": town.municipality_id, "request_id": town.rows["request"]}
        by = {"decided_by_id": town.people["office"], "decided_on": DUE}
        session.add(Decision(**say, **by, outcome=Ruling.BOTH))
        session.get(Request, town.rows["request"]).answer_by = DUE + timedelta(days=50)
        session.commit()
    assert told(DUE + timedelta(days=60)) == []


def test_the_notice_says_the_day_in_words(browser, told, quiet):
    told(DUE)
    office = browser("office")
    page = office.get("/notices/").text
    assert "must do something by Tuesday 1 April 2025" in page and "{" not in page.split("<main")[1]
    assert "{" not in office.get("/register/noticetext/list/").text.split("<main")[1]


def test_a_new_day_is_told_of_anew(desk, town, told, quiet):
    assert told(DUE) == [("deadline", "office", DUE)]
    later = DUE + timedelta(days=31)
    change(desk, Request, town.rows["request"], answer_by=later)
    assert told(later) == [("deadline", "office", later)]


def test_what_is_written_down_too_late_is_told_of_too(town, told, quiet):
    assert told(DUE + timedelta(days=400)) == [("deadline", "office", DUE)]


def test_when_it_has_passed_the_one_who_is_chosen_is_told_once(desk, town, told, quiet):
    leader = {"escalate_to_id": town.people["leader"]}
    change(desk, DeadlineRule, town.rows["answer rule"], **leader, escalate_after=2)
    assert told(DUE + timedelta(days=2)) == [("deadline", "office", DUE)]
    assert told(DUE + timedelta(days=3)) == [("deadline_passed", "leader", DUE)]
    assert told(DUE + timedelta(days=4)) == []


def test_who_sees_to_it_is_told_and_not_the_rest_and_never_a_party(desk, town, told, quiet):
    request = town.rows["request"]
    change(desk, Request, request, case_worker_id=town.people["office"])
    assert told(DUE) == [("deadline", "office", DUE)]
    child = town.people["stranger"]
    with desk.system() as session:
        who = {"person_id": child, "representative_id": town.people["office"]}
        kind = {"capacity": Capacity.PARENTAL_RESPONSIBILITY}
        session.add(Representation(municipality_id=town.municipality_id, **who, **kind))
        session.commit()
    change(desk, Request, request, person_id=child, answer_by=DUE + timedelta(days=9))
    assert told(DUE + timedelta(days=9)) == [("request_unread", "admin", DUE + timedelta(days=9))]


def test_a_complaint_is_told_of_until_it_is_looked_at(desk, town, told, quiet):
    change(desk, Request, town.rows["request"], answer_by=date(2099, 1, 1))
    due = date(2025, 4, 24)
    with desk.system() as session:
        asked = {"request_id": town.rows["answered request"], "received_on": date(2025, 4, 10)}
        by = {"municipality_id": town.municipality_id, "written_by_id": town.people["office"]}
        session.add(one := Complaint(**asked, **by, reconsider_by=due))
        session.commit()
        key = one.id
    assert told(due - timedelta(days=5)) == []
    assert told(due - timedelta(days=4)) == [("deadline", "office", due)]
    sent = {"reconsidered": Reconsidered.SENT_ON, "reconsidered_on": due}
    change(desk, Complaint, key, **sent)
    leader = {"escalate_to_id": town.people["leader"]}
    change(desk, DeadlineRule, town.rows["complaint rule"], **leader)
    assert told(due + timedelta(days=9)) == []


def test_a_coordinator_is_told_of_an_evaluation_a_meeting_and_of_being_new(desk, town, told):
    change(desk, Request, town.rows["request"], answer_by=date(2099, 1, 1))
    day = date(2027, 3, 1)
    entry = town.rows["plan register"]
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "starts_on": day}
        who = {"person_id": town.people["stranger"], "coordinator_id": town.people["coordinator"]}
        session.add(CoordinatorAppointment(**here, **who))
        session.commit()
    dates = {"next_evaluation": day + timedelta(days=20), "last_meeting": day - timedelta(days=180)}
    change(desk, PlanRegister, entry, **dates)
    assert told(day + timedelta(days=3)) == [
        ("meeting_due", "coordinator", day + timedelta(days=3)),
    ]
    assert told(day + timedelta(days=20)) == [
        ("evaluation_due", "coordinator", day + timedelta(days=20)),
        ("first_meeting_due", "coordinator", day + timedelta(days=30)),
    ]
    assert told(day + timedelta(days=25)) == []


def test_who_coordinates_no_more_is_not_told_but_whoever_does_now_or_else_the_unit(
    desk, town, told
):
    """Until there is another, the register keeps the name of the one whose last day has been."""
    change(desk, Request, town.rows["request"], answer_by=date(2099, 1, 1))
    day, entry = date(2027, 3, 1), town.rows["plan register"]
    dates = {"next_evaluation": day, "last_meeting": day - timedelta(days=183)}
    change(desk, PlanRegister, entry, **dates)
    her = {"ends_on": day - timedelta(days=1)}
    change(desk, CoordinatorAppointment, town.rows["appointment"], **her)
    assert told(day) == [("deadline", "office", day)] * 2
    with desk.system() as session:
        sent = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "deadline")).all()
        assert {one.plan_id for one in sent} == {None}  # what is in the plan is not the unit's
        who = {"person_id": town.people["owner"], "coordinator_id": town.people["nurse"]}
        here = {"municipality_id": town.municipality_id, "starts_on": day + timedelta(days=1)}
        session.add(CoordinatorAppointment(**here, **who))
        session.commit()
    assert told(day + timedelta(days=1)) == [
        ("evaluation_due", "nurse", day),
        ("meeting_due", "nurse", day),
    ]
    assert told(day + timedelta(days=2)) == []


def test_a_coordinator_is_not_told_of_what_was_late_long_ago(desk, town, told, quiet):
    change(desk, Request, town.rows["request"], answer_by=date(2099, 1, 1))
    change(desk, PlanRegister, town.rows["plan register"], next_evaluation=date(2024, 1, 1))
    assert told(date(2025, 4, 1)) == []


def test_a_release_gives_a_municipality_the_rules_it_lacks(app_engine, desk, town):
    kept = town.rows["answer rule"]
    change(desk, DeadlineRule, kept, warn_before=3)
    with desk.system() as session:
        session.execute(delete(DeadlineRule).where(DeadlineRule.id != kept))
        session.commit()
    for _ in range(2):
        with app_engine.begin() as connection:
            equip(connection)
    with desk.system() as session:
        here = DeadlineRule.municipality_id == town.municipality_id
        found = session.scalars(select(DeadlineRule).where(here)).all()
        assert len(found) == len(DeadlineKind) and session.get(DeadlineRule, kept).warn_before == 3


def test_the_page_says_what_is_late_for_those_whose_work_it_is(browser, desk, town):
    dates = {"next_evaluation": today() - timedelta(days=1), "department_id": None}
    change(desk, PlanRegister, town.rows["plan register"], **dates)
    page = browser("office").get("/register/deadlines/").text
    assert "2025-1 · Secret Ask" in page and "Should have been done 1 Apr 2025" in page
    assert "Evaluations" in page
    assert "2025-2" not in page  # it is answered
    leader = browser("leader").get("/register/deadlines/").text
    assert "Secret Ask" not in leader and "Evaluations" not in leader
    change(desk, Person, town.people["leader"], department_id=town.rows["department"])
    own = {"department_id": town.rows["department"]}
    change(desk, PlanRegister, town.rows["plan register"], **own)
    assert "Evaluations" in browser("leader").get("/register/deadlines/").text
    for who in ("mother", "teacher"):
        assert browser(who).get("/register/deadlines/").status_code == 403


OWN_PAGE = "/register/deadlines/"


@pytest.fixture
def another(desk, town):
    """A family that is late in everything, of a coordinator whose id is answered."""
    with desk.system() as session:
        here, long_ago = {"municipality_id": town.municipality_id}, today() - timedelta(days=400)
        her = Person(**here, name="Another Coordinator")
        session.add(her)
        session.flush()
        child = {**here, "person_id": town.people["stranger"], "coordinator_id": her.id}
        session.add(CoordinatorAppointment(**child, starts_on=long_ago))
        entry = session.get(PlanRegister, town.rows["stranger plan register"])
        entry.coordinator_id, entry.last_meeting, entry.next_evaluation = her.id, None, long_ago
        session.commit()
        return her.id


def test_a_coordinator_sees_her_own_families_and_the_way_to_their_plans(
    browser, desk, town, another
):
    plan = f'href="/plan/{town.plan}/"'
    her, yesterday = browser("coordinator"), today() - timedelta(days=1)
    dates = {"next_evaluation": yesterday, "last_meeting": yesterday - timedelta(days=200)}
    change(desk, PlanRegister, town.rows["plan register"], **dates)
    page = her.get(OWN_PAGE).text.split("<main")[1]
    assert "Evaluations" in page and "not met for half a year" in page and page.count(plan) == 2
    assert page.count(">OW 1</a>") == 2 and "Owner" not in page  # a screen tells nobody who
    assert "Stranger" not in page and "ST" not in page and "Secret Ask" not in page
    change(desk, PlanRegister, town.rows["plan register"], last_meeting=None)
    change(desk, CoordinatorAppointment, town.rows["appointment"], starts_on=yesterday)
    page = her.get(OWN_PAGE).text.split("<main")[1]
    assert "New coordinators" in page and page.count(plan) == 2 and "Stranger" not in page
    assert page.count(">OW 1</a>") == 2 and "Owner" not in page
    assert 'href="/register/deadlines/"' in her.get("/").text
    office = browser("office").get(OWN_PAGE).text
    assert "Stranger" in office and plan not in office


def test_a_first_meeting_without_a_plan_leads_to_my_persons(browser, desk, town):
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "starts_on": today()}
        person = Person(municipality_id=town.municipality_id, name="Brand New")
        session.add(person)
        session.flush()
        who = {"person_id": person.id, "coordinator_id": town.people["coordinator"]}
        session.add(CoordinatorAppointment(**here, **who))
        session.commit()
    page = browser("coordinator").get(OWN_PAGE).text.split("<main")[1]
    assert '<a class="ds-link" href="/my-persons/">BN</a>' in page
    assert "Brand New" in browser("office").get(OWN_PAGE).text


def _evaluations(client):
    return client.get(OWN_PAGE).text.partition("Evaluations")[2].partition("</section>")[0]


def test_who_coordinates_no_more_sees_the_family_no_more(browser, desk, town):
    change(desk, PlanRegister, town.rows["plan register"], next_evaluation=today())
    her = browser("coordinator")
    assert "OW 1" in her.get(OWN_PAGE).text
    office = browser("office")
    assert "Coordinator" in _evaluations(office)
    gone = {"ends_on": today() - timedelta(days=1)}
    change(desk, CoordinatorAppointment, town.rows["appointment"], **gone)
    page = her.get(OWN_PAGE).text.split("<main")[1]
    assert "OW" not in page and "Owner" not in page  # the register has her name for a while yet
    assert "Owner" in _evaluations(office) and "Coordinator" not in _evaluations(office)


def test_nobody_is_reminded_of_a_child_that_is_dead(browser, desk, town, told, quiet):
    change(desk, Request, town.rows["request"], answer_by=date(2099, 1, 1))
    change(desk, PlanRegister, town.rows["plan register"], next_evaluation=DUE)
    change(desk, Person, town.people["owner"], died_on=DUE - timedelta(days=3))
    assert told(DUE) == [] and "Evaluations" not in browser("office").get(OWN_PAGE).text


SUNDAY = date(2027, 5, 16)


def test_a_consent_that_runs_out_is_on_the_list_and_told_of_only_when_it_has(
    browser, desk, town, told, quiet
):
    change(desk, Request, town.rows["request"], answer_by=date(2099, 1, 1))
    entry = town.rows["plan register"]
    change(desk, PlanRegister, entry, consent_until=SUNDAY, next_evaluation=date(2099, 1, 1))
    leader = {"escalate_to_id": town.people["leader"]}
    change(desk, DeadlineRule, town.rows["consent rule"], **leader)
    foreign = {"escalate_to_id": town.people["foreign office"]}
    change(desk, DeadlineRule, town.rows["foreign consent rule"], **foreign)
    assert (
        told(SUNDAY - timedelta(days=20)) == told(SUNDAY) == told(SUNDAY + timedelta(days=1)) == []
    )
    assert told(SUNDAY + timedelta(days=2)) == [("deadline_passed", "leader", SUNDAY)]
    assert told(SUNDAY + timedelta(days=3)) == []
    change(desk, PlanRegister, entry, consent_until=SUNDAY + timedelta(days=365))
    assert told(SUNDAY + timedelta(days=4)) == []
    with desk.system() as session:
        foreigners = select(OutboxMessage).where(OutboxMessage.municipality_id == town.foreign_id)
        assert not [m for m in session.scalars(foreigners) if m.kind == "deadline_passed"]


def test_a_consent_that_runs_out_stands_with_its_last_day(browser, desk, town):
    last = today() + timedelta(days=9)
    change(desk, PlanRegister, town.rows["plan register"], consent_until=last)
    page = browser("coordinator").get(OWN_PAGE).text.split("<main")[1]
    page = page.partition("Consents that run out")[2]
    assert f'href="/plan/{town.plan}/"' in page
    assert days.said(last, "en") in page and "Should have been" not in page
    change(desk, PlanRegister, town.rows["plan register"], consent_until=last + timedelta(days=365))
    assert "Consents that run out" not in browser("office").get(OWN_PAGE).text


def test_when_a_consent_is_told_of_is_nobodys_to_change(browser, desk, town):
    office, page = browser("office"), f"/register/deadlinerule/edit/{town.rows['consent rule']}"
    form = office.get(page).text
    assert 'name="warn_before"' not in form and 'name="days"' not in form
    said = {"escalate_after": "3", "escalate_to_id": "", "warn_before": "9"}
    assert office.post(page, data=said | {"version": version_in(form)}).status_code == 303
    with desk.system() as session:
        rule = session.get(DeadlineRule, town.rows["consent rule"])
        assert (rule.warn_before, rule.escalate_after) == (30, 3)


def test_a_coordinators_page_is_a_question_for_each_kind(app_engine, browser, desk, town):
    her = browser("coordinator")
    change(desk, PlanRegister, town.rows["plan register"], next_evaluation=today())
    (reads, writes, many), sent = measured(her, app_engine, OWN_PAGE)
    of_her = [s for s in sent if "FROM plan_register" in s or "FROM coordinator_appointment" in s]
    assert (reads, writes, many) == (7, 0, 0), sent
    assert len(of_her) == 4, sent


def test_the_page_costs_the_same_however_much_there_is(app_engine, browser, desk, town):
    office = browser("office")
    office.get("/register/deadlines/")
    with statements(app_engine) as few:
        office.get("/register/deadlines/")
    with desk.system() as session:
        said = {"year": 2025, "received_on": date(2025, 3, 1), "answer_by": DUE}
        first = session.get(Request, town.rows["request"])
        names = ("municipality_id", "arrival", "concerns", "wanted", "from_name", "person_name")
        same = {name: getattr(first, name) for name in names}
        session.add_all(Request(**same, **said, number=n) for n in range(10, 50))
        session.commit()
    with statements(app_engine) as many:
        page = office.get("/register/deadlines/").text
    assert len(few) == len(many) and page.count("Secret Ask") == 25 and "There are more" in page


def test_the_unit_changes_how_long_one_has(browser, desk, town):
    office, rule = browser("office"), town.rows["complaint rule"]
    page = f"/register/deadlinerule/edit/{rule}"
    leader = {"escalate_to_id": f"Leader [{town.people['leader']}]"}
    said = {"days": "21", "warn_before": "5", "escalate_after": "2", **leader}
    said["version"] = version_in(office.get(page).text)
    assert office.post(page, data=said).status_code == 303
    came = {"received_on": "2025-04-10"}
    complaint = f"/register/request/{town.rows['answered request']}/complaint"
    assert office.post(complaint, data=came).status_code == 303
    with desk.system() as session:
        assert session.scalars(select(Complaint.reconsider_by)).one() == date(2025, 5, 2)
        assert session.get(DeadlineRule, rule).escalate_to_id == town.people["leader"]


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("complaint", {"days": ""}, "days"),
        ("complaint", {"days": "0"}, "days"),
        ("complaint", {"warn_before": "-1"}, "warn_before"),
        ("complaint", {"escalate_after": "x"}, "escalate_after"),
        ("complaint", {"escalate_to_id": "Nobody at all"}, "escalate_to_id"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_its_field(browser, town, kind, said, field):
    office, page = browser("office"), f"/register/deadlinerule/edit/{town.rows[f'{kind} rule']}"
    whole = {"days": "14", "warn_before": "4", "escalate_after": "1", "escalate_to_id": ""}
    version = version_in(office.get(page).text)
    reply = office.post(page, data=whole | said | {"version": version})
    assert reply.status_code == 422 and f'href="#{field}"' in reply.text


def test_the_month_of_the_law_is_nobodys_to_change(browser, desk, town):
    office, page = browser("office"), f"/register/deadlinerule/edit/{town.rows['answer rule']}"
    form = office.get(page).text
    assert 'name="days"' not in form
    said = {"days": "90", "warn_before": "9", "escalate_after": "1", "escalate_to_id": ""}
    assert office.post(page, data=said | {"version": version_in(form)}).status_code == 303
    with desk.system() as session:
        rule = session.get(DeadlineRule, town.rows["answer rule"])
        assert (rule.days, rule.warn_before) == (None, 9)


@pytest.mark.parametrize("who", ["leader", "admin", "coordinator", "foreign office"])
def test_nobody_else_changes_a_rule(browser, desk, town, who):
    rule = town.rows["answer rule"]
    shut = 404 if who == "foreign office" else 403
    assert browser(who).get(f"/register/deadlinerule/edit/{rule}").status_code == shut
    with desk.session(who) as session:
        found = session.get(DeadlineRule, rule)
        if found is None:
            return
        found.warn_before = 99
        with pytest.raises(Forbidden):
            session.flush()
