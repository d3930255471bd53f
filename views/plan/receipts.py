"""Sealed receipts as files (kvitteringar): to be saved, never shown inside a page."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from flask import abort, g
from flask_appbuilder import expose
from sqlalchemy import select
from sqlalchemy.orm import undefer
from werkzeug.wrappers import Response

from models.keys import HIGHEST
from models.receipt import Receipt, ReceiptCopy
from views.files import to_be_saved
from views.realm import PlanPage, needs


class Receipts(PlanPage):
    """One's own for the owner's side; what a consent opened for the coordinator too. The name
    of a file says nothing of whom or what."""

    route_base = "/plan/<int:plan_id>/receipts"

    @expose("/<int:pk>")
    @needs("read")
    def file(self, pk: int) -> Response:
        return _sent(Receipt, pk, "kvittering")

    @expose("/copy/<int:pk>")
    @needs("read")
    def copy(self, pk: int) -> Response:
        return _sent(ReceiptCopy, pk, "stadfesting")


def _sent(cls: Any, pk: int, name: str) -> Response:
    if pk > HIGHEST:
        abort(404)
    wanted = select(cls).where(cls.plan_id == g.plan.id, cls.id == pk)
    row = g.session.scalars(wanted.options(undefer(cls.content))).first() or abort(404)
    return to_be_saved(b64decode(row.content), "application/pdf", f"{name}-{pk}.pdf")
