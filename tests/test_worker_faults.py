"""The worker when the database fails it: a full disk, a restart. Nothing is lost; it goes on."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import OperationalError

from integrations.file_sink import FileSink
from jobs.outbox import deliver
from jobs.worker import Worker, listen
from models.database import prepare
from models.outbox import Delivery, OutboxMessage
from models.plan import Plan
from models.vocabulary import Channel
from services.notices import notify
from tests.conftest import connect


@pytest.fixture
def tell(desk, town, reach):
    def told(many):
        reach("teacher", email="ane@skule.example")
        with desk.session("nurse") as session:
            plan, people = session.get(Plan, town.plan), [town.people["teacher"]]
            for n in range(many):
                notify(session, plan, people, "meeting", n, f"m{n}")
            session.commit()

    return told


@pytest.fixture
def carriers(tmp_path):
    return {Channel.MAIL: FileSink(tmp_path / "out")}


def sent(desk):
    with desk.system() as session:
        return len(session.scalars(select(Delivery).where(Delivery.sent_at.is_not(None))).all())


def test_a_full_disk_loses_nothing(desk, url, tell, carriers, tmp_path):
    if not url.startswith("sqlite"):
        pytest.skip("SQLite says when its file may not grow")
    tell(150)
    full = create_engine(url)
    prepare(full)

    @event.listens_for(full, "connect")
    def shut(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(OperationalError, match="full"):
        deliver(full, carriers)
    full.dispose()
    with desk.system() as session:
        waiting = session.scalars(select(OutboxMessage.planned_at)).all()
    assert waiting == [None] * 150 and not list((tmp_path / "out").glob("*.json"))
    there_is_room = connect(url)
    assert deliver(there_is_room, carriers) == 150 == sent(desk)
    there_is_room.dispose()


def test_a_database_that_was_restarted_is_met_again(desk, engine, left_open, url, tell, carriers):
    if not url.startswith("postgresql"):
        pytest.skip("a file is not restarted")
    own = connect(url)
    assert deliver(own, carriers) == 0  # it has a connection
    with engine.connect() as other:
        mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        here = "datname = current_database() AND pid <> pg_backend_pid()"
        other.execute(text(f"{mine} WHERE {here}"))
    for one in {engine, *left_open}:  # those of the tests were let go of as well
        one.dispose()
    tell(3)
    stop = Event()
    worker = Worker(huey=None, engine=own, send=partial(deliver, own, carriers))
    listener = Thread(target=listen, args=(worker, stop, 0.05))
    listener.start()
    latest = monotonic() + 10
    while sent(desk) < 3:
        assert monotonic() < latest
        sleep(0.05)
    stop.set()
    listener.join()
    own.dispose()
