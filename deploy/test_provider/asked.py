"""What a service asks for when it sends somebody to sign in (NO-3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.test_provider.refusal import Refused, SentBack
from deploy.test_provider.registered import Client

LANGUAGES = ("nb", "nn", "en", "se")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Asked:
    """A request that may be answered. levels: those that will do, the least first."""

    client: Client
    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    scope: str
    levels: tuple[str, ...]
    prompt: frozenset[str]
    max_age: int | None
    language: str

    def back(self, error: str, description: str) -> SentBack:
        return SentBack(self.redirect_uri, self.state, error, description)


def read(params: Mapping[str, str], client: Client, levels: Sequence[str]) -> Asked:
    """Raises: Refused until it is known where to send people back, SentBack after that."""
    address = params.get("redirect_uri", "")
    if address not in client.redirect_uris:
        raise Refused("invalid_request", "redirect_uri is not registered, to the letter")
    wrong = _wrong(params, levels)
    if wrong:
        raise SentBack(address, params.get("state", ""), *wrong)
    max_age = params.get("max_age", "")
    return Asked(
        client=client,
        redirect_uri=address,
        state=params["state"],
        nonce=params["nonce"],
        challenge=params["code_challenge"],
        scope=params["scope"],
        levels=tuple(levels[_least(params, levels) :]),
        prompt=frozenset(params.get("prompt", "").split()),
        max_age=int(max_age) if max_age else None,
        language=language(params.get("ui_locales", "").split()),
    )


def language(wanted: Sequence[str]) -> str:
    """The first language the pages have; bokmål when none is."""
    known = (tag.split("-")[0] for tag in wanted)
    return next((tag for tag in known if tag in LANGUAGES), "nb")


def _least(params: Mapping[str, str], levels: Sequence[str]) -> int:
    """`acr_values` is a minimum: asking for high never gives substantial (NO-3.2)."""
    named = params.get("acr_values", "").split()
    return min((levels.index(one) for one in named), default=0)


def _wrong(params: Mapping[str, str], levels: Sequence[str]) -> tuple[str, str] | None:
    prompt = set(params.get("prompt", "").split())
    checks = (
        ("request" in params, "request_not_supported", "send the parameters themselves"),
        (params.get("response_type") != "code", "unsupported_response_type", "code only"),
        (params.get("response_mode", "query") != "query", "invalid_request", "query only"),
        ("openid" not in params.get("scope", "").split(), "invalid_scope", "openid is missing"),
        (params.get("code_challenge_method") != "S256", "invalid_request", "PKCE: S256 only"),
        (not _CHALLENGE.fullmatch(params.get("code_challenge", "")), "invalid_request",
         "PKCE: code_challenge is 43 characters"),
        (not params.get("state"), "invalid_request", "state is missing"),
        (not params.get("nonce"), "invalid_request", "nonce is missing"),
        (bool(set(params.get("acr_values", "").split()) - set(levels)), "invalid_request",
         "acr_values holds a level there is not"),
        (bool(prompt - {"login", "none"}) or len(prompt) > 1, "invalid_request",
         "prompt is login or none"),
        (not params.get("max_age", "0").isdecimal(), "invalid_request", "max_age is seconds"),
    )  # fmt: skip
    return next(((error, words) for is_wrong, error, words in checks if is_wrong), None)
