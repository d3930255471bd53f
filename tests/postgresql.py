"""A throw-away PostgreSQL server for tests, in a far-off time zone."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

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


def connect(folder: str, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
    """Every statement by itself: CREATE DATABASE will have it so."""
    return psycopg.connect(f"host={folder} user=postgres dbname={database}", autocommit=True)


def sql(folder: str, statement: str) -> None:
    with connect(folder) as c:
        c.execute(statement)  # type: ignore[call-overload]


def keep(folder: str, database: str, name: str) -> None:
    """Keep all rows as they are, in a schema `name` beside them."""
    with connect(folder, database) as c:
        c.execute(_KEEP.format(name=name))  # type: ignore[call-overload]


def put_back(folder: str, database: str, name: str) -> bool:
    """Everybody out, and all rows as they were kept: quicker than a new database.

    False, and nothing is done, when the tables themselves are no longer the same.
    """
    try:
        with connect(folder, database) as c:
            c.execute(_OTHERS_OUT)
            same = c.execute(f"SELECT shape = ({_SHAPE}) FROM {name}.shape").fetchone()  # type: ignore[call-overload]
            if same == (True,):
                c.execute(_PUT_BACK.format(name=name))  # type: ignore[call-overload]
            return bool(same == (True,))
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return False


_OTHERS_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SHAPE = " || '/' || ".join(
    f"(SELECT count(*) || ':' || coalesce(sum(c.xmin::text::bigint), 0) FROM {catalog} c"
    f" JOIN pg_class t ON t.oid = c.{key}"
    " WHERE t.relnamespace = 'public'::regnamespace)"
    for catalog, key in (
        ("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_trigger", "tgrelid"),
        ("pg_constraint", "conrelid"),
    )
) + " || '/' || (SELECT sum(p.xmin::text::bigint) FROM pg_proc p)"  # fmt: skip
_KEEP = (
    """
    DO $$
    DECLARE one text;
    BEGIN
        DROP SCHEMA IF EXISTS {name} CASCADE;
        CREATE SCHEMA {name};
        CREATE TABLE {name}.sequences (name text, last bigint, called bool);
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE {name}.%1$I AS TABLE public.%1$I', one);
        END LOOP;
        FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
            EXECUTE format('INSERT INTO {name}.sequences'
                ' SELECT %1$L, last_value, is_called FROM public.%1$I', one);
        END LOOP;
        CREATE TABLE {name}.shape AS SELECT """
    + _SHAPE
    + """ AS shape;
    END $$"""
)
_PUT_BACK = """
    DO $$
    DECLARE one text;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM public.%I', one);
            EXECUTE format('INSERT INTO public.%1$I SELECT * FROM {name}.%1$I', one);
        END LOOP;
        PERFORM setval(format('public.%I', name)::regclass, last, called) FROM {name}.sequences;
    END $$"""
