"""What only a browser can show: nothing sticks out, themes really change, print is for paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import select, update

from models.account import Account
from models.colour import contrast
from models.municipality import Department, Municipality
from models.people import Person
from models.vocabulary import Theme
from security.sessions import COOKIE
from tests.conftest import sit_down
from tests.e2e.conftest import served
from tests.e2e.tour import Tour

pytestmark = pytest.mark.xdist_group("pages")
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 6


@pytest.fixture
def address(app) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    with served(app) as address:
        yield address


@pytest.fixture
def window(chromium, app, town, address) -> Iterator:
    """`window("mother")`: a page in which she has signed in, and what it complained of."""
    contexts, trouble, known = [], [], set()

    def open_for(who: str, **more) -> Page:
        if who not in known:
            sit_down(app, town, who, "nn")
        known.add(who)
        context = chromium.new_context(base_url=address, **more)
        contexts.append(context)
        token = f"token-{who.replace(' ', '-')}-".ljust(43, "x")
        context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
        page = context.new_page()
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert [text for text in trouble if "Failed to load resource" not in text] == []


TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  const scrolls = e => e
    && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  return [...document.body.querySelectorAll('*')]
    .filter(e => e.getBoundingClientRect().right > room + 1 && !scrolls(e))
    .map(e => e.tagName + '.' + e.className).slice(0, 3)
    .concat(document.documentElement.scrollWidth > room ? ['the page'] : []);
}"""


TOO_SMALL = """() => [...document.querySelectorAll('a[href], button, summary, select, textarea,'
    + 'input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.matches('.ds-skip-link, p:not(.ms-footer *) a'))
  .map(e => [e, (e.matches('[type=radio], [type=checkbox]') && e.labels[0]) || e])
  .map(([e, target]) => [e, target.getBoundingClientRect()])
  .filter(([, at]) => at.height < 43.5 || at.width < 24)
  .map(([e, at]) => `${e.tagName}.${e.className} ${e.name || ''} ${at.height}`).slice(0, 3)"""


def test_nothing_sticks_out_at_any_size_and_all_is_big_enough_for_a_thumb(
    chromium, office, desk, address
):
    """On any page, with names nobody can break: WCAG 1.4.4, 1.4.10. And what is pressed is
    44 px high on a phone, but for a link in the middle of a sentence: WCAG 2.5.5."""
    tour, windows, wrong, seen = Tour(chromium, address, office), {}, [], 0
    where = list(tour.pages())
    with desk.system() as session:
        session.execute(update(Person).values(name=LONG[:200]))
        session.execute(update(Department).values(name=LONG[:100]).where(Department.id == 1))
        home = Municipality.id == office.town.municipality_id
        session.execute(update(Municipality).values(name=LONG[:100]).where(home))
        session.commit()
    for endpoint, path, who in where:
        page = windows[who] = windows.get(who) or tour.window(who, has_touch=True)
        page.goto(address + path)
        seen += 1
        for width in (280, 320, 640, 1280):
            page.set_viewport_size({"width": width, "height": 700})
            found = page.evaluate(TOO_WIDE)
            found += page.evaluate(TOO_SMALL) if width == 320 else []
            wrong += [(width, endpoint, found)] if found else []
    assert wrong == [], wrong[:9]
    assert seen > 60 and tour.trouble == []


PAINT = """() => {
  const of = (e, what) => getComputedStyle(document.querySelector(e))[what];
  return [of('body', 'backgroundColor'), of('h1', 'color'),
          of('main .ds-button', 'backgroundColor')];
}"""


def hexes(colours):
    parts = [[int(n) for n in c[c.index("(") + 1 : -1].split(",")[:3]] for c in colours]
    return ["#" + "".join(f"{n:02x}" for n in rgb) for rgb in parts]


def choose(desk, town, theme):
    with desk.system() as session:
        session.get(Account, town.accounts["mother"]).theme = theme
        session.commit()


