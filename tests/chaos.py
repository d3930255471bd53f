"""`make chaos`: real processes that are killed at random, and a mail server that fails one in
five. Somebody writes messages in a browser and presses again when nothing answers. Nothing that
was stored may be lost; what arrives twice carries one Message-ID, and only because somebody was
killed between the server's yes and our note of it.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, or_, select

from models.elements.message import Message
from models.outbox import Delivery
from models.people import Person
from models.types import blind_index
from security.session import SystemSession
from security.sessions import COOKIE
from tests.conftest import Town, sign_in
from tests.post import HERE, Mailbox, smtp

ROOT = Path(__file__).parent.parent
RECEIVERS = ("mother", "grandmother")
WORKER = """
import sys, time
from datetime import timedelta
from integrations.mail import MailServer
from jobs import outbox
from models.vocabulary import Channel
from tests.conftest import connect

outbox.LEASE, outbox.MOST_ATTEMPTS = timedelta(seconds=2), 10_000
outbox.FIRST_WAIT, outbox.LONGEST_WAIT = timedelta(seconds=0.1), timedelta(seconds=0.5)
engine = connect(sys.argv[1])
mail = MailServer.parse(sys.argv[2], "post@medspel.example", "https://plan.example.no")
while True:
    outbox.deliver(engine, {Channel.MAIL: mail})
    time.sleep(0.05)
