"""Giving municipalities what is shipped (utrusting): a release adds what is missing, and never
touches what is there."""

from __future__ import annotations

from collections.abc import Mapping
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


def equip_all(
    connection: Connection, table: Table, name: str, shipped: Mapping[str, Texts]
) -> None:
    """Give every municipality the texts it has not got; those it has stay as they are."""
    for municipality_id in connection.scalars(select(_TOWNS.c.id).order_by(_TOWNS.c.id)).all():
        here = select(table.c[name]).where(table.c.municipality_id == municipality_id)
        rows = rows_for(municipality_id, name, shipped, set(connection.scalars(here)))
        if rows:
            connection.execute(insert(table), rows)
