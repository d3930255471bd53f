"""Every page that says no, in a real browser on a narrow telephone: accessible and whole."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import served
from tests.e2e.tour import Tour
from tests.test_error_pages import PAGES, meet, wrong  # noqa: F401

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def tour(chromium, app):
    with served(app) as address:
        yield Tour(chromium, address, None)


@pytest.mark.parametrize("what", PAGES)
def test_it_is_accessible_and_nothing_sticks_out(tour, wrong, what):  # noqa: F811
    """What the application has said, shown where its own style and scripts are."""
    _, reply = meet(wrong, what, "nn")
    page = tour.window(None, 280)
    headers = {name: reply.headers[name] for name in ("Content-Security-Policy", "Content-Type")}
    page.route("**/said-no", lambda route: route.fulfill(body=reply.text, headers=headers))
    page.goto(f"{tour.address}/said-no")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        tour.judge(page, what)
    assert page.locator("main h1").count() == 1
    page.context.close()
    assert tour.trouble == []