"""


@dataclass
class Shaky(Mailbox):
    """A mail server that fails one in five."""

    dice: random.Random = field(default_factory=random.Random)

    async def handle_DATA(self, server, session, envelope):
        if self.dice.random() < 0.2:
            return "451 not now"
        return await super().handle_DATA(server, session, envelope)


class Writer(threading.Thread):
    """A browser in which messages are written one after another.

    Each is sent under one `uid` until the web answers that it is stored: it may have been
    stored, and the answer lost, several times before.
    """

    def __init__(self, port: int, token: str, town: Town, many: int) -> None:
        super().__init__(daemon=True)
        self.port, self.cookie, self.many = port, f"{COOKIE}={token}", many
        self.path = f"/plan/{town.plan}/message/write"
        self.fields = [("who", "chosen"), ("subject", "x"), ("body", "x")]
        self.fields += [("to", str(town.people[who])) for who in RECEIVERS]
        self.stored: set[UUID] = set()
        self.refused = ""

    def run(self) -> None:
        token = ""
        while len(self.stored) < self.many and not self.refused:
            uid = uuid4()
            while uid not in self.stored and not self.refused:
                try:
                    token = token or self._token()
                    status, text = self._send(uid, token)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.05)  # the web is down: once more
                    continue
                if status == 303:
                    self.stored.add(uid)
                elif status not in (502, 503):
                    self.refused = f"{status}: {text[:2000]}"

    def _send(self, uid: UUID, token: str) -> tuple[int, str]:
        fields = [*self.fields, ("uid", str(uid)), ("csrf_token", token)]
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", urlencode(fields), kind)

    def _token(self) -> str:
        _, page = self._ask("GET", None, {})
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page[:2000]
        return found[1]

    def _ask(self, method: str, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
        web = http.client.HTTPConnection(HERE, self.port, timeout=10)
        try:
            web.request(method, self.path, body, {"Cookie": self.cookie, **headers})
            reply = web.getresponse()
            return reply.status, reply.read().decode()
        finally:
            web.close()


class Processes:
    """The web and two workers; whoever is killed begins anew."""

    def __init__(self, url: str, folder: Path, port: int, server: str) -> None:
        here = [sys.executable, "-m", "gunicorn", "--workers", "2", "--log-level", "error"]
        self.commands = {
            "the web": [*here, "--bind", f"{HERE}:{port}", "app:create_app()"],
            "one worker": [sys.executable, "-c", WORKER, url, server],
            "another worker": [sys.executable, "-c", WORKER, url, server],
        }
        self.environ = os.environ | {
            "DATABASE_URL": url,
            "DATA": str(folder),
            "SECRET_KEY": "a secret only for tests, long enough",
            "MEDSPEL_KEYS": f"test:{b64encode(b'k' * 32).decode()}",
            "MEDSPEL_INDEX_KEY": b64encode(b"i" * 32).decode(),
            "MEDSPEL_SEAL_KEY": "s" * 32,
            "MEDSPEL_INSECURE_COOKIES": "1",
        }
        self.running = {name: self._start(name) for name in self.commands}
        self.kills: Counter[str] = Counter()

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        command = self.commands[name]
        return subprocess.Popen(command, cwd=ROOT, env=self.environ, start_new_session=True)

    def kill(self, name: str) -> None:
        """With all its children: nobody says goodbye."""
        process = self.running[name]
        assert process.poll() is None, f"{name} ended by itself"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills[name] += 1
        self.running[name] = self._start(name)

    def stop(self) -> None:
        for process in self.running.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def chaos(
    engine: Engine, url: str, town: Town, folder: Path, many: int, kills: int, seed: int
) -> None:
    """`many` messages to two people each, written and sent while `kills` processes die."""
    dice = random.Random(seed)
    with SystemSession(engine, because="test data") as session:
        for who in RECEIVERS:
            person = session.get_one(Person, town.people[who])
            person.email = f"{who}@x.no"
            person.email_index = blind_index("person.email", person.email)
        session.commit()
        known = set(session.scalars(select(Message.uid)))
    with smtp(mailbox=Shaky(dice=dice)) as box, socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
        free.close()
        processes = Processes(url, folder, port, f"smtp://{HERE}:{box.port}?tls=no")
        writer = Writer(port, sign_in(engine, town, "nurse"), town, many)
        writer.start()
        done = {"the web": writer.stored, "a worker": box.taken}
        before = dict.fromkeys(done, 0)  # how many, when one of its kind was killed the last time
        try:
            latest = time.monotonic() + 120 + many
            while writer.is_alive() or not _has_left(engine, many):
                assert not writer.refused, writer.refused
                assert time.monotonic() < latest, (len(writer.stored), "what was stored stays")
                time.sleep(dice.uniform(0.3, 2))
                if processes.kills.total() < kills:
                    name = dice.choice([*processes.commands])
                    kind = name if name in done else "a worker"
                    if len(done[kind]) > before[kind]:  # what only rises has nothing to lose
                        before[kind] = len(done[kind])
                        processes.kill(name)
        finally:
            processes.stop()
        arrived = Counter(str(one["Message-ID"]) for one in box.taken)
    with SystemSession(engine, because="looking") as session:
        written = set(session.scalars(select(Message.uid))) - known
        stored = {f"<{uid}@medspel.example>" for uid in session.scalars(select(Delivery.uid))}
    assert {str(uid) for uid in writer.stored} == {str(uid) for uid in written}
    assert len(stored) == 2 * many and set(arrived) == stored  # nothing lost, nothing made up
    twice = sum(arrived.values()) - len(arrived)
    by_worker = processes.kills.total() - processes.kills["the web"]
    assert twice <= by_worker, (twice, processes.kills)
    sys.stdout.write(f"{len(stored)} arrived, {twice} of them twice, {dict(processes.kills)}\n")


def _has_left(engine: Engine, many: int) -> bool:
    done = select(func.count(Delivery.id)).where(
        or_(Delivery.sent_at.is_not(None), Delivery.failed_at.is_not(None))
    )
    with SystemSession(engine, because="looking") as session:
        return session.scalar(done) == 2 * many


def test_nothing_is_lost(engine, url, town, tmp_path, capsys):
    many = int(os.environ.get("NOTICES", "5000"))
    with capsys.disabled():
        chaos(engine, url, town, tmp_path, many, kills=many // 20, seed=1)
