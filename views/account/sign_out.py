"""Signing out (logg ut): here, there, and when somebody signs out somewhere else.

OpenID Connect RP-Initiated, Front-Channel and Back-Channel Logout 1.0; NO-3.7.
"""

from __future__ import annotations

from flask import current_app, flash, g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from integrations.openid.client import Client, ProviderUnreachable
from integrations.openid.tokens import BadToken
from security.sessions import Vouched, end_of_provider
from services.identities import accounts_of
from views.engine import engine
from views.providers import address_of, clients
from views.realm import PublicPage, see_other


class SignOut(PublicPage):
    """For everybody: also who has signed in elsewhere and was not let in here."""

    route_base = "/sign-out"

    @expose("/", methods=["POST"])
    def now(self) -> Response | str:
        vouched: Vouched | None = login.vouched  # type: ignore[attr-defined]
        login.sign_out()  # type: ignore[attr-defined]
        g.actor, g.leaves = None, True
        client = clients().get(vouched.provider) if vouched else None
        if vouched is None or client is None:
            return see_other(url_for("SignIn.form"))
        try:
            there, g.sends_to = client.sign_out_address(), client.origins()
        except ProviderUnreachable:
            there = ""
        return self._onward(client, vouched, there)

    def _onward(self, client: Client, vouched: Vouched, there: str) -> str:
        """The token is sent in a form and stands in no address: it holds an identity number."""
        return str(
            self.render_template(
                "sign_out.html",
                title=gettext("You are signed out of Medspel"),
                there=there,
                name=client.provider.name,
                token=vouched.token,
                client_id=client.provider.client_id,
                done=address_of("SignOut.done"),
            )
        )

    @expose("/done")
    def done(self) -> Response:
        """Back from the provider."""
        flash(gettext("You are signed out."), "success")
        return see_other(url_for("SignIn.form"))


class SingleSignOut(PublicPage):
    """Asked by providers: what was begun there ends here at the next request. No cookie comes
    along, and the answer is the same whether there was anything to end."""

    route_base = "/sign-out"

    @expose("/front-channel")
    def front_channel(self) -> Response:
        client = _of(request.args.get("iss", ""))
        if client is not None:
            end_of_provider(engine(), client.provider.key, request.args.get("sid", ""), ())
            g.framed_by = _origins(client)
        return Response("", content_type="text/plain; charset=utf-8")

    @expose("/back-channel", methods=["POST"])
    def back_channel(self) -> Response:
        token = request.form.get("logout_token", "")
        for client in clients().values():
            try:
                sid, subject = client.ended(token)
            except (BadToken, ProviderUnreachable):
                continue
            accounts = accounts_of(engine(), client.provider.issuer, subject or "")
            end_of_provider(engine(), client.provider.key, sid, accounts)
            return Response("", 200)
        current_app.logger.warning("a logout token that is no provider's of ours")
        return Response("", 400)


def _of(issuer: str) -> Client | None:
    return next((one for one in clients().values() if one.provider.issuer == issuer), None)


def _origins(client: Client) -> list[str]:
    try:
        return client.origins()
    except ProviderUnreachable:
        return [client.provider.issuer]