def test_a_theme_is_what_one_sees(window, desk, town):
    seen = {}
    for theme in Theme:
        for asked in ("light", "dark"):
            choose(desk, town, theme)
            page = window("mother", color_scheme=asked)
            page.goto("/look/")
            seen[theme, asked] = paper, ink, button = hexes(page.evaluate(PAINT))
            enough = 15 if theme is Theme.CONTRAST else 7
            assert contrast(paper, ink) > enough and contrast(paper, button) > 3
    assert seen[Theme.AUTO, "light"] == seen[Theme.LIGHT, "light"] == seen[Theme.LIGHT, "dark"]
    assert seen[Theme.AUTO, "dark"] == seen[Theme.DARK, "light"] == seen[Theme.DARK, "dark"]
    assert seen[Theme.CONTRAST, "light"] == seen[Theme.CONTRAST, "dark"]
    assert len({tuple(one) for one in seen.values()}) == 3


@pytest.mark.parametrize("asked", ["light", "dark"])
def test_a_device_that_asks_for_more_contrast_gets_it(window, asked):
    usual, more = (
        window("mother", color_scheme=asked),
        window("mother", color_scheme=asked, contrast="more"),
    )
    for page in (usual, more):
        page.goto("/look/")
    before, after = hexes(usual.evaluate(PAINT)), hexes(more.evaluate(PAINT))
    assert contrast(*after[:2]) > contrast(*before[:2]) and contrast(*after[:2]) > 15


def test_the_municipalitys_colour_is_on_the_button_in_every_theme(window, desk, town):
    with desk.system() as session:
        session.get(Municipality, town.municipality_id).accent = "#a1246b"
        session.commit()
    seen = {}
    for theme in (Theme.LIGHT, Theme.DARK, Theme.CONTRAST):
        choose(desk, town, theme)
        page = window("mother")
        page.goto("/look/")
        seen[theme] = hexes(page.evaluate(PAINT))[2]
        red, green, blue = (int(seen[theme][at : at + 2], 16) for at in (1, 3, 5))
        assert red > green and blue > green, seen  # it is still that colour
    assert seen[Theme.LIGHT] == "#a1246b" and len(set(seen.values())) == 3


def test_on_paper_there_are_no_menus_and_everything_is_black_on_white(window, desk, town):
    choose(desk, town, Theme.DARK)
    page = window("mother")
    page.goto(f"/plan/{town.plan}/goal/list/")
    page.emulate_media(media="print")
    for gone in (".ms-sidenav", ".ms-tabs", ".ms-menu", ".ms-footer form", "main .ds-button"):
        for one in page.locator(gone).all():
            assert not one.is_visible(), gone
    colours = page.evaluate(
        "[...document.querySelectorAll('main, main *')].map(e => getComputedStyle(e).color)"
    )
    assert set(colours) == {"rgb(0, 0, 0)"}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgba(0, 0, 0, 0)",
        "rgb(255, 255, 255)",
    )
    assert page.evaluate(
        "getComputedStyle(document.querySelector('main a'), '::after').content"
    ) in (
        "none",
        "normal",
    )
    page.goto(f"/plan/{town.plan}/")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.ds-card')).breakInside") == "avoid"
    )
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_what_one_presses_in_the_easy_view_is_60_high_and_few(window, desk, town):
    page = window("owner", viewport={"width": 320, "height": 900})
    page.goto(f"/plan/{town.plan}/easy/")
    boxes = [one.bounding_box() for one in page.locator("main a, main button").all()]
    assert len(boxes) >= 3 and all(box["height"] >= 60 for box in boxes), boxes
    size = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.ms-easy')).fontSize)"
    )
    assert size >= 20


def test_nothing_moves_for_those_who_asked_for_rest(window, town):
    page = window("mother", reduced_motion="reduce")
    page.goto(f"/plan/{town.plan}/")
    moving = """[...document.querySelectorAll('*')].filter(e => {
      const s = getComputedStyle(e);
      return s.animationName !== 'none' || !/^(0s|none|all 0s)/.test(s.transitionDuration);
    }).length"""
    assert page.evaluate(moving) == 0


def test_a_look_can_be_chosen_without_javascript(window, desk, town):
    page = window("mother", java_script_enabled=False)
    page.goto("/look/")
    page.locator('input[value="contrast"]').check()
    with page.expect_navigation():
        page.locator("main button").click()
    assert page.locator("html").get_attribute("data-color-scheme") == "contrast"
    with desk.system() as session:
        kept = select(Account.theme).where(Account.id == town.accounts["mother"])
        assert session.scalar(kept) is Theme.CONTRAST
