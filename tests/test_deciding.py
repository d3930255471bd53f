"""What the unit answers a request, and when it must."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.case_words import Ruling
from models.clock import months_later, today
from models.decision import Decision, FormerDecision
from models.request import Request
from models.working_days import on_a_working_day
from security.policy import Forbidden
from tests.test_registers import version_in

UID = "77777777-7777-4777-8777-777777777777"
YES = {"outcome": "both", "decided_on": str(today()), "record": "SAK-26/1182"}


@pytest.fixture
def page(town):
    return f"/register/request/{town.rows['request']}/answer"


def answer(desk, town):
    with desk.system() as session:
        asked = Decision.request_id == town.rows["request"]
        return session.scalars(select(Decision).where(asked)).first()


def test_an_answer_is_written_down_once_with_its_day_to_complain(browser, desk, town, page):
    office = browser("office")
    show = f"/register/request/show/{town.rows['request']}"
    assert "Write down the answer" in office.get(show).text
    for _ in range(2):
        assert (
            office.post(
                page, data=YES | {"uid": "7" * 8 + "-7777-4777-8777-" + "7" * 12}
            ).status_code
            == 303
        )
    one = answer(desk, town)
    assert (one.outcome, one.record) == (Ruling.BOTH, "SAK-26/1182")
    assert one.complain_by == on_a_working_day(today() + timedelta(days=28))
    assert one.decided_by_id == town.people["office"]
    with desk.system() as session:
        assert session.get(Request, one.request_id).case_worker_id == town.people["office"]
        of_it = select(func.count(Decision.id)).where(Decision.request_id == one.request_id)
        assert session.scalar(of_it) == 1
    assert "SAK-26/1182" in office.get(show).text


def test_what_waits_says_until_when(browser, desk, town, page):
    office = browser("office")
    with desk.system() as session:
        asked = session.get(Request, town.rows["request"])
        due = months_later(asked.received_on, 1)
    assert f"{due.day} " in office.get("/register/request/list/").text.replace("\xa0", " ")
    office.post(page, data=YES)
    assert "Deadline" in office.get("/register/request/list/").text


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"decided_on": "2025-02-28"}, "decided_on"),
        ({"decided_on": str(today() + timedelta(days=1))}, "decided_on"),
        ({"complain_by": "2025-03-02"}, "complain_by"),
        ({"outcome": "duty_only"}, "sent_to"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(browser, desk, town, page, said, field):
    reply = browser("office").post(page, data=YES | said)
    assert reply.status_code == 422 and f'href="#{field}"' in reply.text
    assert "SAK-26/1182" in reply.text and answer(desk, town) is None


def test_what_the_family_takes_back_has_nothing_to_complain_of(browser, desk, town, page):
    browser("office").post(page, data=YES | {"outcome": "withdrawn", "complain_by": str(today())})
    assert answer(desk, town).complain_by is None


def test_two_who_decide_the_same_case_overwrite_nothing(browser, desk, town, page):
    first, second = browser("office"), browser("office")
    assert second.get(page).status_code == 200
    first.post(page, data=YES)
    late = YES | {
        "outcome": "refused",
        "version": "",
    }
    reply = second.post(page, data=late)
    assert reply.status_code == 422 and 'href="#outcome"' in reply.text
    assert answer(desk, town).outcome is Ruling.BOTH
    again = version_in(second.get(page).text)
    assert second.post(page, data=late | {"version": again}).status_code == 303
    assert answer(desk, town).outcome is Ruling.REFUSED


@pytest.mark.parametrize("who", ["coordinator", "leader", "admin", "foreign office"])
def test_nobody_else_answers(browser, desk, town, page, who):
    reply = browser(who).post(page, data=YES)
    assert reply.status_code == (404 if who == "foreign office" else 403)
    with desk.session(who) as session:
        asked = {"request_id": town.rows["request"], "municipality_id": town.municipality_id}
        mine = {"decided_by_id": town.people[who], "decided_on": today()}
        session.add(Decision(**asked, **mine, outcome=Ruling.BOTH))
        with pytest.raises(Forbidden):
            session.flush()
    assert answer(desk, town) is None


def test_nobody_answers_in_somebody_elses_name(desk, town):
    with desk.session("office") as session:
        asked = {"request_id": town.rows["request"], "municipality_id": town.municipality_id}
        other = {"decided_by_id": town.people["leader"], "decided_on": today()}
        session.add(Decision(**asked, **other, outcome=Ruling.BOTH))
        with pytest.raises(Forbidden):
            session.flush()


def test_an_answer_that_is_changed_is_remembered_as_it_was(browser, desk, town, page):
    office = browser("office")
    office.post(page, data=YES | {"outcome": "refused"})
    seen = version_in(office.get(page).text)
    same = YES | {"outcome": "refused", "complain_by": str(answer(desk, town).complain_by)}
    office.post(page, data=same | {"record": "SAK-27/1", "version": seen})
    with desk.system() as session:
        assert session.scalars(select(FormerDecision)).all() == []
    office.post(page, data=YES | {"version": version_in(office.get(page).text)})
    with desk.system() as session:
        was = session.scalars(select(FormerDecision)).one()
        assert (was.outcome, was.decided_on) == (Ruling.REFUSED, today())
        assert was.changed_by_id == town.people["office"]
    show = office.get(f"/register/request/show/{town.rows['request']}").text
    assert "What was answered before" in show and "changed" in show
