"""Ten thousand messages cost as ten do: read by key and by index, whoever may read them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, insert, text

from models.clock import utcnow
from models.database import WRITING
from models.everything import METADATA
from services.threads import A_PAGE
from tests.conftest import statements
from tests.test_budgets import logging, measured
from tests.test_long_lists import next_page

MANY = 10_000
PAGES = ("/messages/", "/plan/1/message/list/")


@pytest.fixture
def many(town, app_engine):
    """Two to a thread, as each thread has an answer; the coordinator wrote them to the nurse."""
    message, to = METADATA.tables["message"], METADATA.tables["message_recipient"]
    at, then = {"plan_id": town.plan}, utcnow() - timedelta(days=1)
    of_all = {
        **at, "author_id": town.people["coordinator"], "body": "Hei", "circle": "chosen",
        "created_at": then, "locked_at": then, "version": 1, "life_areas": 0,
        "hidden_from_guardians": False,
    }  # fmt: skip
    letters = [
        {**of_all, "id": 1000 + n, "uid": str(uuid4()), "thread": f"t{n // 2}",
         "subject_line": f"Brev {n // 2}"}
        for n in range(MANY)
    ]  # fmt: skip
    receivers = [
        {**at, "created_at": then, "uid": str(uuid4()), "message_id": 1000 + n,
         "person_id": town.people["nurse"]}
        for n in range(MANY)
    ]  # fmt: skip
    WRITING.set(True)
    with app_engine.begin() as connection:
        connection.execute(insert(message), letters)
        connection.execute(insert(to), receivers)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    WRITING.set(False)


@pytest.mark.parametrize("page", PAGES)
def test_many_cost_as_few_and_each_is_met_once(browser, app_engine, town, request, page):
    nurse = browser("nurse")
    few, sent = measured(nurse, app_engine, page)
    assert few == (6, logging(app_engine), 0), sent
    request.getfixturevalue("many")
    for address in (page, next_page(nurse.get(page).text)):
        with statements(app_engine) as sent:
            found = re.findall(r"message/show/(\d+)", nurse.get(address).text)
        assert len(found) == A_PAGE and len(sent) == sum(few), sent
    assert max(map(int, found)) == 1000 + MANY - 1 - 2 * A_PAGE


def test_no_list_of_messages_reads_them_all(browser, app_engine, many):
    """What it takes is found by the index on the plan, from the newest on."""
    asked = []

    def hear(_c, _cur, statement, values, _context, _many):
        if (
            ("FROM message" in statement and "short_name" in statement)
            or "string_agg" in statement
            or "group_concat" in statement
        ):
            asked.append((statement, values))

    event.listen(app_engine, "before_cursor_execute", hear)
    for page in PAGES:
        assert browser("nurse").get(f"{page}?before=9000").status_code == 200
    event.remove(app_engine, "before_cursor_execute", hear)
    assert len(asked) == 3
    explain = "EXPLAIN QUERY PLAN" if app_engine.dialect.name == "sqlite" else "EXPLAIN"
    for statement, values in asked:
        with app_engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{explain} {statement}", values)
            plan = "\n".join(str(row) for row in rows)
        assert not re.search(r"SCAN message|Seq Scan on message\b|OFFSET", plan), plan
