"""Every page that says no: ours, whole, in the reader's language, with what to do next."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import text

from models import types
from models.clock import CLOCK, utcnow
from models.database import WRITING
from models.elements.goal import Goal
from models.keys import HIGHEST
from models.people import Person
from security import crypto
from security.session import SystemSession
from tests.conftest import sit_down
from tests.page import Page
from tests.test_errors import lost

STORY = "Ho ville helst symje i dag"
SECRET = "hemmeleg passord 1"


class Wrong:
    """The ways things go wrong, each asked for through the real application."""

    def __init__(self, app, town, app_engine, monkeypatch) -> None:
        self.app, self.town, self.engine, self.monkeypatch = app, town, app_engine, monkeypatch
        self.goal = f"/plan/{town.plan}/goal"

    @contextmanager
    def crash(self):
        """A fault deep inside, whose message tells too much."""

        def fault(*_, **__):
            raise RuntimeError("SELECT name FROM person -- /srv/secret.py Ella")

        with self.monkeypatch.context() as patch:
            for place in ("views.safe.once", "views.office.plan_register.sought"):
                patch.setattr(place, fault)
            patch.setattr("views.account.sign_in.sign_in", fault)
            yield

    def write(self, client, **more):
        return client.post(f"{self.goal}/add", data={"goal": "Symje", "why": STORY} | more)

    def meet(self, what, client):
        """The reply to what goes wrong."""
        out = {"name": "nurse", "secret": SECRET}
        nowhere = f"/plan/{HIGHEST + 1}/"
        taken = self.town.rows["school goal"]
        match what:
            case "400 no such language":
                return client.post("/language/", data={"language": "xx"})
            case "400 no such page number":
                return client.get(f"{self.goal}/list/?after_GoalView=x")
            case "400 without a token" | "400 without cookies" | "401 signed out":
                with self.checked():
                    client.get("/sign-in/")
                    signed_out = what.startswith("401")
                    return self.write(client) if signed_out else client.post("/sign-in/", data=out)
            case "403 in a plan":
                return client.post(f"{self.goal}/edit/{taken}", data={"goal": STORY})
            case "403 at the office":
                return client.get("/register/plans/")
            case "404 nowhere":
                return client.get("/no-such-page")
            case "404 too large a key":
                return client.get(nowhere)
            case "404 somebody else's":
                return client.get(f"/plan/{self.town.rows['foreign plan']}/")
            case "405 only sent":
                return client.get("/sign-out/")
            case "405 only read":
                return client.post("/accessibility/")
            case "409 out of date":
                return self.write(client, uid=self.uid)
            case "413 too much":
                return client.post("/sign-in/", data=out | {"why": "x" * 1_100_000})
            case "429 too often":
                with CLOCK.stopped_at(utcnow()):  # all in one window, whatever the hour
                    return [client.post("/sign-in/", data=out) for _ in range(11)][-1]
            case "500 reading":
                with self.crash():
                    return client.get("/register/plans/")
            case "500 writing":
                with self.crash():
                    return self.write(client)
            case "500 signing in":
                with self.crash():
                    return client.post("/sign-in/", data=out)
            case "503 reading" | "503 writing":
                with ExitStack() as away:
                    away.enter_context(lost(self.engine))
                    return client.get("/") if "reading" in what else self.write(client)
            case "503 a key has left":
                with self.without_its_key():
                    return client.get("/account/")
        raise AssertionError(what)

    @contextmanager
    def without_its_key(self):
        """The key that the nurse's address is locked with has left the ring."""
        ring = types.cipher()
        with SystemSession(self.engine, because="test data") as session:
            nurse = session.get_one(Person, self.town.people["nurse"])
            nurse.email = "nurse@example.org"
            session.commit()
        crypto.install(crypto.KeyRing({"newer": b"n" * 32}, b"i" * 32))
        yield
        crypto.install(ring)

    @contextmanager
    def checked(self):
        self.app.config["WTF_CSRF_ENABLED"] = True
        yield
        self.app.config["WTF_CSRF_ENABLED"] = False

    uid = ""


@pytest.fixture
def wrong(app, desk, town, app_engine, monkeypatch):
    wrong = Wrong(app, town, app_engine, monkeypatch)
    with desk.system() as session:
        wrong.uid = session.get(Goal, town.rows["foreign goal"]).uid
    return wrong


