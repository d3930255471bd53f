"""The pages people see at the provider: sign in, sign out, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from deploy.test_provider.asked import Asked
from deploy.test_provider.provider import Provider
from deploy.test_provider.refusal import Refused, SentBack
from deploy.test_provider.session import Session
from deploy.test_provider.words import WORDS


def add_pages(app: Flask, provider: Provider) -> None:
    """Authorize, sign in and end a session."""
    cookie = "testid-" + sha256(provider.issuer.encode()).hexdigest()[:8]  # ports share cookies

    def authorize() -> AnyResponse:
        asked = provider.asked(request.values.to_dict())
        session = provider.sessions.of(request.cookies.get(cookie, ""))
        if session is not None and provider.will_do(session, asked):
            return _go_back(provider, asked, session, asked.language)
        if "none" in asked.prompt:
            raise asked.back("login_required", "nobody who will do is signed in")
        return redirect(url_for("sign_in", ticket=provider.tickets.put(asked)), 303)

    def sign_in(ticket: str) -> AnyResponse:
        asked = provider.tickets.look(ticket)
        if asked is None:
            raise Refused("invalid_request", "this page has been used already, or is too old")
        language = _shown(asked.language)
        if request.method == "GET":
            people = provider.people.values()
            page = render_template("sign_in.html", **_frame(provider, language), people=people,
                                   asked=asked)  # fmt: skip
            return _page(page, form_action=[_origin(asked.redirect_uri)])
        provider.tickets.take(ticket)
        if "cancel" in request.form:
            raise asked.back("access_denied", "the person chose not to sign in")
        person = provider.people.get(request.form.get("person", ""))
        level = request.form.get("level", "")
        if person is None or level not in asked.levels:
            raise Refused("invalid_request", "no such person, or too low a level")
        before = request.cookies.get(cookie, "")
        secret, session = provider.sessions.sign_in(before, person, level)
        answer = _go_back(provider, asked, session, language)
        answer.set_cookie(cookie, secret, httponly=True, samesite="Lax")
        return answer

    def end_session() -> AnyResponse:
        hint = provider.keys.read(request.values.get("id_token_hint", ""))
        client = provider.clients.get(str(hint.get("aud")))
        onward = request.values.get("post_logout_redirect_uri", "")
        if client is None or (onward and onward not in client.post_logout_redirect_uris):
            raise Refused("invalid_request", "post_logout_redirect_uri is not registered")
        if onward and request.values.get("state"):
            onward += "?" + urlencode({"state": request.values["state"]})
        ended = provider.sessions.end(str(hint["sid"]))
        if ended is not None:
            provider.call(ended)
        frames = _frames(provider, ended) if ended is not None else []
        if onward and not frames:
            return redirect(onward, 303)
        language = _shown(str(hint.get("locale", "")))
        page = render_template("leaving.html", **_frame(provider, language), frames=frames,
                               onward=onward)  # fmt: skip
        return _page(page, frames=[_origin(one) for one in frames])

    app.add_url_rule("/authorize", view_func=authorize, methods=["GET", "POST"])
    app.add_url_rule("/sign-in/<ticket>", view_func=sign_in, methods=["GET", "POST"])
    app.add_url_rule("/end_session", view_func=end_session, methods=["GET", "POST"])


def refuse(provider: Provider, no: Refused) -> AnyResponse:
    page = render_template("error.html", **_frame(provider, _shown("")), no=no)
    answer = _page(page)
    answer.status_code = no.status
    return answer


def send_back(provider: Provider, no: SentBack) -> AnyResponse:
    answer = {"error": no.error, "error_description": no.description, "iss": provider.issuer}
    if no.state:
        answer["state"] = no.state
    return redirect(f"{no.address}?{urlencode(answer)}", 303)


def _go_back(provider: Provider, asked: Asked, session: Session, language: str) -> AnyResponse:
    code = provider.code(asked, session, language)
    answer = {"code": code, "state": asked.state, "iss": provider.issuer}
    return redirect(f"{asked.redirect_uri}?{urlencode(answer)}", 303)


def _frames(provider: Provider, ended: Session) -> list[str]:
    """Front-channel addresses to load: each service, also the one that asked (NO-3.7)."""
    about = urlencode({"iss": provider.issuer, "sid": ended.sid})
    addresses = [provider.clients[one].frontchannel_logout_uri for one in sorted(ended.clients)]
    return [f"{address}?{about}" for address in addresses if address]


def _shown(asked_for: str) -> str:
    """The language of the page: what is chosen on it, asked for, or the browser's."""
    chosen = request.args.get("language", asked_for)
    return chosen if chosen in WORDS else request.accept_languages.best_match(WORDS, "nb")


def _frame(provider: Provider, language: str) -> dict[str, object]:
    return {"words": WORDS[language], "language": language, "name": provider.name}


def _page(page: str, *, form_action: Sequence[str] = (), frames: Sequence[str] = ()) -> Response:
    """A page that loads nothing from elsewhere, and is in nobody's frame."""
    answer = Response(page)
    answer.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:",
            "base-uri 'none'; frame-ancestors 'none'",
            " ".join(["form-action 'self'", *form_action]),
            " ".join(["frame-src", *(dict.fromkeys(frames) or ["'none'"])]),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
