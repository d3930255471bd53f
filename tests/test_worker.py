"""The worker: jobs once however many there are, letters within seconds, three kinds of queue."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from config import MissingSettings, from_environment
from jobs.outbox import has_work
from jobs.periodic import once
from jobs.worker import HOUR, Worker, listen, make_worker, queue
from models.clock import CLOCK, utcnow
from models.job_run import JobRun
from models.outbox import Delivery
from models.plan import Plan
from services.notices import notify
from tests.steps import prepare


@pytest.fixture
def tell(desk, town, reach):
    def told(key="m"):
        reach("teacher", email="ane@skule.example")
        with desk.session("nurse") as session:
            people = [town.people["teacher"]]
            notify(session, session.get(Plan, town.plan), people, "meeting", 1, key)
            session.commit()

    return told


def test_a_job_runs_once_in_its_period_however_many_ask(engine):
    done = []
    hour = utcnow().replace(minute=10)
    for minutes in (0, 5, 49, 50, 51):
        with CLOCK.stopped_at(hour + timedelta(minutes=minutes)):
            once(engine, "count", HOUR, lambda: not done.append(1))
    assert len(done) == 2  # at ten past, and at the hour after


def test_two_workers_at_once_run_it_once(engine):
    done, start = [], Event()

    def work():
        start.wait()
        once(engine, "count", HOUR, lambda: not done.append(1))

    threads = [Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    start.set()
    for one in threads:
        one.join()
    assert len(done) == 1


def test_how_it_went_is_kept_and_a_fault_does_not_stop_the_next(desk, engine):
    def breaks():
        raise RuntimeError

    now = utcnow()
    with CLOCK.stopped_at(now), pytest.raises(RuntimeError):
        once(engine, "count", HOUR, breaks)
    with desk.system() as session:
        row = session.scalars(select(JobRun)).one()
        assert row.ok is False and row.ended_at is not None
    with CLOCK.stopped_at(now + HOUR):
        assert once(engine, "count", HOUR, lambda: True)
    with desk.system() as session:
        assert session.scalars(select(JobRun)).one().ok is True


def test_a_clock_put_back_does_it_no_second_time(engine):
    done, now = [], utcnow()
    for hours in (0, -1, -2, 0, 1):
        with CLOCK.stopped_at(now + timedelta(hours=hours)):
            once(engine, "count", HOUR, lambda: not done.append(1))
    assert len(done) == 2


def test_the_hourly_jobs_seal_tidy_and_verify(settings, engine, desk):
    worker = make_worker(settings)
    task = worker.huey._registry.string_to_task("jobs.worker.by_the_hour")
    worker.huey.execute(task())
    with desk.system() as session:
        assert {one.name: one.ok for one in session.scalars(select(JobRun))} == {
            "seal the log": True, "tidy": True, "verify the log": True,
            "who is soon to decide": True, "consents that run out": True, "minutes": True,
            "deadlines": True, "appointments": True,
        }  # fmt: skip
    assert settings.seal_file.exists()
    worker.engine.dispose()


def test_receipts_are_looked_for_each_minute_and_missing_ones_are_said(settings, desk, town):
    prepare("message", desk, town)
    worker = make_worker(settings)
    worker.huey.execute(worker.huey._registry.string_to_task("jobs.worker.receipts")())
    with desk.system() as session:
        done = session.scalars(select(JobRun).where(JobRun.name == "receipts")).one()
        assert done.ok is False  # there is no certificate to seal them with
    worker.engine.dispose()


def test_a_log_that_does_not_hold_is_seen_by_the_nightly_job(settings, engine, desk, browser, town):
    browser("nurse").get(f"/plan/{town.plan}/")
    with engine.connect() as connection:
        triggers = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'access_event'"
        )
        if engine.dialect.name == "sqlite":
            for (name,) in connection.execute(text(triggers)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE access_event SET name = 'nobody'"))
        connection.commit()
    worker = make_worker(settings)
    worker.huey.execute(worker.huey._registry.string_to_task("jobs.worker.by_the_hour")())
    with desk.system() as session:
        found = session.scalars(select(JobRun).where(JobRun.name == "verify the log")).one()
        assert found.ok is False
    worker.engine.dispose()


def test_a_look_for_work_sees_what_is_due(engine, tell):
    assert not has_work(engine)
    tell()
    assert has_work(engine)
    with CLOCK.stopped_at(utcnow() - timedelta(hours=1)):
        assert not has_work(engine)


def test_letters_leave_within_seconds(settings, engine, desk, tell):
    worker, stop = make_worker(settings), Event()
    listener = Thread(target=listen, args=(worker, stop, 0.05))
    listener.start()
    try:
        tell()
        latest = time.monotonic() + 10
        while not _sent(desk):
            assert time.monotonic() < latest
            time.sleep(0.05)
    finally:
        stop.set()
        listener.join()
        worker.engine.dispose()
    assert len(list(settings.outbox_folder.glob("*.json"))) == 1


def _sent(desk):
    with desk.system() as session:
        return session.scalars(select(Delivery).where(Delivery.sent_at.is_not(None))).first()


def test_a_database_that_is_away_a_while_does_not_end_it(engine, tell):
    calls, stop = [], Event()

    def send():
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("x", {}, Exception("away"))
        stop.set()
        return 0

    tell()
    listen(Worker(huey=None, engine=engine, send=send), stop, 0.01)
    assert len(calls) == 2


@pytest.mark.parametrize("url", ["mysql://x", "queue.db", "/var/lib/queue.db"])
def test_a_queue_we_do_not_know_stops_the_start(tmp_path, url):
    with pytest.raises(MissingSettings, match="MEDSPEL_QUEUE"):
        from_environment({"MEDSPEL_DEMO": "1", "DATA": str(tmp_path), "MEDSPEL_QUEUE": url})


REDIS = shutil.which("redis-server")


@pytest.fixture(params=["file", "postgresql", "redis"])
def queue_url(request, tmp_path):
    if request.param == "file":
        yield f"sqlite:///{tmp_path}/queue.db"
    elif request.param == "postgresql":
        yield _postgresql(request)
    elif REDIS is None:
        pytest.skip("no redis-server here: apt-get install redis-server")
    else:
        with _redis() as url:
            yield url


@contextmanager
def _redis():
    """A real Redis, with nothing on disk."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    server = subprocess.Popen([REDIS, "--port", port, "--bind", "127.0.0.1", "--save", ""])
    try:
        while server.poll() is None and socket.socket().connect_ex(("127.0.0.1", int(port))):
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _postgresql(request):
    url = request.getfixturevalue("url")
    if not url.startswith("postgresql"):
        pytest.skip("once is enough")
    return url.replace("postgresql+psycopg://", "postgresql://")


def test_the_clock_works_on_each_kind_of_queue(settings, queue_url):
    huey, done = queue(replace(settings, queue_url=queue_url)), []

    @huey.task(name="note")
    def note():
        done.append(1)

    note()
    task = huey.dequeue()
    huey.execute(task)
    assert done == [1] and huey.dequeue() is None
