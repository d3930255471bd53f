"""When a meeting can be: times are proposed, answered by those asked, and one is chosen."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from models.clock import utcnow
from models.elements.meeting import Meeting
from models.meeting_time import MeetingTime, TimeAnswer
from models.vocabulary import Suits
from security.policy import Forbidden
from tests.test_before_meeting import planned, sent, told  # noqa: F401  (a fixture)
from tests.test_budgets import measured

TWO = {"time_1": "2099-02-02T09:00", "time_2": "2099-02-03T12:00"}


@pytest.fixture
def asked(browser, planned):  # noqa: F811
    """The address of the poll the coordinator has begun, of teacher, mother and nurse."""
    browser("coordinator").post(f"{planned}/times/propose", data=TWO)
    return f"{planned}/times"


def times(desk):
    with desk.system() as session:
        return session.scalars(select(MeetingTime).order_by(MeetingTime.id)).all()


def answers(desk, town, who):
    with desk.system() as session:
        mine = TimeAnswer.person_id == town.people[who]
        return session.scalars(select(TimeAnswer.answer).where(mine).order_by(TimeAnswer.id)).all()


def say(client, asked, desk, *said):
    data = {f"time_{one.id}": word for one, word in zip(times(desk), said, strict=False)}
    return client.post(f"{asked}/answer", data=data)


def test_those_it_is_planned_with_are_asked_once(browser, desk, town, planned):  # noqa: F811
    client = browser("coordinator")
    uid = {"uid": "00000000-0000-4000-8000-000000000009"}
    for _ in range(2):  # a double click
        reply = client.post(f"{planned}/times/propose", data=TWO | uid)
        assert reply.location == f"{planned}/times"
    assert told(desk, town, "meeting_times") == ["mother", "nurse", "teacher"]
    assert told(desk, town) == [] and len(times(desk)) == 2
    first = times(desk)[0]
    assert (first.starts_at.hour, (first.ends_at - first.starts_at).seconds) == (8, 3600)
    assert "2 Feb 2099 09:00–10:00" in browser("teacher").get(f"{planned}/times").text


@pytest.mark.a_page
def test_it_waits_on_the_start_page_until_one_has_answered_or_it_is_closed(
    browser, desk, town, asked
):
    said = "Say which time suits you for a meeting"
    teacher, nurse = browser("teacher"), browser("nurse")
    assert f'href="{asked}/answer"' in teacher.get("/").text and said in nurse.get("/").text
    assert said not in browser("coordinator").get("/").text  # she asks, and is not asked
    say(teacher, asked, desk, "yes", "no")
    assert said not in teacher.get("/").text and said in nurse.get("/").text
    browser("coordinator").post(f"{asked}/choose", data={"time": times(desk)[0].id})
    assert said not in nurse.get("/").text


@pytest.mark.a_page
def test_a_cancelled_meeting_asks_no_more(browser, planned, asked):  # noqa: F811
    browser("coordinator").post(f"{planned}/cancel", data={"because": "Flu"})
    assert "Say which time suits" not in browser("teacher").get("/").text


BAD = {
    "one only": {"time_2": ""},
    "past": {"time_2": "2020-01-01T09:00"},
    "two equal": {"time_3": TWO["time_1"]},
    "an hour that is not there": {"time_2": "2099-03-29T02:30"},
    "no time": {"time_2": "x"},
}


@pytest.mark.a_page
@pytest.mark.parametrize("what", BAD)
def test_a_bad_time_is_said_beside_it_and_nothing_is_lost(browser, desk, town, planned, what):  # noqa: F811
    reply = browser("coordinator").post(f"{planned}/times/propose", data=TWO | BAD[what])
    (name,) = BAD[what]
    assert reply.status_code == 422 and f'href="#{name}"' in reply.text
    assert TWO["time_1"] in reply.text and times(desk) == []
    assert told(desk, town, "meeting_times") == []


def test_each_answers_for_themselves_and_may_change_it(browser, desk, town, asked):
    assert say(browser("teacher"), asked, desk, "yes", "no").status_code == 303
    assert say(browser("mother"), asked, desk, "if_i_must", "no").status_code == 303
    assert say(browser("teacher"), asked, desk, "no", "yes").status_code == 303
    assert answers(desk, town, "teacher") == [Suits.NO, Suits.YES]
    assert answers(desk, town, "mother") == [Suits.IF_I_MUST, Suits.NO]
    assert answers(desk, town, "nurse") == [Suits.UNANSWERED] * 2
    assert say(browser("grandmother"), asked, desk, "yes", "yes").status_code == 409
    assert say(browser("reader"), asked, desk, "yes", "yes").status_code == 404
    for method in ("get", "post"):
        assert getattr(browser("reader"), method)(f"{asked}/answer").status_code == 404


@pytest.mark.a_page
def test_an_answer_is_for_each_time(browser, desk, town, asked):
    reply = say(browser("teacher"), asked, desk, "yes")
    assert reply.status_code == 422 and f'href="#time_{times(desk)[1].id}' in reply.text
    assert "checked" in reply.text and answers(desk, town, "teacher") == [Suits.UNANSWERED] * 2
    assert say(browser("teacher"), asked, desk, "yes", "unanswered").status_code == 422


def test_the_one_chosen_becomes_the_time_of_the_meeting_and_nobody_is_called_yet(
    browser, desk, town, asked
):
    say(browser("teacher"), asked, desk, "no", "yes")
    client = browser("coordinator")
    page = client.get(asked).text
    rows = page.split('role="rowheader"')
    assert "Suits best so far" not in rows[1] and "Suits best so far" in rows[2]
    data = {"time": times(desk)[1].id}
    assert browser("teacher").post(f"{asked}/choose", data=data).status_code == 403
    reply = client.post(f"{asked}/choose", data=data)
    room = client.get(reply.location).text
    assert "3 Feb 2099 12:00–13:00" in room and "Settle the agenda and send" in room
    assert told(desk, town) == []
    client.post(f"{reply.location}/settle", data=sent(town))
    assert told(desk, town) == ["mother", "nurse", "teacher"]
    after = client.get(asked).text
    assert "Nobody is asked any more" in after and "Chosen" in after
    assert answers(desk, town, "teacher") == [Suits.NO, Suits.YES]  # kept


def test_what_is_closed_is_not_answered_or_chosen_again(browser, desk, town, asked):
    first, second = times(desk)
    client = browser("coordinator")
    client.post(f"{asked}/choose", data={"time": first.id})
    assert client.post(f"{asked}/choose", data={"time": second.id}).status_code == 409
    assert say(browser("teacher"), asked, desk, "yes", "yes").status_code == 409
    assert answers(desk, town, "teacher") == [Suits.UNANSWERED] * 2


def test_other_times_close_the_first_and_keep_their_answers(browser, desk, town, asked):
    say(browser("teacher"), asked, desk, "no", "no")
    other = {"time_1": "2099-05-05T09:00", "time_2": "2099-05-06T09:00"}
    browser("coordinator").post(f"{asked}/propose", data=other)
    assert [one.closed_at is None for one in times(desk)] == [False, False, True, True]
    assert answers(desk, town, "teacher") == [Suits.NO] * 2 + [Suits.UNANSWERED] * 2
    assert len(told(desk, town, "meeting_times")) == 6


@pytest.mark.a_page
def test_a_time_that_has_passed_is_not_chosen(browser, desk, town, asked):
    with desk.system() as session:
        session.execute(update(MeetingTime).values(starts_at=utcnow()))
        session.commit()
    client = browser("coordinator")
    assert client.post(f"{asked}/choose", data={"time": times(desk)[0].id}).status_code == 409
    assert "Has passed" in client.get(asked).text
    for odd in ("", "x", "9" * 30):
        assert client.post(f"{asked}/choose", data={"time": odd}).status_code == 400


@pytest.mark.a_page
def test_only_who_may_write_the_meeting_asks_and_only_before_it_is_sent(browser, desk, town, asked):
    for who, status in (("teacher", 403), ("grandmother", 403), ("reader", 404)):
        assert browser(who).post(f"{asked}/propose", data=TWO).status_code == status
    room, client = asked.removesuffix("/times"), browser("coordinator")
    client.post(f"{room}/settle", data=sent(town))
    assert client.post(f"{asked}/propose", data=TWO).status_code == 409
    data = {"time": times(desk)[0].id}
    assert client.post(f"{asked}/choose", data=data).status_code == 409
    assert say(browser("teacher"), asked, desk, "yes", "yes").status_code == 409


def test_nobody_adds_a_time_or_answers_for_another_past_the_page(desk, town, asked):
    with desk.session("teacher") as session:
        theirs = select(TimeAnswer).where(TimeAnswer.person_id == town.people["mother"])
        session.scalars(theirs).first().answer = Suits.NO
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("teacher") as session:
        meeting = session.scalars(select(Meeting).where(Meeting.purpose == "Winter")).one()
        of_it = {"plan_id": town.plan, "meeting": meeting, "author_id": town.people["teacher"]}
        session.add(MeetingTime(**of_it, starts_at=utcnow(), ends_at=utcnow()))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("reader") as session:
        for cls in (MeetingTime, TimeAnswer):
            assert session.scalar(select(func.count(cls.id))) == 0


@pytest.mark.a_page
def test_it_takes_as_many_questions_for_six_times_as_for_two(browser, app_engine, asked):
    client = browser("coordinator")
    two, _ = measured(client, app_engine, asked)
    more = {f"time_{n}": f"2099-06-0{n}T09:00" for n in range(1, 7)}
    client.post(f"{asked}/propose", data=more)
    six, sent = measured(client, app_engine, asked)
    assert six == two == (8, 1, 0), sent


def test_a_hidden_meeting_hides_its_times(browser, desk, town, asked):
    with desk.system() as session:
        winter = update(Meeting).where(Meeting.purpose == "Winter")
        session.execute(winter.values(shielded_from_id=town.people["teacher"]))
        session.commit()
    assert browser("teacher").get(asked).status_code == 404
    with desk.session("teacher") as session:
        assert session.scalars(select(MeetingTime)).all() == []
