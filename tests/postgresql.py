"""A throw-away PostgreSQL server for tests, in a far-off time zone."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BIN = Path("/usr/lib/postgresql/15/bin")


def available() -> bool:
    return (BIN / "initdb").exists()


def _run(*command: object) -> None:
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_postgres, *map(str, command)], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[str]:
    """The folder of its socket; whoever trusts the server's clock zone gets Tokyo."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres", folder], check=True)
        _run(BIN / "initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8")
        fast = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        options = f"-k {folder} -c listen_addresses= -c timezone=Asia/Tokyo {fast}"
        pg_ctl = (BIN / "pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log")
        _run(*pg_ctl, "-o", options, "start")
        try:
            yield folder
        finally:
            _run(*pg_ctl, "-m", "immediate", "stop")


def url(folder: str, database: str) -> str:
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"


def sql(folder: str, statement: str) -> None:
    """Run one statement outside a transaction (CREATE DATABASE will have it so)."""
    import psycopg

    with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as c:
        c.execute(statement)  # type: ignore[call-overload]
