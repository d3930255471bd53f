"""What a plan element has to do with others (samband): rows it points at, and who it is for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.base import PlanRow
from models.people import Person


@dataclass(frozen=True, kw_only=True)
class Readers:
    """Only these people of the team read the row, beside author, owner's side and coordinator.

    table: class of the rows that name them; key: its column that points at `column` of
    the element. `opens`: column of the element with the moment from which they read it; until
    then nobody but `writers`, who read it at any time: columns of the row of `written_in` that
    `column` points at. `but`: column of `table`, and what it says of who is named no more.
    """

    table: type[PlanRow]
    key: str
    column: str = "id"
    but: tuple[str, StrEnum] | None = None
    opens: str = ""
    written_in: type[PlanRow] | None = None
    writers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Related:
    """Something of *this plan*: which class, held in which column, and how it is labelled."""

    target: type[Any]
    key: str
    label: str
    help: str = ""
    marks: bool = False
    needed: bool = False


def related(
    target: type[Any],
    key: str,
    *,
    label: str,
    help: str = "",
    marks: bool = False,
    needed: bool = False,
) -> Any:
    """Another row of this plan, loaded together with the row that points to it.

    The foreign key is composite, (plan_id, key): the database itself refuses a row of
    another plan. `marks`: this row carries its target's marks (see models.marks). `needed`:
    whoever may not read the target, which has no `audience`, does not read this row either.
    """
    return Related(target=target, key=key, label=label, help=help, marks=marks, needed=needed)


def member(key: str, *, label: str, help: str = "") -> Any:
    """A person of this plan's team; any other is refused by the database."""
    return Related(target=Person, key=key, label=label, help=help)
