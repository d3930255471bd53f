"""What is finished (ferdig) is out of the way in a list, until somebody asks for it."""

from __future__ import annotations

from enum import Enum
from typing import Any, cast

from flask import request
from sqlalchemy import Enum as EnumType
from sqlalchemy import inspect

from models.clock import today

ASKED = "finished"
"""The parameter in the address."""


def is_asked_for() -> bool:
    return request.args.get(ASKED) == "1"


def finished_of(cls: Any) -> list[Enum]:
    """The words of its status that mean it is finished; none where nothing ever is."""
    column = inspect(cls).columns.get("status")
    if column is None or not isinstance(column.type, EnumType):
        return []
    return [one for one in cast(type[Enum], column.type.enum_class) if _is_finished(one)]


def of_those_shown(wanted: Any, cls: Any) -> Any:
    """The statement, without what is finished unless it is asked for."""
    finished = finished_of(cls)
    if not finished or is_asked_for():
        return wanted
    return wanted.where(cls.status.not_in(finished))


def is_late(row: Any) -> bool:
    """The day by which it was to be done has passed, and it is not finished."""
    due = getattr(row, "due", None)
    return due is not None and due < today() and not _is_finished(getattr(row, "status", None))


def _is_finished(one: Any) -> bool:
    return bool(getattr(one, "is_finished", False))
