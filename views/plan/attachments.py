"""A file that was sent with a message (vedlegg), for those who may read the message."""

from __future__ import annotations

from flask import g
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from models.keys import HIGHEST
from models.vocabulary import Scope
from services.attachments import file_of
from views.files import to_be_saved
from views.realm import PlanPage, needs, not_there


class Attachments(PlanPage):
    """What it is called may say whom it is about: that stands in no address and no header."""

    route_base = "/plan/<int:plan_id>/message"
    part = Scope.MESSAGES

    @expose("/file/<int:pk>")
    @needs("read")
    def file(self, pk: int) -> Response:
        found = file_of(g.session, g.plan.id, pk) if pk <= HIGHEST else None
        if found is None:
            not_there()
        row, content = found
        return to_be_saved(content, row.kind.mimetype, f"vedlegg-{row.id}.{row.kind}")
