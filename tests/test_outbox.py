"""What must arrive arrives once, and only to those it is still for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.file_sink import FileSink
from integrations.letter import Refused, Unreachable
from integrations.mail import TIMEOUT
from jobs.outbox import LEASE, LONGEST_WAIT, MOST_ATTEMPTS, _claim, deliver
from jobs.planning import plan as plan_notices
from models.account import Account, Membership
from models.clock import CLOCK, months_later, today, utcnow
from models.consent import Grant
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.plan import Plan
from models.vocabulary import Channel, Fault
from services.notice_kinds import KINDS
from services.notices import notify


@pytest.fixture
def waiting(desk, town, reach):
    reach("teacher", email="ane@skule.example")
    reach("mother", phone="+4790000001")
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        people = [town.people["teacher"], town.people["mother"]]
        notify(session, plan, people, "meeting", 1, "m1")
        session.commit()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def files(folder):
    return dict.fromkeys(Channel, FileSink(folder))


def rows(desk):
    with desk.system() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def letters(folder):
    return [json.loads(one.read_text()) for one in sorted(folder.glob("*.json"))]


def test_a_notice_leaves_once_and_says_nothing_but_its_kind(desk, engine, waiting, files, folder):
    assert deliver(engine, files) == 2 and deliver(engine, files) == 0
    left = letters(folder)
    assert len(left) == 2 and all(row.sent_at and row.fault is None for row in rows(desk))
    for secret in ("Swim", "OW 1", "Owner", "Fjordvik"):
        assert all(secret not in one["text"] for one in left)


def test_who_has_no_mail_gets_an_sms_and_who_has_neither_is_known(
    desk, engine, town, waiting, reach, files, folder
):
    reach("grandmother")
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        notify(session, plan, [town.people["grandmother"]], "message", 1, "m2")
        session.commit()
    assert deliver(engine, files) == 2
    to = {one["channel"]: one["to"] for one in letters(folder)}
    assert to == {"mail": "ane@skule.example", "sms": "+4790000001"}
    lost = [row for row in rows(desk) if row.person_id == town.people["grandmother"]]
    assert [(row.fault, bool(row.failed_at)) for row in lost] == [(Fault.NO_ADDRESS, True)]


def test_a_small_child_without_an_address_is_told_by_those_who_act_for_it(
    desk, engine, town, reach, files
):
    reach("owner")
    for years, deliveries in ((15, 0), (16, 1)):
        with desk.system() as session:
            born = months_later(today(), -12 * years)
            session.get(Person, town.people["owner"]).birth_date = born
            session.commit()
        with desk.session("nurse") as session:
            plan = session.get(Plan, town.plan)
            notify(session, plan, [town.people["owner"]], "message", 1, f"at {years}")
            session.commit()
        assert plan_notices(engine, files) == 1 and len(rows(desk)) == deliveries


def test_only_channels_of_this_installation_are_used(desk, engine, town, waiting, files, folder):
    del files[Channel.SMS]
    assert deliver(engine, files) == 1
    faults = {row.person_id: row.fault for row in rows(desk)}
    assert faults == {town.people["teacher"]: None, town.people["mother"]: Fault.NO_ADDRESS}


def test_it_goes_to_the_address_of_the_day_it_is_sent(desk, engine, waiting, reach, files, folder):
    plan_notices(engine, files)
    reach("teacher", email="new@skule.example")
    reach("mother")
    assert deliver(engine, files) == 1
    assert [one["to"] for one in letters(folder)] == ["new@skule.example"]
    assert {row.fault for row in rows(desk)} == {None, Fault.NO_ADDRESS}


def test_the_same_notice_is_not_written_twice(desk, town, waiting):
    with desk.session("nurse") as session:
        people = [town.people["teacher"]]
        notify(session, session.get(Plan, town.plan), people, "meeting", 1, "m1")
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_notice_is_planned_once(desk, engine, waiting):
    assert plan_notices(engine, Channel) == 2 and plan_notices(engine, Channel) == 0
    assert len(rows(desk)) == 2
    with desk.system() as session:
        assert all(one.planned_at for one in session.scalars(select(OutboxMessage)))


def test_a_change_that_is_rolled_back_tells_nobody(desk, town):
    with desk.session("nurse") as session:
        notify(session, session.get(Plan, town.plan), [town.people["teacher"]], "message", 1, "x")
        session.flush()
        session.rollback()
    with desk.system() as session:
        assert session.scalars(select(OutboxMessage)).all() == []


def test_a_killed_worker_loses_nothing(desk, engine, waiting, files):
    plan_notices(engine, files)
    assert len(_claim(engine)) == 2  # and then the power goes
    assert deliver(engine, files) == 0  # another worker: the lease holds
    with CLOCK.stopped_at(utcnow() + LEASE + timedelta(seconds=1)):
        assert deliver(engine, files) == 2


KILLED = """
import os, signal, sys
from sqlalchemy import create_engine
from integrations.file_sink import FileSink
from jobs.outbox import deliver
from models.database import prepare
from models.vocabulary import Channel
import tests.conftest  # the keys of the tests

class Dies(FileSink):
    def send(self, letter):
        super().send(letter)
        os.kill(os.getpid(), signal.SIGKILL)  # taken by the other side, and not yet noted

