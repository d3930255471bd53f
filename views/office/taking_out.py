"""A register as a file (uttak): the list as it is shown, all of it, for a spreadsheet.

Rows are read some at a time, each lot in a transaction of its own: neither a long register nor a
slow reader holds anything up. Whoever takes it out is noted before the first line leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask import g, stream_with_context, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.database import WRITING
from security.audit import Noted
from services.csv_text import MARK, written
from views.files import to_be_saved
from views.paging import Order
from views.realm import needs
from views.words import shown

A_LOT = 500
Cells = Callable[[Any], Iterable[Any]]
Lines = Callable[[Sequence[Any]], Iterable[Iterable[Any]]]


class TakenOut:
    """A register that says of itself that it is taken out; no other has the page."""

    @expose("/file")
    @needs("export")
    def file(self) -> Response:
        view: Any = self
        heads = [view.label_columns[column] for column in view.list_columns]

        def cells(row: Any) -> Iterable[Any]:
            values: Iterable[Any] = view.datamodel.get_values_item(row, view.list_columns)
            return values

        column, way = view.order_asked()
        column, way = (column, way) if column else view.base_order
        order = Order(view.datamodel.obj, column, way == "desc")
        return as_file(view.datamodel.every(), order, heads, each(cells))

    def ways_from_the_list(self) -> list[tuple[str, str]]:
        """Out of the list as it is now: its order, and what is looked for in it."""
        view: Any = self
        if "file" not in view.include_route_methods or not g.may("can_export"):
            return []
        name = type(self).__name__
        asked = zip((f"_oc_{name}", f"_od_{name}"), view.order_asked(), strict=True)
        order = {key: value for key, value in asked if value}
        return [(gettext("Take out as a file"), url_for(f"{name}.file", **order))]


def each(cells: Cells) -> Lines:
    """cells: what one row says, head by head."""
    return lambda lot: map(cells, lot)


def as_file(
    rows: Any, order: Order, heads: Sequence[Any], lines: Lines, name: str = ""
) -> Response:
    """rows: a select of those the file holds. lines: what a lot of them says, row by row and head
    by head. name: of the file; otherwise that of the register."""
    kind = order.cls.__tablename__
    g.session.note(Noted(0, "export", kind, "role"))
    content = stream_with_context(_lots(rows, order, [str(head) for head in heads], lines))
    return to_be_saved(content, "text/csv", f"{name or kind.replace('_', '-')}.csv")


def _lots(rows: Any, order: Order, heads: Sequence[str], lines: Lines) -> Iterator[str]:
    WRITING.set(False)  # the log is written: the rest only reads
    yield MARK + written([heads])
    rest = rows
    while True:
        lot = g.session.scalars(order(rest).limit(A_LOT)).unique().all()
        text = written([_said(value) for value in cells] for cells in lines(lot))
        place = order.place(lot[-1]) if len(lot) == A_LOT else None
        del lot
        g.session.rollback()
        yield text
        if place is None:
            return
        rest = order.beyond(rows, *place)


def _said(value: Any) -> str:
    """As on the page; but days as a spreadsheet reads them."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%d.%m.%Y}"
    return str(shown(value))
