"""What a provider has signed (ID-token, logout-token), held against what was asked.

Nothing in a token counts before its signature does: RS256 by a key the provider publishes,
named by `kid`. OpenID Connect Core 3.1.3.7, Back-Channel Logout 2.6, NO-3.4.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jws import extract_compact

from integrations.openid.provider import Provider

LEEWAY = timedelta(seconds=30)
"""By how much two clocks may differ."""
FRESH = timedelta(seconds=300)
"""How long ago somebody may have shown who they are, when that is asked anew (NO-3.8)."""
LONGEST = timedelta(minutes=120)
"""How long the provider may have known them at all (NO-3.6)."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST_CLAIM = 255


class BadToken(Exception):
    """The token is not one we act on; the message says why, and nothing of what it holds."""


class UnknownKey(BadToken):
    """Signed with a key that is not among those we know: they may have been replaced."""


class TooLow(BadToken):
    """They showed who they are in a less certain way than was asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: `level`, at least; `fresh`, that they show anew who they are."""

    nonce: str
    level: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the provider says has signed in. `subject` names them there for good; the rest of
    what it says about people is left unread."""

    provider: str
    issuer: str
    subject: str = field(repr=False)
    identity_number: str | None = field(repr=False)
    acr: str | None
    authenticated_at: datetime | None
    sid: str | None = field(repr=False)
    token: str = field(repr=False)


def identity(
    token: str, keys: KeySet, provider: Provider, wanted: Wanted, now: datetime
) -> Identity:
    """Who an ID token is about. Raises: BadToken, UnknownKey."""
    claims = _opened(token, keys, provider, now).claims
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), wanted.nonce.encode()):
        raise BadToken("the nonce is another")
    if "exp" not in claims:
        raise BadToken("it never ends")
    acr = claims.get("acr")
    if not provider.reaches(acr if isinstance(acr, str) else None, wanted.level):
        raise TooLow("the level of assurance is too low")
    return Identity(
        provider=provider.key,
        issuer=provider.issuer,
        subject="|".join(_text(claims, one) for one in provider.subject),
        identity_number=_number(claims, provider),
        acr=acr if isinstance(acr, str) else None,
        authenticated_at=_authenticated_at(claims, wanted, now),
        sid=_text(claims, "sid") if "sid" in claims else None,
        token=token,
    )


def claims_of(token: str) -> Mapping[str, Any]:
    """What an ID token of ours says. It was checked when it came, and is not checked again."""
    body = token.split(".")[1]
    said: Mapping[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return said


def ended(
    token: str, keys: KeySet, provider: Provider, now: datetime
) -> tuple[str | None, str | None]:
    """(sid, subject) of the session a logout token ends; at least one of them is there.

    Raises: BadToken, UnknownKey.
    """
    opened = _opened(token, keys, provider, now)
    claims, events = opened.claims, opened.claims.get("events")
    if opened.header.get("typ", "logout+jwt").lower() not in ("logout+jwt", "jwt"):
        raise BadToken("it is of another kind")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise BadToken("it ends nothing")
    if "nonce" in claims:
        raise BadToken("it is an ID token")
    if _moment(claims, "iat") < now - LONGEST:
        raise BadToken("it is too old")
    sid = _text(claims, "sid") if "sid" in claims else None
    named = all(one in claims for one in provider.subject)
    subject = "|".join(_text(claims, one) for one in provider.subject) if named else None
    if sid is None and subject is None:
        raise BadToken("it says nobody's session")
    return sid, subject


def _opened(token: str, keys: KeySet, provider: Provider, now: datetime) -> jwt.Token:
    try:
        opened = jwt.decode(token, _key_of(token, keys), algorithms=["RS256"])
    except (JoseError, ValueError) as wrong:
        raise BadToken(type(wrong).__name__) from None
    claims = opened.claims
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != provider.issuer:
        raise BadToken("another has issued it")
    if provider.client_id not in several:
        raise BadToken("it is for another")
    if claims.get("azp", provider.client_id) != provider.client_id or (
        len(several) > 1 and "azp" not in claims
    ):
        raise BadToken("it was asked for by another")
    if "exp" in claims and _moment(claims, "exp") <= now - LEEWAY:
        raise BadToken("it has expired")
    if _moment(claims, "iat") > now + LEEWAY or (
        "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY
    ):
        raise BadToken("it is not valid yet")
    return opened


def _key_of(token: str, keys: KeySet) -> Key:
    """The one its header names; without a name none is tried."""
    kid = extract_compact(token.encode()).headers().get("kid")
    if not isinstance(kid, str):
        raise BadToken("it names no key")
    found = next((key for key in keys if key.kid == kid), None)
    if found is None:
        raise UnknownKey("it names a key we do not know")
    return found


def _authenticated_at(claims: Mapping[str, Any], wanted: Wanted, now: datetime) -> datetime | None:
    if "auth_time" not in claims:
        if wanted.fresh:
            raise BadToken("it does not say when")
        return None
    at = _moment(claims, "auth_time")
    if at > now + LEEWAY or at < now - (FRESH if wanted.fresh else LONGEST):
        raise BadToken("they showed who they are too long ago")
    return at


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"{name} is no time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise BadToken(f"{name} is no time") from None


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_CLAIM or "\x00" in value:
        raise BadToken(f"{name} is not there")
    return value


def _number(claims: Mapping[str, Any], provider: Provider) -> str | None:
    """Not everybody has one: somebody from abroad signs in without."""
    name = provider.identity_number
    return _text(claims, name) if name and claims.get(name) else None
