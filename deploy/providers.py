"""The demo's two providers (make demo OIDC=1): one for citizens, one for those employed.

They run in a process of their own, on the two ports after the demo's.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

from deploy.test_provider import LEVELS, TestPerson, create_provider
from deploy.test_provider.relying_party import key, registration, table
from deploy.test_provider.server import HERE, listen
from deploy.town.sign_ins import citizens, employees

CITIZENS, EMPLOYEES = "idporten", "tilsette"
_NAMES = {CITIZENS: "TestID", EMPLOYEES: "Fjordvik kommune"}


def ports(port: str) -> tuple[int, int]:
    return int(port) + 1, int(port) + 2


def issuers(port: str) -> dict[str, str]:
    return {
        name: f"http://{HERE}:{number}"
        for name, number in zip((CITIZENS, EMPLOYEES), ports(port), strict=True)
    }


def write(data: Path, port: str) -> Path:
    """What Medspel reads (MEDSPEL_OIDC), and its keys, made once."""
    folder = _folder(data)
    at = issuers(port)
    citizen = table(
        CITIZENS, name="ID-porten", issuer=at[CITIZENS], client_id="medspel-demo",
        keys=[_key(data, CITIZENS).name], acr=LEVELS[-1], levels=LEVELS,
        identity_number="pid", scope="openid profile", audience="citizens",
    )  # fmt: skip
    employed = table(
        EMPLOYEES, name="Fjordvik kommune", issuer=at[EMPLOYEES], client_id="medspel-demo",
        keys=[_key(data, EMPLOYEES).name], acr=LEVELS[0], levels=LEVELS,
        subject=["tid", "oid"], scope="openid profile", audience="employees",
    )  # fmt: skip
    path = folder / "oidc.toml"
    path.write_text(f"{citizen}\n{employed}")
    return path


def announce(port: str) -> str:
    """What is printed beside the accounts."""
    at = issuers(port)
    return f"With a click alone, at test providers: {at[CITIZENS]} and {at[EMPLOYEES]}"


def _folder(data: Path) -> Path:
    folder = data / "oidc"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _key(data: Path, name: str) -> Path:
    path = _folder(data) / f"{name}-demo.pem"
    key(path)
    return path


def _serve(name: str, people: Sequence[TestPerson], data: Path, port: str) -> Thread:
    issuer = issuers(port)[name]
    portals = [f"http://{host}:{port}" for host in ("localhost", HERE)]
    client = registration("medspel-demo", name, [key(_key(data, name))], portals)
    server = listen(create_provider(issuer, [client], people, name=_NAMES[name]), _port(issuer))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    return thread


def _port(issuer: str) -> int:
    return int(issuer.rsplit(":", 1)[1])


def main() -> int:
    data, port = Path(os.environ.get("DATA", "data")), os.environ.get("PORT", "5000")
    threads = [
        _serve(name, people, data, port)
        for name, people in ((CITIZENS, citizens()), (EMPLOYEES, employees()))
    ]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        for thread in threads:
            thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
