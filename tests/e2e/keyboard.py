"""A person without a mouse: every click, tick and word goes by the keyboard alone.

Replaces what Playwright does with a mouse by what a person does: Tab until one is there,
see that one is there, then Enter, Space, an arrow or the letters themselves.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page

MOST_TABS = 200
NEXT_KEY = """one => {
  const here = document.activeElement;
  if (one === here) return '';
  const same = one.type === 'radio' && here.type === 'radio' && one.name === here.name;
  return same ? 'ArrowDown' : 'Tab';
}"""
IS_SEEN = """one => [one, one.parentElement, one.parentElement.parentElement].some((box) => {
  const style = getComputedStyle(box);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
    || style.boxShadow !== 'none';
})"""


def reach(locator: Locator) -> None:
    """Tab until `locator` has the focus, and one can see that it has."""
    page, one = locator.page, locator.element_handle()
    for _ in range(MOST_TABS):
        key = one.evaluate(NEXT_KEY)
        if not key:
            assert one.evaluate(IS_SEEN), f"one cannot see the focus: {locator}"
            return
        page.keyboard.press(key)
    raise AssertionError(f"Tab never comes to {locator} on {page.url}")


def click(locator: Locator, **_: Any) -> None:
    reach(locator)
    locator.page.keyboard.press("Enter")


def check(locator: Locator, **_: Any) -> None:
    reach(locator)
    if not locator.is_checked():  # an arrow chooses among radios by itself
        locator.page.keyboard.press("Space")
    assert locator.is_checked()


def write(locator: Locator, text: str, **_: Any) -> None:
    reach(locator)
    if locator.evaluate("one => ['date', 'datetime-local'].includes(one.type)"):
        _type_a_day(locator.page, text)
    else:
        locator.page.keyboard.press("Control+A")
        locator.page.keyboard.type(text)
    assert locator.input_value() == text


def _type_a_day(page: Page, text: str) -> None:
    """Month, day, year and hour, as the browser at hand asks for them."""
    day, _, hour = text.partition("T")
    year, month, number = day.split("-")
    page.keyboard.type(f"{month}{number}{year}")
    if hour:
        page.keyboard.press("ArrowRight")
        page.keyboard.type(f"{hour.replace(':', '')}A")


def choose(locator: Locator, value: str | None = None, label: str | None = None) -> None:
    reach(locator)
    find = "(all, [v, l]) => all.findIndex((o) => v === null ? o.label === l : o.value === v)"
    number = locator.locator("option").evaluate_all(find, [value, label])
    locator.page.keyboard.press("Home")
    for _ in range(number):
        locator.page.keyboard.press("ArrowDown")


def instead_of_the_mouse(patch: pytest.MonkeyPatch) -> None:
    for name, act in (("click", click), ("check", check), ("fill", write)):
        patch.setattr(Locator, name, act)
    patch.setattr(Locator, "select_option", choose)
    patch.setattr(Page, "fill", lambda page, where, text: write(page.locator(where), text))
    patch.setattr(
        Page, "select_option", lambda page, where, *a, **kw: choose(page.locator(where), *a, **kw)
    )
