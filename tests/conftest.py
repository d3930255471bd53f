"""Both databases for every test: SQLite, and PostgreSQL 15 where its binaries exist."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, QueuePool, create_engine, event, select

import config
import models.everything  # noqa: F401
from app import create_app
from deploy import certificate
from deploy.release import release
from models.account import LoginSession
from models.clock import utcnow
from models.database import WRITING, prepare
from models.people import Person
from models.types import blind_index
from security import crypto, logs, passwords
from security.actor import Actor
from security.session import GuardedSession, SystemSession
from security.sessions import COOKIE
from tests import postgresql as pg
from tests.factories import WHO, Town, build
from tests.providers import node_provider as node_provider
from tests.providers import provider as provider
from tests.providers import python_provider as python_provider
from tests.providers import running_python_provider as running_python_provider

gc.disable()  # until all is read: nearly everything of it stays
IN_MEMORY, ROOMY = Path("/dev/shm"), 2 * 1024**3
if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOMY:
    os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)  # files are files, without the disk

THOROUGH, NOBODYS = passwords._HASHER, passwords._DUMMY
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
passwords._DUMMY = passwords._HASHER.hash("nobody has this password")
certificate.BITS = 1024  # a key is looked at three times for each seal, 0.1 s each
RING = crypto.KeyRing({"test": b"k" * 32}, b"i" * 32)
crypto.install(RING)


@dataclass
class Template:
    """A database with the town in it, copied for each test."""

    town: bytes
    sqlite: Path
    postgresql: str | None


def connect(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    prepare(engine)
    return engine


def _fill(url: str) -> bytes:
    engine = connect(url)
    release(engine)
    with SystemSession(engine, because="test data") as session:
        town = build(session)
        session.commit()
    engine.dispose()
    return pickle.dumps(town)


SERVERS = {"werkzeug", "mail.log"}
"""The loggers of the servers that tests run beside us."""


class Listener(logging.Handler):
    """Hears what is logged in the whole run: nothing may be there that would be washed away."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said, test = record.getMessage(), os.environ.get("PYTEST_CURRENT_TEST", "")
        ours = record.name not in SERVERS and not test.startswith("tests/test_logs")
        if ours and logs.wash(said) != said:
            self.heard.append(f"{test}: {record.name}: {said}")


@pytest.fixture(scope="session", autouse=True)
def _nothing_secret_is_logged() -> Iterator[None]:
    listener, root = Listener(), logging.getLogger()
    root.addHandler(listener)
    yield
    root.removeHandler(listener)
    assert listener.heard == []


