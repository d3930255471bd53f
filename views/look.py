"""A municipality's colours and logo as files (utsjånad), each under its fingerprint."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import abort, g, make_response
from flask_appbuilder import expose
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.keys import HIGHEST
from models.look import Look
from models.municipality import Municipality
from models.picture import picture
from views.realm import PublicPage


class TownLook(PublicPage):
    """Open to everybody and kept by browsers: what is changed has another address."""

    route_base = "/look/<int:municipality_id>"

    @expose("/<print>.css")
    def colours(self, municipality_id: int, print: str) -> Response:
        m = Municipality
        row = _row(select(m.id, m.accent, m.brand), municipality_id)
        look = Look(*row)
        return _kept(look.css, "text/css") if look.print == print else _gone()

    @expose("/<print>/logo")
    def logo(self, municipality_id: int, print: str) -> Response:
        m = Municipality
        logo, current = _row(select(m.logo, m.logo_print), municipality_id)
        found = picture(logo or b"")
        return _kept(logo, found.kind) if found and current == print else _gone()


def _row(wanted: Any, municipality_id: int) -> Any:
    if municipality_id > HIGHEST:
        _gone()
    row = g.session.execute(wanted.where(Municipality.id == municipality_id)).first()
    return row or _gone()


def _gone() -> NoReturn:
    abort(404)


def _kept(body: str | bytes, kind: str) -> Response:
    g.is_kept = True
    response = make_response(body)
    response.mimetype = kind
    return response
