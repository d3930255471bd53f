"""How it is now: one text for each life area, written together, open as its area is."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.database import WRITING
from models.elements.background import Background
from models.elements.goal import Goal
from models.history import ElementVersion
from models.municipality import LifeAreaName
from models.plan import Plan
from models.vocabulary import Level, LifeArea, PlanType, Scope
from security.policy import Forbidden
from security.writes import Immutable
from services.hiding import AnotherStandsThere, KeptFrom, keep_from
from tests.factories import a_key
from tests.page import Page
from tests.test_budgets import logging, measured

pytestmark = pytest.mark.a_page

SCHOOL, HOUSING = LifeArea.WORK_SCHOOL, LifeArea.HOUSING
CARD = re.compile(r'<section class="ds-card ms-stack" aria-labelledby="(\w+)">')


@pytest.fixture
def room(town):
    return f"/plan/{town.plan}/background"


@pytest.fixture
def let_in(desk, town):
    """`let_in("teacher")`: the person contributes to how it is now at school, and no more."""

    def give(who, level=Level.CONTRIBUTE, areas=(SCHOOL,)):
        a_key(desk, town, who, Scope.BACKGROUND, level, areas)

    return give


@pytest.fixture
def stored(desk):
    def rows(area):
        with desk.system() as session:
            here = select(Background).where(Background.life_areas == frozenset({area}))
            return session.scalars(here.order_by(Background.id)).all()

    return rows


def cards(page):
    return CARD.findall(page.text)


def written(area, **words):
    return {"life_areas": str(area), "uid": ""} | words


def test_the_room_has_a_card_for_each_life_area_in_order(browser, room):
    page = browser("mother").get(f"{room}/")
    assert cards(page) == [str(area) for area in LifeArea]
    assert "Draws" in page.text and "Written by Coordinator" in page.text
    assert page.text.count("Write about this") == 5


def test_the_cards_are_called_what_the_municipality_calls_them(browser, desk, town, room):
    with desk.system() as session:
        own = session.get(LifeAreaName, town.rows["life area"])
        own.words = {**own.words, "en": "Days and work"}
        session.commit()
    client = browser("mother")
    assert "Days and work</h2>" in client.get(f"{room}/").text
    assert "Days and work" in client.get(f"{room}/show/{town.rows['background']}").text
    assert "Days and work" in client.get(f"{room}/edit/{town.rows['background']}").text


def test_a_card_leads_to_a_form_for_its_own_area(browser, room, stored):
    client = browser("mother")
    address = re.search(r'href="([^"]+life_areas=housing)"', client.get(f"{room}/").text)[1]
    assert Page(client.get(address).text).fields["life_areas"].values == ["housing"]
    reply = client.post(address, data=written(HOUSING, wishes="A room of my own"))
    assert (reply.status_code, reply.location) == (303, f"{room}/")
    assert [row.wishes for row in stored(HOUSING)] == ["A room of my own"]
    assert "A room of my own" in client.get(f"{room}/").text


def test_the_goals_of_an_area_stand_below_it_for_those_who_read_them(browser, room):
    page = browser("coordinator").get(f"{room}/").text
    school = page.partition('id="work_school"')[2].partition("</section>")[0]
    assert "Read" in school and "Hush" in school and "Swim" not in school
    assert "Hush" not in browser("mother").get(f"{room}/").text


def test_a_grant_for_one_area_shows_one_card_and_lets_one_write_there(browser, room, let_in, town):
    let_in("teacher")
    client = browser("teacher")
    page = client.get(f"{room}/")
    assert cards(page) == ["work_school"] and "Draws" in page.text
    edit = f"{room}/edit/{town.rows['background']}"
    form = {"situation": "Draws, and sings", "version": "1"}
    assert client.post(edit, data=form).status_code == 303
    assert "Draws, and sings" in client.get(f"{room}/").text


def test_who_contributes_takes_away_nothing_that_others_began(browser, room, let_in, town, stored):
    let_in("teacher")
    client, pk = browser("teacher"), town.rows["background"]
    assert f"/delete/{pk}" not in client.get(f"{room}/show/{pk}").text
    assert client.post(f"{room}/delete/{pk}").status_code == 403
    assert stored(SCHOOL)[0].removed_at is None


def test_outside_ones_areas_there_is_nothing_and_one_writes_nothing(browser, room, let_in, stored):
    let_in("teacher", areas=(HOUSING,))
    client = browser("teacher")
    assert "Draws" not in client.get(f"{room}/").text
    assert Page(client.get(f"{room}/add").text).fields["life_areas"].options == ["housing"]
    reply = client.post(f"{room}/add", data=written(LifeArea.HEALTH, situation="x"))
    assert reply.status_code == 422 and stored(LifeArea.HEALTH) == []


def test_the_guard_refuses_another_area_whatever_a_page_forgets(desk, town, let_in):
    let_in("teacher", areas=(HOUSING,))
    with desk.session("teacher") as session:
        session.add(Background(plan_id=town.plan, life_areas=frozenset({SCHOOL}), situation="x"))
        with pytest.raises(Forbidden):
            session.flush()


def test_reading_is_not_writing(browser, room, let_in, town):
    let_in("reader", Level.READ)
    client, pk = browser("reader"), town.rows["background"]
    page = client.get(f"{room}/").text
    assert "Draws" in page and "/edit/" not in page and "/add" not in page
    assert client.post(f"{room}/edit/{pk}", data={"situation": "x"}).status_code == 403
    assert client.post(f"{room}/add", data=written(SCHOOL, situation="x")).status_code == 403


@pytest.mark.parametrize("who", ["nurse", "grandmother", "stranger"])
def test_without_the_part_there_is_no_room(browser, room, who):
    assert browser(who).get(f"{room}/").status_code == 404


def test_a_simple_collaboration_has_no_such_part(browser, town):
    for page in ("", "add"):
        address = f"/plan/{town.rows['other plan']}/background/{page}"
        assert browser("other mother").get(address).status_code == 404


def test_something_must_be_written_about_something(browser, room, stored):
    reply = browser("mother").post(f"{room}/add", data=written(HOUSING, situation="  "))
    assert reply.status_code == 422 and "Write something in one of the fields." in reply.text
    reply = browser("mother").post(f"{room}/add", data={"situation": "x"})
    assert reply.status_code == 422 and stored(HOUSING) == []


def test_a_second_text_about_an_area_leads_to_the_first(browser, room, town):
    reply = browser("mother").get(f"{room}/add?life_areas=work_school")
    assert (reply.status_code, reply.location) == (303, f"{room}/show/{town.rows['background']}")


def test_what_one_wrote_meanwhile_is_not_lost(browser, room, town, stored):
    reply = browser("mother").post(f"{room}/add", data=written(SCHOOL, situation="Mine"))
    assert reply.status_code == 409 and len(stored(SCHOOL)) == 1
    assert "Mine" in Page(reply.text).fields["situation"].values
    assert "Draws" in reply.text and f"{room}/show/{town.rows['background']}" in reply.text


def test_a_double_click_stores_once(browser, room, stored):
    client = browser("mother")
    uid = Page(client.get(f"{room}/add").text).fields["uid"].values[0]
    form = written(HOUSING, situation="Once") | {"uid": uid}
    for _ in range(2):
        reply = client.post(f"{room}/add", data=form)
        assert (reply.status_code, reply.location) == (303, f"{room}/")
    assert len(stored(HOUSING)) == 1


def test_of_two_at_once_one_is_stored(desk, town, stored):
    together = Barrier(2, timeout=30)

    def write(who):
        WRITING.set(True)
        with desk.session(who) as session:
            house = frozenset({HOUSING})
            together.wait()
            session.add(Background(plan_id=town.plan, life_areas=house, situation=who))
            try:
                session.commit()
            except IntegrityError:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ("mother", "coordinator"))) == [False, True]
    assert len(stored(HOUSING)) == 1


def test_no_text_is_about_two_areas_or_moves_to_another(desk, town):
    with desk.session("mother") as session:
        two = frozenset({HOUSING, LifeArea.HEALTH})
        session.add(Background(plan_id=town.plan, life_areas=two, situation="x"))
        with pytest.raises(IntegrityError):
            session.flush()
    with desk.session("mother") as session:
        session.get(Background, town.rows["background"]).life_areas = frozenset({HOUSING})
        with pytest.raises(Immutable):
            session.flush()


def test_what_is_removed_can_be_written_anew_and_is_kept(browser, desk, room, town, stored):
    client, pk = browser("coordinator"), town.rows["background"]
    assert client.post(f"{room}/delete/{pk}").location == f"{room}/"
    assert "Draws" not in client.get(f"{room}/").text
    reply = client.post(f"{room}/add", data=written(SCHOOL, situation="Anew"))
    assert reply.status_code == 303
    assert [row.situation for row in stored(SCHOOL)] == ["Draws", "Anew"]


def hide(desk, town, whom):
    with desk.session("coordinator") as session:
        row = session.get(Background, town.rows["background"])
        keep_from(session, session.get(Plan, town.plan), row, whom, "Told in confidence")
        session.commit()


def test_nobody_finds_out_by_writing_that_something_is_kept_from_them(
    browser, desk, room, town, stored
):
    hide(desk, town, KeptFrom(everybody=True))
    client = browser("mother")
    page = client.get(f"{room}/").text
    assert "Draws" not in page and page.count("Write about this") == 6
    assert client.get(f"{room}/show/{town.rows['background']}").status_code == 404
    reply = client.post(f"{room}/add", data=written(SCHOOL, situation="Ours"))
    assert reply.status_code == 303 and len(stored(SCHOOL)) == 2
    page = browser("coordinator").get(f"{room}/").text
    assert "Draws" in page and "Ours" in page


def test_what_is_kept_from_one_parent_is_open_to_the_other(browser, desk, room, town):
    hide(desk, town, KeptFrom(person_id=town.people["father"]))
    assert "Draws" in browser("mother").get(f"{room}/").text
    father = browser("father")
    assert "Draws" not in father.get(f"{room}/").text
    assert father.post(f"{room}/add", data=written(SCHOOL, wishes="His")).status_code == 303


def test_two_texts_are_made_one_before_the_hidden_one_is_opened(browser, desk, room, town):
    hide(desk, town, KeptFrom(everybody=True))
    browser("mother").post(f"{room}/add", data=written(SCHOOL, situation="Ours"))
    with pytest.raises(AnotherStandsThere):
        hide(desk, town, KeptFrom())


def test_a_change_keeps_what_stood_there(browser, desk, room, town):
    edit = f"{room}/edit/{town.rows['background']}"
    browser("mother").post(edit, data={"situation": "Paints", "version": "1"})
    with desk.system() as session:
        was = session.scalars(select(ElementVersion).filter_by(key="background")).one()
        assert was.data["situation"] == "Draws"


def test_a_stale_text_is_shown_beside_the_new_one(browser, room, town):
    edit = f"{room}/edit/{town.rows['background']}"
    browser("mother").post(edit, data={"situation": "Paints", "version": "1"})
    reply = browser("father").post(edit, data={"situation": "Sings", "version": "1"})
    assert reply.status_code == 409 and "Paints" in reply.text and "Sings" in reply.text


@pytest.mark.parametrize("who, reads_of_page", [("mother", 7), ("coordinator", 7)])
def test_the_room_costs_the_same_however_much_there_is(
    browser, desk, room, town, app_engine, who, reads_of_page
):
    (reads, writes, many), sent = measured(browser(who), app_engine, f"{room}/")
    assert (reads, writes, many) == (reads_of_page, logging(app_engine), 0), sent
    with desk.system() as session:
        mine = {"plan_id": town.plan, "author_id": town.people["mother"]}
        for area in LifeArea:
            one = {**mine, "life_areas": frozenset({area})}
            session.add_all(Goal(**one, goal=f"{area} {n}") for n in range(5))
            if area is not SCHOOL:
                session.add(Background(**one, situation="Much"))
        session.commit()
    more, sent = measured(browser(who), app_engine, f"{room}/")
    assert more == (reads, writes, many), sent


def test_the_type_of_the_plan_decides():
    assert Background.element.types == {PlanType.INDIVIDUAL_PLAN}
