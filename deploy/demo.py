"""The demo (prøv Medspel): migrate, fill once, start web and worker, say who can sign in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket

from sqlalchemy import create_engine

import config
from deploy import certificate, providers
from deploy.release import release
from deploy.town import PASSWORD, TOWNS, build
from models.database import WRITING, prepare
from security import crypto

_DATABASE = ("medspel.db", "medspel.db-wal", "medspel.db-shm", "queue.db", "seals.jsonl")
_MADE = (*_DATABASE, "accounts.json", "secrets.json", "certificates.toml")


class PortInUse(SystemExit):
    """Something else answers where the demo was to answer."""


def look_for_room(port: str) -> None:
    """Raises: PortInUse, before anything is made."""
    try:
        with socket() as one:
            one.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", int(port)))
    except (OSError, ValueError, OverflowError) as error:
        words = f"Nothing can be started on port {port}: {error}."
        raise PortInUse(f"{words}\nChoose another:  make demo PORT=5001") from None


class NotTheDemo(SystemExit):
    """The settings point at a database that is not the demo's own."""


def fill(settings: config.Settings, data: Path) -> list[tuple[str, str, str]]:
    """Bring the database up to date; fill it when it is new. Accounts worth showing.

    A database that was only half filled is thrown away first.
    Raises: NotTheDemo, before anything is touched.
    """
    if settings.database_url != f"sqlite:///{(data / 'medspel.db').resolve()}":
        raise NotTheDemo("The demo fills no database but its own. Unset DATABASE_URL first.")
    crypto.install(settings.keys)
    known = data / "accounts.json"
    if not known.exists():
        for name in _DATABASE:
            (data / name).unlink(missing_ok=True)
    engine = create_engine(settings.database_url)
    prepare(engine)
    release(engine)
    if not known.exists():
        WRITING.set(True)
        accounts = build(engine)
        known.write_text(json.dumps(accounts, ensure_ascii=False))
    engine.dispose()
    return [(a, b, c) for a, b, c in json.loads(known.read_text())]


def reset(data: Path) -> None:
    """Take away what the demo has made, and nothing else."""
    for name in _MADE:
        (data / name).unlink(missing_ok=True)
    made_too = ((data / "outbox").glob("*.json"), (data / "oidc").glob("*"), data.glob("*.p12"))
    for made in chain.from_iterable(made_too):
        made.unlink()


def certificates(data: Path) -> Path:
    """The file that names what each municipality of the demo seals with, made once."""
    named, tables = data / "certificates.toml", []
    for number, town in enumerate(TOWNS, start=1):
        file = data / f"certificate-{number}.p12"
        if not file.exists():
            certificate.write(town, file)
        tables.append(f'["{town}"]\nfile = "{file.name}"\n')
    named.write_text("\n".join(tables), encoding="utf-8")
    return named


def announce(accounts: list[tuple[str, str, str]], port: str, more: str = "") -> str:
    """What is printed: the address, and who signs in as what."""
    lines = [f"Medspel is running on http://localhost:{port}", f"Password for all: {PASSWORD}"]
    lines += [f"The code it asks for then is at http://localhost:{port}/sent/", ""]
    width = max(len(login) for *_, login in accounts)
    lines += [
        f"  {login:<{width}}  {role.replace('_', ' '):<20} {name}" for role, name, login in accounts
    ]
    return "\n".join([*lines, "", *([more] if more else []), "Stop with Ctrl+C."])


def main() -> int:
    data, port = Path(os.environ.get("DATA", "data")), os.environ.get("PORT", "5000")
    with_providers = os.environ.get("OIDC") == "1"
    look_for_room(port)
    if with_providers:
        for number in providers.ports(port):
            look_for_room(str(number))
    os.environ["MEDSPEL_DEMO"] = "1"
    if "--reset" in sys.argv:
        reset(data)
    accounts = fill(config.from_environment(), data)
    certificates(data)
    more = ""
    if with_providers:
        os.environ["MEDSPEL_OIDC"] = str(providers.write(data, port).resolve())
        os.environ.setdefault("MEDSPEL_ADDRESS", f"http://localhost:{port}")
        more = providers.announce(port)
    sys.stdout.write(announce(accounts, port, more) + "\n")
    sys.stdout.flush()
    web = [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}",
           "--log-level", "warning", "app:create_app()"]  # fmt: skip
    worker = [sys.executable, "-m", "jobs.worker"]
    commands = [web, worker]
    if with_providers:
        commands.append([sys.executable, "-m", "deploy.providers"])
    running = [subprocess.Popen(command) for command in commands]

    def stop(*_: object) -> None:
        for process in running:
            process.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    while all(process.poll() is None for process in running):
        time.sleep(0.2)
    stop()  # one of them without the others is no demo
    return max(process.wait() for process in running)


if __name__ == "__main__":
    sys.exit(main())
