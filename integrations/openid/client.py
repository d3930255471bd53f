"""Talking with a provider (innloggingsklient): its addresses and keys, and the code for a token.

What it publishes is kept for a day and used on when it does not answer; an unknown key is
looked for at once, but not more often than each minute. NO-3.1 – NO-3.7, RFC 9126, RFC 9207.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from integrations.openid import tokens
from integrations.openid.provider import Provider
from integrations.openid.tokens import BadToken, Identity, UnknownKey, Wanted
from models.clock import utcnow

T = TypeVar("T")
TIMEOUT = (3.05, 7)  # seconds to connect, and for the answer
KEPT = timedelta(hours=24)
TRIED_AGAIN = timedelta(minutes=5)
KEYS_AGAIN = timedelta(minutes=1)
ASSERTION_LASTS = timedelta(seconds=60)
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderUnreachable(Exception):
    """It does not answer, or not as a provider does; the message says what was asked."""


class CodeRefused(Exception):
    """The provider gives no token for this code: it was used, or is too old."""


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that is on its way: where the browser goes, and what the answer is held
    against. All of it is the session's secret."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(slots=True)
class _Known:
    """What was read of a provider, and when."""

    said: dict[str, Any] = field(default_factory=dict)
    said_at: datetime | None = None
    keys: KeySet | None = None
    keys_at: datetime | None = None


class Client:
    """Medspel as one provider knows it. One a process; what it remembers is public."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._known = _Known()

    def start(self, callback: str, language: str, wanted_level: str, *, fresh: bool) -> Started:
        """Begin a sign-in that ends at `callback`. Raises: ProviderUnreachable."""
        state, nonce, verifier = token_urlsafe(32), token_urlsafe(32), token_urlsafe(64)
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": callback,
            "scope": self.provider.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if wanted_level:
            asked["acr_values"] = wanted_level
        if fresh:
            asked["prompt"] = "login"
        elif not self.provider.levels:  # ID-porten knows nobody for longer than this
            asked["max_age"] = str(int(tokens.LONGEST.total_seconds()))
        address = self._said("authorization_endpoint")
        pushed = self._said("pushed_authorization_request_endpoint", required=False)
        if pushed:
            answer = self._ask(pushed, asked)
            asked = {"client_id": self.provider.client_id, "request_uri": _name_of(answer)}
        return Started(f"{address}?{urlencode(asked)}", state, nonce, verifier)

    def finish(
        self, answer: Mapping[str, str], verifier: str, callback: str, wanted: Wanted
    ) -> Identity:
        """Who has signed in, by what the provider sent the browser back with (`code`, `iss`).

        Raises: BadToken, CodeRefused, ProviderUnreachable.
        """
        self._check_sender(answer)
        body = {
            "grant_type": "authorization_code",
            "code": answer.get("code", ""),
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        given = self._ask(self._said("token_endpoint"), body).get("id_token")
        if not isinstance(given, str):
            raise BadToken("there is no ID token")
        return self._read(
            lambda keys: tokens.identity(given, keys, self.provider, wanted, utcnow())
        )

    def ended(self, token: str) -> tuple[str | None, str | None]:
        """(sid, subject) of the session a logout token ends.

        Raises: BadToken, ProviderUnreachable.
        """
        return self._read(lambda keys: tokens.ended(token, keys, self.provider, utcnow()))

    def sign_out_address(self) -> str:
        """Where a browser is sent to be signed out there too; empty when there is no such place.
        Raises: ProviderUnreachable."""
        return str(self._said("end_session_endpoint", required=False))

    def origins(self) -> list[str]:
        """From where the provider's own pages come, which may hold our front-channel page.
        Raises: ProviderUnreachable."""
        known = (
            self.provider.issuer,
            self._said("authorization_endpoint"),
            self.sign_out_address(),
        )
        return sorted({_origin(one) for one in known if one})

    def clock_apart(self) -> timedelta | None:
        """How far the provider's clock is ahead of ours; None when it does not say.
        Raises: ProviderUnreachable."""
        try:
            answer = requests.get(self.provider.issuer + _WELL_KNOWN, timeout=TIMEOUT)
        except requests.RequestException as fault:
            raise ProviderUnreachable(type(fault).__name__) from None
        said = answer.headers.get("Date")
        return parsedate_to_datetime(said) - utcnow() if said else None

    def _check_sender(self, answer: Mapping[str, str]) -> None:
        promised = self._said("authorization_response_iss_parameter_supported", required=False)
        if answer.get("iss", "" if promised else self.provider.issuer) != self.provider.issuer:
            raise BadToken("another has answered")

    def _said(self, name: str, *, required: bool = True) -> Any:
        known, now = self._known, utcnow()
        if known.said_at is None or known.said_at < now - KEPT:
            try:
                said = _get(self.provider.issuer + _WELL_KNOWN)
            except ProviderUnreachable:
                if not known.said:
                    raise
                known.said_at = now - KEPT + TRIED_AGAIN  # a provider that is down is the same
            else:
                if said.get("issuer") != self.provider.issuer:
                    raise ProviderUnreachable("another issuer answers there")
                known.said, known.said_at = said, now
        value = known.said.get(name, "")
        if required and not value:
            raise ProviderUnreachable(f"it publishes no {name}")
        return value

    def _read(self, read: Callable[[KeySet], T]) -> T:
        try:
            return read(self._keys())
        except UnknownKey:
            at = self._known.keys_at
            if at is not None and at > utcnow() - KEYS_AGAIN:
                raise
            return read(self._keys(anew=True))

    def _keys(self, *, anew: bool = False) -> KeySet:
        known, now = self._known, utcnow()
        old = known.keys_at is None or known.keys_at < now - KEPT
        if known.keys is None or old or anew:
            try:
                known.keys = _signing(_get(self._said("jwks_uri")))
            except ProviderUnreachable:
                if known.keys is None:
                    raise
            known.keys_at = now
        return known.keys

    def _ask(self, address: str, body: dict[str, str]) -> dict[str, Any]:
        """POST as ourselves. Raises: CodeRefused, ProviderUnreachable."""
        auth = None
        if self.provider.secret:
            auth = (self.provider.client_id, self.provider.secret)
        else:
            shown = {"client_assertion_type": _ASSERTION, "client_assertion": self._assertion()}
            body = {**body, "client_id": self.provider.client_id, **shown}
        try:
            answer = requests.post(
                address, data=body, auth=auth, timeout=TIMEOUT, allow_redirects=False
            )
            said = answer.json()
        except (requests.RequestException, ValueError) as fault:
            raise ProviderUnreachable(type(fault).__name__) from None
        if answer.status_code >= 500 or not isinstance(said, dict):
            raise ProviderUnreachable(f"it answers {answer.status_code}")
        if answer.status_code >= 400:
            raise CodeRefused(str(said.get("error", answer.status_code))[:60])
        return said

    def _assertion(self) -> str:
        """Who we are, signed with our first key: for this one request (RFC 7523, NO-3.3)."""
        ours, now = self.provider.keys[0], utcnow()
        claims = {
            "iss": self.provider.client_id,
            "sub": self.provider.client_id,
            "aud": self.provider.issuer,
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LASTS).timestamp()),
            "jti": token_urlsafe(16),
        }
        return jwt.encode({"alg": "RS256", "kid": ours.kid}, claims, ours.key)


def _challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _get(address: str) -> dict[str, Any]:
    """Raises: ProviderUnreachable."""
    try:
        answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
        said = answer.json()
    except (requests.RequestException, ValueError) as fault:
        raise ProviderUnreachable(type(fault).__name__) from None
    if answer.status_code != 200 or not isinstance(said, dict):
        raise ProviderUnreachable(f"it answers {answer.status_code}")
    return said


def _signing(published: dict[str, Any]) -> KeySet:
    """The RSA keys it signs with; what else it publishes is not ours to use."""
    keys = [
        one
        for one in published.get("keys", ())
        if isinstance(one, dict) and one.get("kty") == "RSA" and one.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, TypeError) as wrong:
        raise ProviderUnreachable(f"its keys: {type(wrong).__name__}") from None


def _name_of(answer: Mapping[str, Any]) -> str:
    value = answer.get("request_uri")
    if not isinstance(value, str):
        raise ProviderUnreachable("it took the request and gave it no name")
    return value


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
