"""Every page once in a real browser: accessible, whole, its own, and light enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.conftest import served
from tests.e2e.tour import SHIFTED, Tour

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def tour(chromium, office, app):
    with served(app) as address:
        yield Tour(chromium, address, office)


def test_every_page_is_accessible_and_asks_nobody_else(tour):
    tour.speak("nn")
    windows, seen = {}, 0
    for endpoint, path, who in tour.pages():
        if who not in windows:
            windows[who] = tour.window(who)
        windows[who].goto(tour.address + path)
        tour.judge(windows[who], endpoint)
        seen += 1
    assert seen > 60
    assert tour.trouble == []


def test_a_first_page_weighs_little_and_a_later_one_hardly_anything(tour):
    page, weights = tour.window("coordinator"), []
    page.on("requestfinished", lambda request: weights.append(request.sizes()["responseBodySize"]))
    page.goto(f"{tour.address}/plan/{tour.office.town.plan}/", wait_until="networkidle")
    assert 60_000 < sum(weights) <= 150_000, weights  # style, font, icons and script are there
    weights.clear()
    page.goto(f"{tour.address}/plan/{tour.office.town.plan}/goal/list/", wait_until="networkidle")
    assert 0 < sum(weights) <= 30_000, weights
    assert tour.trouble == []


def test_text_does_not_jump_when_the_font_comes_late(tour):
    page = tour.window("leader")
    page.route("**/*.woff2", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.goto(f"{tour.address}/register/department/list/")
    assert page.evaluate(SHIFTED) == 0


@pytest.mark.parametrize("leaf", ["about-me", "paper/print"])
def test_nothing_moves_when_the_script_comes_late(tour, leaf):
    ((_, path, who),) = tour.pages(leaf)
    page = tour.window(who)
    page.route("**/*.js", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.goto(tour.address + path)
    assert page.locator("[data-print]").is_visible()
    assert page.evaluate(SHIFTED) == 0


@pytest.fixture
def settings(settings):
    return replace(settings, debug=True)


THEMES = {
    "light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"},
    "contrast": {"contrast": "more"},
}  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [280, 1280])
def test_every_component_in_every_state(tour, theme, width):
    for state in ("", "?errors"):
        page = tour.window(None, width, **THEMES[theme])
        page.goto(f"{tour.address}/components/{state}")
        tour.judge(page, f"components {state}")
    assert tour.trouble == []
