"""Lists of no row, of one and of ten thousand: the right words, the same cost, every row found."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text

from models.audit import AccessEvent
from models.clock import today, utcnow
from models.database import WRITING
from models.everything import METADATA
from models.feedback import CoordinatorFeedback
from models.people import Person
from models.vocabulary import PlanStatus, PlanType
from tests.conftest import statements
from views.plan.access_log import A_PAGE
from views.safe import PAGE_SIZE

MANY = 10_000
PERSONS = "/register/person/list/"


@pytest.fixture
def write(app_engine):
    """Rows past the session, as many as are wanted: nobody writes ten thousand by hand."""

    def into(table, rows):
        WRITING.set(True)
        with app_engine.begin() as connection:
            connection.execute(insert(METADATA.tables[table]), rows)
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"ANALYZE {table}"))
        WRITING.set(False)

    return into


def persons(town, count):
    """Many of one name, some of no birth date: what makes an order stumble."""
    for n in range(count):
        born = date(1950, 1, 1) + timedelta(n % 5000) if n % 3 else None
        name = f"Eigar {n % 400:04}"
        yield {
            "municipality_id": town.municipality_id, "name": name, "birth_date": born,
            "shielded": False, "uid": str(uuid4()),
        }  # fmt: skip


def shown(page):
    return re.findall(r'role="rowheader"[^>]*>(?:<a [^>]*>|<div>)?([^<]*)', page)


def next_page(page):
    """Where the link to what comes next leads, if there is one."""
    found = re.search(r'href="([^"]+)">(?:Next page|Older)<', page)
    return found and found[1].replace("&amp;", "&")


def cost(client, engine, address):
    client.get(address)
    with statements(engine) as sent:
        assert client.get(address).status_code == 200
    return len(sent), skips(sent, engine)


def skips(sent, engine):
    """Statements that count rows only to pass them; SQLite is told to pass none each time."""
    return [s for s in sent if "OFFSET" in s and engine.dialect.name == "postgresql"]


def test_of_none_and_of_one(browser, desk, town):
    feedback = "/register/coordinatorfeedback/list/"
    page = browser("office").get(feedback).text
    assert "1 in the list" in page and len(shown(page)) == 1 and not next_page(page)
    with desk.system() as session:
        session.delete(session.scalars(select(CoordinatorFeedback)).one())
        session.commit()
    page = browser("office").get(feedback).text
    assert "Nothing here yet." in page and "<table" not in page and "in the list" not in page
    page = browser("foreign office").get("/register/appointment/list/").text
    assert "Nothing here yet." in page and "/register/appointment/add" in page  # what to do next


def test_ten_thousand_persons_cost_what_one_does_and_are_not_counted(
    browser, town, app_engine, write
):
    office = browser("office")
    few, _ = cost(office, app_engine, PERSONS)
    write("person", list(persons(town, MANY)))
    page = office.get(PERSONS).text
    assert "More than 1000 in the list. Search to find one." in page
    assert len(shown(page)) == PAGE_SIZE
    assert cost(office, app_engine, PERSONS) == (few, [])
    assert cost(office, app_engine, next_page(page)) == (few, [])


ORDERS = {
    "name": ("_oc_PersonView=name&_od_PersonView=asc", lambda p: (p.name, p.id), False),
    "name, turned": ("_oc_PersonView=name&_od_PersonView=desc", lambda p: (p.name, p.id), True),
    "born": (
        "_oc_PersonView=birth_date&_od_PersonView=asc",
        lambda p: (p.birth_date is None, p.birth_date or date.min, p.id),
        False,
    ),
    "born, turned": (
        "_oc_PersonView=birth_date&_od_PersonView=desc",
        lambda p: (p.birth_date is not None, p.birth_date or date.min, p.id),
        True,
    ),
}


@pytest.mark.parametrize("order", ORDERS)
def test_every_row_is_met_once_and_in_order(browser, desk, town, write, order):
    """From the first page to the last, past a thousand, by the links on the pages."""
    write("person", list(persons(town, 1_200)))
    query, by, turned = ORDERS[order]
    address, seen, pages = f"{PERSONS}?{query}", [], 0
    while address and pages < 100:
        page = browser("office").get(address).text
        seen += re.findall(r'role="rowheader"[^>]*><a [^>]*/show/(\d+)"', page)
        address, pages = next_page(page), pages + 1
    with desk.system() as session:
        mine = select(Person).where(Person.municipality_id == town.municipality_id)
        everybody = sorted(session.scalars(mine), key=by, reverse=turned)
    assert pages > 1_000 // PAGE_SIZE
    if order.startswith("born"):
        assert seen == [str(person.id) for person in everybody]
    else:  # a database has its own alphabet
        assert sorted(seen) == sorted(str(person.id) for person in everybody)
        ours = [str(p.id) for p in everybody if p.name.startswith("Eigar")]
        assert [one for one in seen if one in set(ours)] == ours


def test_a_deep_page_looks_its_rows_up_and_counts_nothing(town, app_engine, browser, write):
    """No OFFSET, and the index finds where the page begins."""
    write("person", list(persons(town, MANY)))
    with app_engine.connect() as connection:
        deep = connection.scalar(text("SELECT max(id) FROM person WHERE name = 'Eigar 0390'"))
    address = f"{PERSONS}?after_PersonView={deep}"
    page = browser("office").get(address).text
    assert shown(page)[0] == "Eigar 0391" and "First page" in page
    with statements(app_engine) as sent:
        browser("office").get(address)
    assert skips(sent, app_engine) == []
    assert all("LIMIT" in s for s in sent if "count(" in s)  # never to the end
    (rows,) = [s for s in sent if "ORDER BY person.name" in s]
    if app_engine.dialect.name == "sqlite":
        raw = re.sub(r"\?", "1", rows)
        with app_engine.connect() as connection:
            plan = " ".join(
                str(row) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {raw}"))
            )
        assert "ix__person__municipality_id_name (municipality_id=? AND name>?)" in plan, plan


def test_a_page_after_a_row_that_is_gone_begins_anew(browser, town):
    page = browser("office").get(f"{PERSONS}?after_PersonView=999999").text
    assert "Owner" in shown(page) and "Nothing here yet." not in page
    foreign = town.people["foreign office"]
    page = browser("office").get(f"{PERSONS}?after_PersonView={foreign}").text
    assert "Owner" in shown(page) and "Foreign" not in page  # of which nothing is told


def test_the_search_and_the_order_go_along_to_the_next_page(browser, town, write):
    write("person", list(persons(town, 100)))
    office = browser("office")
    office.post("/register/person/search", data={"name": "eigar"})
    first = office.get(f"{PERSONS}?_oc_PersonView=name&_od_PersonView=desc").text
    second = office.get(next_page(first)).text
    assert "100 in the list" in first and shown(first)[0] == "Eigar 0099"
    assert shown(second)[0] == "Eigar 0074"


def test_a_register_without_a_search_does_not_tell_one_to_search(browser, desk, town, write):
    one = {"municipality_id": town.municipality_id, "coordinator_id": town.people["coordinator"]}
    rows = [
        one | {"given_on": today(), "words": f"Ord {n}", "uid": str(uuid4())} for n in range(1100)
    ]
    write("coordinator_feedback", rows)
    page = browser("office").get("/register/coordinatorfeedback/list/").text
    assert "More than 1000 in the list." in page and "Search to find" not in page
    address, pages = "/register/coordinatorfeedback/list/", 0
    while address and pages < 100:
        page = browser("office").get(address).text
        address, pages = next_page(page), pages + 1
    assert "Ord 1099" in page and pages == 45  # nothing is out of reach


def test_ten_thousand_plans_in_the_register(browser, town, app_engine, write):
    few, _ = cost(browser("office"), app_engine, "/register/plans/")
    home, then = town.municipality_id, utcnow()
    owners = [one | {"id": 50_000 + n} for n, one in enumerate(persons(town, MANY))]
    write("person", owners)
    kind = {"type": PlanType.INDIVIDUAL_PLAN, "status": PlanStatus.ACTIVE}
    kind |= {"municipality_id": home}
    write("plan", [
        kind | {"id": 50_000 + n, "person_id": 50_000 + n, "short_name": f"P {n}",
                "opened_at": then, "owner_decides_from": today(), "guardian_until": today(),
                "uid": str(uuid4())}
        for n in range(MANY)
    ])  # fmt: skip
    write("plan_register", [
        kind | {"plan_id": 50_000 + n, "person_id": 50_000 + n, "uid": str(uuid4()),
                "opened_on": date(2020, 1, 1) + timedelta(n // 7)}
        for n in range(MANY)
    ])  # fmt: skip
    first = browser("office").get("/register/plans/").text
    assert next_page(first) and len(shown(first)) == PAGE_SIZE
    assert cost(browser("office"), app_engine, "/register/plans/") == (few, [])
    deep = "/register/plans/?before=2020-01-10_60000"
    assert cost(browser("office"), app_engine, deep) == (few, [])
    page = browser("office").get(deep).text
    while next_page(page):
        page = browser("office").get(next_page(page)).text
    assert shown(page)[-1] == "Eigar 0000"  # the very oldest


def test_ten_thousand_looks_in_the_log(browser, town, app_engine, write):
    address = f"/plan/{town.plan}/log/"
    few, _ = cost(browser("mother"), app_engine, address)
    with app_engine.connect() as connection:
        newest = connection.scalar(text("SELECT coalesce(max(seq), 0) FROM access_event"))
    look = {
        "plan_id": town.plan, "at": utcnow(), "action": "read", "kind": "goal", "rows": [1],
        "basis": "none", "name": "Nurse", "role": "", "organisation": "", "address": "",
        "previous": "", "digest": "", "hidden_from_guardians": False,
    }  # fmt: skip
    seqs = range(newest + 1, newest + MANY + 1)
    write(AccessEvent.__tablename__, [look | {"seq": n, "name": f"Look {n}"} for n in seqs])
    page = browser("mother").get(address).text
    assert next_page(page) and page.count("data-visit") == A_PAGE
    assert cost(browser("mother"), app_engine, address) == (few, [])
    assert cost(browser("mother"), app_engine, f"{address}?before=5000") == (few, [])
    page = browser("mother").get(f"{address}?before=40").text
    while next_page(page):
        page = browser("mother").get(next_page(page)).text
    assert not next_page(page) and "data-visit" in page
