"""Giving municipalities what is shipped (utrusting): a release adds what is missing, and never
touches what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select

from models.municipality import Municipality

Texts = dict[str, str]
_TOWNS = cast(Table, Municipality.__table__)


def rows_for(
    municipality_id: int, name: str, shipped: Mapping[str, Texts], known: set[str]
) -> list[dict[str, Any]]:
    """The texts a municipality lacks, as rows; `name`: the column that says what each is for."""
    missing = sorted(shipped.keys() - known)
    here = {"municipality_id": municipality_id}
    return [{**here, name: one, "words": shipped[one]} for one in missing]


def fill(
    connection: Connection,
    table: Table,
    name: str,
    lacking: Callable[[int, set[str]], list[dict[str, Any]]],
) -> None:
    """Give every municipality the rows it has not got; those it has stay as they are.

    lacking: those a municipality lacks, by its id and what it has got in the column `name`.
    """
    for municipality_id in connection.scalars(select(_TOWNS.c.id).order_by(_TOWNS.c.id)).all():
        here = select(table.c[name]).where(table.c.municipality_id == municipality_id)
        if rows := lacking(municipality_id, set(connection.scalars(here))):
            connection.execute(insert(table), rows)


def equip_all(
    connection: Connection, table: Table, name: str, shipped: Mapping[str, Texts]
) -> None:
    """Give every municipality the texts it has not got; those it has stay as they are."""
    fill(connection, table, name, lambda home, known: rows_for(home, name, shipped, known))
