"""`make chaos`: real processes that are killed at random, and a mail server that fails one in
five. Nothing that was stored may be lost; what arrives twice carries one Message-ID, and only
because somebody was killed between the server's yes and our note of it.
"""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, or_, select

from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.types import blind_index
from security.session import SystemSession
from tests.conftest import Town
from tests.post import Mailbox, smtp

ROOT = Path(__file__).parent.parent
RECEIVERS = ("teacher", "mother")
WRITER = """
import pickle, sys
from pathlib import Path
from sqlalchemy import func, select
from models.database import WRITING
from models.outbox import OutboxMessage
from models.plan import Plan
from services.notices import notify
from tests.conftest import Desk, connect

WRITING.set(True)
url, town, many = sys.argv[1], pickle.loads(Path(sys.argv[2]).read_bytes()), int(sys.argv[3])
desk = Desk(connect(url), town)
with desk.system() as session:
    begin = session.scalar(select(func.count(OutboxMessage.id))) // 2
for n in range(begin, many):
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        people = [town.people["teacher"], town.people["mother"]]
        notify(session, plan, people, "meeting", n, f"chaos{n}")
        session.commit()
"""
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


class Processes:
    """A writer and two workers; whoever is killed begins anew."""

    def __init__(self, url: str, town: Path, many: int, server: str) -> None:
        self.commands = {
            "writer": [WRITER, url, str(town), str(many)],
            "one worker": [WORKER, url, server],
            "another worker": [WORKER, url, server],
        }
        self.running = {name: self._start(name) for name in self.commands}
        self.kills = 0

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", *self.commands[name]], cwd=ROOT)

    def kill(self, name: str) -> None:
        process = self.running[name]
        if process.poll() is not None:
            assert name == "writer" and process.returncode == 0, name
            return  # has written all
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1
        self.running[name] = self._start(name)

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


def chaos(
    engine: Engine, url: str, town: Town, folder: Path, many: int, kills: int, seed: int
) -> None:
    """`many` notices to two people each, written and sent while `kills` processes die."""
    dice = random.Random(seed)
    with SystemSession(engine, because="test data") as session:
        for who in RECEIVERS:
            person = session.get(Person, town.people[who])
            person.email = f"{who}@x.no"
            person.email_index = blind_index("person.email", person.email)
        session.commit()
    kept = folder / "town.pickle"
    kept.write_bytes(pickle.dumps(town))
    with smtp(mailbox=Shaky(dice=dice)) as box:
        server = f"smtp://127.0.0.1:{box.port}?tls=no"
        processes = Processes(url, kept, many, server)
        try:
            latest = time.monotonic() + 120 + many
            while not _is_done(engine, many):
                assert time.monotonic() < latest, "what was stored did not leave"
                time.sleep(dice.uniform(0.3, 2))
                if processes.kills < kills:
                    processes.kill(dice.choice([*processes.commands]))
        finally:
            processes.stop()
        arrived = Counter(str(one["Message-ID"]) for one in box.taken)
    with SystemSession(engine, because="looking") as session:
        stored = {f"<{uid}@medspel.example>" for uid in session.scalars(select(Delivery.uid))}
    assert len(stored) == 2 * many and set(arrived) == stored  # nothing lost, nothing made up
    twice = sum(arrived.values()) - len(arrived)
    assert twice <= processes.kills, (twice, processes.kills)
    sys.stdout.write(f"{len(stored)} arrived, {twice} of them twice, {processes.kills} killed\n")


def _is_done(engine: Engine, many: int) -> bool:
    with SystemSession(engine, because="looking") as session:
        written = session.scalar(select(func.count(OutboxMessage.id)))
        left = select(func.count(Delivery.id)).where(
            or_(Delivery.sent_at.is_not(None), Delivery.failed_at.is_not(None))
        )
        return written == session.scalar(left) == 2 * many


def test_nothing_is_lost(engine, url, town, tmp_path, capsys):
    many = int(os.environ.get("NOTICES", "5000"))
    with capsys.disabled():
        chaos(engine, url, town, tmp_path, many, kills=many // 10, seed=1)
