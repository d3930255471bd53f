"""The office's numbers: each is the length of its list, and nobody counts what is not theirs;
and who had a plan or a coordinator on a given day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest

from models.clock import CLOCK, today
from models.municipality import Department
from models.people import CoordinatorAppointment, Person
from models.vocabulary import PlanStatus, PlanType
from tests.conftest import sign_in
from tests.crowd import NOW, TODAY, Crowd
from tests.test_taking_out import taken_out

pytestmark = pytest.mark.a_page

NUMBERS = "/register/numbers/"


@pytest.fixture
def now():
    with CLOCK.stopped_at(NOW):
        yield


@pytest.fixture
def client(browser, app_engine, town, now):
    """Signed in when the clock says so, and not before."""

    def open_for(who):
        made = browser(None)
        made.set_cookie("medspel", sign_in(app_engine, town, who))
        return made

    return open_for


@pytest.fixture
def crowd(desk, town, now):
    """Health has two of everything, and School one, in the same town."""
    with desk.system() as session:
        school = Department(municipality_id=town.municipality_id, name="School")
        session.add(school)
        session.flush()
        people = Crowd(session, town, town.rows["department"])
        people.gather()
        people.gather()
        people.home = school.id
        people.gather()
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.get(Person, town.people["teacher"]).department_id = town.rows["department"]
        session.commit()
        return school.id


def numbers(page):
    """Address of a list -> the number that leads to it."""
    found = re.findall(r'<a href="([^"]*)"[^>]*><span class="ms-count">([^<]*)</span>', page)
    return {unescape(url): said for url, said in found}


def length(client, address):
    """How many rows a list has, on all its pages."""
    rows = 0
    while address:
        reply = client.get(address)
        assert reply.status_code == 200, address
        body = reply.text.partition("<tbody")[2].partition("</tbody>")[0]
        rows += body.count("<tr ")
        turn = re.search(r'<a class="ds-link" href="([^"]*)">(?:Next page|Older)<', reply.text)
        address = unescape(turn[1]) if turn else ""
    return rows


@pytest.mark.parametrize("who, least", [("office", 17), ("leader", 11)])
def test_each_number_is_the_length_of_its_list(client, crowd, who, least):
    page = client(who).get(NUMBERS).text
    found = numbers(page)
    lists = {url: said for url, said in found.items() if "day" not in said and said != "–"}
    assert len(lists) >= least - 2
    assert {url: length(client(who), url) for url in lists} == {u: int(n) for u, n in lists.items()}
    assert all(int(said) for said in lists.values()), lists  # each was tried with something in it


def test_each_number_is_of_those_it_says(client, crowd):
    """In each of three crowds, beside one request of the town's own that is late."""
    found = numbers(client("office").get(NUMBERS).text)
    plans = {"overdue": 2, "evaluation-soon": 5, "run-out": 2, "runs-out": 5, "draft": 19}
    requests = {"late": 2, "soon": 3 + 6, "later": 3, "complained": 2, "sent-on": 1}
    asked = {"late": 1, "waits": 2, "named": 1}
    registers = {"plans/": plans, "request/list/": requests, "nomination/list/": asked}
    for register, lists in registers.items():
        for key, many in lists.items():
            more = (register, key) == ("request/list/", "late")
            assert found[f"/register/{register}?show={key}"] == str(3 * many + more), key


def test_how_long_it_takes_is_said_of_those_in_the_list(client, crowd, desk):
    office = client("office")
    page = office.get(NUMBERS).text
    for key in ("answered", "met"):
        address = f"/register/request/list/?show={key}"
        many = int(
            re.search(r", (\d+) requests?<", page[page.index(address.replace("&", "&amp;")) :])[1]
        )
        assert many == length(office, address) > 0
    assert numbers(page)["/register/request/list/?show=met"] == "30 days"  # 0, 30, 30 and 60


def test_a_leader_counts_the_own_department_and_no_request(client, crowd, town):
    page = client("leader").get(NUMBERS).text
    assert "request" not in str(numbers(page)) and "School" not in page
    mine, all_ = numbers(page), numbers(client("office").get(NUMBERS).text)
    for key in ("overdue", "run-out", "evaluation-soon", "draft"):
        address = f"/register/plans/?show={key}"
        assert int(mine[address]) * 3 == int(all_[address]) * 2, key
    for key in ("late", "complained"):
        reply = client("leader").get(f"/register/request/list/?show={key}")
        assert reply.status_code == 403


def test_a_party_is_not_told_how_many(client, desk, town, crowd):
    def late():
        return int(numbers(client("office").get(NUMBERS).text)["/register/request/list/?show=late"])

    before = late()
    with desk.system() as session:
        own = session.get(Person, town.people["office"])
        Crowd(session, town, crowd).request(by=-1, person=own)
        session.commit()
    assert late() == before


def test_a_town_counts_its_own_only(client, crowd):
    found = numbers(client("foreign office").get(NUMBERS).text)
    assert found["/register/plans/?show=overdue"] == "0"
    assert found["/register/request/list/?show=late"] == "1"


@pytest.mark.parametrize("show", ["nothing", "'", "late&show=soon", ""])
def test_a_list_nobody_has_is_the_whole_of_it(browser, show):
    page = browser("office").get(f"/register/request/list/?show={show}")
    assert page.status_code == 200


# On a day


