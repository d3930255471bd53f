"""Answering a call by the link in the letter: once, without signing in, and never a way in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from models.account import Account, LoginSession
from models.clock import CLOCK, utcnow
from models.consent import Grant
from models.elements.meeting import Invitee, Meeting
from models.outbox import OutboxMessage
from models.people import Person
from models.vocabulary import Attendance
from security import letter_link
from security.letter_link import Opens
from tests.conftest import statements
from tests.test_before_meeting import moved
from tests.test_invitations import post  # noqa: F401  (a fixture)
from tests.test_work import CALL, url

YES, NO = {"answer": "coming"}, {"answer": "not_coming"}


@pytest.fixture
def room(browser, town, reach):
    """The address of a meeting that the teacher is called to, and can be written to."""
    reach("teacher", email="rita@skule.example")
    data = CALL | {"people": [town.people["teacher"]]}
    return browser("coordinator").post(url(town, "meeting/call"), data=data).location


@pytest.fixture
def link(room, post):  # noqa: F811
    (letter,) = post()
    return letter.path


def follow(app, link):
    """A browser that has opened the link, its page, and where its buttons go."""
    client = app.test_client()
    client.post("/language/", data={"language": "en"})
    page = client.get(link, follow_redirects=True)
    found = re.search(r'action="(/answer/\?of=[^"]+)"', page.text)
    return client, page, found[1] if found else "/answer/"


def press(app, link, data=YES):
    client, _, address = follow(app, link)
    return client.post(address, data=data, follow_redirects=True)


def said(desk, town):
    with desk.system() as session:
        mine = Invitee.person_id == town.people["teacher"]
        newest = select(Invitee.answer).where(mine).order_by(Invitee.id.desc())
        return session.scalars(newest).first()


def change(desk, cls, *which, **values):
    with desk.system() as session:
        session.execute(update(cls).where(*which).values(values))
        session.commit()


def test_the_letter_and_the_page_say_when_and_not_about_whom(app, link, post):  # noqa: F811
    (letter,) = post()
    assert re.fullmatch(r"/answer/[\w-]{43}", link)
    page = follow(app, link)[1]
    main = page.text.partition("<main")[2]
    assert "Fjordvik" in main and "15 Jan 2099 09:00–10:00" in main
    for word in ("Winter", "Owner", "OW 1", "Teacher", "/plan/", link.rpartition("/")[2]):
        assert word not in main and word not in letter.text


def test_yes_is_stored_once_and_lets_nobody_in(app, desk, town, link, room, browser):
    client, _, address = follow(app, link)
    reply = client.post(address, data=YES, follow_redirects=True)
    assert "Your answer is stored" in reply.text and said(desk, town) is Attendance.COMING
    assert client.get("/").location.startswith("/sign-in/")
    again = client.post(address, data=NO)
    assert again.status_code == 409 and "answered already" in again.text
    assert "answered already" in follow(app, link)[1].text  # in another browser
    assert said(desk, town) is Attendance.COMING
    assert "Your answer: Coming" in browser("teacher").get(room).text
    with desk.system() as session:
        links = [one for one in session.scalars(select(LoginSession)) if "answer" in one.data]
        assert len(links) == 2 and not any(one.account_id for one in links)


def test_no_is_an_answer_too(app, desk, town, link):
    press(app, link, NO)
    assert said(desk, town) is Attendance.NOT_COMING


@pytest.mark.a_page
def test_looking_changes_nothing(app, desk, town, link, app_engine):
    client = app.test_client()
    client.get(link)
    with statements(app_engine) as sent:
        assert client.get("/answer/").status_code == 200
    written = [one for one in sent if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert all(one.startswith("UPDATE login_session") for one in written)
    assert said(desk, town) is Attendance.UNANSWERED


@pytest.mark.a_page
@pytest.mark.parametrize("data", [{}, {"answer": "x"}, {"answer": "unanswered"}])
def test_what_is_no_answer_shows_the_buttons_again(app, desk, town, link, data):
    reply = press(app, link, data)
    assert reply.status_code == 422 and "Yes, I am coming" in reply.text
    assert said(desk, town) is Attendance.UNANSWERED


def test_a_page_about_another_meeting_answers_nothing(app, desk, town, link):
    client, _, _ = follow(app, link)
    assert client.post("/answer/?of=another", data=YES).status_code == 422
    assert said(desk, town) is Attendance.UNANSWERED


def is_over(app, desk, town, link, still=Attendance.UNANSWERED):
    client, page, _ = follow(app, link)
    client.post("/answer/", data=YES)
    return page.status_code == 410 and said(desk, town) is still


def test_moved_it_is_over_and_stays_so_when_it_is_moved_back(app, browser, desk, town, link, room):
    later = {"starts_at": "2099-01-16T09:00", "ends_at": "2099-01-16T10:00"}
    moved(browser("coordinator"), room, **later)
    assert is_over(app, desk, town, link)
    moved(browser("coordinator"), room, **{k: CALL[k] for k in later})
    assert is_over(app, desk, town, link)


@pytest.mark.a_page
def test_who_has_answered_is_not_asked_again_in_a_letter(app, browser, link, room, post):  # noqa: F811
    press(app, link)
    moved(browser("coordinator"), room, place="Library")
    assert post()[-1].path == ""


@pytest.mark.a_page
def test_the_letter_about_another_time_or_place_can_be_answered_too(
    app, browser, desk, town, link, room, post,  # noqa: F811
):  # fmt: skip
    moved(browser("coordinator"), room, place="Library")
    (elsewhere,) = [one for one in post() if one.path != link]
    moved(browser("coordinator"), room, starts_at="2099-01-16T09:00", ends_at="2099-01-16T10:00")
    (later,) = [one for one in post() if one.path not in (link, elsewhere.path)]
    for old in (link, elsewhere.path):
        assert is_over(app, desk, town, old)
    press(app, later.path, NO)
    assert said(desk, town) is Attendance.NOT_COMING


@pytest.mark.a_page
def test_it_is_bound_to_the_address_it_went_to(app, desk, town, link):
    teacher = Person.id == town.people["teacher"]
    change(desk, Person, teacher, email="another@skule.example")
    assert is_over(app, desk, town, link)
    change(desk, Person, teacher, email=None)
    assert is_over(app, desk, town, link)


def test_cancelled_it_is_over(app, browser, desk, town, link, room):
    browser("coordinator").post(f"{room}/cancel", data={"because": "Flu"})
    assert is_over(app, desk, town, link)


@pytest.mark.a_page
@pytest.mark.parametrize("what", ["access", "sign-in", "shield", "owner died", "removed"])
def test_who_may_not_answer_signed_in_may_not_by_the_link(app, desk, town, link, what):
    teacher, winter = town.people["teacher"], Meeting.purpose == "Winter"
    if what == "access":
        change(desk, Grant, Grant.person_id == teacher, revoked_at=utcnow())
    elif what == "sign-in":
        change(desk, Account, Account.id == town.accounts["teacher"], active=False)
    elif what == "shield":
        change(desk, Meeting, winter, shielded_from_id=teacher)
    elif what == "owner died":
        day = utcnow().date()
        change(desk, Person, Person.id == town.people["owner"], died_on=day)
    else:
        change(desk, Meeting, winter, removed_at=utcnow())
    assert is_over(app, desk, town, link)


@pytest.mark.a_page
def test_it_is_over_when_the_meeting_begins(app, desk, town, link):
    begins = utcnow() + timedelta(days=1)
    change(desk, Meeting, Meeting.purpose == "Winter", starts_at=begins)
    with CLOCK.stopped_at(begins):
        assert is_over(app, desk, town, link)
    with CLOCK.stopped_at(begins - timedelta(minutes=1)):
        press(app, link)
    assert said(desk, town) is Attendance.COMING


@pytest.mark.a_page
def test_what_we_have_not_made_opens_nothing(app, desk, town, link):
    token = link.rpartition("/")[2]
    uid = letter_link.read(token, Opens.ANSWER, lambda _: "rita@skule.example")
    assert letter_link.read(token, Opens.ANSWER) is None
    assert letter_link.read(token, Opens.INVITATION) is None
    wrong = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    as_invitation = letter_link.token(uid, Opens.INVITATION)
    for odd in (wrong, token[:-1], "x", "!" * 43, as_invitation):
        assert is_over(app, desk, town, f"/answer/{odd}")
    assert follow(app, f"/invitation/{token}")[1].status_code == 410


@pytest.mark.a_page
def test_a_letter_of_another_kind_answers_no_call(app, desk, town, link):
    change(desk, OutboxMessage, OutboxMessage.kind == "meeting", kind="minutes")
    assert is_over(app, desk, town, link)


@pytest.mark.a_page
def test_the_hour_is_that_of_norway_on_the_day_the_clocks_change(app, desk, link):
    """29 March 2099: 08:00 in summer time is 06:00 UTC; the night before it, 07:00."""
    begins = datetime(2099, 3, 29, 6, tzinfo=UTC)
    times = {"starts_at": begins, "ends_at": begins + timedelta(hours=1)}
    change(desk, Meeting, Meeting.purpose == "Winter", **times)
    assert "29 Mar 2099 08:00–09:00" in follow(app, link)[1].text


@pytest.mark.a_page
def test_too_many_tries_wait(app, link):
    client, _, address = follow(app, link)
    replies = [client.post(address, data=YES).status_code for _ in range(12)]
    assert replies[0] == 303 and replies[-1] == 429


def test_no_link_is_sent_of_what_has_begun(room, post, desk):  # noqa: F811
    change(desk, Meeting, Meeting.purpose == "Winter", starts_at=utcnow())
    assert [letter.path for letter in post()] == [""]


def test_an_sms_has_no_link(room, post, reach):  # noqa: F811
    reach("teacher", phone="+4790000001")
    with CLOCK.stopped_at(utcnow().replace(hour=11) + timedelta(days=1)):
        assert [letter.path for letter in post()] == [""]
