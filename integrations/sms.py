"""SMS by HTTP (tekstmelding): any gateway that takes JSON, described in the settings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from integrations.letter import Letter, Refused, Unreachable

TIMEOUT = 20
NOT_ITS_FAULT = frozenset({401, 403, 404, 405, 408, 429})
"""Answers that say something of our settings or the hour, and nothing of the number."""


class BadSmsSettings(ValueError):
    """MEDSPEL_SMS_URL, _HEADERS or _BODY cannot be used; the message says why."""


class _NoRedirect(HTTPRedirectHandler):
    """Keys in headers are for one address only."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateway:
    """A carrier of SMS. body: JSON in which `{to}`, `{text}` and `{id}` are filled in."""

    url: str
    headers: dict[str, str] = field(repr=False)
    body: Any
    portal: str

    @classmethod
    def parse(cls, url: str, headers: str, body: str, portal: str) -> SmsGateway:
        """Raises: BadSmsSettings."""
        try:
            named, template = json.loads(headers or "{}"), json.loads(body)
        except ValueError:
            raise BadSmsSettings("MEDSPEL_SMS_HEADERS and MEDSPEL_SMS_BODY must be JSON") from None
        if not isinstance(named, dict):
            raise BadSmsSettings("MEDSPEL_SMS_HEADERS must be a JSON object")
        if urlsplit(url).scheme not in ("https", "http"):
            raise BadSmsSettings("MEDSPEL_SMS_URL must begin with https://")
        if not all(f"{{{word}}}" in body for word in ("to", "text")):
            raise BadSmsSettings("MEDSPEL_SMS_BODY must hold {to} and {text}")
        known = {str(name): str(value) for name, value in named.items()}
        return cls(url=url, headers=known, body=template, portal=portal)

    def send(self, letter: Letter) -> None:
        """Raises: Refused, Unreachable."""
        words = {"to": letter.to, "text": f"{letter.text} {self.portal}", "id": letter.uid}
        request = Request(
            self.url,
            data=json.dumps(_filled(self.body, words), ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8", **self.headers},
        )
        try:
            with build_opener(_NoRedirect).open(request, timeout=TIMEOUT):
                return
        except HTTPError as answer:
            answer.close()
            its_own = 400 <= answer.code < 500 and answer.code not in NOT_ITS_FAULT
            raise (Refused if its_own else Unreachable)(answer.code) from None
        except (OSError, HTTPException) as fault:
            raise Unreachable(type(fault).__name__) from None


def _filled(part: Any, words: dict[str, str]) -> Any:
    """The template with its words in place, at any depth; nothing that is filled in is a
    template again."""
    if isinstance(part, dict):
        return {key: _filled(value, words) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, words) for value in part]
    if not isinstance(part, str):
        return part
    pieces, rest = [], part
    while rest:
        spots = [(rest.find(f"{{{word}}}"), word) for word in words if f"{{{word}}}" in rest]
        if not spots:
            break
        at, word = min(spots)
        pieces += [rest[:at], words[word]]
        rest = rest[at + len(word) + 2 :]
    return "".join([*pieces, rest])
