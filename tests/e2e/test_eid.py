"""The whole way in a real browser, at both providers: in, sign with it, out, and out elsewhere."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from deploy.catalogues import catalogue
from integrations.openid import provider as settings_of
from integrations.openid.client import Client
from models.account import Account, LoginSession
from models.consent import Signature
from models.people import Person
from models.types import blind_index
from tests.e2e.conftest import served
from tests.e2e.keyboard import instead_of_the_mouse
from tests.e2e.tour import RULES
from tests.providers import HIGH, MARTE

pytestmark = pytest.mark.xdist_group("browser")
WORDS = {e.msgid: e.msgstr for e in catalogue("nn")}


def say(msgid: str, **values: str) -> str:
    return WORDS[msgid] % values if values else WORDS[msgid]


@pytest.fixture
def address(app, provider, town, desk):
    """Medspel at an address the provider knows; the mother's number is on record."""
    app.config.update(WTF_CSRF_ENABLED=True, SYNTHETIC_PEOPLE=True)
    with desk.system() as session:
        mother = session.get(Person, town.people["mother"])
        mother.identity_index = blind_index("person.identity_number", MARTE.identity_number)
        session.commit()
    with served(app) as address:
        app.config["PORTAL"] = address
        [ours] = settings_of.read(provider.client(address).toml)
        app.extensions["openid"] = {ours.key: Client(ours)}
        yield address
        app.extensions["openid"] = {}


@pytest.fixture
def page(chromium, address) -> Page:
    size = {"width": 320, "height": 700}
    page = chromium.new_context(viewport=size, locale="nn-NO").new_page()
    page.trouble = []

    def is_ours(message):
        return message.type == "error" and message.location["url"].startswith(address)

    page.on("console", lambda m: page.trouble.append(m.text) if is_ours(m) else None)
    return page


def is_accessible(page: Page) -> None:
    assert Axe().run(page, options=RULES).response["violations"] == [], page.url


def press(button: Locator) -> None:
    """At a provider, whose pages are not ours to reach with the keyboard."""
    button.evaluate("one => one.click()")


def at_the_provider(page: Page) -> None:
    press(page.get_by_role("button", name="Marte Vikane"))


def sign_in(page: Page, address: str, path: str = "/") -> None:
    page.goto(address + path)
    is_accessible(page)
    page.get_by_role("link", name=say("Sign in with %(name)s", name="ID-porten")).click()
    at_the_provider(page)
    expect(page).to_have_url(address + path)


def logins(desk, town):
    with desk.system() as session:
        mine = LoginSession.account_id == town.accounts["mother"]
        return session.scalars(select(LoginSession).where(mine)).all()


def test_in_sign_and_out_with_the_keyboard(page, address, provider, town, desk, monkeypatch):
    instead_of_the_mouse(monkeypatch)
    sign_in(page, address, f"/plan/{town.plan}/consent/sign")
    for yes in page.locator("[name^=answer-][value=yes]").all():
        yes.check()
    page.locator("[name=length][value='6']").check()
    page.locator("#heard-talked").check()
    page.locator("#opinion").fill("Eg vil")
    page.get_by_role("button", name=say("Look over my choices")).click()
    onward = page.get_by_role("button", name=say("Go on to %(name)s", name="ID-porten"))
    expect(onward).to_be_visible()
    is_accessible(page)
    onward.click()
    at_the_provider(page)
    expect(page.get_by_role("main")).to_contain_text("Eg vil")
    is_accessible(page)
    page.get_by_role("button", name=say("Sign"), exact=True).click()
    expect(page).to_have_url(f"{address}/plan/{town.plan}/consent/receipt")
    with desk.system() as session:
        mine = Signature.person_id == town.people["mother"]
        newest = select(Signature).where(mine).order_by(Signature.id.desc())
        assert session.scalars(newest).first().method == HIGH
    page.locator("summary", has_text="Mother").click()
    page.get_by_role("button", name=say("Sign out"), exact=True).click()
    if provider.kind == "node":  # it asks first
        press(page.get_by_role("button").first)
    expect(page.get_by_text(say("You are signed out."))).to_be_visible()
    is_accessible(page)
    assert logins(desk, town) == [] and page.trouble == []
    page.get_by_role("link", name=say("Sign in with %(name)s", name="ID-porten")).click()
    expect(page.get_by_role("button", name="Marte Vikane")).to_be_visible()  # out there as well


def test_out_elsewhere_is_out_here(page, address, provider, town, desk):
    """By the provider's own call, and at the Python one in a frame of its page too."""
    sign_in(page, address)
    assert len(logins(desk, town)) == 1
    hint = json.loads(logins(desk, town)[0].sealed)["token"]
    page.goto(f"{provider.at['end_session_endpoint']}?id_token_hint={hint}")
    if provider.kind == "node":  # it asks first
        press(page.get_by_role("button").first)
    page.wait_for_load_state("networkidle")
    page.goto(address + "/account/")
    expect(page).to_have_url(f"{address}/sign-in/?next=/account/")
    assert logins(desk, town) == []


@pytest.mark.parametrize("provider", ["python"], indirect=True)
def test_who_has_two_accounts_chooses(page, address, desk, town):
    with desk.system() as session:
        other = session.get(Person, town.people["foreign office"])
        other.identity_index = blind_index("person.identity_number", MARTE.identity_number)
        session.commit()
    page.goto(address + "/sign-in/")
    page.get_by_role("link", name=say("Sign in with %(name)s", name="ID-porten")).click()
    at_the_provider(page)
    expect(page).to_have_url(f"{address}/sign-in/as")
    is_accessible(page)
    page.get_by_role("button", name="Innlandet").click()
    expect(page.get_by_role("banner")).to_contain_text("Innlandet")


def test_who_has_no_access_is_told_so_and_can_sign_out_there(page, address, provider, desk, town):
    with desk.system() as session:
        session.get(Account, town.accounts["mother"]).active = False
        session.commit()
    page.goto(address + "/sign-in/")
    page.get_by_role("link", name=say("Sign in with %(name)s", name="ID-porten")).click()
    at_the_provider(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(say("You have no access to Medspel"))
    is_accessible(page)
    page.get_by_role("button", name=say("Sign out of %(name)s", name="ID-porten")).click()
    if provider.kind == "node":
        press(page.get_by_role("button").first)
    expect(page.get_by_text(say("You are signed out."))).to_be_visible()
