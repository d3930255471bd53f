"""A real browser, and the application answering it from a thread."""

from __future__ import annotations

import pickle
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, Playwright, sync_playwright
from werkzeug.serving import make_server

from deploy.browser import CHROMIUM
from tests.factories import Town


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What an audit has looked at in all, whoever of the workers did."""
    looked_at: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        looked_at.update(dict(report.user_properties).get("looked at", {}))
    if looked_at:
        terminalreporter.write_line(", ".join(f"{n} {what}" for what, n in looked_at.items()))


FIREFOX = Path("/usr/bin/firefox-esr")
FIREFOX_SAYS_YES = Path(__file__).with_name("firefox.cjs")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class Door:
    """Before an application: lets requests in until it is shut, and waits for the last to leave.

    A request that outlives its test would write into the database of the next.
    """

    def __init__(self, app: Flask) -> None:
        self.app, self.inside, self.is_shut = app, 0, False
        self.changed = threading.Condition()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self.changed:
            if self.is_shut:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self.inside += 1
        try:
            reply = self.app(environ, start_response)
            with closing(cast(Any, reply)):
                return [b"".join(reply)]
        finally:
            with self.changed:
                self.inside -= 1
                self.changed.notify_all()

    def shut(self) -> None:
        with self.changed:
            self.is_shut = True
            assert self.changed.wait_for(lambda: self.inside == 0, timeout=60)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which `app` answers."""
    door = Door(app)
    server = make_server("127.0.0.1", 0, door, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        door.shut()


@pytest.fixture(params=["sqlite"])
def copy(sqlite_template: tuple[Path, bytes], request: pytest.FixtureRequest) -> tuple[str, Town]:
    """The town anew; a browser is the same on both databases."""
    path, town = sqlite_template
    here = path.with_name("browser.db")
    for name in (here.name, f"{here.name}-wal", f"{here.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    shutil.copy(path, here)
    return f"sqlite:///{here}", pickle.loads(town)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_OPTIONS", f'--require "{FIREFOX_SAYS_YES}"')
        playwright = sync_playwright().start()
    yield playwright
    playwright.stop()


@pytest.fixture(scope="session")
def _chromium(playwright: Playwright) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here: sh deploy/apt.sh says how to get it")
    with playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser:
        yield browser


@pytest.fixture
def chromium(_chromium: Browser) -> Iterator[Browser]:
    """One browser for all tests, and no window of one test open in the next."""
    yield _chromium
    for context in _chromium.contexts:
        context.close()


@pytest.fixture
def firefox(playwright: Playwright) -> Iterator[Browser]:
    """Debian's own, over WebDriver BiDi: Playwright's patched one cannot be had from a package."""
    if not FIREFOX.exists():
        pytest.skip("no Firefox here: sh deploy/apt.sh says how to get it")
    with playwright.firefox.launch(executable_path=FIREFOX, channel="moz-firefox") as browser:
        yield browser
