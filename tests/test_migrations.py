"""Migrations make what the models say, both ways, with data, and twice at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from deploy.release import MIGRATIONS, BrokenReferences, downgrade, migrate, rebuilding
from models.base import EnumSet, Model
from models.elements.goal import Goal
from models.everything import METADATA
from models.vocabulary import LifeArea
from security import audit, triggers
from tests import postgresql as pg
from tests.conftest import connect

ROOT = Path(__file__).parent.parent
KEY = b64encode(b"k" * 32).decode()


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
        assert compare_metadata(context, METADATA) == []


def test_all_the_way_down_and_up_again_with_data(engine, town):
    with rebuilding(engine) as connection:
        downgrade(connection, "base")
        left = set(inspect(connection).get_table_names())
        assert left <= {"alembic_version"}
    with rebuilding(engine) as connection:
        migrate(connection)
        made = set(inspect(connection).get_table_names())
        assert set(METADATA.tables) <= made
        assert set(triggers.live(connection)) == set(triggers.wanted(connection.dialect.name))


NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{head}"


def upgrade():
    with op.batch_alter_table("goal", recreate="auto") as batch:
        batch.add_column(sa.Column("extra", sa.String(20), nullable=True))
        batch.create_check_constraint("extra_is_short", "length(extra) < 10")


def downgrade():
    with op.batch_alter_table("goal") as batch:
        batch.drop_constraint("extra_is_short", type_="check")
        batch.drop_column("extra")
"""


