"""A lost database is said on a page that needs no database."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event


@contextmanager
def lost(engine):
    """The database server is away: nobody can connect, and what was open is shut."""

    def refuse(*_):
        raise engine.dialect.loaded_dbapi.OperationalError("gone")

    event.listen(engine, "do_connect", refuse)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "do_connect", refuse)


@pytest.mark.parametrize("address", ["/", "/register/plans/", "/no-such-page"])
def test_a_lost_database_is_said_to_somebody_who_has_signed_in(browser, app_engine, address):
    office = browser("office")
    assert office.get("/").status_code == 200
    with lost(app_engine):
        reply = office.get(address, headers={"Accept-Language": "nb"})
    assert reply.status_code == 503 and reply.headers["Retry-After"]
    assert "Databasen svarer ikke" in reply.text and "<h1" in reply.text
    assert "Content-Security-Policy" in reply.headers
    assert office.get("/").status_code == 200  # and back again, signed in


def test_a_lost_database_is_said_to_somebody_who_signs_in(app, app_engine):
    with lost(app_engine):
        data = {"name": "ane", "secret": "x"}
        reply = app.test_client().post("/sign-in/", data=data, headers={"Accept-Language": "nn"})
    assert reply.status_code == 503 and "Databasen svarar ikkje" in reply.text


def test_a_lost_database_gives_back_what_was_written(browser, town, app_engine):
    writer = browser("nurse")
    assert writer.get("/").status_code == 200
    words = {"subject": "About tomorrow", "body": "Ella wants to swim first"}
    with lost(app_engine):
        reply = writer.post(f"/plan/{town.plan}/message/write", data=words | {"who": "everybody"})
    assert reply.status_code == 503 and words["body"] in reply.text


def test_a_browser_without_cookies_is_told_what_to_do(app):
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client(use_cookies=False)
    data = {"name": "mother", "secret": "x"}
    reply = client.post("/sign-in/", data=data, headers={"Accept-Language": "en"})
    assert reply.status_code == 400 and "Allow cookies for this address" in reply.text
    kept = app.test_client()
    kept.get("/sign-in/")
    assert "cookies" not in kept.post("/sign-in/", data=data).text
