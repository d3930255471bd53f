"""What the database itself promises: time, words, triggers, chain."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import Enum, create_engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

import models.everything  # noqa: F401
from models.account import LinkedIdentity, LoginSession
from models.assessment import Assessment
from models.audit import AccessEvent
from models.base import Bound, Model
from models.begun_import import BegunImport
from models.clock import today, utcnow
from models.competence import CompetenceDecision
from models.complaint import Complaint
from models.consent import Consent, Grant, Hearing, Pause, Signature, SignatureAnswer
from models.coordinator import CoordinatorProfile
from models.decision import FormerDecision
from models.delay import Delay
from models.draft import Draft
from models.elements.goal import Goal
from models.evidence import SignatureProof
from models.meeting_time import MeetingTime, TimeAnswer
from models.merging import PersonMerge
from models.municipality import Department, HelpText, MessageTemplate, NoticeText, PlanTypeName
from models.nomination import Nomination
from models.notice_choice import NoticeChoice
from models.outbox import Delivery, OutboxMessage
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.own_plan import OwnPlan
from models.paper import PaperConsent, ScanKind
from models.people import Person
from models.plan_visit import PlanVisit
from models.receipt import Receipt, ReceiptCopy
from models.request import RequestName
from models.request_draft import RequestDraft
from models.rights import RightsRequest
from models.second_factor import Authenticator, RecoveryCode, SignInCode
from models.signing_exception import SigningException
from models.vocabulary import (
    Channel,
    ConsentStatus,
    ExceptionReason,
    Exchange,
    Level,
    PlanType,
    Recorded,
    Scope,
    Topic,
)
from security import audit, triggers
from security.session import SystemSession
from services.evidence import record_withdrawal
from tests.factories import start_code

NOON = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_time_is_utc_whatever_zone_the_server_lives_in(url, engine, town):
    with SystemSession(engine, because="time") as session:
        goal = session.get(Goal, town.rows["goal"])
        goal.removed_at = NOON
        session.commit()
    bare = create_engine(url)  # no SET TIME ZONE: the server answers in Asia/Tokyo
    with Session(bare) as session:
        stored = session.get(Goal, town.rows["goal"]).removed_at
        assert stored == NOON and stored.tzinfo is UTC and stored.hour == 12
        later = select(Goal.id).where(Goal.removed_at > NOON - timedelta(minutes=1))
        assert session.scalars(later.where(Goal.removed_at < NOON + timedelta(minutes=1))).one()
    bare.dispose()


def test_no_statement_of_ours_is_compiled_by_postgresql(engine):
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW jit")) == "off"


def test_a_naive_time_is_refused(engine, town):
    with SystemSession(engine, because="time") as session:
        session.get(Goal, town.rows["goal"]).removed_at = datetime(2026, 1, 1)
        with pytest.raises(StatementError, match="naive"):
            session.flush()


def test_enums_are_stored_as_values_in_plain_text(engine, town):
    with engine.connect() as connection:
        stored = set(connection.scalars(text("select scope from access_grant")))
        assert {"goals", "messages"} < stored
    enums = [c.type for c in Grant.__table__.c if isinstance(c.type, Enum)]
    assert enums and not any(e.native_enum for e in enums)


def test_every_key_into_a_plan_is_composite():
    for table in Model.metadata.tables.values():
        for key in table.foreign_key_constraints:
            target = key.referred_table
            inside = "plan_id" in target.c and "plan_id" in table.c
            if inside and target.name not in ("plan", "outbox_message"):  # a digest is of no plan
                assert "plan_id" in key.column_keys, key


def test_the_triggers_are_the_ones_we_want(engine):
    with engine.connect() as connection:
        assert set(triggers.live(connection)) == set(triggers.wanted(connection.dialect.name))


def _attacks(dialect):
    """Statements that must fail, for every append-only table and a few rows that must stay."""
    for table in triggers.APPEND_ONLY:
        column = Model.metadata.tables[table].c.keys()[-1]
        yield f"UPDATE {table} SET {column} = {column}"
        yield f"DELETE FROM {table}"
        key = ", ".join(c.name for c in Model.metadata.tables[table].primary_key)
        yield (
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true "
            f"ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
        )
        if dialect == "sqlite":
            yield f"REPLACE INTO {table} SELECT * FROM {table}"
            yield f"UPDATE OR REPLACE {table} SET {column} = {column}"
        else:
            yield f"TRUNCATE {table} CASCADE"
            first = key.split(", ")[0]
            merge = f"MERGE INTO {table} t USING {table} s ON t.{first} = s.{first}"
            yield f"{merge} WHEN MATCHED THEN DELETE"
    yield "UPDATE goal SET plan_id = 2 WHERE plan_id = 1"
    yield "UPDATE plan SET type = 'simple_collaboration' WHERE type = 'individual_plan'"
    yield "UPDATE plan SET type = 'meeting_log' WHERE type = 'simple_collaboration'"
    for cls in (m.class_ for m in Model.registry.mappers if issubclass(m.class_, Bound)):
        for column in cls.immutable & triggers.BELONGING & set(cls.__table__.c.keys()):
            other = f"{column} || 'x'" if column == "uid" else f"{column} + 1000"
            yield f"UPDATE {cls.__tablename__} SET {column} = {other}"
    yield "UPDATE consent SET status = 'sent' WHERE status = 'superseded'"
    for kept in triggers.KEPT:
        yield f"DELETE FROM {kept}"
    yield "DELETE FROM access_grant"
    yield "UPDATE person SET merged_into_id = NULL WHERE merged_into_id IS NOT NULL"
    yield "UPDATE access_grant SET level = 'write' WHERE level = 'read'"
    yield "UPDATE access_grant SET revoked_at = NULL WHERE revoked_at IS NOT NULL"
    for change in ("scan_digest = 'y'", "until = '2090-01-01'", "confirmed = true"):
        yield f"UPDATE paper_consent SET {change}"
    for change in ("body = 'other'", "circle = 'chosen', version = 9", "thread = 'x'"):
        yield f"UPDATE message SET {change} WHERE circle <> 'chosen'"
    yield "UPDATE attachment SET digest = 'other'"
    yield "DELETE FROM goal"
    for change in ("version = 9", "words = '{}'", "published_at = NULL", "published_by_id = 1"):
        yield f"UPDATE user_agreement SET {change} WHERE published_at IS NOT NULL"
    for change in ("version = 9", "body = 'x'", "details = 'x'", "approved_at = NULL"):
        yield f"UPDATE consent_text SET {change} WHERE approved_at IS NOT NULL"


@pytest.fixture
def full(town, desk):
    """Something in every table that belongs to somebody, and in the log."""
    with desk.session("mother") as session:
        signed = session.scalars(
            select(Signature).where(Signature.person_id == town.people["mother"])
        ).one()
        mine = {"plan_id": town.plan, "signature_id": signed.id}
        session.add(Hearing(**mine, how="talked", heard_on=today(), opinion="Yes"))
        said = {"accepted": True, "level": Level.READ, "life_areas": frozenset(), "older": False}
        session.add(SignatureAnswer(**mine, **said, line_id=town.rows["line"]))
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        record_withdrawal(session, town.plan, Recorded.PERSON_OUT, [])
        session.add(SignatureProof(plan_id=town.plan, seq=1, said="{}"))
        session.commit()
        session.add(
            Draft(
                plan_id=town.plan, person_id=town.people["mother"], scope=Scope.GOALS,
                address="/plan/1/goal/add", fields="[]",
            )
        )  # fmt: skip
        session.commit()
    at = {"municipality_id": town.municipality_id}
    with desk.session("office") as session:
        session.add(Department(**at, name="x"))
        session.add(HelpText(**at, page="x", nn="x", nb="x", en="x"))
        session.add(NoticeText(**at, kind="x", nn="x", nb="x", en="x"))
        session.add(MessageTemplate(**at, nn="x", nb="x", en="x"))
        session.commit()
    account, soon = {"account_id": town.accounts["nurse"]}, {"expires_at": utcnow()}
    with desk.system() as session:
        kind = PlanType.INDIVIDUAL_PLAN
        session.add(PlanTypeName(**at, plan_type=kind, nn="IP", nb="IP", en="IP"))
        session.add(LinkedIdentity(**account, issuer="x", subject="x"))
        session.add(LoginSession(**account, **soon, token_hash="x", data={}))
        session.add(SignInCode(**account, **soon))
        session.add(Authenticator(**account, secret="x"))
        session.add(RecoveryCode(**account, code_index="x"))
        office = town.people["office"]
        session.add(start_code(town, "nurse", "office", "x"))
        file = {"plan_id": town.plan, "content": "x", "digest": "x"}
        first = session.scalars(select(Signature)).first()
        session.add(Receipt(**file, signature_id=first.id))
        session.add(ReceiptCopy(**file, consent_id=first.consent_id))
        old = {"plan_id": town.plan, "plan_type": kind, "version": 9}
        asked = {"plan_id": town.plan, "consent_id": first.consent_id}
        both = {"ways": frozenset({Exchange.SHARE, Exchange.FETCH})}
        session.add(gp := OutsideLine(**asked, **both, first_uid="x", name="Doctor", about="x"))
        session.flush()
        of_it = {"line_id": gp.id, **both}
        session.add(OutsideAnswer(plan_id=town.plan, signature_id=first.id, **of_it))
        session.add(OutsideGrant(**asked, **of_it, starts_at=utcnow(), ends_at=soon["expires_at"]))
        ended = ConsentStatus.SUPERSEDED
        shut = {"plan_id": town.plan, "person_id": town.people["teacher"]}
        session.add(Pause(**shut, paused_by_id=town.people["mother"]))
        session.add(Consent(**old, status=ended, prepared_by_id=town.people["coordinator"]))
        told = {**at, "person_id": office, "kind": "message"}
        session.add(notice := OutboxMessage(**told, dedup_key="x"))
        session.flush()
        how = {"topic": Topic.MESSAGE, "channels": frozenset(), "daily": True}
        nurse = {"membership_id": town.memberships["nurse"]}
        session.add(NoticeChoice(**account, **how, **nurse))
        session.add(PlanVisit(**account, plan_id=town.plan, seen_at=utcnow()))
        session.add(OwnPlan(**account, plan_id=town.plan, nickname="x"))
        session.add(RightsRequest(**at, **nurse, asked_by_id=office))
        session.add(double := Person(**at, name="Nurse", merged_into_id=town.people["nurse"]))
        session.flush()
        pair = {"double_id": double.id, "kept_id": town.people["nurse"]}
        cared = {**at, "person_id": town.people["owner"], "asked_by_id": office}
        both = {"representative_id": town.people["father"], "until": utcnow().date()}
        session.add(
            SigningException(**cared, **both, reason=ExceptionReason.OTHER, explanation="x")
        )
        days = {"decided_on": utcnow().date(), "starts_on": utcnow().date()}
        session.add(CompetenceDecision(**cared, **days, decided_by="x", document="x"))
        session.add(PersonMerge(**at, **pair, asked_by_id=office))
        today_ = {"signed_on": utcnow().date(), "until": utcnow().date()}
        on_paper = {"original": "x", "scan": "x", "scan_digest": "x", "said": "{}"}
        session.add(
            PaperConsent(
                **at, **today_, **on_paper, plan_id=town.plan, consent_id=first.consent_id,
                person_id=town.people["mother"], language="en", scan_kind=ScanKind.PDF,
                asked_by_id=office, confirmed=False, answered_by_id=town.people["leader"],
            )
        )  # fmt: skip
        of_it = {"plan_id": town.plan, "meeting_id": town.rows["meeting"], "author_id": office}
        session.add(time := MeetingTime(**of_it, starts_at=utcnow(), ends_at=utcnow()))
        session.flush()
        session.add(TimeAnswer(**of_it, time_id=time.id, person_id=town.people["mother"]))
        asked = {"request_id": town.rows["request"]}
        day = {"told_on": date(2025, 3, 20), "answer_by": date(2025, 5, 2), "reason": "x"}
        session.add(Delay(**at, **asked, **day, told_by_id=office))
        session.add(RequestName(**at, **asked, word="0" * 64))
        session.add(Assessment(**at, **asked, written_by_id=office))
        was = {
            "outcome": "refused",
            "decided_on": date(2025, 3, 9),
            "changed_on": date(2025, 3, 20),
        }
        session.add(FormerDecision(**at, **asked, **was, changed_by_id=office))
        day = {"received_on": date(2025, 5, 9), "reconsider_by": date(2025, 5, 23)}
        whose = {"department_id": town.rows["department"], "person_id": town.people["stranger"]}
        until = {"asked_by_id": office, "name_by": date(2025, 4, 9)}
        session.add(CoordinatorProfile(**at, person_id=office, languages=("ar",)))
        session.add(Nomination(**at, **asked, **whose, **until))
        session.add(Complaint(**at, **asked, **day, written_by_id=office))
        session.add(BegunImport(**at, **account, register="person", content="x"))
        session.add(RequestDraft(**at, said="{}", expires_at=utcnow()))
        session.add(Delivery(**told, message_id=notice.id, channel=Channel.MAIL))
        session.commit()


def test_no_attack_changes_what_must_stay(engine, full):
    met_nobody = []
    for attack in _attacks(engine.dialect.name):
        with engine.connect() as connection:
            try:
                if connection.execute(text(attack)).rowcount == 0:
                    met_nobody.append(attack)
                    continue
            except DBAPIError as refused:
                words = ("append-only", "do not move", "never", "ended", "finished")
                assert any(word in str(refused) for word in words), (attack, refused)
                continue
        pytest.fail(f"nothing refused {attack}")
    assert met_nobody == []


def test_a_second_open_individual_plan_is_refused_by_the_database(engine, town):
    copied = (
        "INSERT INTO plan (uid, municipality_id, person_id, short_name, type, status, "
        "owner_decides_from, guardian_until, opened_at) SELECT 'x', municipality_id, person_id, "
        "'X 9', type, status, owner_decides_from, guardian_until, opened_at FROM plan WHERE id = 1"
    )
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(copied))


TAMPER = {  # how -> the statements, and the event where verify stops
    "altered": (("UPDATE access_event SET name = 'nobody' WHERE seq = 2",), 2),
    "removed": (("DELETE FROM access_event WHERE seq = 2",), 3),
    "the first removed": (("DELETE FROM access_event WHERE seq = 1",), 2),
    "moved": (("UPDATE access_event SET seq = seq + 1 WHERE seq = 3",), 4),
    "inserted in between": (
        ("UPDATE access_event SET seq = 4 WHERE seq = 3", "{copy 2 AS 3}"),
        3,
    ),
    "inserted at the end": (("{copy 3 AS 4}",), 4),
}


def _copy(of, seq):
    names = [c.name for c in AccessEvent.__table__.c]
    chosen = ", ".join(str(seq) if name == "seq" else name for name in names)
    return (
        f"INSERT INTO access_event ({', '.join(names)}) "
        f"SELECT {chosen} FROM access_event WHERE seq = {of}"
    )


@pytest.mark.parametrize("how", TAMPER)
def test_verify_finds_what_was_done_with_the_triggers_off(engine, town, desk, how):
    for title in ("a", "b", "c"):
        with desk.session("nurse") as session:
            session.get(Goal, town.rows["goal"]).goal = title
            session.commit()
    attacks, where = TAMPER[how]
    with engine.begin() as connection:
        triggers.remove(connection)
        for attack in attacks:
            copied = re.fullmatch(r"\{copy (\d) AS (\d)\}", attack)
            connection.execute(text(_copy(*copied.groups()) if copied else attack))
    with SystemSession(engine, because="verify") as session:
        assert audit.verify(session, town.rows["plan"]) == where


def test_verify_finds_what_was_done_to_the_registers_log(engine, town, desk):
    for name in ("a", "b", "c"):
        with desk.session("office") as session:
            session.add(Department(municipality_id=town.municipality_id, name=name))
            session.commit()
    with SystemSession(engine, because="verify") as session:
        assert audit.verify_registers(session, town.municipality_id) is None
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(text("UPDATE register_event SET kind = 'person' WHERE seq = 2"))
    with SystemSession(engine, because="verify") as session:
        assert audit.verify_registers(session, town.municipality_id) == 2
