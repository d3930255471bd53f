"""The service's side of a registration: its keys, and the file it reads (MEDSPEL_OIDC)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

from deploy.test_provider.registered import Client


def key(path: Path) -> dict[str, Any]:
    """The public half, as the provider registers it; `path` is made, 0600, when it is not there.

    `kid` is the file's name without .pem.
    """
    if not path.exists():
        made = RSAKey.generate_key(2048).as_pem(private=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
    about = {"kid": path.stem, "use": "sig", "alg": "RS256"}
    return dict(RSAKey.import_key(path.read_bytes(), about).as_dict(private=False))  # type: ignore[arg-type]


def registration(
    client_id: str, name: str, public: Sequence[dict[str, Any]], portals: Sequence[str]
) -> Client:
    """Medspel as a client. name: the provider's key in addresses. portals: the first is called
    when people sign out elsewhere."""
    return Client(
        client_id=client_id,
        jwks={"keys": list(public)},
        redirect_uris=[f"{portal}/sign-in/with/{name}/back" for portal in portals],
        post_logout_redirect_uris=[f"{portal}/sign-out/done" for portal in portals],
        frontchannel_logout_uri=f"{portals[0]}/sign-out/front-channel",
        backchannel_logout_uri=f"{portals[0]}/sign-out/back-channel",
    )


def table(name: str, /, **settings: object) -> str:
    """One provider in TOML: texts, lists of texts and tables of texts only."""
    lines = [f"{setting} = {_value(value)}" for setting, value in settings.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _value(value: object) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)  # a date