engine = create_engine(sys.argv[1])
prepare(engine)
deliver(engine, dict.fromkeys(Channel, Dies(__import__("pathlib").Path(sys.argv[2]))))
"""


def test_killed_between_sending_and_noting_sends_again_as_the_same(
    desk, engine, url, waiting, files, folder
):
    """The one case of a letter sent twice: both carry one Message-ID."""
    died = subprocess.run([sys.executable, "-c", KILLED, url, str(folder)], check=False)
    assert died.returncode == -signal.SIGKILL and len(letters(folder)) == 1
    again = {one["id"] for one in letters(folder)}
    with CLOCK.stopped_at(utcnow() + LEASE + timedelta(seconds=1)):
        assert deliver(engine, files) == 2
    assert len(letters(folder)) == 2 and again < {row.uid for row in rows(desk)}


class Wrong:
    def __init__(self, fault):
        self.fault = fault

    def send(self, _letter):
        raise self.fault


def test_a_server_that_is_down_a_whole_day_loses_nothing(desk, engine, waiting, files):
    now, end = utcnow(), utcnow() + timedelta(hours=24)
    while now < end:
        with CLOCK.stopped_at(now):
            assert deliver(engine, dict.fromkeys(Channel, Wrong(Unreachable()))) == 0
        now += timedelta(minutes=5)
    assert all(row.failed_at is None for row in rows(desk))
    assert {row.fault for row in rows(desk)} == {Fault.UNREACHABLE}
    with CLOCK.stopped_at(end + LONGEST_WAIT):
        assert deliver(engine, files) == 2


class Hangs:
    """A server that says nothing until we give up, while another worker looks for work."""

    def __init__(self, engine):
        self.engine, self.tried, self.taken = engine, 0, 0

    def send(self, _letter):
        self.tried += 1
        CLOCK._stopped += timedelta(seconds=TIMEOUT)
        self.taken += len(_claim(self.engine))
        raise Unreachable


def test_waiting_in_line_for_a_server_that_hangs_is_no_try(desk, engine, town, reach, monkeypatch):
    """It would be given up after an hour, not after a day."""
    monkeypatch.setattr("jobs.outbox.FIRST_WAIT", timedelta(days=1))
    reach("teacher", email="ane@skule.example")
    with desk.session("nurse") as session:
        plan = session.get(Plan, town.plan)
        for n in range(30):
            notify(session, plan, [town.people["teacher"]], "meeting", n, f"m{n}")
        session.commit()
    hangs = Hangs(engine)
    with CLOCK.stopped_at(utcnow()):
        deliver(engine, dict.fromkeys(Channel, hangs))
    assert hangs.tried and hangs.taken
    assert sum(row.attempts for row in rows(desk)) == hangs.tried + hangs.taken


def test_what_is_never_taken_is_given_up_at_last(desk, engine, waiting):
    now = utcnow()
    for _ in range(MOST_ATTEMPTS):
        with CLOCK.stopped_at(now):
            deliver(engine, dict.fromkeys(Channel, Wrong(Unreachable())))
        now += timedelta(days=1)
    assert all(row.attempts == MOST_ATTEMPTS and row.failed_at for row in rows(desk))


def test_what_is_refused_is_not_tried_again_and_stops_no_other(
    desk, engine, town, waiting, files, folder
):
    one_bad = files | {Channel.MAIL: Wrong(Refused())}
    assert deliver(engine, one_bad) == 1 and deliver(engine, files) == 0
    faults = {row.person_id: row.fault for row in rows(desk)}
    assert faults == {town.people["teacher"]: Fault.REFUSED, town.people["mother"]: None}


def test_a_letter_that_kills_every_worker_is_given_up(desk, engine, waiting, files):
    plan_notices(engine, files)
    now = utcnow()
    for _ in range(MOST_ATTEMPTS):
        with CLOCK.stopped_at(now):
            assert len(_claim(engine)) == 2  # and dies
        now += LEASE + timedelta(seconds=1)
    with CLOCK.stopped_at(now):
        assert deliver(engine, files) == 0
    assert all(row.failed_at for row in rows(desk))


def test_a_clock_that_is_put_back_only_waits(desk, engine, waiting, files):
    with CLOCK.stopped_at(utcnow() - timedelta(hours=3)):
        assert deliver(engine, files) == 0
    assert deliver(engine, files) == 2


def test_who_is_out_before_it_is_sent_is_not_told(desk, engine, town, waiting, files):
    with desk.system() as session:
        for grant in session.scalars(
            select(Grant).where(Grant.person_id == town.people["teacher"])
        ):
            grant.revoked_at = utcnow()
        session.get(Person, town.people["mother"]).died_on = today()
        session.commit()
    assert deliver(engine, files) == 0
    assert {row.fault for row in rows(desk)} == {Fault.NOT_FOR_THEM}


@pytest.mark.parametrize("what", [Account, Membership])
def test_who_is_deactivated_is_not_told(desk, engine, town, waiting, files, what):
    with desk.system() as session:
        keys = town.accounts if what is Account else town.memberships
        session.get(what, keys["teacher"]).active = False
        session.commit()
    assert deliver(engine, files) == 1
    assert {row.fault for row in rows(desk)} == {None, Fault.NOT_FOR_THEM}


def test_without_the_part_one_is_not_told_of_it(desk, engine, town, reach, files):
    reach("grandmother", phone="+4790000002")
    with desk.session("coordinator") as session:
        plan, people = session.get(Plan, town.plan), [town.people["grandmother"]]
        notify(session, plan, people, "evaluation", 1, "e1")  # she has messages and meetings
        notify(session, plan, people, "meeting", 1, "m1")
        session.commit()
    assert deliver(engine, files) == 1
    sent = {row.kind: bool(row.sent_at) for row in rows(desk)}
    assert sent == {"evaluation": False, "meeting": True}


def test_of_a_dead_owner_nothing_is_said(desk, engine, town, waiting, files):
    with desk.system() as session:
        session.get(Person, town.people["owner"]).died_on = today()
        session.commit()
    assert deliver(engine, files) == 0


def test_every_kind_has_words_without_a_place_for_anybody(app):
    for kind in KINDS.values():
        assert "%" not in kind.text and "{" not in kind.text.replace("{deadline}", "")
