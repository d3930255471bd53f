"""The release command (utrulling): schema, triggers and roles, safe to run twice at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine

import config
from models.database import WRITING, prepare
from security import crypto, triggers
from security.roles import synchronise
from services import (
    case_rules,
    deadline_rules,
    letter_texts,
    notice_texts,
    request_search,
    shipped_help,
    user_agreements,
)

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"
_LOCK = 7_061_987  # any number, the same in every process
_TURN_MS = 300_000
"""How long a second process waits for the first; a big table takes its time to copy."""


class BrokenReferences(Exception):
    """After a change of the schema, rows of these tables would point at nothing."""


def alembic_config(connection: Connection) -> Config:
    """Alembic pointed at our migrations and at an open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision`; the triggers are made anew afterwards."""
    triggers.remove(connection)
    command.upgrade(alembic_config(connection), revision)
    triggers.install(connection)


def downgrade(connection: Connection, revision: str) -> None:
    """Take the schema down to `revision`; data that has no place there is lost."""
    triggers.remove(connection)
    command.downgrade(alembic_config(connection), revision)
    triggers.install(connection)


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables may be made anew, with their rows in them.

    SQLite changes a table by copying, dropping and renaming it, and a dropped table's rows
    are missed by those that point at them. So it looks at foreign keys at the end instead.
    Raises: BrokenReferences, and nothing is changed.
    """
    WRITING.set(True)  # SQLite: the write lock from the first statement
    with engine.connect() as connection:
        try:
            _watch_references(connection, False)
            with connection.begin():
                yield connection
                _refuse_broken(connection)
        finally:
            WRITING.set(False)
            _watch_references(connection, True)


def _watch_references(connection: Connection, on: bool) -> None:
    """Only between transactions, past SQLAlchemy's own BEGIN: inside one it does nothing."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
        driver.execute(f"PRAGMA busy_timeout={5000 if on else _TURN_MS}")


def _refuse_broken(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if broken:
            raise BrokenReferences(", ".join(sorted(broken)))


def release(engine: Engine) -> None:
    """Schema, triggers, roles, shipped texts, all or nothing; a second process waits."""
    with rebuilding(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        migrate(connection)
        synchronise(connection)
        shipped_help.equip(connection)
        notice_texts.equip(connection)
        letter_texts.equip(connection)
        user_agreements.equip(connection)
        deadline_rules.equip(connection)
        case_rules.equip(connection)
        request_search.fill(connection)


def main() -> None:
    settings = config.from_environment()
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url, hide_parameters=True)
    prepare(engine)
    release(engine)
    sys.stdout.write("The database is up to date.\n")


if __name__ == "__main__":
    main()
