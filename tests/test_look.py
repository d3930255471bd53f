"""How pages look: contrast as WCAG reckons it, each person's theme, a municipality's look."""

from __future__ import annotations

import io
import random
import re
import zlib
from pathlib import Path

import pytest
from sqlalchemy import select

from deploy import contrast as contrast_file
from models.account import Account
from models.colour import contrast, pairs, steps, unreadable
from models.municipality import Municipality
from models.vocabulary import Theme
from tests.conftest import statements
from tests.page import Page
from tests.second_step import come_in

pytestmark = pytest.mark.a_page

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
    come_in(client, desk.engine, "mother", "correct horse battery")
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


# The municipality's look


def png(width=40, height=30):
    """The smallest whole picture of its size."""

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress(b"".join(b"\x00" + b"\x55" * width for _ in range(min(height, 30))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width=40, height=30):
    size = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x03" + b"\x00" * 9
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 9 + size + b"\xff\xd9"


@pytest.fixture
def save(browser, town):
    """Sends the municipality's form as it is, with something changed."""
    address = f"/register/municipality/edit/{town.municipality_id}"

    def send(**changed):
        admin = browser("admin")
        sent = {n: f.values[0] for n, f in Page(admin.get(address).text).fields.items() if f.values}
        sent.pop("csrf_token", None), sent.pop("logo_print", None)
        logo = changed.pop("logo", None)
        files = {"logo_print": (io.BytesIO(logo), "x.png")} if logo is not None else {}
        data = sent | {"language": "nn"} | changed | files
        return admin.post(address, data=data, content_type="multipart/form-data")

    return send


def stored(desk, town):
    with desk.system() as session:
        m = Municipality
        wanted = select(m.accent, m.brand, m.logo, m.logo_print)
        return tuple(session.execute(wanted.where(m.id == town.municipality_id)).one())


def test_a_form_sent_as_it_is_changes_nothing_of_the_look(browser, desk, town, save):
    assert save().status_code == 303
    assert stored(desk, town) == (None, None, None, None)
    page = browser("mother").get("/").text
    assert "medspel.svg" in page.split("<header")[1].split("</header>")[0]
    assert 'rel="stylesheet" href="/look/' not in page


def test_colours_reach_every_page_of_the_municipality_and_no_other(browser, desk, town, save):
    assert save(accent="#0A71C0", brand="#8a1538").status_code == 303
    assert stored(desk, town)[:2] == ("#0a71c0", "#8a1538")
    page = browser("mother").get("/").text
    address = re.search(r'rel="stylesheet" href="(/look/[^"]+[.]css)"', page)[1]
    reply = browser(None).get(address)
    assert reply.mimetype == "text/css"
    assert (
        "immutable" in reply.headers["Cache-Control"] and "public" in reply.headers["Cache-Control"]
    )
    assert "--ds-color-accent-base-default: #0a71c0" in reply.text
    assert "--ds-color-brand1-base-default: #8a1538" in reply.text
    assert reply.text.count("{") == reply.text.count("}")
    assert "/look/" not in browser("foreign office").get("/").text.split("</head>")[0]
    save(accent="#17605c", brand="#b4552d")  # Medspel's own
    assert stored(desk, town)[:2] == (None, None)
    gone = browser(None).get(address)
    assert gone.status_code == 404 and gone.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("field", ["accent", "brand"])
@pytest.mark.parametrize(
    "colour, ratio", [("#ffcc00", "1.5"), ("#ffffff", "1.0"), ("#969696", "2.9")]
)
def test_a_colour_nobody_can_see_is_refused_with_the_ratio_and_nothing_is_stored(
    desk, town, save, field, colour, ratio
):
    reply = save(**{field: colour, "name": "Nyvik"})
    assert reply.status_code == 422
    said = re.search(rf'id="{field}-error">([^<]*)<', reply.text)[1]
    assert f"is {ratio} to 1" in said and "at least 3 to 1" in said and "darker" in said
    assert f'value="{colour}"' in reply.text and 'value="Nyvik"' in reply.text
    assert stored(desk, town) == (None, None, None, None)
    with desk.system() as session:
        assert session.get(Municipality, town.municipality_id).name == "Fjordvik"


@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", "#gggggg", "a\0", "#17605c;}"])
def test_what_is_no_colour_is_refused(desk, town, save, colour):
    reply = save(accent=colour)
    assert reply.status_code == 422 and "Choose a colour." in reply.text
    assert stored(desk, town) == (None, None, None, None)


@pytest.mark.parametrize("logo, kind", [(png(), "image/png"), (jpeg(), "image/jpeg")])
def test_a_logo_stands_on_every_page_under_its_fingerprint(browser, desk, town, save, logo, kind):
    assert save(logo=logo).status_code == 303
    header = browser("mother").get("/").text.split("<header")[1].split("</header>")[0]
    address = re.search(r'<img src="(/look/[^"]+/logo)" alt=""', header)[1]
    assert "medspel.svg" not in header
    reply = browser(None).get(address)
    assert (reply.status_code, reply.mimetype, reply.data) == (200, kind, logo)
    assert "immutable" in reply.headers["Cache-Control"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert save(name="Nyvik").status_code == 303  # without a file the logo stays
    assert stored(desk, town)[2] == logo
    other = browser(None).get(address.replace(f"/{town.municipality_id}/", f"/{town.foreign_id}/"))
    assert other.status_code == 404
    assert save(ours="y", accent="#0a71c0").status_code == 303
    assert stored(desk, town) == (None, None, None, None)
    assert browser(None).get(address).status_code == 404


NO_LOGO = {
    "markup": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "page": b"<!DOCTYPE html><html></html>",
    "gif": b"GIF89a" + b"\x00" * 40,
    "signature only": png()[:8],
    "cut short": png()[:-12],
    "cut jpeg": jpeg()[:-2],
    "a page behind a jpeg's first bytes": b"\xff\xd8\xff<html>\xff\xd9",
    "no width": png(0, 30),
    "huge picture": png(30_000, 30_000),
    "huge jpeg": jpeg(30_000, 10),
    "large file": png() + b"\x00" * 101 * 1024,
}


@pytest.mark.parametrize("what", NO_LOGO)
def test_what_is_no_small_picture_is_refused_and_nothing_is_stored(desk, town, save, what):
    reply = save(logo=NO_LOGO[what], name="Nyvik", accent="#0a71c0")
    assert reply.status_code == 422 and 'id="logo_print-error"' in reply.text
    assert 'value="Nyvik"' in reply.text and 'value="#0a71c0"' in reply.text
    assert stored(desk, town) == (None, None, None, None)


def test_a_file_too_large_for_any_form_is_refused_as_such(desk, town, save):
    assert save(logo=b"x" * 2_000_000).status_code == 413
    assert stored(desk, town) == (None, None, None, None)


@pytest.mark.parametrize("address", ["/look/1/x.css", "/look/0/x/logo", f"/look/{10**30}/x.css"])
def test_an_address_nobody_was_given_leads_nowhere(browser, address):
    assert browser(None).get(address).status_code == 404


def test_a_logo_is_not_read_to_make_a_page(browser, app_engine, desk, town, save):
    save(logo=png())
    browser("mother").get("/")
    with statements(app_engine) as sent:
        browser("mother").get("/")
    assert sent and not any(re.search(r"\blogo\b", s) for s in sent)


def test_no_style_is_kept_for_a_class_no_page_has():
    root = Path(__file__).parent.parent / "views"
    sheet = (root / "static" / "medspel.css").read_text()
    pages = "".join(
        one.read_text() for one in root.rglob("*") if one.suffix in (".html", ".py", ".js")
    )
    styled = set(re.findall(r"\.((?:ms|ds)-[\w-]+)", sheet))
    assert len(styled) > 60
    assert {one for one in styled if not re.search(rf"{one}(?![\w-])", pages)} == set()
