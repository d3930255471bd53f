"""The clock of a request: a day to answer by, told that it takes longer, and a complaint."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models.case_words import Reconsidered, Reviewed
from models.clock import today
from models.complaint import Complaint
from models.delay import Delay
from models.request import Request, first_answer_by
from models.working_days import is_working_day, on_a_working_day
from security.policy import Forbidden
from tests.test_registers import version_in

DELAY = {"told_on": "2025-03-25", "answer_by": "2025-05-02", "reason": "We wait for the hospital"}
CAME = {"received_on": "2025-04-10"}


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2027, 5, 17), date(2027, 5, 18)),  # the national day, and Whit Monday
        (date(2027, 3, 25), date(2027, 3, 30)),  # Maundy Thursday until after Easter
        (date(2028, 2, 29), date(2028, 2, 29)),  # a Tuesday
        (date(2026, 12, 25), date(2026, 12, 28)),
        (date(2026, 11, 28), date(2026, 11, 30)),
    ],
)
def test_no_deadline_ends_on_a_day_off(day, moved):
    assert on_a_working_day(day) == moved and is_working_day(moved)


@pytest.mark.parametrize(
    ("came", "due"),
    [
        (date(2027, 4, 17), date(2027, 5, 18)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2027, 1, 31), date(2027, 3, 1)),  # 28 February is a Sunday
    ],
)
def test_a_request_is_answered_within_a_month_of_working_days(came, due):
    assert first_answer_by(came) == due


def row(desk, cls, request_id):
    with desk.system() as session:
        return session.scalars(select(cls).where(cls.request_id == request_id)).first()


def due(desk, request_id):
    with desk.system() as session:
        return session.get(Request, request_id).answer_by


def test_told_of_a_new_day_it_counts_and_the_old_one_stays(browser, desk, town):
    pk, office = town.rows["request"], browser("office")
    show = f"/register/request/show/{pk}"
    assert "Should have been done 1 Apr 2025" in office.get(show).text
    page = f"/register/request/{pk}/delay"
    assert "is told by 1 Apr 2025 at the latest" in office.get(page).text
    uid = "7" * 8 + "-7777-4777-8777-" + "7" * 12
    for _ in range(2):
        assert office.post(page, data=DELAY | {"uid": uid}).status_code == 303
    later = DELAY | {"told_on": "2025-04-30", "answer_by": "2025-06-02", "reason": "Still waiting"}
    assert office.post(page, data=later).status_code == 303
    assert due(desk, pk) == date(2025, 6, 2)
    text = office.get(show).text
    assert "We wait for the hospital" in text and "Still waiting" in text
    with desk.system() as session:
        rows = session.scalars(select(Delay).where(Delay.request_id == pk).order_by(Delay.id))
        days = [(one.promised_by, one.answer_by) for one in rows]
        first, later = date(2025, 5, 2), date(2025, 6, 2)
        assert days == [(date(2025, 4, 1), first), (first, later)]


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"answer_by": "2025-04-01"}, "answer_by"),
        ({"told_on": "2025-05-03"}, "answer_by"),
        ({"told_on": "2025-02-28"}, "told_on"),
        ({"told_on": str(today() + timedelta(days=1))}, "told_on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_is_wrong_with_a_delay_is_said_at_its_field(browser, desk, town, said, field):
    pk = town.rows["request"]
    reply = browser("office").post(f"/register/request/{pk}/delay", data=DELAY | said)
    assert reply.status_code == 422 and f'href="#{field}"' in reply.text
    assert row(desk, Delay, pk) is None and due(desk, pk) == date(2025, 4, 1)


def test_what_is_answered_takes_no_longer(browser, desk, town):
    pk = town.rows["answered request"]
    assert browser("office").post(f"/register/request/{pk}/delay", data=DELAY).status_code == 404
    assert row(desk, Delay, pk) is None


def test_a_delay_stays_as_it_was_told(browser, desk, town):
    pk = town.rows["request"]
    browser("office").post(f"/register/request/{pk}/delay", data=DELAY)
    with desk.session("office") as session:
        one = session.scalars(select(Delay)).one()
        one.reason = "Something else"
        with pytest.raises(Exception, match="reason"):
            session.flush()


def test_a_complaint_is_followed_to_its_end(browser, desk, town):
    pk, office = town.rows["answered request"], browser("office")
    page, show = f"/register/request/{pk}/complaint", f"/register/request/show/{pk}"
    assert office.post(page, data=CAME).status_code == 303
    assert row(desk, Complaint, pk).reconsider_by == date(2025, 4, 24)
    assert "Should have been done 24 Apr 2025" in office.get(show).text
    sent = CAME | {"reconsidered": "sent_on", "reconsidered_on": "2025-04-20"}
    sent["version"] = version_in(office.get(page).text)
    assert office.post(page, data=sent).status_code == 303
    assert "Should have been done" not in office.get(show).text
    end = sent | {"reviewed": "changed", "reviewed_on": "2025-09-01"}
    end["version"] = version_in(office.get(page).text)
    assert office.post(page, data=end).status_code == 303
    one = row(desk, Complaint, pk)
    assert (one.reconsidered, one.reviewed) == (Reconsidered.SENT_ON, Reviewed.CHANGED)
    text = office.get(show).text
    assert "What the complaint body answered" in text and "Statsforvaltaren" not in text
    assert "Statsforvalteren" in text and "Sent it on" in text


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"received_on": "2025-03-19"}, "received_on"),
        ({"reconsidered": "sent_on"}, "reconsidered_on"),
        ({"reconsidered_on": "2025-04-20"}, "reconsidered_on"),
        ({"reviewed": "upheld", "reviewed_on": "2025-09-01"}, "reviewed"),
        (
            {
                "reconsidered": "sent_on", "reconsidered_on": "2025-04-20",
                "reviewed": "upheld", "reviewed_on": "2025-04-19",
            },
            "reviewed_on",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_complaint_is_said_at_its_field(browser, desk, town, said, field):
    pk = town.rows["answered request"]
    reply = browser("office").post(f"/register/request/{pk}/complaint", data=CAME | said)
    assert reply.status_code == 422 and f'href="#{field}"' in reply.text
    assert row(desk, Complaint, pk) is None


def test_nobody_complains_of_what_is_not_answered(browser, desk, town):
    pk = town.rows["request"]
    assert browser("office").post(f"/register/request/{pk}/complaint", data=CAME).status_code == 404
    assert row(desk, Complaint, pk) is None


@pytest.mark.parametrize("who", ["coordinator", "leader", "admin", "foreign office"])
def test_nobody_else_writes_in_a_case(browser, desk, town, who):
    client, shut = browser(who), 404 if who == "foreign office" else 403
    pages = {"request": ("delay", DELAY), "answered request": ("complaint", CAME)}
    for name, (page, said) in pages.items():
        reply = client.post(f"/register/request/{town.rows[name]}/{page}", data=said)
        assert reply.status_code == shut
    at = {"municipality_id": town.municipality_id, "request_id": town.rows["request"]}
    me, day = town.people[who], today()
    for one in (
        Delay(**at, told_on=day, answer_by=day, reason="x", told_by_id=me),
        Complaint(**at, received_on=day, written_by_id=me),
    ):
        with desk.session(who) as session:
            session.add(one)
            with pytest.raises(Forbidden):
                session.flush()
    with desk.system() as session:
        assert [session.scalar(select(func.count(c.id))) for c in (Delay, Complaint)] == [0, 0]


def test_nobody_writes_in_somebody_elses_name(desk, town):
    at = {"municipality_id": town.municipality_id, "request_id": town.rows["request"]}
    with desk.session("office") as session:
        session.add(Complaint(**at, received_on=today(), written_by_id=town.people["leader"]))
        with pytest.raises(Forbidden):
            session.flush()
