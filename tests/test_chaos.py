"""A small slice of `make chaos`, so that it cannot rot."""

from __future__ import annotations

from tests.chaos import chaos


def test_nothing_is_lost_when_processes_die(engine, url, town, tmp_path):
    chaos(engine, url, town, tmp_path, many=8, kills=2, seed=7)
