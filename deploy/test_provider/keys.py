"""Keys and signatures (nøklar): the provider's own, and proof of who a service is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from secrets import token_hex
from threading import Lock
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from deploy.test_provider.refusal import Refused
from deploy.test_provider.registered import Client

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST, SKEW = 120, 10
"""Seconds a client assertion may live (NO-3.3), and a clock may be ahead of ours."""


class SigningKeys:
    """The provider's keys; the last one signs, and those before are still published."""

    def __init__(self) -> None:
        self._keys: list[RSAKey] = []
        self.rotate()

    @property
    def current(self) -> RSAKey:
        return self._keys[-1]

    def rotate(self, *, keep: bool = True) -> None:
        """Sign with a new key from now on; without `keep` the old ones are withdrawn."""
        about = {"kid": token_hex(8), "use": "sig", "alg": "RS256"}
        new = RSAKey.generate_key(2048, about)  # type: ignore[arg-type]
        self._keys = [*self._keys, new] if keep else [new]

    def published(self) -> dict[str, Any]:
        return {"keys": [dict(key.as_dict(private=False)) for key in self._keys]}

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "kid": self.current.kid} | header
        return jwt.encode(header, claims, self.current, algorithms=["RS256"])

    def read(self, token: str) -> dict[str, Any]:
        """What we have signed ourselves, however old. Raises: Refused."""
        try:
            return jwt.decode(token, KeySet(list(self._keys)), algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise Refused("invalid_request", f"not a token of ours: {error}") from None


class Assertions:
    """Who calls, proven by `private_key_jwt` (RFC 7523), stricter than the RFC as ID-porten is."""

    def __init__(self, issuer: str, now: Callable[[], datetime]) -> None:
        self._issuer, self._now = issuer, now
        self._seen: set[tuple[str, str]] = set()
        self._lock = Lock()

    def caller(self, form: Mapping[str, str], clients: Mapping[str, Client]) -> Client:
        """Raises: Refused, 401."""
        if form.get("client_assertion_type") != ASSERTION:
            raise _no("private_key_jwt is the only way to say who you are")
        token = form.get("client_assertion", "")
        try:
            header, claimed = _unverified(token)
            client = clients.get(str(claimed.get("sub")))
            if client is None:
                raise _no("no such client")
            keys = {key["kid"]: key for key in client.jwks["keys"]}
            if header.get("kid") not in keys:
                raise _no("kid is not one of the client's registered keys")
            key = RSAKey.import_key(keys[header["kid"]])
            claims = jwt.decode(token, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise _no(f"the assertion is not to be read: {error}") from None
        self._check(claims, client, form.get("client_id", client.client_id))
        return client

    def _check(self, claims: Mapping[str, Any], client: Client, said: str) -> None:
        now = self._now().timestamp()
        born, dies, name = claims.get("iat"), claims.get("exp"), claims.get("jti")
        if not claims.get("iss") == claims.get("sub") == client.client_id == said:
            raise _no("iss, sub and client_id are to be one")
        if claims.get("aud") != self._issuer:
            raise _no("aud is to be the issuer, to the letter")
        if not isinstance(born, int) or not isinstance(dies, int) or not 0 < dies - born <= LONGEST:
            raise _no(f"exp is to be at most {LONGEST} s after iat")
        if born > now + SKEW or dies <= now:
            raise _no("the assertion is not valid now")
        if not isinstance(name, str) or not name:
            raise _no("jti is missing")
        with self._lock:
            if (client.client_id, name) in self._seen:
                raise _no("this jti has been used before")
            self._seen.add((client.client_id, name))


def _unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parsed = jws.extract_compact(token.encode())
    claims = json.loads(parsed.payload)
    if not isinstance(claims, dict):
        raise ValueError("claims are to be an object")
    return dict(parsed.headers()), claims


def _no(words: str) -> Refused:
    return Refused("invalid_client", words, 401)
