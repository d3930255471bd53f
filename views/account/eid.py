"""Signing in with an electronic ID (eID): to the provider, and back with who it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import abort, current_app, flash, g, render_template, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from integrations.openid.client import Client, CodeRefused, ProviderUnreachable
from integrations.openid.provider import Provider
from integrations.openid.tokens import BadToken, Identity, TooLow, Wanted
from models.clock import utcnow
from models.i18n import N_
from models.vocabulary import Role
from security.rate_limits import TooManyAttempts
from security.sessions import Vouched
from services.identities import (
    AnotherPerson,
    NoIdentityNumber,
    Shown,
    UnknownPerson,
    Way,
    is_same,
    let_in,
    may_begin,
)
from views import errors
from views.back import on_the_way_to
from views.engine import engine
from views.providers import address_of, client_of
from views.realm import PublicPage, see_other

WAITED_FOR = timedelta(minutes=10)
MOST_AT_ONCE = 5
UNREACHABLE = (
    N_("%(name)s does not answer"),
    N_("It is not you. Wait a minute and try again. If it goes on, call the municipality."),
)
NOT_BELIEVED = (
    N_("The sign-in could not be completed"),
    N_("The answer from %(name)s was not one we can rely on. Try again."),
)
TOO_LOW = (
    N_("You must sign in in a safer way"),
    N_(
        "Plans are opened at the highest level of security only. Try again, with BankID or Buypass."
    ),
)
TOO_LATE = (
    N_("This sign-in is over"),
    N_("It was begun in another browser, was completed already, or waited for too long."),
)
NO_NUMBER = (
    N_("We do not know who you are"),
    N_(
        "%(name)s told no Norwegian identity number. Ask whoever invited you for another way to "
        "sign in."
    ),
)
ANOTHER = (
    N_("This belongs to somebody else"),
    N_(
        "The invitation, or what you were signed in as, is not yours as %(name)s knows you. If it "
        "should be, call whoever invited you."
    ),
)
UNKNOWN = (
    N_("You have no access to Medspel"),
    N_("Nobody has invited you, or your role has ended. Ask the coordinating unit where you live."),
)


class EidSignIn(PublicPage):
    """What was begun is kept in the session, for ten minutes, and is used once."""

    route_base = "/sign-in"

    @expose("/with/<provider>")
    def start(self, provider: str) -> Response | tuple[str, int]:
        client, anew = client_of(provider), request.args.get("anew") == "yes"
        level = _level(client.provider, better=anew or request.args.get("level") == "high")
        back = address_of("EidSignIn.returned", provider=provider)
        try:
            may_begin(engine(), request.remote_addr or "")
            started = client.start(back, str(get_locale()), level, fresh=anew)
        except TooManyAttempts:
            return errors.page(429)
        except (ProviderUnreachable, CodeRefused) as fault:
            return _stopped(client, UNREACHABLE, fault, 503)
        begun = {
            "provider": provider, "nonce": started.nonce, "verifier": started.verifier,
            "level": level, "anew": anew, "next": on_the_way_to(), "at": utcnow().isoformat(),
        }  # fmt: skip
        others = list(login.get("begun", {}).items())[1 - MOST_AT_ONCE :]
        login["begun"] = {**dict(others), started.state: begun}
        return see_other(started.address)

    @expose("/with/<provider>/back")
    def returned(self, provider: str) -> Response | tuple[str, int]:
        client, begun = client_of(provider), _take(provider)
        if begun is None:
            return _stopped(client, TOO_LATE, None, 410)
        if "error" in request.args:
            return _not_done(client, begun)
        wanted = Wanted(begun["nonce"], begun["level"], begun["anew"])
        back = address_of("EidSignIn.returned", provider=provider)
        try:
            who = client.finish(request.args, begun["verifier"], back, wanted)
        except TooLow as fault:
            return _stopped(client, TOO_LOW, fault, 403)
        except (BadToken, CodeRefused) as fault:
            return _stopped(client, NOT_BELIEVED, fault, 403)
        except ProviderUnreachable as fault:
            return _stopped(client, UNREACHABLE, fault, 503)
        number = who.identity_number
        shown = Shown(issuer=who.issuer, subject=who.subject, identity_number=number)
        vouched = _vouched(who, begun)
        try:
            return self._in_again(client, shown, vouched, begun) or self._in(
                client, shown, vouched, begun
            )
        except TooManyAttempts:
            return errors.page(429)
        except NoIdentityNumber as fault:
            return _stopped(client, NO_NUMBER, fault, 403, vouched)
        except AnotherPerson as fault:
            return _stopped(client, ANOTHER, fault, 403, vouched)
        except UnknownPerson as fault:
            return _stopped(client, UNKNOWN, fault, 403, vouched, fault.towns)

    def _in_again(
        self, client: Client, shown: Shown, vouched: Vouched, begun: dict[str, Any]
    ) -> Response | None:
        """Somebody who is signed in, and has shown better or anew who they are."""
        by_eid = login.account_id and login.vouched  # type: ignore[attr-defined]
        if not by_eid or "invitation" in login:
            return None
        if not is_same(engine(), shown, login.account_id):  # type: ignore[attr-defined]
            if begun["anew"]:
                raise AnotherPerson
            return None
        login.show_anew(vouched)  # type: ignore[attr-defined]
        return see_other(begun["next"])

    def _in(
        self, client: Client, shown: Shown, vouched: Vouched, begun: dict[str, Any]
    ) -> Response:
        if client.provider.identity_number and shown.identity_number is None:
            raise NoIdentityNumber
        ways = let_in(
            engine(),
            shown,
            address=request.remote_addr or "",
            invitation=login.get("invitation", ""),
            synthetic=current_app.config["SYNTHETIC_PEOPLE"],
        )
        if len(ways) == 1:
            login.come_in(ways[0].account_id, ways[0].membership_id, vouched)  # type: ignore[attr-defined]
            return see_other(begun["next"])
        waits = {"ways": [_packed(way) for way in ways], "next": begun["next"]}
        login.half_in(vouched, **waits)  # type: ignore[attr-defined]
        g.actor = None
        return see_other(url_for("EidSignIn.choose"))

    @expose("/as")
    def choose(self) -> str:
        """Several accounts belong to the same human: private and work are never one."""
        ways = login.get("ways") or abort(404)
        title = gettext("Who do you want to sign in as?")
        known = [{**way, "roles": [Role(one) for one in way["roles"]]} for way in ways]
        return str(self.render_template("which.html", title=title, ways=known))

    @expose("/as", methods=["POST"])
    def take(self) -> Response:
        wish, ways = request.form.get("way", ""), login.get("ways", [])
        way = next((one for one in ways if str(one["hat"]) == wish), None) or abort(404)
        onward = login.get("next", "/")
        login.come_in(way["account"], way["hat"], login.vouched)  # type: ignore[attr-defined]
        return see_other(onward)


def _level(settings: Provider, *, better: bool) -> str:
    """What is asked for: to come in the least there is, else what plans of this municipality
    ask for, so that nobody is known less well for having shown who they are once more."""
    enough: bool = login.accepts_substantial  # type: ignore[attr-defined]
    return settings.highest if better and not enough else settings.acr


def _take(provider: str) -> dict[str, Any] | None:
    """What the answer belongs to: begun in this browser, here, and not long ago."""
    begun = dict(login.get("begun", {}))
    one: dict[str, Any] | None = begun.pop(request.args.get("state", ""), None)
    login["begun"] = begun
    if one is None or one["provider"] != provider:
        return None
    waited = utcnow() - datetime.fromisoformat(one["at"])
    return one if waited <= WAITED_FOR else None


def _vouched(who: Identity, begun: dict[str, Any]) -> Vouched:
    at = who.authenticated_at if begun["anew"] else None
    return Vouched(who.provider, who.sid, who.acr, who.token, at)


def _packed(way: Way) -> dict[str, Any]:
    return {
        "account": way.account_id, "hat": way.membership_id, "name": way.name,
        "municipality": way.municipality, "roles": sorted(way.roles),
    }  # fmt: skip


def _not_done(client: Client, begun: dict[str, Any]) -> Response | tuple[str, int]:
    """They cancelled, or the provider could not; either way one is where one was (NO-3.13)."""
    if request.args["error"] in ("access_denied", "login_required", "interaction_required"):
        flash(gettext("You cancelled. Nothing has happened."), "info")
        away = begun["next"] if login.actor else url_for("SignIn.form", next=begun["next"])  # type: ignore[attr-defined]
        return see_other(away)
    return _stopped(client, NOT_BELIEVED, None, 403)


def _stopped(
    client: Client,
    words: tuple[str, str],
    fault: Exception | None,
    status: int,
    vouched: Vouched | None = None,
    towns: Any = (),
) -> tuple[str, int]:
    """Why one does not come in, and what to do next. `vouched`: for signing out there."""
    if fault is not None:
        current_app.logger.warning(
            "sign-in with %s: %s %s", client.provider.key, type(fault).__name__, fault
        )
    if vouched is not None and not login.account_id:  # type: ignore[attr-defined]
        login.vouched, login.rotate = vouched, True  # type: ignore[attr-defined]
    name = client.provider.name
    title, text = (gettext(one, name=name) for one in words)
    again = url_for("EidSignIn.start", provider=client.provider.key)
    page = render_template(
        "eid_stopped.html", title=title, text=text, name=name, again=again, towns=towns,
        known_there=vouched is not None,
    )  # fmt: skip
    return page, status
