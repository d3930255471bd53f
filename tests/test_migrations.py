"""Migrations make what the models say, both ways, with data, and twice at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from deploy.release import downgrade, migrate, release
from models.everything import METADATA
from security import triggers
from tests import postgresql as pg
from tests.conftest import connect


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    folder = request.getfixturevalue("postgresql_server")
    pg.sql(folder, "CREATE DATABASE empty_one")
    yield pg.url(folder, "empty_one")
    pg.sql(folder, "DROP DATABASE empty_one WITH (FORCE)")


def test_models_equal_migrations(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [d for d in compare_metadata(context, METADATA) if not _is_known(d)]
    assert differences == []


def _is_known(difference) -> bool:
    """SQLite reflects neither an index over an expression nor a foreign key's name."""
    return False


def test_down_and_up_again_with_data(engine, town):
    with engine.begin() as connection:
        downgrade(connection, "base")
        left = set(inspect(connection).get_table_names())
        assert left <= {"alembic_version"}
    with engine.begin() as connection:
        migrate(connection)
        made = set(inspect(connection).get_table_names())
        assert set(METADATA.tables) <= made
        assert set(triggers.live(connection)) == set(triggers.wanted(connection.dialect.name))


def test_two_releases_at_once_do_no_harm(empty):
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(release, connect(empty)) for _ in range(2)]:
            done.result()
    engine = connect(empty)
    with engine.connect() as connection:
        roles = connection.exec_driver_sql("SELECT name FROM ab_role").scalars().all()
        assert len(roles) == len(set(roles)) == 7
        pairs = connection.exec_driver_sql(
            "SELECT permission_view_id, role_id FROM ab_permission_view_role"
        ).all()
        assert len(pairs) == len(set(pairs)) > 50
    engine.dispose()
