"""Pictures of twelve key pages (bilete), phone and desktop, in nynorsk: `make pictures`.

They are taken of a demo of its own and land in docs/pictures/; three of them stand in README.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, create_engine, select
from werkzeug.serving import make_server

import config
from app import create_app
from deploy.browser import CHROMIUM
from deploy.demo import fill
from deploy.town import PASSWORD
from models.elements.evaluation import Evaluation
from models.plan import Plan
from models.request import Request
from models.second_factor import SignInCode
from security.one_time_code import code_of
from security.session import SystemSession

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZES = {"phone": (360, 740), "desktop": (1280, 860)}
PAGES = (  # name, who looks (by sign-in name), address with the keys of `_keys`
    ("sign-in", "", "/sign-in/"),
    ("start-coordinator", "turid", "/"),
    ("overview-guardian", "marte", "/plan/{plan}/"),
    ("few-words", "sunniva", "/plan/{own}/easy/"),
    ("consent", "nils", "/plan/{asked}/consent/sign"),
    ("goal", "turid", "/plan/{plan}/goal/add"),
    ("message", "turid", "/plan/{plan}/message/write"),
    ("evaluation", "jonas", "/plan/{plan}/evaluation/{evaluation}/answer"),
    ("who-has-seen", "marte", "/plan/{plan}/log/"),
    ("plan-register", "ke", "/register/plans/"),
    ("deadlines", "ke", "/register/deadlines/"),
    ("request", "ke", "/register/request/show/{request}"),
    ("letter", "ke", "/register/request/{request}/letter/inquiry"),
    ("numbers", "ke", "/register/numbers/"),
)


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with (
        TemporaryDirectory() as folder,
        _served(Path(folder)) as (address, engine),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for size in SIZES:
            _take(browser, address, engine, size)
        browser.close()


@contextmanager
def _served(data: Path) -> Iterator[tuple[str, Engine]]:
    """A demo, and its database."""
    settings = config.from_environment({"MEDSPEL_DEMO": "1", "DATA": str(data)})
    fill(settings, data)
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", create_engine(settings.database_url)
    server.shutdown()
    thread.join()


def _keys(engine: Engine) -> dict[str, int]:
    with SystemSession(engine, because="pictures of the demo") as session:
        plans = {plan.short_name: plan.id for plan in session.scalars(select(Plan))}
        of_ella = {"plan": plans["EV 1"], "asked": plans["ND 1"], "own": plans["SH 1"]}
        open_ = select(Evaluation.id).where(Evaluation.plan_id == plans["EV 1"])
        asked = session.scalars(select(Request.id).order_by(Request.id)).first()
        return of_ella | {"evaluation": session.scalars(open_).one(), "request": asked or 0}


def _take(browser: Browser, address: str, engine: Engine, size: str) -> None:
    windows: dict[str, Page] = {}
    keys = _keys(engine)
    for name, who, path in PAGES:
        if who not in windows:
            windows[who] = _window(browser, address, engine, who, size)
        windows[who].goto(address + path.format(**keys))
        windows[who].screenshot(path=FOLDER / f"{name}-{size}.png")


def _window(browser: Browser, address: str, engine: Engine, who: str, size: str) -> Page:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, locale="nn-NO")
    if who:
        page.goto(f"{address}/sign-in/")
        page.fill('[name="name"]', who)
        page.fill('[name="secret"]', PASSWORD)
        with page.expect_navigation():
            page.locator("main button[type=submit]").click()
        page.fill('[name="code"]', _code(engine))
        with page.expect_navigation():
            page.locator("main button[type=submit]").first.click()
    return page


def _code(engine: Engine) -> str:
    """What was sent to the one who is signing in."""
    with SystemSession(engine, because="pictures of the demo") as session:
        newest = select(SignInCode.uid).order_by(SignInCode.id.desc()).limit(1)
        return code_of(session.scalars(newest).one())


if __name__ == "__main__":
    main()
