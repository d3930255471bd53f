"""Counting what a person does (klikk og felt): a link, a button and a field are one each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests.e2e.test_job import Office


class ByHand:
    """A page used as people do, from link to link; no address is typed."""

    def __init__(self, office: Office, page: Page) -> None:
        self.office, self.page, self.count = office, page, 0

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f'[name="{name}"]', value)
            self.count += 1

    def choose(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.select_option(f'[name="{name}"]', value)
            self.count += 1

    def press(self, msgid: str) -> None:
        self.office.press(self.page, msgid)
        self.count += 1

    def follow(self, msgid: str, about: str = "") -> None:
        """about: what is said after the words, to those who hear one link at a time."""
        self.office.follow(self.page, msgid, about)
        self.count += 1

    def home(self) -> None:
        with self.page.expect_navigation():
            self.page.locator(".ms-brand").click()
        self.count += 1
