"""`make audit`: every page × everybody who may open it × language × width × theme × state.

Not part of `make test`, which looks at each page once; this takes half an hour.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.test_every_page import tour  # noqa: F401  (a fixture)
from tests.e2e.tour import NO_PAGES, PEOPLE
from tests.forms import FORMS, addresses

OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
ASKED = "() => { const d = document.getElementById('timeout'); d?.showModal(); return !!d; }"
EMPTIED = """() => {
  const form = document.querySelector('form.ms-form');
  form.querySelectorAll('input:not([type=hidden], [type=radio], [type=checkbox]), textarea')
    .forEach((one) => { one.value = ''; });
  form.querySelectorAll('select').forEach((one) => { one.selectedIndex = 0; });
  form.requestSubmit(form.querySelector('button[type=submit]'));
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["nn", "nb"])
@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_in_every_state(tour, who, language, width, theme, record_property):  # noqa: F811
    looked_at: Counter[str] = Counter()
    tour.speak(language)
    page = tour.window(who, width, color_scheme=theme, reduced_motion="reduce")
    for endpoint, path in addresses(tour.office.app, tour.office.town, "GET"):
        if endpoint in NO_PAGES:
            continue
        reply = page.goto(tour.address + path)
        if reply is None or reply.status >= 400:
            continue
        tour.judge(page, endpoint)
        page.evaluate(OPEN_ALL)
        tour.judge(page, f"{endpoint}, menus open", still=False)
        if page.evaluate(ASKED):  # those who are not signed in have no time to run out
            tour.judge(page, f"{endpoint}, dialog open", still=False)
            looked_at["dialogs"] += 1
        looked_at["pages, and with their menus open"] += 2
        if endpoint in FORMS:
            with page.expect_navigation():
                page.evaluate(EMPTIED)
            tour.judge(page, f"{endpoint}, errors shown", still=False)
            tour.office.put_back()
            tour.speak(language)
            looked_at["errors"] += 1
    record_property("looked at", dict(looked_at))
    assert tour.trouble == []
