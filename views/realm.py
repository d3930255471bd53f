"""What a page is (område): plan content, register, account or public. Every view says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from flask import Flask, abort, g, redirect
from flask_appbuilder import AppBuilder, BaseView
from werkzeug.wrappers import Response

from models.vocabulary import PlanType, Scope
from security.roles import PLAN

F = TypeVar("F", bound=Callable[..., Any])


class Realm(StrEnum):
    PLAN = "plan"
    REGISTER = "register"
    ACCOUNT = "account"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Page:
    """A route as the edge knows it; a route without one is shut.

    `part`: the part of the plan its forms write in; their drafts are open as it is.
    `drafts`: whether any are kept; without a part they are those of the consent.
    `of`: the element whose entry in the menu it stands under.
    """

    realm: Realm
    permission: str
    view_name: str
    types: frozenset[PlanType]
    part: Scope | None = None
    drafts: bool = False
    of: str = ""


PAGES: dict[str, Page] = {}
"""Endpoint -> page, filled when views are registered; `static` stands outside."""


def needs(verb: str) -> Callable[[F], F]:
    """The permission a page asks of the role: "read" or "write"."""

    def mark(method: F) -> F:
        method._permission_name = verb  # type: ignore[attr-defined]
        return method

    return mark


class HandMade(BaseView):
    """A page made by hand. `realm` and, on each method, `needs(…)` are mandatory."""

    realm: Realm
    types = frozenset(PlanType)


class PlanPage(HandMade):
    """Inside a plan: `g.plan` is there, loaded through the scope; one permission for all."""

    realm = Realm.PLAN
    class_permission_name = PLAN
    part: Scope | None = None
    drafts = False
    of = ""
    """Key of the element it is about, when the element does not name the page itself."""


class AccountPage(HandMade):
    """About the signed-in person's own account."""

    realm = Realm.ACCOUNT
    class_permission_name = "Account page"


class PublicPage(HandMade):
    """Open to everybody, signed in or not; shows nothing about anybody."""

    realm = Realm.PUBLIC


def learn(appbuilder: AppBuilder, app: Flask) -> None:
    """Note the realm and permission of every route there is.

    Raises: TypeError, for a route that does not say who it is for.
    """
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view, method = _view(appbuilder, rule.endpoint)
        verb = getattr(method, "_permission_name", None)
        if view.realm is not Realm.PUBLIC and not verb:
            raise TypeError(f"{rule.endpoint} asks no permission")
        part = getattr(view, "part", None)
        PAGES[rule.endpoint] = Page(
            view.realm,
            f"can_{verb}",
            str(view.class_permission_name),
            view.types,
            part,
            part is not None or getattr(view, "drafts", False),
            getattr(view, "of", ""),
        )


def _view(appbuilder: AppBuilder, endpoint: str) -> tuple[Any, Any]:
    name, _, method = endpoint.partition(".")
    for view in appbuilder.baseviews:
        if view.endpoint == name or type(view).__name__ == name:
            return view, getattr(view, method)
    raise TypeError(f"{endpoint} belongs to no view of ours")


def not_there() -> NoReturn:
    """404, as for what has never been; that somebody looked for it is noted as a refusal."""
    g.denied = True
    abort(404)


def see_other(address: str) -> Response:
    """After a write: look at this page instead, whatever the method was."""
    return redirect(address, code=303)
