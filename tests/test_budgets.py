"""What a page may cost: exact statements, reads and writes apart, however much there is."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import CacheStats

from deploy.seed import seed
from models.clock import today, utcnow
from models.database import WRITING
from models.elements.activity import Activity
from models.elements.meeting import Meeting
from models.elements.presentation import Presentation
from models.people import CoordinatorAppointment
from models.plan import Plan
from models.vocabulary import PlanStatus, PlanType
from services.reminding import remind_of
from tests.conftest import statements


def count(sent):
    """(reads, single writes, many-row writes); locking a row counts as a write."""
    written = [s for s in sent if s.startswith(("INSERT", "UPDATE", "DELETE")) or " FOR " in s]
    many = [s for s in written if "message_recipient" in s or "outbox_message" in s]
    return len(sent) - len(written), len(written) - len(many), len(many)


def measured(client, app_engine, address):
    """What a later visit costs: the first one is a minute's touch of the session, and a question
    that is put together once for the process is compiled at its first and its second."""
    for _ in range(2):
        client.get(address)
    with statements(app_engine) as sent, shapes(app_engine) as met:
        assert client.get(address).status_code == 200
    assert set(met) <= {CacheStats.CACHE_HIT}, met  # compiled once, at the first visit
    return count(sent), sent


def logging(engine):
    """What it takes to log one look: the event, and on PostgreSQL its turn in the chain."""
    return 2 if engine.dialect.name == "postgresql" else 1


@contextmanager
def shapes(engine):
    """Whether each statement that was sent had been compiled before."""
    met = []

    def hear(_c, _cur, _statement, _values, context, _many):
        if context.compiled is not None:
            met.append(context.cache_hit)

    event.listen(engine, "before_cursor_execute", hear)
    yield met
    event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture
def forty(desk, town):
    """The coordinator leads forty plans."""
    with desk.system() as session:
        from models.people import Person

        for n in range(40):
            person = Person(municipality_id=town.municipality_id, name=f"P {n}")
            session.add(person)
            session.flush()
            session.add(
                CoordinatorAppointment(
                    municipality_id=town.municipality_id,
                    person_id=person.id,
                    coordinator_id=town.people["coordinator"],
                    starts_on=today(),
                )
            )
            session.add(
                Plan(
                    municipality_id=town.municipality_id, person_id=person.id,
                    short_name=f"F {n}", type=PlanType.SIMPLE_COLLABORATION,
                    status=PlanStatus.DRAFT, owner_decides_from=today(), guardian_until=today(),
                )
            )  # fmt: skip
        session.commit()


def test_the_plan_list(browser, app_engine, forty):
    (reads, writes, many), sent = measured(browser("coordinator"), app_engine, "/")
    assert (reads, writes, many) == (4, logging(app_engine), 0), sent


@pytest.mark.parametrize(
    "page, most, log",
    [("/plans/", 3, 1), ("/nicknames/", 3, 1), ("/plan/{}/getting-started/", 4, 0)],
)
def test_pages_beside_the_plan_list(browser, town, app_engine, forty, page, most, log):
    (reads, writes, many), sent = measured(
        browser("coordinator"), app_engine, page.format(town.plan)
    )
    assert (reads, writes, many) == (most, log * logging(app_engine), 0), sent


@pytest.fixture
def all_cards(desk, town):
    """Something in every card of the front page: a meeting, own words, late tasks, reminders."""
    with desk.session("coordinator") as session:
        coming = utcnow() + timedelta(days=3)
        ends = coming + timedelta(hours=1)
        session.add(Meeting(plan_id=town.plan, purpose="Soon", starts_at=coming, ends_at=ends))
        late = {"plan_id": town.plan, "due": today() - timedelta(days=1)}
        for n in range(8):
            who = town.people["reader" if n % 2 else "expired"]
            session.add(Activity(**late, what=f"Late {n}", responsible_id=who))
        session.flush()
        session.commit()
    with desk.session("mother") as session:
        session.get(Presentation, town.rows["presentation"]).matters = "Peace"
        remind_of(session, session.get(Plan, town.plan), session.scalars(_READERS).first())
        session.commit()


_READERS = select(Activity.id).where(Activity.what == "Late 1")


@pytest.mark.parametrize("who, reads", [("coordinator", 7), ("mother", 8), ("nurse", 7)])
def test_the_overview_with_every_card_in_it(browser, town, app_engine, all_cards, who, reads):
    address = f"/plan/{town.plan}/"
    said = browser(who).get(address).text
    everybody = ("Soon", "Should have been done", "See all", "Reminded")
    around = {
        "coordinator": ("Likes trains", "Show all nine", "needs somebody new"),
        "mother": ("Likes trains", "Peace", "who sees the plan", "Write to"),
    }
    assert all(words in said for words in (*everybody, *around.get(who, ())))
    cost, sent = measured(browser(who), app_engine, address)
    assert cost == (reads, logging(app_engine), 0), sent


def test_that_one_has_been_there_is_written_once_a_minute_at_most(browser, town, app_engine):
    client, address = browser("mother"), f"/plan/{town.plan}/"
    for noted in (1, 0):
        with statements(app_engine) as sent:
            client.get(address)
        assert len([s for s in sent if s.startswith("INSERT INTO plan_visit")]) == noted


@pytest.mark.parametrize("page", ["", "goal/list/", "message/list/", "meeting/list/", "team/"])
@pytest.mark.parametrize("who", ["nurse", "coordinator"])
def test_seeing_a_page_as_somebody_costs_one_read_more(browser, town, app_engine, who, page):
    address = f"/plan/{town.plan}/{page}"
    theirs, _ = measured(browser(who), app_engine, address)
    client = browser("mother")
    client.post(f"/plan/{town.plan}/see-as/{town.people[who]}")
    (reads, writes, many), sent = measured(client, app_engine, address)
    more = 0 if page == "message/list/" else 1  # what is unread is nobody else's business
    assert (reads, writes, many) == (theirs[0] + more, logging(app_engine), 0), sent


@pytest.mark.parametrize(
    "page, reads_of_page",
    [
        ("activity/list/", 6), ("message/list/", 6), ("meeting/list/", 6),
        ("message/show/{to teacher}", 10), ("activity/show/{task}", 7),
    ],
)  # fmt: skip
def test_lists_and_a_row(browser, town, app_engine, page, reads_of_page):
    address = f"/plan/{town.plan}/{page.format(**town.rows)}"
    (reads, writes, many), sent = measured(browser("nurse"), app_engine, address)
    assert (reads, writes, many) == (reads_of_page, logging(app_engine), 0), sent


def test_a_message_to_eight(browser, desk, town, app_engine):
    client = browser("coordinator")
    data = {"who": "everybody", "subject": "Hei", "body": "Alle"}
    client.post(f"/plan/{town.plan}/message/write", data=data)
    with statements(app_engine) as sent:
        reply = client.post(f"/plan/{town.plan}/message/write", data=data)
    assert reply.status_code == 303
    sent = [s for s in sent if "login_session" not in s or s.startswith("SELECT")]
    reads, writes, many = count(sent)
    assert (reads, writes, many) == (5, 1 + logging(app_engine), 2), sent


def test_a_page_costs_the_same_in_a_big_town(browser, desk, town, app_engine):
    address = f"/plan/{town.plan}/goal/list/"
    small, _ = measured(browser("nurse"), app_engine, address)
    WRITING.set(True)
    with app_engine.begin() as connection:
        seed(connection, 60)
    WRITING.set(False)
    big, _ = measured(browser("nurse"), app_engine, address)
    assert small == big
    register, sent = measured(browser("office"), app_engine, "/register/plans/")
    assert register == (2, 0, 0), sent


@pytest.mark.parametrize(
    "who, page, most",
    [("office", "numbers", 8), ("leader", "numbers", 4), ("office", "on-a-day", 4)],
)
def test_the_numbers_of_the_office(browser, town, app_engine, who, page, most):
    """One question for each class, and one for each time it is measured how long things take."""
    until = f"?day={today()}" if page == "on-a-day" else ""
    cost, sent = measured(browser(who), app_engine, f"/register/{page}/{until}")
    assert cost == (most, 0, 0), sent


@pytest.mark.parametrize(
    "page, most, log",
    [("person/import", 2, 0), ("person/file", 2, 1), ("plans/file", 2, 1)],
)
def test_a_register_as_a_file(browser, town, app_engine, page, most, log):
    """However many rows: tests/test_bringing_in.py, tests/test_taking_out.py."""
    (reads, writes, many), sent = measured(browser("office"), app_engine, f"/register/{page}")
    assert (reads, writes, many) == (most, log * logging(app_engine), 0), sent


def test_a_session_is_touched_once_a_minute_at_most(browser, town, app_engine):
    from models.clock import CLOCK

    client = browser("nurse")
    client.get("/password/")
    with statements(app_engine) as sent:
        client.get("/password/")
    assert not [s for s in sent if s.startswith("UPDATE login_session")]
    with CLOCK.stopped_at(utcnow() + timedelta(seconds=61)), statements(app_engine) as sent:
        client.get("/password/")
    assert len([s for s in sent if s.startswith("UPDATE login_session")]) == 1
