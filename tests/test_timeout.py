"""A session says when it ends, goes on for those who are there, and never beyond its limit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import LoginSession
from models.clock import CLOCK, utcnow
from security.sessions import ServerSession

MINUTE = timedelta(minutes=1)


def said(page):
    """What the page knows of its session, in seconds."""
    return {name: int(n) for name, n in re.findall(r'data-(left|idle|warned)="(\d+)"', page)}


def test_every_page_says_how_long_it_lasts_and_none_to_nobody(app, browser):
    page = browser("nurse").get("/").text
    assert said(page).items() >= {"idle": 1800, "warned": 120}.items()
    assert 1790 < said(page)["left"] <= 1800
    assert '<dialog class="ds-dialog ms-dialog" id="timeout" role="alertdialog"' in page
    assert "timeout" not in app.test_client().get("/sign-in/").text


def test_what_is_left_follows_what_the_server_has_noted(browser):
    nurse, start = browser("nurse"), utcnow()
    nurse.get("/")
    for later, least, most in ((30, 1765, 1771), (59, 1735, 1742), (61, 1798, 1800)):
        with CLOCK.stopped_at(start + timedelta(seconds=later)):
            assert least <= said(nurse.get("/").text)["left"] <= most, later


def test_those_who_answer_go_on_from_now(browser, desk, town):
    nurse, start = browser("nurse"), utcnow()
    nurse.get("/")
    with CLOCK.stopped_at(start + 29 * MINUTE):
        reply = nurse.post("/stay/")
        assert (reply.status_code, reply.text, reply.mimetype) == (200, "1800", "text/plain")
    with CLOCK.stopped_at(start + 58 * MINUTE):
        assert nurse.get("/").status_code == 200
    with CLOCK.stopped_at(start + 89 * MINUTE):
        assert nurse.get("/").status_code == 302


def test_an_answer_within_the_minute_counts_too(browser):
    nurse, start = browser("nurse"), utcnow()
    with CLOCK.stopped_at(start + timedelta(seconds=50)):
        nurse.post("/stay/")
    with CLOCK.stopped_at(start + 30 * MINUTE + timedelta(seconds=45)):
        assert nurse.get("/").status_code == 200


def test_nobody_goes_on_beyond_the_limit(browser, desk, town):
    nurse, start = browser("nurse"), utcnow()
    for minutes in range(0, 119, 29):
        with CLOCK.stopped_at(start + minutes * MINUTE):
            left = int(nurse.post("/stay/").text)
            assert left <= 1800
    with CLOCK.stopped_at(start + 119 * MINUTE):
        assert 0 < int(nurse.post("/stay/").text) <= 60
    with CLOCK.stopped_at(start + 121 * MINUTE):
        assert nurse.post("/stay/").status_code == 302


def test_going_on_wakes_nothing_that_has_ended(app, browser, desk):
    nurse, start = browser("nurse"), utcnow()
    nurse.get("/")
    with CLOCK.stopped_at(start + 31 * MINUTE):
        assert nurse.post("/stay/").status_code == 302
        with desk.system() as session:
            seen = session.scalars(select(LoginSession.seen_at)).all()
    assert all(at < start + MINUTE for at in seen)
    assert app.test_client().post("/stay/").status_code == 302
    assert nurse.get("/stay/").status_code == 405


@pytest.mark.parametrize("idle, warned", [(1800, 120), (240, 120), (180, 90), (8, 4)])
def test_the_warning_is_never_longer_than_half_the_time(idle, warned):
    session = ServerSession()
    session.go_on(timedelta(seconds=idle), utcnow() + 120 * MINUTE, utcnow())
    assert session.warned == timedelta(seconds=warned)
