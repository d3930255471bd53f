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
            for known in [one for one in _open if one[0] == folder]:
                _open.pop(known).close()
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


def put_back(folder: str, database: str, name: str, others_out: bool = True) -> bool:
    """Whoever is in the middle of something out, and all rows as they were kept: quicker than a
    new database. Others stay connected, and know their tables and plans.

    others_out: False where nobody can be in the middle of something.
    False, and nothing is done, when the tables themselves are no longer the same.
    """
    try:
        c = _inside(folder, database)
        if others_out:
            c.execute(_OTHERS_OUT)
        shape: Any = f"SELECT shape = ({_SHAPE}) FROM {name}.shape"
        same = c.execute(shape, prepare=True).fetchone()
        if same == (True,):
            c.execute(f"CALL {name}.put_back()")  # type: ignore[call-overload]
        return bool(same == (True,))
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return False


_open: dict[tuple[str, str], psycopg.Connection[tuple[Any, ...]]] = {}


def _inside(folder: str, database: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection that stays, and knows its tables and plans: none of a test's own."""
    try:
        _open[folder, database].execute("SELECT 1")
    except (KeyError, psycopg.OperationalError):  # there was none, or a test threw it out
        _open[folder, database] = connect(folder, database)
        _open[folder, database].execute("SET lock_timeout = '20s'")  # rather said than waited for
    return _open[folder, database]


_OTHERS_OUT = """
    DO $$
    BEGIN
        FOR n IN 1 .. 10000 LOOP  -- until the last is gone: it may be storing something yet
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend'
                AND pid <> pg_backend_pid() AND state <> 'idle';
            EXIT WHEN NOT FOUND;
            PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
        END LOOP;
    END $$"""
_SHAPE = " || '/' || ".join(
    f"(SELECT count(*) || ':' || coalesce(sum(c.xmin::text::bigint), 0) FROM {catalog} c"
    f" JOIN pg_class t ON t.oid = c.{key}"
    " WHERE t.relnamespace = 'public'::regnamespace)"
    for catalog, key in (
        ("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_trigger", "tgrelid"),
        ("pg_constraint", "conrelid"),
    )
) + (
    " || '/' || (SELECT sum(p.xmin::text::bigint) FROM pg_proc p"
    " WHERE p.pronamespace = 'public'::regnamespace)"
)  # fmt: skip
_MARK = "count(*) || ':' || coalesce(sum(xmin::text::bigint), 0)"
"""Of a table, another one as soon as a row of it is: a changed row is of a later transaction."""
_KEEP = (
    """
    DO $keep$
    DECLARE one text;
    BEGIN
        DROP SCHEMA IF EXISTS {name} CASCADE;
        CREATE SCHEMA {name};
        CREATE TABLE {name}.sequences AS
            SELECT sequencename AS name, last_value AS last FROM pg_sequences
            WHERE schemaname = 'public';
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE {name}.%1$I AS TABLE public.%1$I', one);
        END LOOP;
        CREATE TABLE {name}.shape AS SELECT """
    + _SHAPE
    + """ AS shape;
        EXECUTE (SELECT format(
            'CREATE FUNCTION {name}.marks() RETURNS TABLE (name text, mark text)'
            ' LANGUAGE plpgsql AS $f$ BEGIN RETURN QUERY %s; END $f$', string_agg(format("""
    + f"""'SELECT %1$L, {_MARK.replace("'", "''")} FROM public.%1$I'"""
    + """, tablename), ' UNION ALL '))
            FROM pg_tables WHERE schemaname = 'public');
        CREATE TABLE {name}.marks AS SELECT * FROM {name}.marks();
        CREATE PROCEDURE {name}.put_back() LANGUAGE plpgsql AS $put_back$
        DECLARE one text;
        BEGIN
            FOR one IN SELECT name FROM {name}.marks() now JOIN {name}.marks kept USING (name)
                WHERE now.mark <> kept.mark LOOP
                SET LOCAL session_replication_role = replica;  -- which costs all plans
                EXECUTE format('DELETE FROM public.%I', one);
                EXECUTE format('INSERT INTO public.%1$I SELECT * FROM {name}.%1$I', one);
                EXECUTE format('UPDATE {name}.marks SET mark = (SELECT """
    + _MARK.replace("'", "''")
    + """
                    FROM public.%1$I) WHERE name = %1$L', one);
            END LOOP;
            PERFORM setval(format('public.%I', name)::regclass, coalesce(last, 1), last IS NOT NULL)
                FROM {name}.sequences JOIN pg_sequences ON sequencename = name
                WHERE schemaname = 'public' AND last IS DISTINCT FROM last_value;
        END $put_back$;
    END $keep$"""
)
