"""The whole job in a real browser: from the appointment to the evaluation, and out again.

On a phone in nynorsk, and on a desktop in bokmål with the keyboard and in another browser.
Buttons and links are found by their words, as people find them; the words are the catalogue's.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from deploy.catalogues import catalogue
from deploy.release import release
from deploy.town import PASSWORD
from deploy.town.hall import Town, municipality
from integrations.letter import Letter
from jobs.outbox import deliver
from models.clock import months_later, today
from models.consent import Grant
from models.language import Language
from models.plan import Plan
from models.vocabulary import Channel, PlanType
from security import passwords
from security.session import SystemSession
from tests.conftest import connect
from tests.e2e.asked_for import asked_for
from tests.e2e.by_hand import ByHand
from tests.e2e.conftest import served
from tests.e2e.keyboard import instead_of_the_mouse
from tests.second_step import code_for

A_SECOND_PARENT = 4
"""Fields of one more who decides."""
NEW = "ein lang og god setning her"

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A new installation, migrated once."""
    path = tmp_path_factory.mktemp("installed") / "job.db"
    engine = connect(f"sqlite:///{path}")
    release(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def copy(installed, tmp_path) -> tuple[str, None]:
    """A new installation with staff and registers, and no plans."""
    return f"sqlite:///{shutil.copy(installed, tmp_path / 'job.db')}", None


@pytest.fixture
def staff(engine) -> Town:
    return municipality(engine, "Fjordvik", Language.NYNORSK, passwords.hash_password(PASSWORD))


@pytest.fixture
def address(app, staff) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    app.config["SYNTHETIC_PEOPLE"] = True
    with served(app) as address:
        yield address


class Office:
    """Windows of the people of the job, each signed in once."""

    def __init__(
        self, browser: Browser, address: str, width: int, language: str, engine, **more: bool
    ) -> None:
        self.browser, self.address, self.width, self.language = browser, address, width, language
        self.engine = engine
        self.has_scripts, self.more = more.get("java_script_enabled", True), more
        self.book: dict[str, str] = {e.msgid: e.msgstr for e in catalogue(language)}
        self.pages: dict[str, Page] = {}
        self.trouble: list[str] = []
        self.done_by_hand = 0

    def __call__(self, msgid: str) -> str:
        return self.book[msgid]

    def window(self, who: str, secret: str = PASSWORD) -> Page:
        if who in self.pages:
            return self.pages[who]
        page = self.open(who, "/sign-in/")
        page.fill('[name="name"]', who)
        page.fill('[name="secret"]', secret)
        self.press(page, "Sign in")
        if page.url.endswith("/sign-in/code/"):
            self.fits(page)
            page.fill('[name="code"]', code_for(self.engine, who))
            self.press(page, "Sign in")
        return page

    def open(self, who: str, path: str) -> Page:
        """A new window of somebody, in the language of the job."""
        context = self.browser.new_context(
            viewport={"width": self.width, "height": 900}, locale="nb-NO", **self.more
        )
        page = self.pages[who] = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda m: self.trouble.append(m.text) if m.type == "error" else None)
        page.goto(self.address + path)
        with page.expect_navigation():
            page.locator(f'button[value="{self.language}"]').click()
        return page

    def press(self, page: Page, msgid: str) -> None:
        self._go(page, "button", msgid)

    def follow(self, page: Page, msgid: str, about: str = "") -> None:
        self._go(page, "link", msgid, about)

    def _go(self, page: Page, role: Literal["button", "link"], msgid: str, about: str = "") -> None:
        """Every button and link leads to a page: click, and wait until that page is there."""
        name = f"{self(msgid)} {about}".strip()
        where = page.locator("main").get_by_role(role, name=name, exact=True).first
        with page.expect_navigation():
            where.click()

    def look(self, page: Page, path: str) -> None:
        page.bring_to_front()  # only the window in front has a focus
        page.goto(self.address + path)
        self.fits(page)

    def fits(self, page: Page) -> None:
        """Nothing sticks out, one heading, and the page's own language."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, page.url
        expect(page.locator("h1")).to_have_count(1)
        assert page.locator("html").get_attribute("lang") == self.language


def test_the_job_on_a_phone(chromium, address, staff, engine):
    """From the form on the net, when nobody knows the child, to the last page of the plan."""
    office = Office(chromium, address, 320, "nn", engine)
    asked_for(office, engine)
    _the_job(office, engine, is_appointed=True)


def test_the_job_in_firefox(firefox, address, staff, engine):
    """As far as to the individual plan: every kind of field there is."""
    office = Office(firefox, address, 1280, "nb", engine)
    plan = _until_all_have_signed(office, engine)
    _messages_and_meeting(office, plan)
    _convert(office, plan, engine)
    _nothing_broke(office)


def test_the_job_by_keyboard_alone(chromium, address, staff, engine, monkeypatch):
    instead_of_the_mouse(monkeypatch)
    _the_job(Office(chromium, address, 1280, "nb", engine), engine)


def test_the_job_without_scripts(chromium, address, staff, engine):
    _the_job(Office(chromium, address, 320, "nb", engine, java_script_enabled=False), engine)


def _the_job(office: Office, engine, is_appointed: bool = False) -> None:
    plan = _until_all_have_signed(office, engine, is_appointed)
    _messages_and_meeting(office, plan)
    _convert(office, plan, engine)
    _goals(office, plan)
    _evaluate(office, plan)
    _withdraw(office, plan, engine)
    _log(office, plan)
    _registers_are_shut_to_content(office, plan)
    _nothing_broke(office)


def _until_all_have_signed(office: Office, engine, is_appointed: bool = False) -> int:
    if not is_appointed:
        _appoint(office)
    plan, codes = _register(office)
    _propose(office, plan)
    _answer(office, "marte@example.no", engine)
    _first_sign_in(office, "jonas", codes["jonas"])
    _sign(office, plan, "marte@example.no")
    ane = office.window("ane")
    office.look(ane, f"/plan/{plan}/")
    expect(ane.locator("h1")).to_have_text(office("There is no such page"))  # one is not enough
    _sign(office, plan, "jonas")
    return plan


def _nothing_broke(office: Office) -> None:
    broken = [text for text in office.trouble if "Failed to load resource" not in text]
    assert broken == []  # no script fault, nothing against the content security policy


def _appoint(office: Office) -> None:
    page = office.window("ke")
    office.look(page, "/register/person/add")
    page.fill('[name="name"]', "Ella Vik")
    page.fill('[name="birth_date"]', months_later(today(), -121).isoformat())
    office.press(page, "Save")
    office.look(page, "/register/appointment/add")
    page.fill('[name="person_id"]', "Ella")
    page.fill('[name="coordinator_id"]', "Turid")
    page.fill('[name="starts_on"]', today().isoformat())
    office.press(page, "Save")
    expect(page.locator('[role="status"]').first).to_contain_text(office("Saved."))


def _register(office: Office) -> tuple[int, dict[str, str]]:
    page = office.window("turid")
    office.look(page, "/")
    hand = ByHand(office, page)
    hand.follow("Register a new plan")
    office.fits(page)
    assert page.input_value('[name="short_name"]') == "EV 1"
    for n, (name, login) in enumerate((("Marte Vik", "marte@example.no"), ("Jonas Vik", "jonas"))):
        hand.fill(**{f"guardians-{n}-name": name, f"guardians-{n}-login_name": login})
        kind = {f"guardians-{n}-capacity": "parental_responsibility"}
        hand.choose(**kind, **{f"guardians-{n}-verified_how": "population_register"})
    hand.press("Register the plan")
    office.fits(page)
    logins = page.locator("main li strong:not([data-code])").all_inner_texts()
    codes = dict(zip(logins, page.locator("[data-code]").all_inner_texts(), strict=True))
    hand.follow("I have handed them over")
    office.done_by_hand = hand.count
    return int(re.search(r"/plan/(\d+)/", page.url)[1]), codes  # type: ignore[index]


def _propose(office: Office, plan: int) -> None:
    page = office.window("turid")
    hand = ByHand(office, page)
    hand.follow("Propose a participant")
    for name, login, package, role, on in (
        ("Ane Furuset", "ane@medspel.invalid", "professional", "kontaktlærar", True),
        ("Pål Myrvang", "paal@medspel.invalid", "professional", "fysioterapeut", False),
        ("Gunn Vik", "gunn@example.no", "relative", "bestemor", False),
    ):
        if package == "relative":  # two are counted
            office.done_by_hand += hand.count
            office.look(page, f"/plan/{plan}/team/add")
        hand.fill(name=name, login_name=login, role=role)
        hand.choose(package=package)
        hand.press("Propose, and one more" if on else "Propose")
    hand = ByHand(office, page)
    hand.press("Ask for signatures")
    office.done_by_hand += hand.count
    office.fits(page)


def _answer(office: Office, who: str, engine) -> None:
    """The letter that has come, its link, and a password."""
    letters: list[Letter] = []
    post = SimpleNamespace(send=letters.append)
    deliver(engine, dict.fromkeys(Channel, post))
    (path,) = (one.path for one in letters if one.to == who and one.path)
    page = office.open(who, path)
    office.fits(page)
    expect(page.locator("main")).to_contain_text("Fjordvik")
    page.fill('[name="new"]', NEW)
    page.fill('[name="again"]', NEW)
    office.press(page, "Choose and sign in")
    _accept(office, page)


def _first_sign_in(office: Office, who: str, code: str) -> None:
    page = office.window(who, code)
    expect(page.locator("h1")).to_have_text(office("Choose a password"))
    page.fill('[name="new"]', NEW)
    page.fill('[name="again"]', NEW)
    office.press(page, "Save")
    _accept(office, page, "How we reach you")  # or nobody can send a code the next time


def _accept(office: Office, page: Page, then: str = "My page") -> None:
    expect(page.locator("h1")).to_have_text(office("User agreement"))
    office.fits(page)
    office.press(page, "I accept")
    expect(page.locator("h1")).to_have_text(office(then))


def _sign(office: Office, plan: int, who: str, no_to: str = "Pål") -> None:
    page = office.window(who)
    office.look(page, f"/plan/{plan}/consent/")
    office.follow(page, "Read and answer")
    office.fits(page)
    assert page.locator("input:checked").count() == 0  # nothing is chosen beforehand
    for card in page.locator(".ms-consent").all():
        name = card.locator("h3").inner_text()
        card.locator(f'input[value="{"no" if name.startswith(no_to) else "yes"}"]').first.check()
    page.locator("#length-6").check()
    page.locator("#heard-talked").check()
    page.fill('[name="opinion"]', "Ho synest det er greitt")
    office.press(page, "Look over my choices")
    office.fits(page)
    page.fill('[name="password"]', NEW)
    office.press(page, "Sign")
    expect(page.locator("h1")).to_have_text(office("Receipt"))
    page.goto(f"{office.address}/plan/{plan}/consent/sign")  # where the back button leads
    expect(page.locator("h1")).to_have_text(office("Somebody else was first"))


def _messages_and_meeting(office: Office, plan: int) -> None:
    ane = office.window("ane")
    office.look(ane, f"/plan/{plan}/message/write")
    ane.locator('input[value="everybody"]').check()
    ane.fill('[name="subject"]', "Hei alle")
    ane.fill('[name="body"]', "Fint å vere med")
    office.press(ane, "Send")
    office.look(ane, f"/plan/{plan}/goal/list/")
    expect(ane.locator("h1")).to_have_text(office("There is no such page"))  # not in this type
    office.look(office.window("jonas"), f"/plan/{plan}/message/list/")
    expect(office.window("jonas").locator("main")).to_contain_text("Hei alle")
    turid = office.window("turid")
    room = _call_the_first_meeting(office, turid)
    ane.goto(room)
    office.press(ane, "Coming")
    turid.goto(room)
    office.follow(turid, "Write minutes")
    office.fits(turid)
    office.press(turid, "Begin")
    office.fits(turid)
    turid.fill('[name="owner_account"]', "Ella vil symje")
    turid.locator('[name^="said_"]').first.fill("Vi vart samde")
    turid.locator('[name^="agreed_"]').first.fill("Tinge bassenget")
    office.press(turid, "Read through and hand over")
    office.press(turid, "Hand over the minutes")
    office.look(ane, f"/plan/{plan}/activity/list/")
    expect(ane.locator("main")).to_contain_text("Tinge bassenget")


def _call_the_first_meeting(office: Office, page: Page) -> str:
    """From the page she was left on, an hour, everybody: and what it has taken so far."""
    hand = ByHand(office, page)
    hand.home()
    hand.follow("Get started", "EV 1")
    office.fits(page)
    hand.follow("Call a meeting")
    hand.fill(purpose="Oppstart", starts_at=f"{months_later(today(), 1).isoformat()}T09:00")
    hand.press("Call the meeting")
    office.done_by_hand += hand.count
    assert office.done_by_hand - A_SECOND_PARENT <= 25, office.done_by_hand
    return page.url


def _convert(office: Office, plan: int, engine) -> None:
    page = office.window("turid")
    office.look(page, f"/plan/{plan}/")
    office.follow(page, "Make this an individual plan")
    office.fits(page)
    office.press(page, "Ask for signatures")
    for who in ("marte@example.no", "jonas"):
        _sign(office, plan, who)
    with SystemSession(engine, because="a test looks") as session:
        assert session.get(Plan, plan).type is PlanType.INDIVIDUAL_PLAN
    office.look(page, f"/plan/{plan}/convert/")
    expect(page.locator("h1")).to_have_text(office("Somebody else was first"))


def _goals(office: Office, plan: int) -> None:
    page = office.window("turid")
    office.look(page, f"/plan/{plan}/goal/add")
    office.press(page, "Save")  # forgot something: said beside the field, and focus moves there
    if office.has_scripts:
        expect(page.locator(".ds-error-summary")).to_be_focused()
    page.fill('[name="goal"]', "Symje 25 meter")
    page.locator('[name="life_areas"][value="leisure"]').check()
    office.press(page, "Save")
    office.look(page, f"/plan/{plan}/activity/add")
    page.fill('[name="what"]', "Øving i bassenget")
    page.fill('[name="service"]', "Fysioterapi")
    page.select_option('[name="goal_id"]', label="Symje 25 meter")
    page.fill('[name="due"]', months_later(today(), 2).isoformat())
    office.press(page, "Save")
    office.look(page, f"/plan/{plan}/comment/add")
    page.fill('[name="comment"]', "Dette blir bra")
    page.select_option('[name="goal_id"]', label="Symje 25 meter")
    office.press(page, "Save")


def _evaluate(office: Office, plan: int) -> None:
    turid, jonas = office.window("turid"), office.window("jonas")
    office.look(turid, f"/plan/{plan}/evaluation/start")
    office.press(turid, "Start the evaluation")
    room = turid.url
    jonas.goto(room)
    office.follow(jonas, "Write your answers")
    office.fits(jonas)
    jonas.locator('input[type="radio"][value="good"]').first.check()
    jonas.locator("textarea").nth(1).fill("Ho søv betre")
    office.press(jonas, "Store my answers")
    ane = office.window("ane")
    ane.goto(room)
    office.follow(ane, "Write your answers")
    ane.locator("textarea").first.fill("Vi har øvd")
    office.press(ane, "Store my answers")
    turid.goto(room)
    text = turid.locator("main").inner_text()
    assert text.index("Ho søv betre") < text.index("Vi har øvd")
    office.follow(turid, "Finish the evaluation")
    turid.locator('input[type="radio"][value="partly"]').check()
    turid.fill('[name="conclusion"]', "Vi held fram")
    turid.select_option('[name="continuation"]', "go_on")
    turid.fill('[name="next_on"]', months_later(today(), 6).isoformat())
    office.press(turid, "Finish the evaluation")
    expect(turid.locator("main")).to_contain_text("Vi held fram")


def _withdraw(office: Office, plan: int, engine) -> None:
    ane, jonas = office.window("ane"), office.window("jonas")
    office.look(ane, f"/plan/{plan}/activity/add")
    ane.fill('[name="what"]', "For seint")
    office.look(jonas, f"/plan/{plan}/consent/")
    row = jonas.locator("li", has_text="Ane Furuset")
    with jonas.expect_navigation():
        row.get_by_role("link", name=office("Withdraw")).click()
    office.fits(jonas)
    office.press(jonas, "Withdraw access")
    office.press(ane, "Save")  # the page was open already
    expect(ane.locator("h1")).to_have_text(office("There is no such page"))
    office.follow(jonas, "Withdraw the whole consent")
    office.press(jonas, "Withdraw the whole consent")
    turid = office.window("turid")
    office.look(turid, f"/plan/{plan}/activity/list/")
    expect(turid.locator("main")).not_to_contain_text("Tinge bassenget")
    with SystemSession(engine, because="a test looks") as session:
        live = select(Grant).where(Grant.plan_id == plan, Grant.revoked_at.is_(None))
        assert session.scalars(live).all() == []
    office.look(turid, f"/plan/{plan}/team/")
    office.press(turid, "Ask for a new consent")
    for who in ("marte@example.no", "jonas"):
        _sign(office, plan, who)
    office.look(turid, f"/plan/{plan}/activity/list/")
    expect(turid.locator("main")).to_contain_text("Tinge bassenget")


def _log(office: Office, plan: int) -> None:
    page = office.window("jonas")
    office.look(page, f"/plan/{plan}/log/")
    log = page.locator("main").inner_text()
    for _ in range(12):
        older = page.get_by_role("link", name=office("Older"), exact=True)
        if not older.count():
            break
        with page.expect_navigation():
            older.click()
        log += page.locator("main").inner_text()
    for word in ("Ane Furuset", "Turid Nesse", "Solvik skule", office("Was refused")):
        assert word in log, word
    for kind in ("Goal", "Message", "Evaluation", "Consent", "Signature", "Minutes"):
        assert office(kind).lower() in log, kind


def _registers_are_shut_to_content(office: Office, plan: int) -> None:
    for who in ("ke", "leiar", "admin"):
        page = office.window(who)
        for path in ("", "goal/list/", "message/list/", "log/", "consent/", "team/"):
            office.look(page, f"/plan/{plan}/{path}")
            expect(page.locator("h1")).to_have_text(office("You cannot do this"))
        office.look(page, "/register/plans/")
        text = page.locator("body").inner_text()
        assert "EV 1" not in text and "Symje" not in text
