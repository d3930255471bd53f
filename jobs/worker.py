"""The worker (arbeidar): huey is the clock, the tables are the truth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from sqlalchemy import Engine, create_engine, delete
from sqlalchemy.exc import DBAPIError

import config
from jobs import birthdays
from jobs.carriers import carriers
from jobs.case_letters import make_letters
from jobs.outbox import deliver, has_work
from jobs.periodic import once
from jobs.receipts import make_receipts
from jobs.returns import read_returns
from models.account import LoginSession, RateLimit
from models.begun_import import BegunImport
from models.clock import utcnow
from models.database import WRITING, prepare
from models.draft import Draft
from models.request_draft import RequestDraft
from models.second_factor import SignInCode
from security import crypto, logs, seal
from security.rate_limits import WINDOW
from services import imports
from services.appointments import follow_the_day
from services.deadline_notices import remind
from services.drafts import is_old
from services.ending import tell_of_the_end
from services.minutes_giving import move_on
from services.second_factor import REMEMBERED

_LOG = logging.getLogger("medspel.jobs")
MINUTE, TEN_MINUTES = timedelta(minutes=1), timedelta(minutes=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clean_up(engine: Engine) -> bool:
    """Take away logins and codes that have run out, limits that no longer count, old drafts and
    files nobody has said yes to."""
    WRITING.set(True)
    sessions, limits = LoginSession.__table__, RateLimit.__table__
    codes, requests = SignInCode.__table__, RequestDraft.__table__
    with engine.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at < utcnow()))  # type: ignore[arg-type]
        connection.execute(delete(Draft.__table__).where(is_old(utcnow())))  # type: ignore[arg-type]
        connection.execute(delete(requests).where(requests.c.expires_at < utcnow()))  # type: ignore[arg-type]
        connection.execute(delete(BegunImport.__table__).where(imports.is_old(utcnow())))  # type: ignore[arg-type]
        connection.execute(delete(limits).where(limits.c.window_start < utcnow() - WINDOW))  # type: ignore[arg-type]
        connection.execute(delete(codes).where(codes.c.made_at < utcnow() - REMEMBERED))  # type: ignore[arg-type]
    return True


def queue(settings: config.Settings) -> Huey:
    """Where huey keeps its clock: `sqlite:///…`, `postgresql://…` or `redis://…`."""
    kind = urlsplit(settings.queue_url).scheme
    if kind.startswith("redis"):
        return RedisHuey("medspel", url=settings.queue_url)
    if kind.startswith("postgresql"):
        return PostgresHuey("medspel", dsn=settings.queue_url)
    file = Path(settings.queue_url.removeprefix("sqlite:///"))
    file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("medspel", filename=str(file))


@dataclass(frozen=True, slots=True)
class Worker:
    """huey: the clock, with everything that runs by itself. send: empties the outbox now."""

    huey: Huey
    engine: Engine
    send: Callable[[], int]


def make_worker(settings: config.Settings) -> Worker:
    """Any number of them may run at once."""
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url, hide_parameters=True)
    prepare(engine)
    huey, send = queue(settings), partial(deliver, engine, carriers(settings))

    def seal_now() -> bool:
        with engine.connect() as connection:
            seal.seal(connection, settings.seal_key, settings.seal_file)
        return True

    def verify() -> bool:
        with engine.connect() as connection:
            return not seal.verify(connection, settings.seal_key, settings.seal_file)

    huey.periodic_task(crontab(minute="*"), name="empty_the_outbox")(send)

    @huey.periodic_task(crontab(minute="*"))
    def receipts() -> None:
        once(engine, "receipts", MINUTE, partial(make_receipts, engine, settings.certificates))

    @huey.periodic_task(crontab(minute="*"))
    def letters() -> None:
        once(engine, "letters", MINUTE, partial(make_letters, engine))

    @huey.periodic_task(crontab(minute="*/10"))
    def by_the_hour() -> None:
        once(engine, "seal the log", HOUR, seal_now)
        once(engine, "tidy", HOUR, partial(clean_up, engine))
        once(engine, "verify the log", DAY, verify)
        once(engine, "consents that run out", HOUR, partial(tell_of_the_end, engine))
        once(engine, "appointments", HOUR, partial(follow_the_day, engine))
        once(engine, "who is soon to decide", DAY, partial(birthdays.tell, engine))
        once(engine, "deadlines", DAY, partial(remind, engine))
        once(engine, "minutes", TEN_MINUTES, partial(move_on, engine))
        if settings.returns is not None:
            once(
                engine,
                "returned mail",
                TEN_MINUTES,
                partial(read_returns, engine, settings.returns),
            )

    return Worker(huey, engine, send)


def listen(worker: Worker, stop: Event, every: float = 2.0) -> None:
    """Send what is due within seconds; the clock's minute is for when this one is gone."""
    while not stop.wait(every):
        try:
            if has_work(worker.engine):
                worker.send()
        except DBAPIError as fault:
            _LOG.error("the database does not answer: %s", type(fault.orig).__name__)


def main() -> None:
    settings = config.from_environment()
    if settings.log_as_json:
        logs.install()
    worker = make_worker(settings)
    Thread(target=listen, args=(worker, Event()), daemon=True).start()
    worker.huey.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


if __name__ == "__main__":
    main()