@pytest.fixture
def a_later_schema(tmp_path, monkeypatch):
    """The migrations there are and one more, which has SQLite make a table anew."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions/9999_extra.py").write_text(NEXT.replace("{head}", head))
    monkeypatch.setattr("deploy.release.MIGRATIONS", folder)


def _all_rows(connection):
    return {
        table.name: sorted(map(repr, connection.execute(select(*table.c)).all()))
        for table in METADATA.sorted_tables
    }


def test_a_step_up_and_down_keeps_rows_triggers_and_log(engine, desk, town, a_later_schema):
    with desk.session("nurse") as session:
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.commit()
    with rebuilding(engine) as connection:
        before = _all_rows(connection)
        migrate(connection)
        assert "extra" in {c["name"] for c in inspect(connection).get_columns("goal")}
        assert _all_rows(connection) == before
        _guarded(connection)
    with rebuilding(engine) as connection:
        downgrade(connection, "-1")
        assert "extra" not in {c["name"] for c in inspect(connection).get_columns("goal")}
        assert _all_rows(connection) == before
        _guarded(connection)
    with desk.system() as session:
        assert audit.verify(session, town.plan) is None


def test_a_change_that_breaks_references_is_undone(engine, town, a_later_schema):
    if engine.dialect.name == "postgresql":
        return  # refuses each statement by itself
    with pytest.raises(BrokenReferences, match="activity"), rebuilding(engine) as connection:
        migrate(connection)
        triggers.remove(connection)
        connection.exec_driver_sql("DELETE FROM goal")
    with engine.connect() as connection:
        assert "extra" not in {c["name"] for c in inspect(connection).get_columns("goal")}
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        _guarded(connection)


def _guarded(connection):
    assert set(triggers.live(connection)) == set(triggers.wanted(connection.dialect.name))
    with pytest.raises(DBAPIError), connection.begin_nested():
        connection.exec_driver_sql("DELETE FROM goal")
    with pytest.raises(DBAPIError), connection.begin_nested():
        connection.exec_driver_sql("UPDATE signature SET method = 'x'")


def test_release_processes_at_once_do_no_harm(empty):
    environment = os.environ | {
        "DATABASE_URL": empty,
        "SECRET_KEY": "a secret only for tests, long enough",
        "MEDSPEL_KEYS": f"test:{KEY}",
        "MEDSPEL_INDEX_KEY": KEY,
        "MEDSPEL_SEAL_KEY": KEY,
    }
    command = [sys.executable, "-m", "deploy.release"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for one in running:
        _, fault = one.communicate(timeout=120)
        assert one.returncode == 0, fault[-2000:]
    engine = connect(empty)
    with engine.connect() as connection:
        roles = connection.exec_driver_sql("SELECT name FROM ab_role").scalars().all()
        assert len(roles) == len(set(roles)) == 8
        pairs = connection.exec_driver_sql(
            "SELECT permission_view_id, role_id FROM ab_permission_view_role"
        ).all()
        assert len(pairs) == len(set(pairs)) > 50
        assert set(triggers.live(connection)) == set(triggers.wanted(connection.dialect.name))
    engine.dispose()


def test_a_notice_keeps_how_far_it_has_come(engine, town):
    """0006 splits notice and delivery; what was sent is not sent again, what waits still waits."""
    with rebuilding(engine) as connection:
        downgrade(connection, "0005")
        old = {"m": town.municipality_id, "p": town.people["mother"]}
        old["at"] = at = "2026-11-01 08:00:00+00:00"
        for name, sent, failed, fault in (
            ("sent", at, None, None),
            ("failed", None, at, "ConnectionRefusedError"),
            ("gone", None, at, "not for this person any more"),
            ("waits", None, None, "TimeoutError"),
        ):
            connection.execute(
                text(
                    "INSERT INTO outbox_message (municipality_id, person_id, kind, dedup_key, uid,"
                    " created_at, due_at, attempts, sent_at, failed_at, fault) VALUES"
                    " (:m, :p, 'message', :key, :key, :at, :at, 3, :sent, :failed, :fault)"
                ),
                old | {"key": name, "sent": sent, "failed": failed, "fault": fault},
            )
    with rebuilding(engine) as connection:
        migrate(connection)
        found = connection.execute(text(
            "SELECT o.uid, o.planned_at IS NULL, d.sent_at IS NOT NULL, d.failed_at IS NOT NULL,"
            " d.fault FROM outbox_message o LEFT JOIN delivery d ON d.message_id = o.id"
        )).all()  # fmt: skip
        assert {(uid, bool(a), bool(b), bool(c), fault) for uid, a, b, c, fault in found} == {
            ("sent", False, True, False, None),
            ("failed", False, False, True, "unreachable"),
            ("gone", False, False, True, "not_for_them"),
            ("waits", True, False, False, None),
        }
    with rebuilding(engine) as connection:
        downgrade(connection, "0005")
        found = connection.execute(text(
            "SELECT uid, attempts, sent_at IS NOT NULL, failed_at IS NOT NULL FROM outbox_message"
        )).all()  # fmt: skip
        assert {(uid, n, bool(a), bool(b)) for uid, n, a, b in found} == {
            ("sent", 3, True, False), ("failed", 3, False, True),
            ("gone", 3, False, True), ("waits", 0, False, False),
        }  # fmt: skip
    with rebuilding(engine) as connection:
        migrate(connection)


def test_who_acted_by_a_paper_goes_on_as_they_did(engine, town):
    """0020: nobody has confirmed, and no mandate was asked for; what opened a plan still does."""
    with rebuilding(engine) as connection:
        downgrade(connection, "0017")
        old = {"m": town.municipality_id, "p": town.people["owner"], "r": town.people["stranger"]}
        old["at"] = "2026-11-01 08:00:00+00:00"
        for kind, at in (
            ("guardian", old["at"]),
            ("child_welfare", old["at"]),
            ("next_of_kin", None),
        ):
            connection.execute(
                text(
                    "INSERT INTO representation (municipality_id, person_id, representative_id,"
                    " capacity, verified_at, starts_at, uid)"
                    " VALUES (:m, :p, :r, :kind, :v, :at, :kind)"
                ),
                old | {"kind": kind, "v": at},
            )
    with rebuilding(engine) as connection:
        migrate(connection)
        found = connection.execute(text(
            "SELECT uid, mandate, confirmed_at IS NULL, confirmed_by_id FROM representation"
            " WHERE uid IN ('guardian', 'child_welfare', 'next_of_kin')"
        )).all()  # fmt: skip
        assert {(uid, what, bool(waits), who) for uid, what, waits, who in found} == {
            ("guardian", "both", False, None),
            ("child_welfare", None, False, None),
            ("next_of_kin", None, True, None),
        }
        ages = connection.execute(text("SELECT consent_age, grace_days FROM municipality")).all()
        assert set(ages) == {(16, 60)}
    with rebuilding(engine) as connection:
        downgrade(connection, "0017")
        assert "mandate" not in {
            c["name"] for c in inspect(connection).get_columns("representation")
        }
    with rebuilding(engine) as connection:
        migrate(connection)


def test_what_is_kept_from_one_is_kept_from_all_in_an_older_release(engine, town):
    """0021: back, no shield is known; what it stood before must not be open then."""
    mark = "UPDATE goal SET shielded_from_id = :p, hidden_because = 'x' WHERE id = :g"
    hidden = "SELECT hidden_from_guardians FROM goal WHERE id = :g"
    goal = {"g": town.rows["goal"]}
    with engine.begin() as connection:
        connection.execute(text(mark), goal | {"p": town.people["father"]})
    with rebuilding(engine) as connection:
        downgrade(connection, "0017")
        assert connection.scalar(text(hidden), goal)
        assert not connection.scalar(text(hidden), {"g": town.rows["school goal"]})
        assert "shielded_from_id" not in {
            c["name"] for c in inspect(connection).get_columns("goal")
        }
    with rebuilding(engine) as connection:
        migrate(connection)
        assert connection.scalar(text(hidden), goal)
        assert connection.scalar(text("SELECT count(*) FROM goal WHERE shielded_from_id > 0")) == 0
        _guarded(connection)


def test_the_register_learns_from_the_plans_when_they_ran(engine, town):
    """0047: in Norway's days, from the first consent and the first minutes handed over."""
    with rebuilding(engine) as connection:
        downgrade(connection, "0045")
        late = {"p": town.plan, "at": "2026-06-30 22:30:00+00:00"}
        first = "UPDATE consent SET signed_at = :at WHERE plan_id = :p AND signed_at IS NOT NULL"
        connection.execute(text(first), late)
        connection.execute(text("UPDATE plan SET closed_at = :at WHERE id = :p"), late)
        connection.execute(text("UPDATE minutes SET given_at = :at WHERE plan_id = :p"), late)
        connection.execute(text("UPDATE meeting SET starts_at = :at WHERE plan_id = :p"), late)
    with rebuilding(engine) as connection:
        migrate(connection)
        days = "started_on, individual_since, closed_on, first_meeting, opened_on"
        known = text(f"SELECT {days} FROM plan_register WHERE plan_id = :p")
        said = connection.execute(known, {"p": town.plan}).one()
        assert {str(day) for day in said[:4]} == {"2026-07-01"}
        other = connection.execute(known, {"p": town.rows["stranger plan"]}).one()
        assert other.started_on == other.opened_on and other.closed_on is None


