"""Drafts at the edge (kladd): which forms they are kept of, and the form half filled in."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, current_app, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from models.draft import LONGEST_ADDRESS, Draft
from models.vocabulary import Scope
from services.drafts import draft_of, fields_of, throw_away
from views.realm import PAGES
from views.seeing import is_seeing

GONE_ON = 303  # what a form leads to that has been stored; a refusal may be a 302


def address() -> str:
    """The form at hand, as its drafts are kept under: what is asked for is part of it, since
    a task begun below one goal is another than the one below the next."""
    return request.full_path.removesuffix("?")


def is_taken_here() -> bool:
    """Whether drafts are kept of the form at hand; none with the eyes of somebody else."""
    page = PAGES.get(request.endpoint or "")
    if is_seeing():
        return False
    return page is not None and page.drafts and len(address()) <= LONGEST_ADDRESS


def begun() -> Draft | None:
    """What the actor has begun in the form at hand."""
    return draft_of(g.session, g.plan_id, address())


def as_sent(draft: Draft) -> MultiDict[str, str]:
    return MultiDict(fields_of(draft))


def form_of(address: str) -> Scope | None:
    """The part a form belongs to, if any; 400 for what is no form of the plan at hand."""
    adapter: Any = current_app.create_url_adapter(request)
    try:
        endpoint, values = adapter.match(address.partition("?")[0], "POST")
    except (HTTPException, RequestRedirect, ValueError):
        abort(400)
    page = PAGES.get(endpoint)
    fits = address.isprintable() and len(address) <= LONGEST_ADDRESS
    if page is None or not page.drafts or values.get("plan_id") != g.plan_id or not fits:
        abort(400)
    return page.part


def register(app: Flask) -> None:
    """Registered after the edge, and so asked before it commits."""

    @app.after_request
    def forget(response: Response) -> Response:
        """A form that had a draft says so: others cost no question to the database."""
        if response.status_code == GONE_ON and request.form.get("draft") and is_taken_here():
            throw_away(g.session, g.plan_id, address())
        return response