PAGES = {  # what goes wrong: (who meets it, whether what was typed comes back)
    "400 no such language": (None, False),
    "400 no such page number": ("nurse", False),
    "400 without a token": (None, False),
    "400 without cookies": (None, False),
    "401 signed out": (None, True),
    "403 in a plan": ("teacher", True),
    "403 at the office": ("nurse", False),
    "404 nowhere": ("nurse", False),
    "404 too large a key": ("nurse", False),
    "404 somebody else's": ("nurse", False),
    "405 only sent": ("nurse", False),
    "405 only read": (None, False),
    "409 out of date": ("nurse", True),
    "413 too much": (None, False),
    "429 too often": (None, False),
    "500 reading": ("office", False),
    "500 writing": ("nurse", True),
    "500 signing in": (None, False),
    "503 reading": ("nurse", False),
    "503 writing": ("nurse", True),
    "503 a key has left": ("nurse", False),
}
LANGUAGES = ("nn", "nb", "en")
NEXT = {
    400: ("Opne sida på nytt", "Åpne siden på nytt", "Open the page again"),
    401: ("Logg inn", "Logg inn", "Sign in"),
    403: ("Spør", "Spør", "Ask"),
    404: ("Start frå|Start på nytt", "Start fra|Start på nytt", "Start again"),
    405: ("Gå tilbake", "Gå tilbake", "Go back"),
    409: ("Gå tilbake", "Gå tilbake", "Go back"),
    413: ("Gå tilbake", "Gå tilbake", "Go back"),
    429: ("Vent", "Vent", "Wait"),
    500: ("Prøv igjen", "Prøv igjen|Prøv på nytt", "Try again"),
    503: ("Prøv igjen", "Prøv igjen|Prøv på nytt", "Try again"),
}
LEAKS = re.compile(r"Traceback|SELECT |sqlalchemy|psycopg|sqlite|\.py\b|Ella|hemmeleg passord")


def meet(wrong, what, language):
    who, _ = PAGES[what]
    if who:
        client = sit_down(wrong.app, wrong.town, who, language)
    else:
        client = wrong.app.test_client(use_cookies=what != "400 without cookies")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client, wrong.meet(what, client)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.a_page
@pytest.mark.parametrize("what", PAGES)
def test_it_is_a_page_of_ours_that_says_what_to_do_next(wrong, what, language):
    _, reply = meet(wrong, what, language)
    status, page = int(what[:3]), reply.text
    assert reply.status_code == status
    assert f'<html lang="{language}"' in page and page.count("<h1") == 1
    assert re.search(r"<title>[^<]+ · Medspel</title>", page)
    said = re.search(r'<p class="ms-lead">(.*?)</p>', page, re.S)[1]
    assert re.search(NEXT[status][LANGUAGES.index(language)], said, re.I), said
    assert not LEAKS.search(page), LEAKS.search(page)
    typed = Page(page).text
    assert (STORY in typed) == PAGES[what][1]
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.a_page
@pytest.mark.parametrize("what", PAGES)
def test_every_link_of_it_leads_somewhere(wrong, what):
    """Somebody who has not signed in is led to signing in, and is told so."""
    client, reply = meet(wrong, what, "en")
    main = reply.text.split("<main")[1].split("</main>")[0]
    ways = re.findall(r'<a [^>]*href="/[^>]*>([^<]*)', main)
    assert ways and len(ways) == len(set(ways)), ways  # and none of them twice
    for address in set(re.findall(r'<a [^>]*href="(/[^"]*)"', reply.text)):
        answer = client.get(address)
        assert answer.status_code in (200, 302), (address, answer.status_code)
        if answer.status_code == 302:
            assert answer.location.startswith("/sign-in/"), address
    inside = PAGES[what][0] and not what.startswith("503")
    assert ("Sign out" in reply.text) == bool(inside)
    assert ("Back to my page" in main) == bool(PAGES[what][0])


def test_what_is_locked_with_a_key_that_left_says_what_to_do(wrong, caplog):
    _, reply = meet(wrong, "503 a key has left", "en")
    assert reply.status_code == 503 and reply.headers["Retry-After"]
    assert "put the key back in MEDSPEL_KEYS" in reply.text
    assert "the key 'test' is not on the ring" in caplog.text
    with wrong.without_its_key():  # the pages that need nothing of it are there
        assert sit_down(wrong.app, wrong.town, "nurse").get("/accessibility/").status_code == 200


def test_what_may_not_be_done_here_says_what_may(browser):
    assert set(browser("nurse").get("/sign-out/").headers["Allow"].split(", ")) >= {"POST"}
    assert "POST" not in browser(None).post("/accessibility/").headers["Allow"]


def test_a_fault_in_our_sql_is_never_said_to_be_the_readers(browser, app_engine):
    def rename(old, new):
        WRITING.set(True)
        with app_engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        WRITING.set(False)

    rename("plan_register", "gone")
    try:
        reply = browser("office").get("/register/plans/")
    finally:
        rename("gone", "plan_register")
    assert reply.status_code == (500 if app_engine.dialect.name == "postgresql" else 503)
    assert not LEAKS.search(reply.text) and "plan_register" not in reply.text
