"""The provider itself (innloggingsleverandør): what it knows, and the tokens it makes."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import requests

from deploy.test_provider.asked import Asked, read
from deploy.test_provider.faults import Faults
from deploy.test_provider.keys import Assertions, SigningKeys
from deploy.test_provider.refusal import Refused
from deploy.test_provider.registered import Client, TestPerson
from deploy.test_provider.session import Session, Sessions
from deploy.test_provider.shelf import Shelf

TOKEN_LIVES = 120
LEVELS = ("idporten-loa-substantial", "idporten-loa-high")
BACKCHANNEL_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True)
class Code:
    """What was settled when an authorization code was made."""

    asked: Asked
    sid: str
    person: TestPerson
    acr: str
    auth_time: datetime
    language: str


@dataclass(frozen=True)
class Told:
    """A back-channel call that was made; status is None when nobody answered in time."""

    client_id: str
    address: str
    status: int | None


class Provider:
    """Everything in memory; one lock for each thing that changes.

    levels: its `acr` values, the lowest first. par: whether pushed requests are offered.
    """

    def __init__(
        self,
        issuer: str,
        clients: Sequence[Client],
        people: Sequence[TestPerson],
        *,
        name: str,
        levels: Sequence[str],
        par: bool,
        now: Callable[[], datetime],
    ) -> None:
        self.issuer, self.name, self.levels, self.par, self.now = issuer, name, levels, par, now
        self.clients = {one.client_id: one for one in clients}
        self.people = {one.key: one for one in people}
        self.keys, self.faults, self.told = SigningKeys(), Faults(), list[Told]()
        self.assertions = Assertions(issuer, now)
        self.sessions = Sessions(now)
        self.pushed = Shelf[dict[str, str]](now, 120, "urn:ietf:params:oauth:request_uri:")
        self.tickets = Shelf[Asked](now, 600)
        self.codes = Shelf[Code](now, 60)

    def register(self, client: Client) -> None:
        """A new client, or a new description of a known one."""
        self.clients[client.client_id] = client

    def add(self, person: TestPerson) -> None:
        self.people[person.key] = person

    def asked(self, params: Mapping[str, str]) -> Asked:
        """Raises: Refused, SentBack."""
        client = self.clients.get(params.get("client_id", ""))
        if client is None:
            raise Refused("invalid_client", "no such client")
        if "request_uri" in params:
            kept = self.pushed.take(params["request_uri"])
            if kept is None or kept["client_id"] != client.client_id:
                raise Refused("invalid_request_uri", "unknown, used already, or too old")
            params = kept
        return read(params, client, self.levels)

    def will_do(self, session: Session | None, asked: Asked) -> bool:
        """Whether somebody signed in need not do it again."""
        if session is None or "login" in asked.prompt or session.acr not in asked.levels:
            return False
        age = (self.now() - session.auth_time).total_seconds()
        return asked.max_age is None or age <= asked.max_age

    def code(self, asked: Asked, session: Session, language: str) -> str:
        """An authorization code; the service now belongs to the session."""
        session.clients.add(asked.client.client_id)
        made = Code(asked, session.sid, session.person, session.acr, session.auth_time, language)
        return self.codes.put(made)

    def redeem(self, client: Client, form: Mapping[str, str]) -> Code:
        """The code, once, for whoever it was made for. Raises: Refused."""
        if form.get("grant_type") != "authorization_code":
            raise Refused("unsupported_grant_type", "authorization_code only")
        code = self.codes.take(form.get("code", ""))
        if code is None or code.asked.client.client_id != client.client_id:
            raise Refused("invalid_grant", "the code is unknown, used already, or too old")
        if form.get("redirect_uri") != code.asked.redirect_uri:
            raise Refused("invalid_grant", "redirect_uri is another than the code was made for")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != code.asked.challenge:
            raise Refused("invalid_grant", "PKCE: the verifier does not fit")
        return code

    def id_token(self, code: Code) -> str:
        """Signed, or what a test has forged."""
        claims = self._common(code.asked.client.client_id, code.person) | {
            "auth_time": int(code.auth_time.timestamp()),
            "nonce": code.asked.nonce,
            "acr": code.acr,
            "amr": ["TestID"],
            "sid": code.sid,
            "locale": code.language,
            **code.person.claims,
        }
        if code.person.identity_number is not None:
            claims["pid"] = code.person.identity_number
        header = {"typ": "JWT", "alg": "RS256", "kid": self.keys.current.kid}
        forged = self.faults.forge(dict(header), dict(claims)) if self.faults.forge else None
        return forged if forged is not None else self.keys.sign(header, claims)

    def logout_token(self, client_id: str, session: Session, **more: Any) -> str:
        """OpenID Connect Back-Channel Logout 1.0 §2.4; `more` replaces claims, for tests."""
        claims = self._common(client_id, session.person) | {
            "events": {BACKCHANNEL_EVENT: {}},
            "sid": session.sid,
            **more,
        }
        return self.keys.sign({"typ": "logout+jwt"}, claims)

    def call(self, session: Session) -> None:
        """Tell every service of the session, once each, on the back-channel (NO-3.7)."""
        for client_id in sorted(session.clients):
            address = self.clients[client_id].backchannel_logout_uri
            if not address:
                continue
            data = {"logout_token": self.logout_token(client_id, session)}
            try:
                answer = requests.post(address, data, timeout=(2, 5), allow_redirects=False)
                status = answer.status_code
            except requests.RequestException:
                status = None
            self.told.append(Told(client_id, address, status))

    def subject(self, client_id: str, person: TestPerson) -> str:
        """Pairwise: the same each time, and another for each service."""
        about = f"{client_id}\n{person.key}".encode()
        return hmac.new(self.issuer.encode(), about, "sha256").hexdigest()[:43]

    def _common(self, client_id: str, person: TestPerson) -> dict[str, Any]:
        now = int(self.now().timestamp())
        return {
            "iss": self.issuer,
            "sub": self.subject(client_id, person),
            "aud": client_id,
            "iat": now,
            "exp": now + TOKEN_LIVES,
            "jti": str(uuid4()),
        }
