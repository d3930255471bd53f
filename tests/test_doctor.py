"""`flask --app app doctor` says what is wrong with the set-up, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.mail import MailServer
from integrations.openid import provider as settings_of
from integrations.openid.client import Client
from jobs import doctor
from models.clock import today, utcnow
from models.job_run import JobRun

pytestmark = pytest.mark.a_page
PORTAL = "https://plan.example.no"
RIGHT = {"portal": PORTAL, "hosts": ["plan.example.no"], "secure_cookies": True}


@pytest.fixture
def told(app, settings, monkeypatch, desk):
    """`told(...)`: (exit status, lines) with these settings instead."""
    with desk.system() as session:
        session.add(JobRun(name="seal the log", period=utcnow(), ended_at=utcnow(), ok=True))
        session.commit()

    def run(**changes):
        changed = replace(settings, **(RIGHT | changes))
        monkeypatch.setattr(doctor.config, "from_environment", lambda: changed)
        done = app.test_cli_runner().invoke(args=["doctor"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def mail():
    return MailServer.parse("smtp://127.0.0.1:25?tls=no", "a@x.no", PORTAL)


def test_what_is_well_is_said_to_be(told, python_provider):
    known = python_provider.client(PORTAL)
    status, said = told(mail=mail(), providers=settings_of.read(known.toml))
    assert status == 0 and "All is well." in said, said
    assert f"[idporten] answers as {python_provider.issuer}" in said


def test_what_is_missing_is_named_with_what_to_do(told):
    status, said = told(portal="", hosts=[], secure_cookies=False)
    assert status == 1 and "4 to be mended." in said, said
    for words in ("MEDSPEL_ADDRESS", "MEDSPEL_HOSTS", "MEDSPEL_INSECURE_COOKIES", "mail: not set"):
        assert words in said, words
    assert "must begin with https" in told(portal="http://plan.example.no")[1]


def test_a_worker_that_does_not_run_is_missed(told, desk):
    with desk.system() as session:
        session.query(JobRun).delete()
        session.commit()
    assert "python -m jobs.worker" in told()[1]


def test_a_provider_that_does_not_know_us_is_told_from_one_that_is_down(told, python_provider):
    known = python_provider.client(PORTAL)
    [ours] = settings_of.read(known.toml)
    unknown = python_provider.client("https://elsewhere.example")
    [theirs] = settings_of.read(unknown.toml)
    status, said = told(mail=mail(), providers=(theirs,))
    assert status == 1 and "does not take our request" in said and f"{PORTAL}/sign-in" in said
    python_provider.inside.faults.endpoints["*"] = "500"
    assert "is not reached" in told(mail=mail(), providers=(ours,))[1]


def test_a_key_that_runs_out_is_said_in_time(told, python_provider, app):
    soon = today() + timedelta(days=12)
    known = python_provider.client(PORTAL, expires={"medspel-test": soon})
    [ours] = settings_of.read(known.toml)
    status, said = told(mail=mail(), providers=(ours,))
    assert status == 1 and "12 days left" in said
    app.extensions["openid"] = {"idporten": Client(ours)}
    app.config["METRICS_TOKEN"] = "a token of the tests"
    read = {"Authorization": "Bearer a token of the tests"}
    metrics = app.test_client().get("/metrics", headers=read).text
    assert 'medspel_key_days_left{key="medspel-test",provider="idporten"} 12.0' in metrics
    app.extensions["openid"] = {}


def test_clocks_that_differ_are_seen(told, python_provider, monkeypatch):
    known = python_provider.client(PORTAL)
    ahead = utcnow() + timedelta(minutes=5)
    monkeypatch.setattr("integrations.openid.client.utcnow", lambda: ahead)
    said = told(mail=mail(), providers=settings_of.read(known.toml))[1]
    assert "differ by -" in said and "NTP" in said
