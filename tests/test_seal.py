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


@pytest.fixture
def seals(engine, log, desk, town, tmp_path):
    """Three seals, each of a log that has grown."""
    path = tmp_path / "seals"
    for title in ("d", "e", "f"):
        with desk.session("nurse") as session:
            session.get(Goal, town.rows["goal"]).goal = title
            session.commit()
        with engine.connect() as connection:
            seal.seal(connection, KEY, path)
    return path


def broken(engine, path):
    with engine.connect() as connection:
        return [(one.chain, one.seq) for one in seal.verify(connection, KEY, path)]


def test_every_seal_is_looked_at(engine, seals):
    assert broken(engine, seals) == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_seal_that_was_changed_is_found_wherever_it_stands(engine, seals, which):
    lines = seals.read_text().splitlines()
    lines[which] = lines[which].replace('"root": "', '"root": "0')
    seals.write_text("\n".join(lines))
    assert broken(engine, seals) == [("seal", which + 1)]


def test_a_line_that_is_no_seal_is_found(engine, seals):
    with seals.open("a") as file:
        file.write('nothing\n[]\n{"hmac": "\u00e6"}\n')
    assert broken(engine, seals) == [("seal", 4), ("seal", 5), ("seal", 6)]


def test_seals_that_changed_places_are_found(engine, seals):
    first, second, third = seals.read_text().splitlines()
    seals.write_text("\n".join([second, first, third]))
    assert broken(engine, seals) == [("seal", 2)]


def test_what_an_early_seal_swore_to_is_found_when_later_ones_are_of_the_new_chain(
    engine, seals, town, tmp_path
):
    """The log is written anew, and sealed again by somebody who has the key."""
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.exec_driver_sql("DELETE FROM access_event")
        seal.seal(connection, KEY, seals)
        found = {one.chain for one in seal.verify(connection, KEY, seals)}
    assert found >= {f"plan:{town.plan}", "seal"}


def test_a_forged_seal_is_found(engine, log, tmp_path):
    path = tmp_path / "seals"
    with engine.connect() as connection:
        seal.seal(connection, b"x" * 32, path)
        (broken,) = seal.verify(connection, KEY, path)
        assert broken.chain == "seal"
