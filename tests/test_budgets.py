"""What a page may cost: exact statements, reads and writes apart, however much there is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.seed import seed
from models.clock import today, utcnow
from models.database import WRITING
from models.people import CoordinatorAppointment
from models.plan import Plan
from models.vocabulary import PlanStatus, PlanType
from tests.conftest import statements


def count(sent):
    """(reads, single writes, many-row writes); locking a row counts as a write."""
    written = [s for s in sent if s.startswith(("INSERT", "UPDATE", "DELETE")) or " FOR " in s]
    many = [s for s in written if "message_recipient" in s or "outbox_message" in s]
    return len(sent) - len(written), len(written) - len(many), len(many)


def measured(client, app_engine, address):
    client.get(address)
    with statements(app_engine) as sent:
        assert client.get(address).status_code == 200
    return count(sent), sent


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
    assert reads <= 4 and writes <= 2 and many == 0, sent


def test_the_overview(browser, town, app_engine):
    address = f"/plan/{town.plan}/"
    (reads, writes, many), sent = measured(browser("coordinator"), app_engine, address)
    assert reads <= 8 and writes <= 2 and many == 0, sent


@pytest.mark.parametrize("page", ["activity/list/", "message/list/", "meeting/list/"])
def test_generated_lists(browser, town, app_engine, page):
    address = f"/plan/{town.plan}/{page}"
    (reads, writes, many), sent = measured(browser("nurse"), app_engine, address)
    assert reads <= 7 and writes <= 2 and many == 0, sent


def test_a_message_to_eight(browser, desk, town, app_engine):
    client = browser("coordinator")
    data = {"who": "everybody", "subject": "Hei", "body": "Alle"}
    client.post(f"/plan/{town.plan}/message/write", data=data)
    with statements(app_engine) as sent:
        reply = client.post(f"/plan/{town.plan}/message/write", data=data)
    assert reply.status_code == 303
    sent = [s for s in sent if "login_session" not in s or s.startswith("SELECT")]
    reads, writes, many = count(sent)
    assert reads <= 5 and writes <= 4 and many <= 2, sent


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
    assert register[0] <= 4 and register[1] == 0, sent


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
