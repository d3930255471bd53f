"""Who vouches for people (innloggingsleverandør), as the installation's file describes it.

One table for each provider; its name stands in addresses. See docs/operations.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import RSAKey

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_KNOWN = {
    "name", "issuer", "client_id", "keys", "expires", "secret", "acr", "levels",
    "identity_number", "subject", "scope", "audience",
}  # fmt: skip
AUDIENCES = ("citizens", "employees")
SHORTEST_KEY = 2048


class BadProviderSettings(ValueError):
    """The file MEDSPEL_OIDC names cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private RSA key by which we show who we are. `expires`: when the provider forgets it."""

    kid: str
    key: RSAKey = field(repr=False)
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """keys: the first one signs, the rest are registered and wait their turn (NO-3.3).
    secret: for a provider that knows no keys.
    acr: the least level of assurance that is asked for; one of `levels`, which rise. Without
    levels none is asked or checked.
    identity_number: the claim it stands in, if it does.
    subject: the claims that together name a person at this provider, for good.
    audience: whom the button is for, "citizens" or "employees".
    """

    key: str
    name: str
    issuer: str
    client_id: str
    keys: tuple[SigningKey, ...] = ()
    secret: str = field(default="", repr=False)
    acr: str = ""
    levels: tuple[str, ...] = ()
    identity_number: str = ""
    subject: tuple[str, ...] = ("sub",)
    scope: str = "openid profile"
    audience: str = AUDIENCES[0]

    @property
    def highest(self) -> str:
        return self.levels[-1] if self.levels else ""

    def reaches(self, acr: str | None, wanted: str) -> bool:
        """Whether `acr` is at least `wanted`; a level that is not one of ours reaches nothing."""
        if not wanted:
            return True
        return acr in self.levels and self.levels.index(acr) >= self.levels.index(wanted)


def read(path: Path) -> tuple[Provider, ...]:
    """The providers in a TOML file. Raises: BadProviderSettings."""
    try:
        tables = tomllib.loads(path.read_text())
    except (OSError, ValueError) as wrong:
        raise BadProviderSettings(f"MEDSPEL_OIDC cannot be read: {wrong}") from None
    return tuple(_provider(key, table, path.parent) for key, table in tables.items())


def _provider(key: str, table: Any, folder: Path) -> Provider:
    def wrong(why: str) -> BadProviderSettings:
        return BadProviderSettings(f"MEDSPEL_OIDC, [{key}]: {why}")

    if not _NAME.fullmatch(key) or not isinstance(table, dict):
        raise wrong("the name is written with a-z, 0-9 and -, and begins a table")
    if table.keys() - _KNOWN:
        raise wrong("there is no such setting: " + ", ".join(sorted(table.keys() - _KNOWN)))
    missing = [one for one in ("name", "issuer", "client_id") if not table.get(one)]
    if missing:
        raise wrong("set " + ", ".join(missing))
    issuer = urlsplit(str(table["issuer"]))
    if issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
        raise wrong("issuer must begin with https://")
    if bool(table.get("keys")) == bool(table.get("secret")):
        raise wrong("set keys, or secret for a provider that knows no keys; not both")
    levels, acr = tuple(table.get("levels", ())), str(table.get("acr", ""))
    if bool(levels) != bool(acr) or (acr and acr not in levels):
        raise wrong("acr must be one of levels")
    if table.get("audience", AUDIENCES[0]) not in AUDIENCES:
        raise wrong("audience is one of " + ", ".join(AUDIENCES))
    try:
        return Provider(
            key=key,
            name=str(table["name"]),
            issuer=str(table["issuer"]),
            client_id=str(table["client_id"]),
            keys=tuple(_key(folder / one, table.get("expires", {})) for one in table["keys"])
            if table.get("keys")
            else (),
            secret=(folder / table["secret"]).read_text().strip() if table.get("secret") else "",
            acr=acr,
            levels=levels,
            identity_number=str(table.get("identity_number", "")),
            subject=tuple(table.get("subject", ("sub",))),
            scope=str(table.get("scope", "openid profile")),
            audience=str(table.get("audience", AUDIENCES[0])),
        )
    except (OSError, ValueError) as reason:
        raise wrong(str(reason)) from None


def _key(path: Path, expires: Mapping[str, date]) -> SigningKey:
    pem = path.read_bytes()
    try:
        found = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, RSAPrivateKey):
        raise ValueError(f"{path.name} is no private RSA key without a password")
    if found.key_size < SHORTEST_KEY:
        raise ValueError(f"{path.name} is shorter than {SHORTEST_KEY} bits")
    kid = path.stem
    day = expires.get(kid)
    if day is not None and type(day) is not date:
        raise ValueError(f"expires: {kid} is no date")
    return SigningKey(kid, RSAKey.import_key(pem), day)
