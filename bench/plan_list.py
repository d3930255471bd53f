"""What the office's list of plans costs (måling): its first page and its deepest one.

`python -m bench.plan_list 100000`, from the project's folder: on SQLite, and on PostgreSQL where it
is. Prints how long a page takes, and how the database finds the rows; the bar is 200 ms, and by the
index. The page of numbers, which looks at every plan, is measured beside it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

import config
from app import create_app
from deploy.release import release
from deploy.seed import Rows
from models.clock import today, utcnow
from models.database import WRITING
from models.plan import PlanRegister
from models.vocabulary import PlanStatus, PlanType
from security import crypto
from security.session import SystemSession
from tests import postgresql
from tests.conftest import connect, sit_down
from tests.factories import Town, build

_SCANNED = re.compile(r"(?:SEARCH|SCAN|Scan)\b.*plan_register")
ROUNDS, CHUNK, A_PAGE = 15, 1_000, 25
LIST = "/register/plans/"


def fill(engine: Engine, home: int, plans: int) -> None:
    """The register only: no page of the office reads anything else."""
    then = today() - timedelta(days=plans // 40)
    kind = {"type": PlanType.SIMPLE_COLLABORATION, "status": PlanStatus.ACTIVE}
    WRITING.set(True)
    with engine.begin() as connection:
        rows = Rows(connection)
        for n in range(plans):
            at = {"municipality_id": home}
            owner = rows.add("person", **at, name=f"Eigar {n}", shielded=False)
            plan = rows.add(
                "plan", **at, **kind, person_id=owner, short_name=f"S {n}", opened_at=utcnow(),
                owner_decides_from=today(), guardian_until=today(),
            )  # fmt: skip
            opened = then + timedelta(days=n // 40)
            rows.add("plan_register", **at, **kind, plan_id=plan, person_id=owner,
                     opened_on=opened, started_on=opened)  # fmt: skip
            if n % CHUNK == CHUNK - 1:
                rows.write()
        rows.write()
        connection.exec_driver_sql("ANALYZE")
    WRITING.set(False)


def deepest(engine: Engine) -> str:
    """The address of the page whose last row is the oldest there is."""
    r = PlanRegister
    wanted = select(r.opened_on, r.id).order_by(r.opened_on, r.id).offset(A_PAGE).limit(1)
    with SystemSession(engine, because="measuring") as session:
        day, key = session.execute(wanted).one()
    return f"{LIST}?before={day}_{key}"


@contextmanager
def heard(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that read the register, and their values."""
    sent: list[tuple[str, Any]] = []

    def hear(_c: Any, _cur: Any, statement: str, values: Any, *_: Any) -> None:
        if "FROM plan_register" in statement:
            sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    yield sent
    event.remove(engine, "before_cursor_execute", hear)


def how(engine: Engine, statement: str, values: Any) -> str:
    """The line of the database's own plan that finds rows of the register."""
    word = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with engine.connect() as connection:
        lines = connection.exec_driver_sql(f"{word} {statement}", values).all()
    found = (str(line[-1]).strip() for line in lines)
    return next(line for line in found if _SCANNED.search(line))


def measure(client: FlaskClient, engine: Engine, address: str) -> tuple[float, str]:
    """Milliseconds, and how the rows are found."""
    with heard(engine) as sent:
        client.get(address)
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        assert client.get(address).status_code == 200
        times.append(perf_counter() - start)
    return median(times) * 1e3, how(engine, *sent[0])


def run(url: str, folder: str, plans: int) -> None:
    ring = crypto.KeyRing({"bench": b"k" * 32}, b"i" * 32)
    crypto.install(ring)
    engine = connect(url)
    release(engine)
    with SystemSession(engine, because="measuring") as session:
        town: Town = build(session)
        session.commit()
    fill(engine, town.municipality_id, plans)
    app = create_app(
        config.Settings(
            secret_key="a secret only for measuring, long enough", database_url=url, keys=ring,
            seal_key=b"s" * 32, seal_file=Path(folder) / "seals.jsonl",
            outbox_folder=Path(folder) / "outbox", queue_url=f"sqlite:///{folder}/queue.db",
            secure_cookies=False,
        )
    )  # fmt: skip
    with app.app_context():
        of_the_app: Engine = app.extensions["sqlalchemy"].engine
    client = sit_down(app, town, "office")
    pages = {"first": LIST, "deepest": deepest(engine), "numbers": "/register/numbers/"}
    for name, address in pages.items():
        taken, found = measure(client, of_the_app, address)
        sys.stdout.write(
            f"{engine.dialect.name}, {plans} plans, {name} page: {taken:.1f} ms; {found}\n"
        )
    of_the_app.dispose()
    engine.dispose()


def main(plans: int) -> None:
    with TemporaryDirectory() as folder:
        run(f"sqlite:///{folder}/bench.db", folder, plans)
        if postgresql.available():
            with postgresql.server() as server:
                postgresql.sql(server, "CREATE DATABASE bench")
                run(postgresql.url(server, "bench"), folder, plans)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
