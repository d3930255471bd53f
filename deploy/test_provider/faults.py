"""What a test makes a provider do wrong (feil): everything is off until a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from threading import Event
from typing import Any

from flask import Response, request

Forge = Callable[[dict[str, Any], dict[str, Any]], str | None]


@dataclass
class Faults:
    """forge: gets header and claims of each ID token; what it returns is sent instead.

    endpoints: "discovery", "jwks", "par", "token", "authorize", "end_session" or "*" ->
    "500", "nothing" (hangs up without a word), "rubbish" (200 and no JSON), or seconds to
    wait before answering as usual; waiting ends when `mend` is called.
    """

    forge: Forge | None = None
    endpoints: dict[str, str | float] = field(default_factory=dict)
    _mended: Event = field(default_factory=Event)

    def mend(self) -> None:
        """Behave again."""
        self.forge = None
        self.endpoints.clear()
        self._mended.set()
        self._mended = Event()

    def strike(self) -> Response | None:
        """Before each request."""
        fault = self.endpoints.get(request.endpoint or "", self.endpoints.get("*"))
        match fault:
            case None:
                return None
            case "500":
                return Response("Something went wrong here.", 500)
            case "rubbish":
                return Response("<!doctype html><title>?</title>", content_type="text/html")
            case "nothing":
                request.environ["werkzeug.socket"].shutdown(SHUT_RDWR)
                return Response(status=503)  # nobody hears it
        self._mended.wait(float(fault))
        return None