def test_all_of_a_set_is_what_there_was_and_nothing_that_came_later(engine, town):
    """0055: -1 meant all, and so what was added afterwards; back, it is all again."""
    sets = {("membership", "roles"): 127, ("outside_grant", "ways"): 7, ("request", "wanted"): 255}

    def stored(connection):
        return {
            (table, column): connection.scalar(
                text(f"SELECT {column} FROM {table} ORDER BY id LIMIT 1")
            )
            for table, column in sets
        }

    with rebuilding(engine) as connection:
        downgrade(connection, "0053")
        triggers.remove(connection)
        for table, column in sets:
            first = f"id = (SELECT min(id) FROM {table})"
            connection.execute(text(f"UPDATE {table} SET {column} = -1 WHERE {first}"))
    with rebuilding(engine) as connection:
        migrate(connection)
        assert stored(connection) == sets
        _guarded(connection)
    with rebuilding(engine) as connection:
        downgrade(connection, "0053")
        assert set(stored(connection).values()) == {-1}
    with rebuilding(engine) as connection:
        migrate(connection)


@pytest.mark.a_page
def test_only_the_life_areas_of_a_consent_grow():
    columns = [one for table in Model.metadata.tables.values() for one in table.columns]
    sets = [one.type for one in columns if isinstance(one.type, EnumSet)]
    closed = [one for one in sets if one.members is not LifeArea]
    assert len(closed) >= 8
    for one in closed:
        assert one.bits(one.members) == 2 ** len(one.members) - 1
    assert EnumSet(LifeArea, open_ended=True).bits(LifeArea) == -1
