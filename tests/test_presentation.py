"""Who the owner is: one text in the owner's own words, and the sheet of it to hand out."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.audit import AccessEvent
from models.clock import utcnow
from models.database import WRITING
from models.elements.presentation import Presentation
from models.people import Person
from models.plan import Plan
from models.vocabulary import Level, PlanType, Scope
from services.hiding import KeptFrom, keep_from
from tests.factories import a_key
from tests.page import Page
from tests.test_budgets import logging, measured

pytestmark = pytest.mark.a_page

SHEET = "about-me"


@pytest.fixture
def room(town):
    return f"/plan/{town.plan}/presentation"


@pytest.fixture
def let_in(desk, town):
    """`let_in("nurse")`: the person reads the presentation."""

    def give(who, level=Level.READ):
        a_key(desk, town, who, Scope.PRESENTATION, level)

    return give


@pytest.fixture
def empty(desk, town):
    """Nothing is written yet."""
    with desk.session("mother") as session:
        session.get(Presentation, town.rows["presentation"]).removed_at = utcnow()
        session.commit()


@pytest.fixture
def stored(desk):
    def rows():
        with desk.system() as session:
            return session.scalars(select(Presentation).order_by(Presentation.id)).all()

    return rows


def test_the_owner_writes_and_those_let_in_read(browser, room, empty, let_in):
    let_in("grandmother")
    owner = browser("owner")
    assert f'href="{room}/add"' in owner.get(f"{room}/").text
    form = {"who": "I am twelve", "avoid": "Loud rooms", "uid": ""}
    reply = owner.post(f"{room}/add", data=form)
    assert (reply.status_code, reply.location) == (303, f"{room}/")
    page = browser("grandmother").get(f"{room}/").text
    assert "I am twelve" in page and "Loud rooms" in page and "/edit/" not in page


def test_who_reads_does_not_write(browser, room, let_in, town):
    let_in("grandmother")
    client, pk = browser("grandmother"), town.rows["presentation"]
    assert client.post(f"{room}/edit/{pk}", data={"who": "x", "version": "1"}).status_code == 403
    assert client.post(f"{room}/delete/{pk}").status_code == 403
    assert client.get(f"{room}/add").status_code in (303, 403)


@pytest.mark.parametrize("page", ["", SHEET])
@pytest.mark.parametrize("who", ["nurse", "reader", "grandmother", "stranger"])
def test_without_the_part_there_is_no_room(browser, room, who, page):
    assert browser(who).get(f"{room}/{page}").status_code == 404


def test_something_must_be_written(browser, room, empty, stored):
    reply = browser("mother").post(f"{room}/add", data={"who": " ", "uid": ""})
    assert reply.status_code == 422 and "Write something in one of the fields." in reply.text
    assert len(stored()) == 1


def test_a_second_presentation_leads_to_the_first(browser, room, town, stored):
    client, first = browser("father"), f"{room}/show/{town.rows['presentation']}"
    assert client.get(f"{room}/add").location == first
    reply = client.post(f"{room}/add", data={"who": "Another", "uid": ""})
    assert reply.status_code == 409 and first in reply.text and len(stored()) == 1
    assert Page(reply.text).fields["who"].values == ["Another"]


def test_a_double_click_stores_once(browser, room, empty, stored):
    client = browser("mother")
    uid = Page(client.get(f"{room}/add").text).fields["uid"].values[0]
    for _ in range(2):
        reply = client.post(f"{room}/add", data={"who": "Once", "uid": uid})
        assert (reply.status_code, reply.location) == (303, f"{room}/")
    assert [row.who for row in stored()] == ["Likes trains", "Once"]


def test_of_two_at_once_one_is_stored(desk, town, empty, stored):
    together = Barrier(2, timeout=30)

    def write(who):
        WRITING.set(True)
        with desk.session(who) as session:
            together.wait()
            session.add(Presentation(plan_id=town.plan, who=who))
            try:
                session.commit()
            except IntegrityError:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ("mother", "father"))) == [False, True]
    assert len(stored()) == 2


def test_what_is_removed_can_be_written_anew(browser, room, town, stored):
    client = browser("mother")
    assert client.post(f"{room}/delete/{town.rows['presentation']}").location == f"{room}/"
    assert client.post(f"{room}/add", data={"who": "Anew", "uid": ""}).status_code == 303
    assert [bool(row.removed_at) for row in stored()] == [True, False]


@pytest.fixture
def hidden(desk, town, empty):
    """The coordinator has written something the parents must not read."""
    with desk.session("coordinator") as session:
        row = Presentation(plan_id=town.plan, who="Hush hush")
        session.add(row)
        session.flush()
        plan, all_ = session.get(Plan, town.plan), KeptFrom(everybody=True)
        keep_from(session, plan, row, all_, "Told in confidence")
        session.commit()


def test_what_is_kept_from_parents_is_not_there_for_them(browser, room, hidden):
    client = browser("mother")
    assert "Hush hush" not in client.get(f"{room}/").text
    assert client.get(f"{room}/{SHEET}").status_code == 404
    assert client.post(f"{room}/add", data={"who": "Ours", "uid": ""}).status_code == 303


def test_what_is_kept_from_somebody_is_on_no_sheet(browser, room, hidden):
    client = browser("coordinator")
    page = client.get(f"{room}/").text
    assert "Hush hush" in page and SHEET not in page
    assert client.get(f"{room}/{SHEET}").status_code == 404
    browser("mother").post(f"{room}/add", data={"who": "Ours", "uid": ""})
    sheet = client.get(f"{room}/{SHEET}").text
    assert "Ours" in sheet and "Hush hush" not in sheet


def words_on_paper(html):
    """What is left of a sheet when it is printed."""
    body = re.search(r"<body.*</body>", html, re.S)[0]
    body = re.sub(r'<nav class="ms-sheet__tools".*?</nav>', "", body, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


def test_on_the_sheet_are_the_name_and_the_words_and_nothing_else(browser, desk, room, town):
    with desk.system() as session:
        owner = session.get(Person, town.people["owner"])
        owner.identity_number, owner.place = "13075512345", "Fjordvegen 12"
        session.commit()
    sheet = browser("coordinator").get(f"{room}/{SHEET}").text
    assert words_on_paper(sheet) == "Owner Who I am Likes trains"
    assert "13075512345" not in sheet and "Fjordvegen" not in sheet and "OW 1" not in sheet


def test_the_sheet_asks_nothing_of_others(browser, room):
    sheet = browser("mother").get(f"{room}/{SHEET}").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', sheet)
    assert addresses and all(address.startswith("/") for address in addresses)
    assert "data-print hidden" in sheet


def test_words_are_words_on_the_sheet(browser, room, town):
    edit = f"{room}/edit/{town.rows['presentation']}"
    browser("mother").post(edit, data={"who": "<script>x</script>\nTwo", "version": "1"})
    sheet = browser("mother").get(f"{room}/{SHEET}").text
    assert "&lt;script&gt;x" in sheet and "<script>x" not in sheet


def test_who_looked_is_in_the_log(browser, desk, room, town):
    browser("coordinator").get(f"{room}/{SHEET}")
    with desk.system() as session:
        kinds = session.scalars(select(AccessEvent.kind)).all()
        assert sorted(kinds) == ["portrait", "presentation"]


@pytest.mark.parametrize("page, reads_of_page", [("", 6), (SHEET, 7)])
def test_what_the_pages_cost(browser, room, app_engine, page, reads_of_page):
    (reads, writes, many), sent = measured(browser("mother"), app_engine, f"{room}/{page}")
    assert (reads, writes, many) == (reads_of_page, logging(app_engine), 0), sent


def test_every_plan_but_a_meeting_log_has_it():
    assert Presentation.element.types == frozenset(PlanType) - {PlanType.MEETING_LOG}
