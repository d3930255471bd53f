"""Somebody with every role of the office at once reaches nothing that a plan holds: by no page,
file, search, notice, line of the log or message of a fault."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select

from models.account import Membership
from models.vocabulary import Role
from tests.conftest import statements
from tests.forms import addresses
from tests.steps import prepare
from tests.test_patrol import FORM, SECRETS, writes
from views.realm import PAGES, Realm

pytestmark = pytest.mark.a_page
OFFICE = frozenset({Role.COORDINATING_UNIT, Role.LEADER, Role.COMPETENCE_GROUP, Role.ADMINISTRATOR})
WORDS = ("Swim", "Hush", "Psst", "trains", "Vik")
"""What stands in the plan, looked for in each search."""


@pytest.fixture
def everything(browser, desk, town):
    """Every role, and the department the plan is of."""
    prepare("register", desk, town)
    with desk.system() as session:
        mine = Membership.person_id == town.people["office"]
        session.scalars(select(Membership).where(mine)).one().roles = OFFICE
        session.commit()
    return browser("office")


def says_nothing(reply, endpoint, caplog):
    found = [secret for secret in SECRETS if secret in reply.data]
    assert found == [], (endpoint, found)
    told = [secret for secret in SECRETS if secret.decode() in caplog.text]
    assert told == [], (endpoint, told)


def test_no_page_of_the_office_says_what_a_plan_holds(app, everything, town, caplog):
    caplog.set_level(logging.DEBUG)
    seen = files = 0
    for endpoint, address in addresses(app, town, "GET"):
        if endpoint in PAGES and PAGES[endpoint].realm in (Realm.REGISTER, Realm.ACCOUNT):
            reply = everything.get(address)
            says_nothing(reply, endpoint, caplog)
            seen += reply.status_code == 200
            files += "attachment" in reply.headers.get("Content-Disposition", "")
    assert seen > 90 and files > 4, (seen, files)


def test_no_search_of_the_office_finds_it(app, everything, town, caplog):
    caplog.set_level(logging.DEBUG)
    searches = [one for one in addresses(app, town, "POST") if one[0].endswith(".search")]
    tried = 0
    for endpoint, address in searches:
        if PAGES[endpoint].realm is Realm.REGISTER:
            for words in WORDS:
                data = {"name": words}
                reply = everything.post(address, data=data, follow_redirects=True)
                shown = reply.data.replace(f'value="{words}"'.encode(), b"")
                reply.data = shown
                says_nothing(reply, endpoint, caplog)
                tried += reply.status_code == 200
    assert tried > 40, tried


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_page_of_a_plan_opens_and_nothing_is_written(
    app, app_engine, everything, town, caplog, method
):
    caplog.set_level(logging.DEBUG)
    refused = 0
    for endpoint, address in addresses(app, town, method):
        if endpoint not in PAGES or PAGES[endpoint].realm is not Realm.PLAN:
            continue
        with statements(app_engine) as sent:
            data = FORM if method == "POST" else None
            reply = everything.open(address, method=method, data=data)
        assert reply.status_code in (403, 404), (endpoint, reply.status_code)
        assert writes(sent) == [], endpoint
        says_nothing(reply, endpoint, caplog)
        refused += 1
    assert refused > 25
