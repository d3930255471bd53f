"""From the public form to an appointed coordinator, through every clock on the way: an answer that
takes longer, a complaint, a department that does not answer in time. The test moves the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from models.clock import CLOCK, OSLO, months_later, today
from models.request import first_answer_by
from models.working_days import on_a_working_day
from services.days import in_full
from services.deadline_notices import remind

BEFORE = timedelta(days=150)
"""It begins so long ago that the coordinator is appointed by today."""


class Case:
    """One request: what people see of it on a day, and what the worker has told them."""

    def __init__(self, office: Any, engine: Engine) -> None:
        self.office, self.engine = office, engine
        self.came = today() - BEFORE

    @contextmanager
    def on(self, day: date) -> Iterator[None]:
        """At nine that day, after the worker has run; whoever was signed in is not any more."""
        for page in self.office.pages.values():
            page.context.close()
        self.office.pages.clear()
        with CLOCK.stopped_at(datetime.combine(day, datetime.min.time(), OSLO).replace(hour=9)):
            remind(self.engine)
            yield

    def is_told(self, who: str, msgid: str, day: date) -> None:
        page = self.office.window(who)
        self.office.look(page, "/notices/")
        first = self.office(msgid).partition(". ")[0].rstrip(".")
        words = first.replace("{deadline}", in_full(day, self.office.language))
        expect(page.locator("main")).to_contain_text(words)

    def page(self, path: str) -> Page:
        page: Page = self.office.window("ke")
        self.office.look(page, f"/register/request/{path}")
        return page


def asked_for(office: Any, engine: Engine) -> None:
    """Ella Vik is registered, and Turid is her coordinator."""
    case = Case(office, engine)
    with case.on(case.came):
        key = _ask(case)
    later = _put_off(case, key, first_answer_by(case.came))
    complained = _refuse(case, key, later)
    _look_again(case, key, on_a_working_day(complained + timedelta(days=14)))
    asked = today() - timedelta(days=40)
    with case.on(asked):
        _ask_a_department(case, key)
    _name_and_appoint(case, on_a_working_day(asked + timedelta(days=14)))
    with case.on(today()):
        pass


def _ask(case: Case) -> str:
    """Her mother, who has no sign-in; the unit registers who it is, and sees to it."""
    office = case.office
    page = office.open("mother", "/request/")
    if page.url.endswith("/request/"):
        page.locator("main ul a").first.click()
    office.press(page, "Begin")
    page.check('[value="my_child"]')
    page.check('[value="simple_collaboration"]')
    office.press(page, "Next")
    page.fill('[name="person_name"]', "Ella Vik")
    page.fill('[name="birth_date"]', months_later(today(), -121).isoformat())
    office.press(page, "Next")
    page.fill('[name="words"]', "Vi treng nokon som held i trådane")
    office.press(page, "Next")
    page.fill('[name="from_name"]', "Marte Vik")
    page.fill('[name="from_role"]', "Mor")
    page.fill('[name="from_phone"]', "90000001")
    office.press(page, "Next")
    office.fits(page)
    office.press(page, "Send the request")
    office.fits(page)

    page = office.window("ke")
    office.look(page, "/register/person/add")
    page.fill('[name="name"]', "Ella Vik")
    page.fill('[name="birth_date"]', months_later(today(), -121).isoformat())
    office.press(page, "Save")
    office.look(page, "/register/request/list/")
    page.locator("main tbody a").first.click()
    office.press(page, "I see to it")
    key = page.url.rpartition("/")[2]
    case.page(f"edit/{key}")
    page.fill('[name="person_id"]', "Ella")
    office.press(page, "Save")
    return key


def _put_off(case: Case, key: str, due: date) -> date:
    """A week before the month is out they are told, and tell the mother of a new day."""
    later = on_a_working_day(due + timedelta(days=14))
    with case.on(due - timedelta(days=7)):
        case.is_told("ke", TO_THE_UNIT, due)
        page = case.page(f"{key}/delay")
        page.fill('[name="answer_by"]', later.isoformat())
        page.fill('[name="reason"]', "Vi ventar på sjukehuset")
        case.office.press(page, "Save")
    return later


def _weigh(case: Case, key: str) -> None:
    """Each criterion with its reason, which the letter says."""
    page = case.page(f"{key}/assessment")
    for criterion, met, why in (
        ("long_term", "yes", "Ho treng hjelp i mange år"),
        ("several_services", "no", "Berre skulen er inne"),
    ):
        page.check(f'[name="{criterion}"][value="{met}"]')
        page.fill(f'[name="{criterion}_why"]', why)
    case.office.fits(page)
    case.office.press(page, "Save")


def _refuse(case: Case, key: str, due: date) -> date:
    """The new day counts; the answer is no, and the mother complains."""
    with case.on(due - timedelta(days=7)):
        case.is_told("ke", TO_THE_UNIT, due)
        _weigh(case, key)
        page = case.page(f"{key}/answer")
        page.select_option('[name="outcome"]', "refused")
        case.office.press(page, "Save")
        expect(page.locator('[name="text"]')).to_have_value(re.compile("Berre skulen er inne"))
        case.office.fits(page)
        case.office.press(page, "Save")
    complained = due + timedelta(days=6)
    with case.on(complained):
        page = case.page(f"{key}/complaint")
        case.office.press(page, "Save")
    return complained


def _look_again(case: Case, key: str, due: date) -> None:
    with case.on(due - timedelta(days=4)):
        case.is_told("ke", TO_THE_UNIT, due)
        page = case.page(f"{key}/complaint")
        page.select_option('[name="reconsidered"]', "changed")
        page.fill('[name="reconsidered_on"]', today().isoformat())
        case.office.press(page, "Save")
        case.page(f"{key}/answer")
        page.select_option('[name="outcome"]', "coordinator_only")
        case.office.press(page, "Save")


def _ask_a_department(case: Case, key: str) -> None:
    page = case.page(f"show/{key}")
    case.office.follow(page, "Ask for a coordinator")
    page.select_option('[name="department_id"]', label="Helse og meistring")
    page.fill('[name="note"]', "Familien ønskjer ei som kjenner skulen")
    case.office.press(page, "Save")
    case.office.look(page, "/register/deadlinerule/list/")
    page.get_by_role("link", name=case.office(THE_RULE), exact=True).click()
    case.office.follow(page, "Change")
    page.fill('[name="escalate_to_id"]', "Gro Aasen")
    case.office.press(page, "Save")


def _name_and_appoint(case: Case, due: date) -> None:
    """The leader is late, and the one who was chosen is told; then somebody is named."""
    office = case.office
    with case.on(due + timedelta(days=2)):
        case.is_told("leiar2", LATE, due)
        leader = office.window("leiar")
        office.look(leader, "/register/nomination/list/")
        leader.locator("main tbody a").first.click()
        office.follow(leader, "Answer")
        leader.fill('[name="nominee_id"]', "Turid")
        leader.fill('[name="agreed_hours"]', "2")
        office.press(leader, "Save")
        page = office.window("ke")
        office.look(page, "/register/nomination/list/")
        page.locator("main tbody a").first.click()
        words = office("Appoint %(who)s").replace("%(who)s", "Turid Nesse")
        page.get_by_role("link", name=words, exact=True).click()
        office.press(page, "Yes, appoint")
        office.fits(page)


TO_THE_UNIT = (
    "The coordinating unit must do something by {deadline}. Sign in to Medspel to see what."
)
LATE = "Something should have been done by {deadline}, and is not. Ask the coordinating unit."
THE_RULE = "Departments that are asked for a coordinator"
