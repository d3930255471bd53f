"""The release command (utrulling): schema, triggers and roles, safe to run twice at once."""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine

import config
from models.database import WRITING, prepare
from security import crypto, triggers
from security.roles import synchronise

_LOCK = 7_061_987  # any number, the same in every process


def alembic_config(connection: Connection) -> Config:
    """Alembic pointed at our migrations and at an open connection."""
    settings = Config()
    folder = Path(__file__).parent.parent / "models" / "migrations"
    settings.set_main_option("script_location", str(folder))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision`; the triggers are made anew afterwards."""
    triggers.remove(connection)
    command.upgrade(alembic_config(connection), revision)
    if revision == "head":
        triggers.install(connection)


def downgrade(connection: Connection, revision: str) -> None:
    """Take the schema down to `revision`; data that has no place there is lost."""
    triggers.remove(connection)
    command.downgrade(alembic_config(connection), revision)


def release(engine: Engine) -> None:
    """Schema, triggers, roles, all or nothing; a second process waits for the first."""
    WRITING.set(True)  # SQLite: the write lock from the first statement
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        migrate(connection)
        synchronise(connection)
    WRITING.set(False)


def main() -> None:
    settings = config.from_environment()
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url)
    prepare(engine)
    release(engine)
    sys.stdout.write("The database is up to date.\n")


if __name__ == "__main__":
    main()
