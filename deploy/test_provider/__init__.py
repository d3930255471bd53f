"""An OpenID provider that behaves as ID-porten does (testleverandør), with invented people.

For tests and the demo only: everything is in memory, and nobody proves who they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from flask import Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse

from deploy.test_provider import machines, pages
from deploy.test_provider.provider import LEVELS, Provider
from deploy.test_provider.refusal import Refused, SentBack
from deploy.test_provider.registered import Client, TestPerson
from models.clock import utcnow

__all__ = ["LEVELS", "Client", "Provider", "TestPerson", "create_provider", "provider_of"]

_KEY = "test provider"


def create_provider(
    issuer: str,
    clients: Sequence[Client] = (),
    people: Sequence[TestPerson] = (),
    *,
    name: str = "TestID",
    levels: Sequence[str] = LEVELS,
    par: bool = True,
    now: Callable[[], datetime] = utcnow,
) -> Flask:
    """A provider at `issuer` (no slash at the end); `provider_of` is what is behind it."""
    app = Flask(__name__)
    provider = Provider(issuer, clients, people, name=name, levels=levels, par=par, now=now)
    app.extensions[_KEY] = provider
    machines.add_machines(app, provider)
    pages.add_pages(app, provider)
    app.before_request(provider.faults.strike)

    @app.errorhandler(Refused)
    def refused(no: Refused) -> AnyResponse | tuple[Response, int]:
        is_machine = request.endpoint in {"par", "token"}
        return machines.refuse(no) if is_machine else pages.refuse(provider, no)

    @app.errorhandler(SentBack)
    def sent_back(no: SentBack) -> AnyResponse:
        return pages.send_back(provider, no)

    return app


def provider_of(app: Flask) -> Provider:
    return cast(Provider, app.extensions[_KEY])
