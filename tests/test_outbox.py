"""What must arrive arrives once, and only to those it is still for."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.file_sink import FileSink
from jobs.outbox import LEASE, MOST_ATTEMPTS, _claim, deliver
from models.clock import CLOCK, today, utcnow
from models.outbox import OutboxMessage
from models.people import Person
from models.plan import Plan
from services.notices import KINDS, notify


@pytest.fixture
def waiting(desk, town):
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        people = [town.people["teacher"], town.people["mother"]]
        notify(session, plan, people, "message", 1, "m1")
        session.commit()


def rows(desk):
    with desk.system() as session:
        return session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def test_a_notice_leaves_once_and_says_nothing_but_its_kind(desk, engine, waiting, tmp_path):
    sink = FileSink(tmp_path / "out")
    assert deliver(engine, sink) == 2 and deliver(engine, sink) == 0
    texts = [json.loads(p.read_text()) for p in (tmp_path / "out").glob("*.json")]
    assert len(texts) == 2 and all(row.sent_at for row in rows(desk))
    for secret in ("Swim", "OW 1", "Owner", "Fjordvik"):
        assert all(secret not in text["text"] for text in texts)


def test_the_same_notice_is_not_written_twice(desk, town, waiting):
    with desk.session("nurse") as session:
        people = [town.people["teacher"]]
        notify(session, session.get(Plan, town.plan), people, "message", 1, "m1")
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_change_that_is_rolled_back_tells_nobody(desk, town):
    with desk.session("nurse") as session:
        notify(session, session.get(Plan, town.plan), [town.people["teacher"]], "message", 1, "x")
        session.flush()
        session.rollback()
    assert rows(desk) == []


def test_a_killed_worker_loses_nothing(desk, engine, waiting, tmp_path):
    assert len(_claim(engine)) == 2  # and then the power goes
    assert deliver(engine, FileSink(tmp_path)) == 0  # another worker: the lease holds
    with CLOCK.stopped_at(utcnow() + LEASE + timedelta(seconds=1)):
        assert deliver(engine, FileSink(tmp_path)) == 2


class Down:
    def send(self, *_):
        raise ConnectionRefusedError


def test_a_sink_that_is_down_is_tried_again_later_and_given_up_at_last(desk, engine, waiting):
    now = utcnow()
    for _ in range(MOST_ATTEMPTS):
        with CLOCK.stopped_at(now):
            deliver(engine, Down())
        now += timedelta(days=1)
    assert all(row.attempts == MOST_ATTEMPTS and row.failed_at for row in rows(desk))
    assert {row.fault for row in rows(desk)} == {"ConnectionRefusedError"}


def test_who_is_out_before_it_is_sent_is_not_told(desk, engine, town, waiting, tmp_path):
    from models.consent import Grant

    with desk.system() as session:
        for grant in session.scalars(
            select(Grant).where(Grant.person_id == town.people["teacher"])
        ):
            grant.revoked_at = utcnow()
        session.get(Person, town.people["mother"]).died_on = today()
        session.commit()
    assert deliver(engine, FileSink(tmp_path / "out")) == 0
    assert all(row.failed_at and not row.sent_at for row in rows(desk))


def test_without_the_part_one_is_not_told_of_it(desk, engine, town, tmp_path):
    with desk.session("coordinator") as session:
        plan, people = session.get(Plan, town.plan), [town.people["grandmother"]]
        notify(session, plan, people, "evaluation", 1, "e1")  # she has messages and meetings
        notify(session, plan, people, "meeting", 1, "m1")
        session.commit()
    assert deliver(engine, FileSink(tmp_path / "out")) == 1
    assert {row.kind: bool(row.sent_at) for row in rows(desk)} == {
        "evaluation": False,
        "meeting": True,
    }


def test_of_a_dead_owner_nothing_is_said(desk, engine, town, waiting, tmp_path):
    with desk.system() as session:
        session.get(Person, town.people["owner"]).died_on = today()
        session.commit()
    assert deliver(engine, FileSink(tmp_path / "out")) == 0


def test_every_kind_has_words_without_a_place_for_anybody(app):
    for text in KINDS.values():
        assert "%" not in text and "{" not in text
