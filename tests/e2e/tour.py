"""A tour of every page there is, in a real browser: what each must be, whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from models.account import LoginSession
from security.session import SystemSession
from security.sessions import COOKIE
from tests.forms import SEATED, Office, addresses

PEOPLE = (*SEATED, "teacher")
MACHINES = {"HealthPages.alive", "HealthPages.ready", "HealthPages.metrics"}
MACHINES |= {"SingleSignOut.front_channel"}
WITH_A_PROVIDER = {"EidSignIn.start", "EidSignIn.returned", "EidSignIn.choose", "SignOut.done"}
FILES = {"TownLook.colours", "TownLook.logo", "Receipts.file", "Receipts.copy"}
FILES |= {"PaperPage.scan", "Confirmations.paper_scan", "PortraitPage.file", "GoalPicturePage.file"}
FILES |= {"Attachments.file", "PlanCopy.file", "CaseLetters.file", "OnADay.file"}
FILES |= {"Coordinators.file"}
FILES |= {f"{register}View.file" for register in ("Appointment", "Department", "Person")}
FILES |= {f"{register}View.file" for register in ("PlanRegister", "ServiceType")}
FILES |= {f"Course{register}View.file" for register in ("", "Session", "Attendance")}
NO_PAGES = {"Registration.codes", "InvitationPage.take", "ComponentPage.page", "OwnApp.codes"}
NO_PAGES |= {"AnswerLink.take", "Requesting.sent", "Guidance.sent"}
NO_PAGES |= FILES | MACHINES | WITH_A_PROVIDER
"""Files, pages that send one elsewhere when there is nothing to show, and the builders'."""
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}
HEAVIEST = 30_000
SHIFTS_MOST = 0.02
SHIFTED = """() => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((entry) => { sum += entry.value; });
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 50);
})"""
STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Tour:
    """Windows of the people in town, and what went wrong in any of them."""

    def __init__(self, browser: Browser, address: str, office: Office) -> None:
        self.browser, self.address, self.office = browser, address, office
        self.trouble: list[str] = []

    def speak(self, language: str) -> None:
        """What everybody in town reads from now on."""
        with SystemSession(self.office.engine, because="a test sets a language") as session:
            for one in session.scalars(select(LoginSession)):
                one.data = {**one.data, "language": language}
            session.commit()

    def window(self, who: str | None, width: int = 320, **more: Any) -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": 800}, **more)
        if who:
            token = f"token-{who}-".ljust(43, "x")
            context.add_cookies([{"name": COOKIE, "value": token, "url": self.address}])
        page = context.new_page()
        page.on("console", lambda m: self._hear(page, m.text) if m.type == "error" else None)
        page.on("request", lambda r: self._ask(page, r.url))
        return page

    def _hear(self, page: Page, text: str) -> None:
        if "the server responded with a status of 4" not in text:
            self.trouble.append(f"{page.url}: {text}")

    def _ask(self, page: Page, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.trouble.append(f"{page.url} asks for {url}")

    def pages(self, leaf: str = "") -> Iterator[tuple[str, str, str | None]]:
        """(endpoint, address, the first in town who may open it) of every page, or of those
        whose address ends in `leaf`."""
        for endpoint, address in addresses(self.office.app, self.office.town, "GET"):
            if endpoint not in NO_PAGES and address.endswith(leaf):
                yield endpoint, address, self.reader(endpoint, address)

    def reader(self, endpoint: str, address: str) -> str | None:
        for who in (*PEOPLE, None):
            if self.office.client(who).get(address).status_code in (200, 409):
                return who
        raise AssertionError(f"nobody can open {endpoint}")

    def judge(self, page: Page, what: str, still: bool = True) -> None:
        """Accessible, nothing sticks out, nothing jumps, and it is light enough.

        still: nobody has opened or closed anything since it was loaded.
        """
        for one in Axe().run(page, options=RULES).response["violations"]:
            where = "; ".join(str(node["target"]) for node in one["nodes"][:3])
            self.trouble.append(f"{what}: {one['id']}: {one['help']}: {where}")
        if page.evaluate(STICKS_OUT) > 0:
            self.trouble.append(f"{what}: sticks out")
        if still and (shifted := page.evaluate(SHIFTED)) > SHIFTS_MOST:
            self.trouble.append(f"{what}: jumps {shifted:.3f}")
        if (size := len(page.content().encode())) > HEAVIEST and "components" not in what:
            self.trouble.append(f"{what}: {size} bytes")
