"""A real browser, and the application answering it from a thread."""

from __future__ import annotations

import pickle
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from tests.factories import Town

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which `app` answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


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
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here: sh deploy/apt.sh says how to get it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
