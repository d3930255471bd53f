"""What the database itself promises: time, words, triggers, chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Enum, create_engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

import models.everything  # noqa: F401
from models.base import Model
from models.consent import Grant, Hearing, Signature, SignatureAnswer
from models.elements.goal import Goal
from models.municipality import Department
from models.vocabulary import Level
from security import audit, triggers
from security.policy import Forbidden
from security.session import SystemSession

NOON = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_time_is_utc_whatever_zone_the_server_lives_in(url, engine, town):
    with SystemSession(engine, because="time") as session:
        goal = session.get(Goal, town.rows["goal"])
        goal.removed_at = NOON
        session.commit()
    bare = create_engine(url)  # no SET TIME ZONE: the server answers in Asia/Tokyo
    with Session(bare) as session:
        stored = session.get(Goal, town.rows["goal"]).removed_at
        assert stored == NOON and stored.tzinfo is UTC and stored.hour == 12
        later = select(Goal.id).where(Goal.removed_at > NOON - timedelta(minutes=1))
        assert session.scalars(later.where(Goal.removed_at < NOON + timedelta(minutes=1))).one()
    bare.dispose()


def test_a_naive_time_is_refused(engine, town):
    with SystemSession(engine, because="time") as session:
        session.get(Goal, town.rows["goal"]).removed_at = datetime(2026, 1, 1)
        with pytest.raises(StatementError, match="naive"):
            session.flush()


def test_enums_are_stored_as_values_in_plain_text(engine, town):
    with engine.connect() as connection:
        stored = set(connection.scalars(text("select scope from access_grant")))
        assert {"goals", "messages"} < stored
    enums = [c.type for c in Grant.__table__.c if isinstance(c.type, Enum)]
    assert enums and not any(e.native_enum for e in enums)


def test_every_key_into_a_plan_is_composite():
    for table in Model.metadata.tables.values():
        for key in table.foreign_key_constraints:
            target = key.referred_table
            inside = "plan_id" in target.c and "plan_id" in table.c
            if inside and target.name != "plan":
                assert "plan_id" in key.column_keys, key


def test_the_triggers_are_the_ones_we_want(engine):
    with engine.connect() as connection:
        assert set(triggers.live(connection)) == set(triggers.wanted(connection.dialect.name))


def _attacks(dialect):
    """Statements that must fail, for every append-only table and a few rows that must stay."""
    for table in triggers.APPEND_ONLY:
        column = Model.metadata.tables[table].c.keys()[-1]
        yield f"UPDATE {table} SET {column} = {column}"
        yield f"DELETE FROM {table}"
        key = ", ".join(c.name for c in Model.metadata.tables[table].primary_key)
        yield (
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true "
            f"ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
        )
        if dialect == "sqlite":
            yield f"REPLACE INTO {table} SELECT * FROM {table}"
            yield f"UPDATE OR REPLACE {table} SET {column} = {column}"
        else:
            yield f"TRUNCATE {table} CASCADE"
            first = key.split(", ")[0]
            merge = f"MERGE INTO {table} t USING {table} s ON t.{first} = s.{first}"
            yield f"{merge} WHEN MATCHED THEN DELETE"
    yield "UPDATE goal SET plan_id = 2 WHERE plan_id = 1"
    yield "UPDATE plan SET type = 'simple_collaboration' WHERE type = 'individual_plan'"
    yield "UPDATE plan SET person_id = person_id + 1"
    yield "DELETE FROM access_grant"
    yield "UPDATE access_grant SET level = 'write' WHERE level = 'read'"
    yield "UPDATE access_grant SET revoked_at = NULL WHERE revoked_at IS NOT NULL"
    yield "UPDATE message SET body = 'other'"
    yield "DELETE FROM goal"


def test_no_attack_changes_what_must_stay(engine, town, desk):
    with desk.session("mother") as session:
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.add(Department(municipality_id=town.municipality_id, name="x"))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("mother") as session:
        signed = session.scalars(
            select(Signature).where(Signature.person_id == town.people["mother"])
        ).one()
        session.add(Hearing(plan_id=town.plan, signature_id=signed.id, opinion="Yes"))
        session.add(
            SignatureAnswer(
                plan_id=town.plan,
                signature_id=signed.id,
                line_id=town.rows["line"],
                accepted=True,
                level=Level.READ,
                life_areas=frozenset(),
                older=False,
            )
        )
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.commit()
    with desk.session("office") as session:
        session.add(Department(municipality_id=town.municipality_id, name="x"))
        session.commit()
    for attack in _attacks(engine.dialect.name):
        with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
            connection.execute(text(attack))
        words = ("append-only", "do not move", "never", "ended", "finished", "keeps its owner")
        assert any(word in str(refused.value) for word in words), (attack, refused.value)


def test_a_second_open_individual_plan_is_refused_by_the_database(engine, town):
    copied = (
        "INSERT INTO plan (uid, municipality_id, person_id, short_name, type, status, "
        "owner_decides_from, guardian_until, opened_at) SELECT 'x', municipality_id, person_id, "
        "'X 9', type, status, owner_decides_from, guardian_until, opened_at FROM plan WHERE id = 1"
    )
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(copied))


TAMPER = {
    "altered": "UPDATE access_event SET name = 'nobody' WHERE seq = 2",
    "removed": "DELETE FROM access_event WHERE seq = 2",
    "inserted": "UPDATE access_event SET seq = seq + 1 WHERE seq = 3",
}


@pytest.mark.parametrize("how", TAMPER)
def test_verify_finds_what_was_done_with_the_triggers_off(engine, town, desk, how):
    for title in ("a", "b", "c"):
        with desk.session("nurse") as session:
            session.get(Goal, town.rows["goal"]).goal = title
            session.commit()
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(text(TAMPER[how]))
    with SystemSession(engine, because="verify") as session:
        found = audit.verify(session, town.rows["plan"])
        assert found == {"altered": 2, "removed": 3, "inserted": 4}[how]