@pytest.mark.parametrize("who", ["coordinator", "mother", "nurse", "admin", "leader"])
def test_what_was_on_a_day_is_the_units(browser, who):
    for page in ("", "file"):
        assert browser(who).get(f"/register/on-a-day/{page}").status_code == 403


def on(client, when):
    """Name -> what the list says of them, which the file says too."""
    page = client.get(f"/register/on-a-day/?day={when}")
    assert page.status_code == 200
    head, *lines = taken_out(client, f"/register/on-a-day/file?day={when}")
    assert head[:2] == ["Person", "Birth date"]
    for line in lines[:25]:
        assert line[0] in unescape(page.text)
    return {line[0]: line[2:] for line in lines}


@pytest.fixture
def in_2029(desk, town, now):
    """Plans and coordinators that begin and end around a summer's day in 2029."""
    with desk.system() as session:
        people = Crowd(session, town, None)

        def one(name, **known):
            person = people.person()
            person.name = name
            return people.plan(person=person, **known) if known else person

        summer = date(2029, 6, 30)
        one("From that day", started_on=summer)
        one("From the next", started_on=summer + timedelta(1))
        one("Never signed", started_on=None, status=PlanStatus.DRAFT)
        one("Until that day", started_on=date(2029, 1, 1), closed_on=summer)
        one("Until the day before", started_on=date(2029, 1, 1), closed_on=summer - timedelta(1))
        grown = one("Became more", started_on=date(2029, 1, 1), individual_since=date(2029, 8, 1))
        grown.type = PlanType.INDIVIDUAL_PLAN
        person = one("Coordinator only")
        for who, starts, ends in (
            ("teacher", summer, None), ("nurse", date(2029, 1, 1), summer),
            ("reader", date(2029, 1, 1), summer - timedelta(1)),
        ):  # fmt: skip
            people.put(
                CoordinatorAppointment(person_id=person.id, coordinator_id=town.people[who],
                                       starts_on=starts, ends_on=ends, **people.at)
            )  # fmt: skip
        session.commit()


def test_who_had_a_plan_or_a_coordinator_on_a_day(client, in_2029):
    said = on(client("office"), "2029-06-30")
    ours = {name for name in said if name[0] in "FNUBC" and " " in name}
    assert {"From that day", "Until that day", "Became more", "Coordinator only"} <= ours
    assert not ours & {"From the next", "Never signed", "Until the day before"}
    assert said["Coordinator only"][2:] == ["Nurse, Teacher", "01.01.2029, 30.06.2029"]
    assert said["Became more"][0] == "Became an individual plan later"
    assert on(client("office"), "2029-08-01")["Became more"][0] == "Individual plan"


def test_the_last_day_of_last_year_is_shown_when_none_is_asked_for(client, in_2029):
    page = client("office").get("/register/on-a-day/").text
    assert 'value="2029-12-31"' in page and "From the next" in page


@pytest.mark.parametrize("asked", ["", "31.12", "2030-09-01", "0001-01-01"])
def test_a_day_that_is_none_is_refused_beside_its_field(client, asked):
    reply = client("office").get(f"/register/on-a-day/?day={asked}")
    assert reply.status_code == 422 and "<tbody" not in reply.text
    assert client("office").get(f"/register/on-a-day/file?day={asked}").status_code == 400


def test_the_list_of_a_day_is_turned_by_key(client, crowd):
    _, *lines = taken_out(client("office"), f"/register/on-a-day/file?day={TODAY}")
    assert length(client("office"), f"/register/on-a-day/?day={TODAY}") == len(lines) > 50


def test_the_list_of_a_day_is_searched_by_name_and_the_file_with_it(client, in_2029):
    office, day = client("office"), "/register/on-a-day/?day=2029-06-30"
    page = office.get(day).text
    action = unescape(re.findall(r'<form class="ms-search"[^>]*action="([^"]*)"', page)[0])
    assert action == "/register/on-a-day/search?day=2029-06-30"
    reply = office.post(action, data={"name": "day until"})
    assert (reply.status_code, reply.location) == (303, day)  # and no name in it
    assert set(on(office, "2029-06-30")) == {"Until that day"}
    assert "Became more" not in office.get(day).text
    assert "Until the day before" in on(office, "2029-06-29")  # another day, the same words
    office.post(action, data={"name": "Nobody at all"})
    assert "Nobody by this name." in office.get(day).text
    office.post(action, data={"name": "Nobody at all", "all": "1"})
    assert {"Became more", "Coordinator only"} <= set(on(office, "2029-06-30"))
    assert office.post("/register/on-a-day/search", data={"name": ""}).location[-1] == "/"
    evil = "/register/on-a-day/search?day=x&_external=1&_scheme=evil&_anchor=y"
    assert office.post(evil, data={"name": ""}).location == "/register/on-a-day/?day=x"


def test_today_is_a_day_too(client, now):
    assert client("office").get(f"/register/on-a-day/?day={today()}").status_code == 200


@pytest.mark.parametrize(
    ("search", "address"),
    [
        ("/register/request/search", "/register/request/list/?show=late"),
        ("/register/plans/search", "/register/plans/?show=active"),
    ],
)
def test_a_list_within_a_register_is_whole_whatever_was_looked_for(browser, town, search, address):
    """Or a number and what it opens would differ."""
    office = browser("office")
    whole = office.get(address).text
    office.post(search, data={"name": "Nobody called so"})
    assert office.get(address).text.count("<tr") == whole.count("<tr")
