"""Whether it is alive, ready and well: for machines, without a word of anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, text

from integrations.letter import Refused
from jobs.outbox import deliver
from models.clock import CLOCK, utcnow
from models.database import WRITING
from models.job_run import JobRun
from models.outbox import OutboxMessage
from models.plan import Plan
from models.vocabulary import Channel
from services.health import SCHEMA, is_ready
from services.notices import notify
from tests.conftest import statements

TOKEN = "a token of the tests"


@pytest.fixture
def metrics(app):
    """`metrics()`: name and labels -> value, as Prometheus reads them."""
    app.config["METRICS_TOKEN"] = TOKEN

    def read():
        reply = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert reply.status_code == 200, reply.text
        families = text_string_to_metric_families(reply.text)
        return {(one.name, *one.labels.values()): one.value for f in families for one in f.samples}

    yield read
    app.config["METRICS_TOKEN"] = ""


class Refuses:
    def send(self, _letter):
        raise Refused()


def test_it_is_alive_whatever_the_database_does(app, app_engine):
    with statements(app_engine) as sent:
        reply = app.test_client().get("/healthz")
    assert (reply.status_code, reply.text, sent) == (200, "alive\n", [])


def test_it_is_ready_with_the_schema_of_this_version(app, engine):
    assert app.test_client().get("/readyz").text == "ready\n"
    with engine.connect() as connection:
        version = "SELECT version_num FROM alembic_version"
        assert connection.execute(text(version)).scalar() == SCHEMA


def test_an_old_schema_is_not_ready_and_says_what_to_do(app, engine):
    WRITING.set(True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    reply = app.test_client().get("/readyz")
    assert reply.status_code == 503 and "python -m deploy.release" in reply.text
    assert not is_ready(engine)


def test_without_a_database_it_is_not_ready(app, engine):
    WRITING.set(True)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE alembic_version RENAME TO gone"))
    reply = app.test_client().get("/readyz")
    assert (reply.status_code, reply.text) == (503, "the database does not answer\n")


@pytest.mark.parametrize("given", ["", "Bearer wrong", f"Bearer {TOKEN} ", TOKEN[:-1], "Bearer ø"])
def test_metrics_are_for_who_has_the_token(app, metrics, given):
    headers = {"Authorization": given.encode()} if given else {}
    reply = app.test_client().get("/metrics", headers=headers)
    assert reply.status_code == 401 and "medspel_" not in reply.text


def test_without_a_token_in_the_settings_there_are_no_metrics(app):
    for given in ({}, {"Authorization": "Bearer "}):
        assert app.test_client().get("/metrics", headers=given).status_code == 404


def test_what_waits_and_for_how_long(desk, engine, town, reach, metrics):
    assert metrics()[("medspel_outbox_waiting",)] == 0
    reach("teacher", email="ane@skule.example")
    with desk.session("nurse") as session:
        people = [town.people["teacher"], town.people["mother"]]
        notify(session, session.get(Plan, town.plan), people, "meeting", 1, "m")
        session.commit()
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=10)):
        found = metrics()
    assert found[("medspel_outbox_waiting",)] == 2
    assert 590 < found[("medspel_outbox_oldest_seconds",)] < 660
    deliver(engine, {Channel.MAIL: Refuses()})
    found = metrics()
    assert found[("medspel_outbox_waiting",)] == 0 == found[("medspel_outbox_oldest_seconds",)]
    assert found[("medspel_outbox_given_up",)] == 2
    with CLOCK.stopped_at(utcnow() + timedelta(days=8)):
        assert metrics()[("medspel_outbox_given_up",)] == 0


def test_failed_sign_ins_are_counted_together(app, metrics):
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    for name in ("nobody", "somebody", "nobody"):
        client.post("/sign-in/", data={"name": name, "secret": "wrong secret here"})
    assert metrics()[("medspel_failed_sign_ins",)] == 3


def test_how_the_jobs_went(desk, metrics):
    with desk.system() as session:
        ended = utcnow() - timedelta(hours=1)
        session.add(JobRun(name="seal the log", period=ended, ended_at=ended, ok=True))
        session.add(JobRun(name="verify the log", period=ended, ended_at=ended, ok=False))
        session.add(JobRun(name="tidy", period=ended, ended_at=None, ok=None))
        session.commit()
    found = metrics()
    assert found[("medspel_job_ok", "seal the log")] == 1
    assert found[("medspel_job_ok", "verify the log")] == 0 == found[("medspel_job_ok", "tidy")]
    assert 3590 < found[("medspel_job_age_seconds", "seal the log")] < 3700
    assert ("medspel_job_age_seconds", "tidy") not in found


def test_it_says_nothing_of_anybody(app, desk, town, engine, reach, metrics):
    reach("teacher", email="ane@skule.example")
    with desk.session("nurse") as session:
        people = [town.people["teacher"]]
        notify(session, session.get(Plan, town.plan), people, "meeting", 1, "m")
        session.commit()
    metrics()
    reply = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    for secret in ("ane@", "OW 1", "Teacher", "Fjordvik"):
        assert secret not in reply.text


def test_it_costs_the_same_whatever_there_is(app_engine, desk, town, metrics):
    metrics()
    with statements(app_engine) as few:
        metrics()
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        for n in range(50):
            notify(session, plan, [town.people["teacher"]], "meeting", n, f"m{n}")
        session.commit()
    with statements(app_engine) as many:
        metrics()
    assert len(few) == len(many) == 5, few
    with desk.system() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 50
