"""Writes a new migration from the difference between models and schema (ny migrering)."""

from __future__ import annotations

import sys

from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from deploy.release import alembic_config
from models.database import prepare


def main(message: str) -> None:
    """An empty SQLite database is brought to head and compared with the models."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    prepare(engine)
    with engine.connect() as connection, connection.begin():
        settings = alembic_config(connection)
        command.upgrade(settings, "head")
        command.revision(settings, message, autogenerate=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
