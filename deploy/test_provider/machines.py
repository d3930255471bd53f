"""The addresses services call (maskinporten til leverandøren): JSON in JSON's own words."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import Flask, Response, jsonify, request

from deploy.test_provider.asked import LANGUAGES
from deploy.test_provider.provider import TOKEN_LIVES, Provider
from deploy.test_provider.refusal import Refused, SentBack


def add_machines(app: Flask, provider: Provider) -> None:
    """Discovery, keys, pushed requests and tokens."""

    def discovery() -> Response:
        return jsonify(describe(provider))

    def jwks() -> Response:
        return jsonify(provider.keys.published())

    def par() -> tuple[Response, int]:
        client = provider.assertions.caller(request.form, provider.clients)
        params = _without_proof(request.form.to_dict()) | {"client_id": client.client_id}
        if "request_uri" in params:
            raise Refused("invalid_request", "a pushed request holds no request_uri")
        try:
            provider.asked(params)
        except SentBack as wrong:
            raise Refused(wrong.error, wrong.description) from None
        return _fresh({"request_uri": provider.pushed.put(params), "expires_in": 120}), 201

    def token() -> Response:
        client = provider.assertions.caller(request.form, provider.clients)
        code = provider.redeem(client, request.form)
        return _fresh(
            {
                "access_token": token_urlsafe(32),
                "token_type": "Bearer",
                "expires_in": TOKEN_LIVES,
                "scope": code.asked.scope,
                "id_token": provider.id_token(code),
            }
        )

    app.add_url_rule("/.well-known/openid-configuration", view_func=discovery)
    app.add_url_rule("/jwks", view_func=jwks)
    app.add_url_rule("/token", view_func=token, methods=["POST"])
    if provider.par:
        app.add_url_rule("/par", view_func=par, methods=["POST"])


def refuse(no: Refused) -> tuple[Response, int]:
    return _fresh({"error": no.error, "error_description": no.description}), no.status


def describe(provider: Provider) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 §3."""
    at = provider.issuer
    described: dict[str, Any] = {
        "issuer": at,
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{at}/token",
        "jwks_uri": f"{at}/jwks",
        "end_session_endpoint": f"{at}/end_session",
        "authorization_response_iss_parameter_supported": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "scopes_supported": ["openid", "profile"],
        "subject_types_supported": ["pairwise"],
        "acr_values_supported": list(provider.levels),
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "prompt_values_supported": ["login", "none"],
        "ui_locales_supported": list(LANGUAGES),
        "request_parameter_supported": False,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    if provider.par:
        described["pushed_authorization_request_endpoint"] = f"{at}/par"
        described["require_pushed_authorization_requests"] = False
    return described


def _without_proof(form: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if not name.startswith("client_assertion")}


def _fresh(body: dict[str, Any]) -> Response:
    answer = jsonify(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
