"""The connection is lost while minutes are written: everything typed is there again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_minutes import _meeting
from tests.e2e.test_together import address, window  # noqa: F401  (fixtures)

pytestmark = pytest.mark.xdist_group("browser")


def test_what_was_typed_without_a_connection_is_there_in_another_window(
    window,  # noqa: F811
    address,  # noqa: F811
    town,
    app_engine,
):
    page = window("coordinator", 320)
    page.goto(f"{address}/plan/{town.plan}/minutes/begin/{_meeting(app_engine, town)}")
    page.get_by_role("button", name="Begin").click()
    here, said = page.url, page.locator('[name^="said_"]')
    page.context.set_offline(True)
    said.nth(0).fill("Symjing går bra")
    expect(page.get_by_text("Your draft could not be saved just now")).to_be_visible(timeout=9000)
    page.context.set_offline(False)
    said.nth(1).fill("Skyss frå januar")
    expect(page.get_by_text("Draft saved")).to_be_visible(timeout=9000)
    page.close()
    again = window("coordinator", 320)
    again.goto(here)
    expect(again.get_by_text("This is your draft from")).to_be_visible()
    said = again.locator('[name^="said_"]')
    assert [said.nth(n).input_value() for n in (0, 1)] == ["Symjing går bra", "Skyss frå januar"]
    again.get_by_role("button", name="Save", exact=True).first.click()
    expect(again.get_by_text("What you wrote is stored.")).to_be_visible()
    expect(again.get_by_text("This is your draft from")).to_have_count(0)
    assert said.nth(0).input_value() == "Symjing går bra"
