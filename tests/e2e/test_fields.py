"""What only a browser shows of fields: the draft while one writes, the question before a
session ends, and a name that is looked up as it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.draft import Draft
from models.people import Person
from security.sessions import COOKIE
from tests.conftest import sit_down
from tests.e2e.conftest import served
from tests.forms import a_picture

pytestmark = pytest.mark.xdist_group("browser")
expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong
STORY = "Ho søv betre, og vi vil meir"


@pytest.fixture
def address(app) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    before = app.session_interface.idle, app.session_interface.longest
    with served(app) as address:
        yield address
    app.session_interface.idle, app.session_interface.longest = before


@pytest.fixture
def window(chromium: Browser, app, town, address):
    """`window("nurse")` is a page of a browser in which the nurse has signed in."""
    trouble: list[str] = []
    contexts, cookies = [], {}

    def open_for(who: str, width: int = 1280) -> Page:
        if who not in cookies:
            cookies[who] = sit_down(app, town, who).get_cookie(COOKIE)
        context = chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": cookies[who].value, "url": address}])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: trouble.append(str(e)))
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert [text for text in trouble if "Failed to load resource" not in text] == []


def stored(desk) -> list[Draft]:
    with desk.system() as session:
        return list(session.scalars(select(Draft)))


def test_a_draft_is_saved_while_one_writes_and_gone_when_it_is_sent(window, address, desk, town):
    page, form = window("nurse", 320), f"{address}/plan/{town.plan}/goal/add"
    page.goto(form)
    page.fill('[name="goal"]', "Climb")
    page.fill('[name="why"]', STORY)
    expect(page.get_by_role("status")).to_have_text(re.compile(r"Draft saved \d\d:\d\d"))
    page.goto(form)
    assert page.input_value('[name="why"]') == STORY
    expect(page.locator("main")).to_contain_text("This is your draft from")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert stored(desk) == []
    page.goto(form)
    assert page.input_value('[name="why"]') == ""


def test_a_form_sent_while_its_draft_is_on_the_way_leaves_none(window, address, desk, town):
    page = window("nurse")
    held = []
    page.route("**/draft/", lambda route: held.append(route))
    page.goto(f"{address}/plan/{town.plan}/goal/add")
    page.fill('[name="goal"]', "Climb")
    page.wait_for_timeout(2800)
    assert len(held) == 1
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_timeout(300)
    with page.expect_navigation():
        held[0].continue_()
    assert page.url.endswith("/goal/list/") and stored(desk) == []


def test_without_a_session_the_text_stays_and_so_does_the_draft(window, address, desk, town):
    page, form = window("nurse"), f"{address}/plan/{town.plan}/goal/add"
    page.goto(form)
    page.fill('[name="why"]', STORY)
    expect(page.get_by_role("status")).to_contain_text("Draft saved")
    page.context.clear_cookies()
    page.fill('[name="why"]', STORY + "!")
    expect(page.get_by_role("status")).to_contain_text("You have been signed out")
    assert page.input_value('[name="why"]') == STORY + "!"
    again = window("nurse")
    again.goto(form)
    assert again.input_value('[name="why"]') == STORY


def test_before_the_session_ends_one_is_asked_and_may_go_on(app, window, address, town):
    app.session_interface.idle = timedelta(seconds=12)
    page = window("nurse")
    page.goto(f"{address}/plan/{town.plan}/goal/add")
    page.fill('[name="goal"]', "Climb")
    asks = page.get_by_role("alertdialog", name="Are you still here?")
    expect(asks).to_be_visible()
    expect(asks).to_contain_text(re.compile(r"signed out at \d\d:\d\d"))
    stay = asks.get_by_role("button", name="Stay signed in")
    expect(stay).to_be_focused()
    stay.press("Enter")
    expect(asks).to_be_hidden()
    expect(page.locator('[name="goal"]')).to_be_focused()  # where one was
    expect(asks).to_be_visible()
    page.keyboard.press("Escape")
    expect(asks).to_be_hidden()
    page.wait_for_timeout(6500)  # past the end, had nobody answered
    page.reload()
    assert page.url.endswith("/goal/add")


def test_when_it_has_ended_the_page_says_so_and_keeps_what_was_written(app, window, address, town):
    app.session_interface.idle = timedelta(seconds=6)
    page, form = window("nurse", 320), f"/plan/{town.plan}/goal/add"
    page.goto(address + form)
    page.fill('[name="goal"]', "Climb")
    over = page.get_by_role("alertdialog")
    expect(over).to_contain_text("You have been signed out")
    again = over.get_by_role("link", name="Sign in again")
    assert again.get_attribute("href") == f"/sign-in/?next={form}"
    expect(over.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(over).to_be_hidden()
    assert page.input_value('[name="goal"]') == "Climb"


def test_at_the_limit_nobody_is_promised_more(app, window, address, town):
    app.session_interface.idle = timedelta(seconds=8)
    app.session_interface.longest = timedelta(seconds=9)
    page = window("nurse")
    page.goto(f"{address}/password/")
    asks = page.get_by_role("alertdialog")
    asks.get_by_role("button", name="Stay signed in").click()
    expect(asks).to_contain_text("You must sign in again at")
    expect(asks.get_by_role("button", name="Stay signed in")).to_be_hidden()
    expect(asks).to_contain_text("You have been signed out")


def test_a_page_in_another_tab_keeps_the_question_away(app, window, address, town):
    app.session_interface.idle = timedelta(seconds=10)
    first = window("nurse")
    first.goto(f"{address}/password/")
    second = first.context.new_page()
    expect(first.get_by_role("alertdialog")).to_be_visible(timeout=9000)
    second.goto(f"{address}/password/")
    second.evaluate("new BroadcastChannel('medspel-session').postMessage(Date.now() + 60000)")
    expect(first.get_by_role("alertdialog")).to_be_hidden()


def test_a_person_is_found_while_the_name_is_typed(window, address, desk, town):
    with desk.system() as session:
        for n in range(25):
            session.add(Person(municipality_id=town.municipality_id, name=f"Åse Øvrebø {n:02}"))
        session.commit()
    page = window("office", 320)
    page.goto(f"{address}/register/appointment/add")
    field = page.get_by_role("combobox", name="Person")
    options = page.get_by_role("listbox", name="Person").get_by_role("option")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("øvre")
    expect(options).to_have_count(20)
    expect(page.get_by_role("status").first).to_contain_text("The first 20 are shown")
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    field.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowUp")
    field.press("Enter")
    assert page.url.endswith("/add")  # the list took it, not the form
    assert field.input_value().startswith("Åse Øvrebø 19 [")
    lead = page.get_by_role("combobox", name="Coordinator")
    lead.press_sequentially("newc")
    page.get_by_role("option", name="Newcomer").click()
    expect(lead).to_be_focused()
    page.fill('[name="starts_on"]', "2027-01-31")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("Åse Øvrebø 19")


def test_faces_and_life_areas_are_chosen_with_the_keyboard(window, address, desk, town):
    page = window("mother", 320)
    page.goto(f"{address}/plan/{town.plan}/evaluation/{town.rows['evaluation']}/answer")
    faces = page.get_by_role("radiogroup", name="Well?").get_by_role("radio")
    expect(faces).to_have_count(5)
    faces.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Bad", exact=True)).to_be_checked()
    page.goto(f"{address}/plan/{town.plan}/goal/add")
    areas = page.get_by_role("group", name="Life areas").get_by_role("checkbox")
    expect(areas).to_have_count(6)
    areas.nth(4).focus()
    page.keyboard.press("Space")
    expect(areas.nth(4)).to_be_checked()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


def test_back_on_a_form_that_was_sent_it_is_a_fresh_one(window, address, town):
    """The browser may bring the page back as it was, its uid too; what is written in it then
    is another row, and must not be taken for the one that is stored."""
    page = window("nurse")
    page.goto(f"{address}/plan/{town.plan}/goal/add")
    uid = page.locator('main [name="uid"]')
    before = uid.input_value()
    back = "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    page.evaluate(back)  # nothing was sent: nothing is taken away
    assert uid.input_value() == before
    with page.expect_navigation():
        page.evaluate(f"document.querySelector('main form').dataset.sent = 'yes'; {back}")
    assert uid.input_value() != before


def test_a_picture_that_is_chosen_is_seen(window, address, town):
    page = window("mother", 320)
    page.goto(f"{address}/plan/{town.plan}/goal/{town.rows['school goal']}/picture")
    chosen = {"name": "sea.png", "mimeType": "image/png", "buffer": a_picture("PNG", (300, 200))}
    page.set_input_files('[name="picture"]', chosen)
    page.check('[name="crop"][value="middle"]')
    page.check('[name="agreed"]')
    page.get_by_role("button", name="Store the picture").click()
    seen = page.get_by_alt_text("Picture of the goal")
    expect(seen).to_be_visible()
    assert seen.evaluate("e => e.decode().then(() => e.naturalWidth)") == 200
