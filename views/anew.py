"""Showing anew who one is (stadfesting), before something is signed: BankID or the like again.

What was typed is kept, encrypted in the session, while its writer is away with the provider.
"""

from __future__ import annotations

from flask import g, render_template, request, url_for
from flask import session as login
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from integrations.openid.tokens import FRESH, claims_of
from models.clock import OSLO, utcnow
from services.evidence import Proof, digest_of
from views.providers import clients
from views.typed import SECRET

MOST_KEPT = 100_000


def provider_name() -> str:
    """What the provider one has signed in with is called; empty for a password."""
    vouched = login.vouched  # type: ignore[attr-defined]
    client = clients().get(vouched.provider) if vouched else None
    return client.provider.name if client else ""


def is_shown() -> bool:
    """Whether one has shown anew who one is, at most five minutes ago."""
    return bool(shown_until())


def shown_until() -> str:
    """Until what time that counts, 09:39; empty when one has not."""
    at = login.vouched and login.vouched.confirmed_at  # type: ignore[attr-defined]
    if at is None or utcnow() - FRESH > at:
        return ""
    return f"{(at + FRESH).astimezone(OSLO):%H:%M}"


def method() -> str:
    """How one has shown it, for a signature: the level of assurance, else the provider."""
    vouched = login.vouched  # type: ignore[attr-defined]
    return str(vouched.acr or vouched.provider) if vouched else "password"


def proof() -> Proof:
    """How one has shown who one is, for the record of a signature (NO-2.7)."""
    vouched = login.vouched  # type: ignore[attr-defined]
    said = claims_of(vouched.token) if vouched else {}
    client = clients().get(vouched.provider) if vouched else None
    names = client.provider.subject if client else ()
    amr = said.get("amr", ())
    token = login.token or ""  # type: ignore[attr-defined]
    return Proof(
        method=method(),
        issuer=str(said.get("iss", "")),
        subject="|".join(str(said.get(name, "")) for name in names),
        acr=str(vouched.acr or "") if vouched else "",
        amr=tuple(map(str, [amr] if isinstance(amr, str) else amr)),
        shown_at=vouched.confirmed_at if vouched else utcnow(),
        session=digest_of(token),
        address=g.actor.address,
        agent=request.user_agent.string,
    )


def send_to_show() -> Response:
    """To the provider and back to this form, with what was typed. A page of its own, since a
    form may lead to no other site."""
    fields = [(name, value) for name, value in request.form.items(multi=True)]
    kept = [(name, value) for name, value in fields if name not in SECRET | {"csrf_token"}]
    if sum(len(name) + len(value) for name, value in kept) <= MOST_KEPT:
        login.keep({"address": request.path, "fields": kept})  # type: ignore[attr-defined]
    g.session.rollback()
    provider = login.vouched.provider  # type: ignore[attr-defined]
    onward = url_for("EidSignIn.start", provider=provider, anew="yes", next=request.path)
    title = gettext("You are on your way to %(name)s", name=provider_name())
    page = render_template("onward.html", title=title, onward=onward, name=provider_name())
    return Response(page, headers={"Refresh": f"0; url={onward}"})


def kept() -> MultiDict[str, str] | None:
    """What was typed into this form before its writer was sent away; given out once they are
    back and known."""
    found = login.kept  # type: ignore[attr-defined]
    if found is None or found["address"] != request.path or not is_shown():
        return None
    return MultiDict(tuple(one) for one in found["fields"])