@pytest.fixture(autouse=True)
def _as_in_a_new_process() -> Iterator[None]:
    """A test that ran a job left its own mark (two sessions of the next would wait for each
    other), and one that ran a command of ours left that command's keys."""
    yield
    WRITING.set(False)
    crypto.install(RING)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    town = _fill(f"sqlite:///{path}")
    with connect(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path, town


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    if not pg.available():
        pytest.skip("no PostgreSQL 15 here: sh deploy/apt.sh says how to get it")
    with pg.server() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> tuple[str, bytes]:
    pg.sql(postgresql_server, "CREATE DATABASE template_town")
    return postgresql_server, _fill(pg.url(postgresql_server, "template_town"))


@pytest.fixture(params=["sqlite", "postgresql"])
def copy(request: pytest.FixtureRequest, left_open: set[Engine]) -> tuple[str, Town]:
    """A database filled with the town, new for each test: its address, always the same,
    and the town."""
    if request.param == "sqlite":
        path, town = request.getfixturevalue("sqlite_template")
        here = path.with_name("medspel.db")
        for name in (here.name, f"{here.name}-wal", f"{here.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        shutil.copy(path, here)
        return f"sqlite:///{here}", pickle.loads(town)
    folder, town = request.getfixturevalue("postgresql_template")
    if not pg.put_back(folder, "medspel", "kept"):
        for engine in left_open:
            engine.dispose()
        pg.sql(folder, "DROP DATABASE IF EXISTS medspel WITH (FORCE)")
        pg.sql(folder, "CREATE DATABASE medspel TEMPLATE template_town")
        pg.keep(folder, "medspel", "kept")
    return pg.url(folder, "medspel"), pickle.loads(town)


@pytest.fixture
def url(copy: tuple[str, Town]) -> str:
    return copy[0]


@pytest.fixture
def town(copy: tuple[str, Town]) -> Town:
    return copy[1]


@pytest.fixture(scope="session")
def known_engines() -> dict[str, Engine]:
    """An engine for each database address: it remembers the statements it has compiled, which
    takes longer than to ask them."""
    return {}


@pytest.fixture(scope="session")
def left_open() -> set[Engine]:
    """Engines whose connections outlive a test."""
    return set()


def leave(engine: Engine, left_open: set[Engine]) -> None:
    """End the connections of `engine`, unless the next test is as well served by them: it would
    wait for PostgreSQL to start a process for each, which has to learn what tables there are. Of
    SQLite the file is another one."""
    if engine.dialect.name == "sqlite" or cast(QueuePool, engine.pool).checkedout():
        engine.dispose()
    else:
        left_open.add(engine)


@pytest.fixture
def engine(url: str, known_engines: dict[str, Engine], left_open: set[Engine]) -> Iterator[Engine]:
    engine = known_engines[url] = known_engines.get(url) or connect(url)
    yield engine
    leave(engine, left_open)


class Desk:
    """Sits people of the town down at a session."""

    def __init__(self, engine: Engine, town: Town) -> None:
        self.engine, self.town = engine, town

    def actor(self, who: str) -> Actor:
        home = self.town.foreign_id if who.startswith("foreign") else self.town.municipality_id
        return Actor(
            account_id=self.town.accounts[who],
            person_id=self.town.people[who],
            municipality_id=home,
            name=who.title(),
            roles=frozenset({WHO[who]}),
            municipality="Fjordvik",
            membership_id=self.town.memberships[who],
        )

    @contextmanager
    def session(self, who: str | None) -> Iterator[GuardedSession]:
        with GuardedSession(self.engine) as session:
            session.act_as(self.actor(who) if who else None)
            yield session

    @contextmanager
    def system(self) -> Iterator[SystemSession]:
        """Past all scopes, for looking at what is really stored."""
        with SystemSession(self.engine, because="a test looks") as session:
            yield session


@pytest.fixture
def desk(engine: Engine, town: Town) -> Desk:
    return Desk(engine, town)


@pytest.fixture
def reach(desk: Desk, town: Town) -> Callable[..., None]:
    """`reach("mother", email=…)`: sets how somebody is reached."""

    def set_to(who: str, email: str | None = None, phone: str | None = None) -> None:
        with desk.system() as session:
            person = session.get_one(Person, town.people[who])
            person.email, person.phone = email, phone
            person.email_index = email and blind_index("person.email", email)
            person.phone_index = phone and blind_index("person.phone", phone)
            session.commit()

    return set_to


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Every SQL statement sent through `engine`, but BEGIN and its like."""
    sent: list[str] = []

    def hear(_c: object, _cur: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield sent
    event.remove(engine, "before_cursor_execute", hear)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the collector of garbage need not look at it each
    time, nor so often."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is said of a page alone is true on either database, and is tried on one: `a_page`."""
    items[:] = [one for one in items if not (one.get_closest_marker("a_page") and _is_second(one))]


def _is_second(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and call.params.get("copy") == "postgresql"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be tested here is said loudly, last."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT TESTED HERE: {reason}", red=True, bold=True)


@pytest.fixture
def settings(url: str, tmp_path: Path) -> config.Settings:
    return config.Settings(
        secret_key="a secret only for tests, long enough",
        database_url=url,
        keys=crypto.KeyRing({"test": b"k" * 32}, b"i" * 32),
        seal_key=b"s" * 32,
        seal_file=tmp_path / "seals.jsonl",
        outbox_folder=tmp_path / "outbox",
        queue_url=f"sqlite:///{tmp_path}/queue.db",
        secure_cookies=False,
    )


@pytest.fixture(scope="session")
def known_apps() -> dict[tuple[str, bool], Flask]:
    """An application for each database address, debugged or not: it takes longer to make
    than to use."""
    return {}


@pytest.fixture
def app(
    settings: config.Settings,
    known_apps: dict[tuple[str, bool], Flask],
    left_open: set[Engine],
) -> Iterator[Flask]:
    kind = (settings.database_url, settings.debug)
    app = known_apps[kind] = known_apps.get(kind) or create_app(settings)
    before = dict(app.config)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.config.clear()
    app.config.update(before)
    with app.app_context():
        leave(app.extensions["sqlalchemy"].engine, left_open)


def sign_in(engine: Engine, town: Town, who: str, language: str = "en") -> str:
    """The token of a session of `who` in the database, for the cookie; in a town that is
    remembered there may be one already."""
    token = f"token-{who.replace(' ', '-')}-".ljust(43, "x")
    token_hash = sha256(token.encode()).hexdigest()
    with SystemSession(engine, because="test data") as session:
        if not session.scalar(select(LoginSession.id).filter_by(token_hash=token_hash)):
            session.add(
                LoginSession(
                    token_hash=token_hash,
                    account_id=town.accounts[who],
                    membership_id=town.memberships[who],
                    data={"language": language},
                    expires_at=utcnow() + timedelta(hours=1),
                )
            )
            session.commit()
    return token


def sit_down(app: Flask, town: Town, who: str | None, language: str = "en") -> FlaskClient:
    """A browser in which `who` has signed in already, by a session in the database."""
    client = app.test_client()
    if who is not None:
        with app.app_context():
            interface = app.session_interface
        client.set_cookie(COOKIE, sign_in(interface.engine, town, who, language))
    return client


@pytest.fixture
def browser(app: Flask, town: Town) -> Callable[..., FlaskClient]:
    """`browser("nurse")` is a client in which the nurse has signed in."""
    known: dict[str | None, FlaskClient] = {}

    def open_for(who: str | None) -> FlaskClient:
        if who is None or who not in known:
            known[who] = sit_down(app, town, who)
        return known[who]

    return open_for


@pytest.fixture
def app_engine(app: Flask) -> Engine:
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        return engine


FRESH = timedelta(minutes=15)  # half of what a session lasts unused


class Memory:
    """What takes long to bring about in a database: done once, and then put back.

    `known`: when each was brought about, and what was said of it. The rows lie beside it.
    """

    def __init__(self, engines: list[Engine], folder: str | None, known: dict[Any, Any]) -> None:
        self.engines, self.folder, self.known = engines, folder, known
        self.here = str(engines[0].url.database)

    def recall(self, name: str, bring_about: Callable[[], Any]) -> Any:
        """What `bring_about` returned, with the rows as it left them."""
        brought_at, said = self.known.get((self.here, name), (None, b""))
        if not brought_at or utcnow() > brought_at + FRESH or not self.put_back(name):
            said = pickle.dumps(bring_about())
            self._keep(name)
            self.known[self.here, name] = utcnow(), said
        return pickle.loads(said)

    def _keep(self, name: str) -> None:
        if self.folder:
            return pg.keep(self.folder, self.here, name)
        self._leave()
        with self.engines[0].connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._leave()
        shutil.copy(self.here, f"{self.here}.{name}")

    def put_back(self, name: str) -> bool:
        """Whether the rows are again as they were kept."""
        if self.folder:
            return pg.put_back(self.folder, self.here, name, others_out=False)
        self._leave()
        for more in ("-wal", "-shm"):
            Path(self.here + more).unlink(missing_ok=True)
        shutil.copy(f"{self.here}.{name}", self.here)
        return True

    def _leave(self) -> None:
        for engine in self.engines:
            engine.dispose()


@pytest.fixture(scope="session")
def memories() -> dict[Any, Any]:
    return {}


@pytest.fixture
def memory(
    engine: Engine, app_engine: Engine, memories: dict[Any, Any], request: pytest.FixtureRequest
) -> Memory:
    folder = None
    if engine.dialect.name == "postgresql":
        folder = request.getfixturevalue("postgresql_server")
    return Memory([engine, app_engine], folder, memories)


@pytest.fixture
def office(app: Flask, town: Town, desk: Desk, memory: Memory) -> Any:
    """Every form there is, in a town that is put back after each that is stored."""
    from tests.forms import Office  # which needs what stands above

    return Office(app, town, desk, memory)
