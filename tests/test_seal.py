"""A tail that is cut off is found from the last seal on; so is a forged seal."""

from __future__ import annotations

import pytest

from models.elements.goal import Goal
from security import seal, triggers

KEY = b"s" * 32


@pytest.fixture
def log(desk, town):
    for title in ("a", "b", "c"):
        with desk.session("nurse") as session:
            session.get(Goal, town.rows["goal"]).goal = title
            session.commit()


def test_an_untouched_log_holds(engine, log, tmp_path):
    with engine.connect() as connection:
        seal.seal(connection, KEY, tmp_path / "seals")
        assert seal.verify(connection, KEY, tmp_path / "seals") == []


def test_a_cut_tail_is_found(engine, log, tmp_path, town):
    with engine.begin() as connection:
        seal.seal(connection, KEY, tmp_path / "seals")
        triggers.remove(connection)
        connection.exec_driver_sql("DELETE FROM access_event WHERE seq = 3")
        (broken,) = seal.verify(connection, KEY, tmp_path / "seals")
        assert (broken.chain, broken.seq) == (f"plan:{town.plan}", 3)


def test_a_chain_written_anew_is_found(engine, log, tmp_path):
    with engine.begin() as connection:
        seal.seal(connection, KEY, tmp_path / "seals")
        triggers.remove(connection)
        connection.exec_driver_sql("DELETE FROM access_event")
        assert seal.verify(connection, KEY, tmp_path / "seals")


def test_a_forged_seal_is_found(engine, log, tmp_path):
    path = tmp_path / "seals"
    with engine.connect() as connection:
        seal.seal(connection, b"x" * 32, path)
        (broken,) = seal.verify(connection, KEY, path)
        assert broken.chain == "seal"
