"""How pages look: contrast as WCAG reckons it, each person's theme, a municipality's look."""

from __future__ import annotations

import random
import re

import pytest
from sqlalchemy import select

from deploy import contrast as contrast_file
from models.account import Account
from models.colour import contrast, pairs, steps, unreadable
from models.vocabulary import Theme
from tests.conftest import statements

KNOWN = {
    ("#ffffff", "#000000"): 21.0,
    ("#777777", "#ffffff"): 4.48,
    ("#767676", "#ffffff"): 4.54,
    ("#0000ff", "#ffffff"): 8.59,
    ("#ff0000", "#ffffff"): 4.0,
    ("#ffff00", "#ffffff"): 1.07,
    ("#17605c", "#ffffff"): 7.33,
    ("#123456", "#123456"): 1.0,
}


@pytest.mark.parametrize("two", KNOWN)
def test_contrast_is_what_wcag_says(two):
    assert contrast(*two) == contrast(*reversed(two))
    assert round(contrast(*two), 2) == KNOWN[two]


def test_what_is_made_of_a_colour_can_be_read_wherever_the_colour_itself_can():
    dice = random.Random(3)
    refused = 0
    for _ in range(3000):
        colour = f"#{dice.randrange(1 << 24):06x}"
        bad = {(p.scheme, p.step) for p in pairs(colour) if p.ratio < p.needed}
        assert bad <= {("light", "base-default")}, (colour, bad)
        assert bool(bad) == (contrast(colour, "#ffffff") < 3)
        refused += bool(bad)
    assert 500 < refused < 2500


@pytest.mark.parametrize("colour", ["#000000", "#17605c", "#0a71c0"])
def test_a_button_has_the_very_colour_that_was_chosen(colour):
    assert steps(colour, "light")["base-default"] == colour
    assert unreadable(colour) is None


def test_the_stylesheet_of_high_contrast_is_the_one_that_is_made():
    made = contrast_file.stylesheet()
    assert contrast_file.FILE.read_text() == made
    rules = re.findall(r"data-color-scheme[^{]*\{([^}]*)\}", made)
    assert len(rules) == 3
    for rule in rules:
        said = dict(re.findall(r"--ds-color-(\w+-[a-z-]+): (#\w{6})", rule))
        for family in contrast_file.FAMILIES:
            page = said["neutral-background-default"]
            for text in ("text-default", "text-subtle"):
                for ground in ("background-tinted", "surface-tinted", "surface-active"):
                    ratio = contrast(said[f"{family}-{text}"], said[f"{family}-{ground}"])
                    assert ratio >= 7, (family, text, ground, ratio)
            for border in ("border-subtle", "border-default", "border-strong"):
                assert contrast(said[f"{family}-{border}"], page) >= 3, (family, border)
            for base in ("base-default", "base-hover", "base-active"):
                on = said[f"{family}-base-contrast-default"]
                assert contrast(said[f"{family}-{base}"], on) >= 7, (family, base)


# Each person's theme


def scheme_of(page):
    return re.search(r'<html[^>]* data-color-scheme="(\w+)"', page.text)[1]


@pytest.mark.parametrize("theme", list(Theme))
def test_a_theme_is_kept_on_the_account(browser, desk, town, theme):
    mother = browser("mother")
    assert scheme_of(mother.get("/")) == "auto"
    assert mother.post("/look/", data={"theme": str(theme)}).location == "/look/"
    assert scheme_of(mother.get("/")) == scheme_of(mother.get("/look/")) == theme
    assert f'value="{theme}" checked' in mother.get("/look/").text
    with desk.system() as session:
        themes = dict(session.execute(select(Account.id, Account.theme)).all())
        assert themes.pop(town.accounts["mother"]) is theme
        assert set(themes.values()) == {None}


def test_before_signing_in_it_is_kept_in_the_browser_and_then_the_account_decides(
    app, browser, desk, town
):
    from security import passwords

    with desk.system() as session:
        account = session.get(Account, town.accounts["mother"])
        account.password_hash = passwords.hash_password("correct horse battery")
        session.commit()
    client = app.test_client()
    assert client.post("/look/", data={"theme": "dark"}).status_code == 303
    assert scheme_of(client.get("/sign-in/")) == "dark"
    assert scheme_of(app.test_client().get("/sign-in/")) == "auto"
    client.post("/sign-in/", data={"name": "mother", "secret": "correct horse battery"})
    assert scheme_of(client.get("/")) == "dark"
    client.post("/look/", data={"theme": "auto"})
    assert scheme_of(client.get("/")) == "auto"


@pytest.mark.parametrize("theme", ["", "pink", "light ", "a\0", None])
def test_a_theme_that_is_none_is_refused_beside_the_choices(browser, desk, theme):
    reply = browser("mother").post("/look/", data={"theme": theme} if theme is not None else {})
    if theme == "light ":
        assert reply.status_code == 303  # blanks are no part of a choice
        return
    assert reply.status_code == 422 and 'id="theme-error"' in reply.text
    assert scheme_of(reply) == "auto"
    with desk.system() as session:
        assert set(session.scalars(select(Account.theme))) == {None}


def test_the_look_costs_no_query(browser, app_engine):
    browser("mother").get("/look/")
    with statements(app_engine) as sent:
        assert browser("mother").get("/look/").status_code == 200
    assert len(sent) == 1, sent  # the session's
