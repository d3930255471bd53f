"""Side by side in a real browser: the coordinator's page changes by itself when a parent signs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.account import Account
from models.people import Person
from models.types import blind_index
from security import passwords
from security.session import SystemSession
from security.sessions import COOKIE
from tests.conftest import sign_in
from tests.e2e.conftest import served
from tests.forms import PASSWORD

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def address(app, town, app_engine) -> Iterator[str]:
    secret = passwords.hash_password(PASSWORD)
    with SystemSession(app_engine, because="test data") as session:
        for account in session.scalars(select(Account)):
            account.password_hash = secret
        mother = session.get_one(Person, town.people["mother"])
        mother.phone = "+4790000001"
        mother.phone_index = blind_index("person.phone", mother.phone)
        session.commit()
    with served(app) as address:
        yield address


@pytest.fixture
def window(chromium: Browser, app, town, app_engine, address):
    def opened(who: str, width: int, **more: bool) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **more)
        token = sign_in(app_engine, town, who)
        context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
        page = context.new_page()
        page.set_default_timeout(10000)
        return page

    return opened


def _sign(page: Page, address: str, plan: int) -> None:
    page.goto(f"{address}/plan/{plan}/consent/sign")
    for card in page.locator(".ms-consent").all():
        card.locator('input[value="yes"]').first.check()
    page.locator("#length-6").check()
    page.locator("#heard-talked").check()
    page.fill('[name="opinion"]', "She likes it")
    page.get_by_role("button", name="Look over my choices").click()
    page.fill('[name="password"]', PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("h1")).to_have_text("Receipt")


def _is_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [n["target"] for n in one["nodes"]]) for one in found] == []


def test_the_coordinators_page_follows_by_itself(window, address, town):
    desk, mother, father = window("coordinator", 1280), window("mother", 320), window("father", 320)
    asked: list[str] = []
    desk.on("request", lambda one: asked.append(one.url) if "?of=" in one.url else None)
    desk.goto(f"{address}/plan/{town.plan}/consent/")
    desk.get_by_role("link", name="Sign together now").click()
    expect(desk.locator("#together")).to_contain_text("0 of 2 have signed")
    _is_accessible(desk)
    button = desk.get_by_role("button", name="Send to the phone")
    button.focus()
    desk.wait_for_timeout(3500)  # asked again, nothing new: what one is on stays
    expect(button).to_be_focused()
    with desk.expect_navigation():
        button.click()
    expect(desk.locator('[role="status"]').first).to_contain_text("on its way to the phone")
    mother.goto(f"{address}/plan/{town.plan}/consent/sign")
    expect(desk.locator("#together")).to_contain_text("Has opened it")
    expect(desk.locator("#together-said")).to_contain_text("Mother: Has opened it.")
    _sign(mother, address, town.plan)
    expect(desk.locator("#together")).to_contain_text("1 of 2 have signed")
    _sign(father, address, town.plan)
    expect(desk.locator("#together")).to_contain_text("Everybody has signed")
    expect(desk.locator("#together-said")).to_contain_text("Everybody has signed")
    expect(desk.locator("#read-picture")).to_have_count(0)
    _is_accessible(desk)
    many = len(asked)
    desk.wait_for_timeout(4000)
    assert len(asked) == many > 1  # it is over: nothing is asked any more


def test_without_scripts_a_link_shows_how_far_it_has_come(window, address, town):
    desk = window("coordinator", 320, java_script_enabled=False)
    mother = window("mother", 320)
    desk.goto(f"{address}/plan/{town.plan}/consent/together/")
    _sign(mother, address, town.plan)
    with desk.expect_navigation():
        desk.get_by_role("link", name="See how far it has come").click()
    expect(desk.locator("#together")).to_contain_text("1 of 2 have signed")


def test_who_is_signed_out_is_not_followed_any_more(window, address, town):
    desk = window("coordinator", 1280)
    desk.goto(f"{address}/plan/{town.plan}/consent/together/")
    desk.context.clear_cookies()
    expect(desk.locator("#together-stopped")).to_be_visible()
