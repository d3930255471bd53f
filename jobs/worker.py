"""The worker (arbeidar): huey is the clock, the tables are the truth."""

from __future__ import annotations

from huey import SqliteHuey, crontab
from sqlalchemy import Engine, create_engine, delete

import config
from jobs.carriers import carriers
from jobs.outbox import deliver
from models.account import LoginSession, RateLimit
from models.clock import utcnow
from models.database import WRITING, prepare
from models.draft import Draft
from security import crypto, seal
from security.rate_limits import WINDOW
from services.drafts import is_old


def clean_up(engine: Engine) -> None:
    """Take away logins that have run out, limits that no longer count, and old drafts."""
    WRITING.set(True)
    sessions, limits = LoginSession.__table__, RateLimit.__table__
    with engine.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at < utcnow()))  # type: ignore[arg-type]
        connection.execute(delete(Draft.__table__).where(is_old(utcnow())))  # type: ignore[arg-type]
        connection.execute(delete(limits).where(limits.c.window_start < utcnow() - WINDOW))  # type: ignore[arg-type]


def make_worker(settings: config.Settings) -> SqliteHuey:
    """A huey with everything that runs by itself."""
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url, hide_parameters=True)
    prepare(engine)
    settings.queue_file.parent.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey(filename=str(settings.queue_file))
    able = carriers(settings)

    @huey.periodic_task(crontab(minute="*"))
    def empty_the_outbox() -> None:
        deliver(engine, able)

    @huey.periodic_task(crontab(minute="0"))
    def seal_the_log() -> None:
        with engine.connect() as connection:
            seal.seal(connection, settings.seal_key, settings.seal_file)

    @huey.periodic_task(crontab(minute="30"))
    def tidy() -> None:
        clean_up(engine)

    return huey


def main() -> None:
    huey = make_worker(config.from_environment())
    huey.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


if __name__ == "__main__":
    main()
