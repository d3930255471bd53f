"""The database itself (databasen): for what has a transaction of its own, before anybody acts."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import Engine


def engine() -> Engine:
    found: Engine = current_app.extensions["sqlalchemy"].engine
    return found
