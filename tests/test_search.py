"""Finding what stands in a plan, and the timeline: what one may read, and nothing of the rest."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from deploy.seed import seed
from models.clock import utcnow
from models.database import WRITING
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.folding import fold
from models.history import ElementIndex
from models.vocabulary import LifeArea
from services.search import MOST_HITS, around, words_of
from tests.conftest import statements

PAGE = "/plan/1/timeline/"
SCHOOL = frozenset({LifeArea.WORK_SCHOOL})


@pytest.fixture
def write(desk, town):
    """`write("nurse", "Goal in words", why="…")`: a goal of somebody."""

    def goal(who, words, **more):
        with desk.session(who) as session:
            session.add(row := Goal(plan_id=town.plan, goal=words, life_areas=SCHOOL, **more))
            session.commit()
            return row.id

    return goal


def find(client, words, plan=1):
    """Titles on the page after a search."""
    where = f"/plan/{plan}/timeline/"
    reply = client.post(f"{where}search", data={"name": words})
    assert reply.status_code == 303 and reply.location == where  # no word in an address
    return titles(client.get(where).text)


def titles(page):
    return [html.unescape(one) for one in re.findall(r"<bdi>(.*?)</bdi>", page)]


@pytest.mark.parametrize(
    "words",
    [
        "støttekontakt", "kontakt", "STØTTE", "støtte karate", "  karate   støtte ", "trener på",
        "cafe", "Café", "å",
    ],
)  # fmt: skip
def test_it_is_found_by_a_part_of_a_word_whatever_the_letters_look_like(browser, write, words):
    write("coordinator", "Støttekontakt på karate", why="Trener på Café Åsen")
    write("coordinator", "Bade")
    assert find(browser("mother"), words) == ["Støttekontakt på karate"]


@pytest.mark.parametrize(
    "words", ["stotte", "%", "_", "karate%", "' OR 1=1 --", "\\", "karate bade"]
)
def test_what_stands_nowhere_is_not_found(browser, write, words):
    write("coordinator", "Støttekontakt på karate")
    write("coordinator", "Bade")
    client = browser("mother")
    assert find(client, words) == []
    assert "No hits" in client.get(PAGE).text


def test_signs_are_looked_for_as_they_are(browser, write):
    write("coordinator", "100 % frisk_luft")
    assert find(browser("mother"), "% frisk_") == ["100 % frisk_luft"]


def test_without_words_all_is_shown_and_a_search_is_of_its_plan(browser, write, town):
    write("coordinator", "Karate")
    client = browser("mother")
    assert find(client, "karate") == ["Karate"]
    assert len(find(client, " ")) > 1
    find(client, "karate")
    client.post(f"{PAGE}search", data={"name": "karate", "all": "yes"})
    assert len(titles(client.get(PAGE).text)) > 1
    stranger = browser("stranger")
    find(stranger, "elsewhere", plan=town.rows["stranger plan"])
    assert stranger.get(PAGE).status_code == 404


WHO_FINDS = {  # words -> who finds something by them
    "hush": {"coordinator", "owner", "nurse", "reader", "teacher"},  # hidden from guardians
    "swim": {"coordinator", "owner", "mother", "father", "nurse", "reader"},  # health
    "read": {"coordinator", "owner", "mother", "father", "nurse", "reader", "teacher"},  # school
    "body to teacher": {"coordinator", "owner", "mother", "father", "nurse", "teacher"},
    "body to coordinator": {"coordinator", "mother"},
    "body to owners": {"coordinator", "owner", "mother", "father"},
    "we agreed": {"coordinator", "owner", "mother", "father", "teacher"},  # those called
}


@pytest.mark.parametrize("words", WHO_FINDS)
def test_nobody_finds_what_they_may_not_read(browser, words):
    everybody = (
        "coordinator", "owner", "mother", "father", "nurse", "reader", "teacher", "grandmother",
    )  # fmt: skip
    found = {who for who in everybody if find(browser(who), words)}
    assert found == WHO_FINDS[words]


@pytest.mark.parametrize("who", ["office", "admin", "leader", "uncle", "newcomer", "stranger"])
def test_those_outside_find_nothing_and_are_told_nothing(browser, who):
    client = browser(who)
    assert client.get(PAGE).status_code in (403, 404)
    assert client.post(f"{PAGE}search", data={"name": "swim"}).status_code in (403, 404)


def test_what_is_removed_or_written_anew_is_found_as_it_is(browser, write, desk):
    first = write("coordinator", "Karate")
    with desk.session("coordinator") as session:
        session.get(Goal, first).goal = "Judo"
        session.commit()
    assert find(browser("mother"), "karate") == []
    assert find(browser("mother"), "judo") == ["Judo"]
    with desk.session("coordinator") as session:
        session.get(Goal, first).removed_at = utcnow()
        session.commit()
    assert find(browser("mother"), "judo") == []


def test_what_is_hidden_after_it_was_written_is_found_no_more(browser, write, desk):
    first = write("coordinator", "Karate")
    assert find(browser("mother"), "karate") == ["Karate"]
    with desk.session("coordinator") as session:
        row = session.get(Goal, first)
        row.hidden_from_guardians, row.hidden_because = True, "Told in confidence"
        session.commit()
    assert find(browser("mother"), "karate") == []
    assert find(browser("owner"), "karate") == ["Karate"]


def test_the_place_is_shown_and_no_script_is_run(browser, write):
    long_one = "x " * 60 + "<script>alert(1)</script> Åsane & meir " + "y " * 60
    write("coordinator", "Turen", why=long_one)
    client = browser("mother")
    assert find(client, "åsane") == ["Turen"]
    page = client.get(PAGE).text
    assert "<mark>Åsane</mark>" in page and "<script>alert(1)" not in page
    pieces = around(long_one, "åsane")
    assert [one.found for one in pieces] == [False, True, False] and len(pieces[0].text) < 70


def test_more_hits_than_are_shown_is_said(browser, write):
    for number in range(MOST_HITS + 1):
        write("coordinator", f"Karate {number}")
    client = browser("mother")
    assert len(find(client, "karate")) == MOST_HITS
    assert f"More than {MOST_HITS} hits" in client.get(PAGE).text
    assert find(client, "karate 17") == ["Karate 17"]


def test_folding_keeps_its_length_and_words_are_at_most_six():
    for text in ("Straße", "İstanbul", "Åsane", "é̈", "ﬁnn", "Ǆ", "🙂 hei", ""):
        from unicodedata import normalize

        assert len(fold(text)) == len(normalize("NFC", text)), text
    assert fold("ÅØÆ É ü") == "åøæ e u" and len(words_of("a b c d e f g h")) == 6


def test_it_costs_what_it_costs_however_much_there_is(browser, write, app_engine):
    client, costs = browser("mother"), []
    for number in range(12):
        write("coordinator", f"Karate {number}")
        if number in (1, 11):
            find(client, "karate")
            with statements(app_engine) as sent:
                client.get(PAGE)
            costs.append(
                [one[:90] for one in sent if one.startswith("SELECT") and " FOR " not in one]
            )
    assert len(costs[0]) == len(costs[1]) <= 5, costs[1]  # with the head of the log's chain


@pytest.fixture
def plans_of(app_engine, monkeypatch):
    """`plans_of(client, words)`: how the database finds the lines of the page, in a full town."""
    WRITING.set(True)
    with app_engine.begin() as connection:
        seed(connection, 60)
        connection.exec_driver_sql("ANALYZE")
    WRITING.set(False)

    def explained(client, words):
        asked = []

        def hear(_c, _cur, statement, values, _context, _many):
            if statement.startswith("SELECT element_index."):
                asked.append((statement, values))

        if words:
            client.post(f"{PAGE}search", data={"name": words})
        event.listen(app_engine, "before_cursor_execute", hear)
        client.get(PAGE)
        event.remove(app_engine, "before_cursor_execute", hear)
        (one,) = asked
        how = "EXPLAIN QUERY PLAN " if app_engine.dialect.name == "sqlite" else "EXPLAIN "
        with app_engine.connect() as connection:
            rows = connection.exec_driver_sql(how + one[0], one[1]).all()
        return "\n".join(str(row[-1]) for row in rows)

    return explained


@pytest.mark.parametrize("words", ["", "swim"])
def test_an_index_of_the_plan_is_used_however_many_plans_there_are(browser, plans_of, words):
    how = plans_of(browser("mother"), words)
    assert re.search(r"(using index|index scan[^\n]*using|scan on) ?ix__element_index__plan_id|"
                     r"uq__element_index__plan_id", how, re.I), how  # fmt: skip
    assert not re.search(r"(seq scan on|scan) element_index\b(?! using)", how, re.I), how


# The timeline


def test_what_is_to_come_stands_first_and_a_meeting_by_its_day(browser, desk, town):
    with desk.session("coordinator") as session:
        starts = utcnow() + timedelta(days=40)
        row = Meeting(
            plan_id=town.plan, purpose="In spring", starts_at=starts,
            ends_at=starts + timedelta(hours=1),
        )  # fmt: skip
        session.add(row)
        session.commit()
        key = row.id
    client = browser("mother")
    page = client.get(PAGE).text
    assert titles(page)[0] == "In spring" and page.count("Still to come") == 1
    with desk.session("coordinator") as session:  # moved to the past, it stands there
        row = session.get(Meeting, key)
        row.starts_at = utcnow() - timedelta(days=400)
        session.commit()
    page = client.get(PAGE).text
    assert titles(page)[-1] == "In spring" and "Still to come" not in page


def test_older_comes_page_by_page_and_each_row_once(browser, write, desk, town):
    for number in range(60):
        write("coordinator", f"Goal {number}")
    client, seen, address = browser("mother"), [], PAGE
    while address:
        page = client.get(address).text
        seen += titles(page)
        older = re.search(r'href="([^"]*\?after=\d+)"', page)
        address = html.unescape(older[1]) if older else ""
    mine = [title for title in seen if title.startswith("Goal ")]
    assert mine == [f"Goal {number}" for number in reversed(range(60))]
    with desk.session("mother") as session:
        readable = session.scalars(select(ElementIndex.id)).all()
    assert len(seen) <= len(readable)


def test_a_point_of_an_agenda_is_found_by_who_may_read_its_meeting(browser, desk, town):
    meeting = town.rows["meeting"]
    client = browser("grandmother")
    assert find(client, "lunch") == ["Lunch"]
    assert f'href="/plan/{town.plan}/meeting/{meeting}"' in client.get(PAGE).text
    assert find(browser("reader"), "lunch") == []  # goals only
    with desk.system() as session:
        session.get_one(Meeting, meeting).removed_at = utcnow()
        session.commit()
    assert find(client, "lunch") == []


def test_a_point_of_a_meeting_that_is_kept_from_one_is_not_found(browser, desk, town):
    with desk.session("coordinator") as session:
        meeting = session.get_one(Meeting, town.rows["meeting"])
        meeting.shielded_from_id, meeting.hidden_because = town.people["father"], "x"
        session.commit()
    assert find(browser("father"), "lunch") == [] and find(browser("mother"), "lunch") == ["Lunch"]
