"""Where people can sign in beside here (innloggingsleverandørar): the clients of this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, g, request, url_for
from flask import session as login

from integrations.openid.client import Client
from integrations.openid.provider import AUDIENCES, Provider
from models.vocabulary import Scope


def clients() -> dict[str, Client]:
    """Name in the settings -> client, as they were set up."""
    known: dict[str, Client] = current_app.extensions["openid"]
    return known


def ways_in() -> Sequence[Provider]:
    """Those one can sign in with, citizens' before employees'."""
    known = [client.provider for client in clients().values()]
    return sorted(known, key=lambda one: AUDIENCES.index(one.audience))


def has_eid() -> bool:
    """Whether citizens can sign in with an electronic ID here."""
    return any(one.audience == "citizens" for one in ways_in())


def limited_to() -> str:
    """Where one signs in to reach the parts of plans that a password does not open; empty when
    all are open."""
    if g.actor is None or g.actor.parts == frozenset(Scope):
        return ""
    first = next((one.key for one in ways_in() if one.audience == "citizens"), "")
    onward = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return url_for("EidSignIn.start", provider=first, next=onward) if first else ""


def client_of(key: str) -> Client:
    """404 when no provider is called that."""
    return clients().get(key) or abort(404)


def address_of(endpoint: str, **values: Any) -> str:
    """The whole address of a page, as it is registered with providers: never as a browser says."""
    portal: str = current_app.config["PORTAL"]
    return portal.rstrip("/") + url_for(endpoint, **values)


def is_known_too_little() -> bool:
    """Whether plans of this municipality ask to know better who one is (NO-3.5)."""
    vouched = login.vouched  # type: ignore[attr-defined]
    client = clients().get(vouched.provider) if vouched else None
    if client is None or login.accepts_substantial:  # type: ignore[attr-defined]
        return False
    return not client.provider.reaches(vouched.acr, client.provider.highest)
