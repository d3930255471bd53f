"""Records of what was signed and withdrawn: complete, chained, and found when touched."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from models.consent import ConsentLine, Grant, Signature
from models.evidence import SignatureProof, SignatureRecord
from models.vocabulary import Level, Recorded, Scope
from security import seal, triggers
from security.chain import canonical
from security.policy import Forbidden
from services.evidence import Proof, digest_of
from services.evidence_check import check
from tests.providers import HIGH, MARTE
from tests.steps import prepare, run
from tests.test_eid_signing import filled_in, hidden, marte  # noqa: F401  (fixture)
from tests.test_giving_access import PASSWORD, family, signed  # noqa: F401  (fixtures)


def records(desk, plan):
    with desk.system() as session:
        wanted = select(SignatureRecord).where(SignatureRecord.plan_id == plan)
        return session.scalars(wanted.order_by(SignatureRecord.seq)).all()


def behind(desk, record):
    with desk.system() as session:
        proof = select(SignatureProof).where(SignatureProof.plan_id == record.plan_id)
        return json.loads(session.scalars(proof.where(SignatureProof.seq == record.seq)).one().said)


def wrong(desk, plan):
    with desk.system() as session:
        return next((f"{f.what}: {f.wrong}" for f in check(session, plan) if f.wrong), "")


def test_a_record_says_everything_that_was_signed(signed, desk):  # noqa: F811
    first, second = records(desk, signed.plan)
    said = json.loads(first.said)
    with desk.system() as session:
        signature = session.get(Signature, first.signature_id)
        lines = session.scalars(select(ConsentLine).where(ConsentLine.plan_id == signed.plan)).all()
        assert sha256(signature.statement.encode()).hexdigest() == said["statement"]
        assert (first.at, said["until"]) == (signature.signed_at, signature.until.isoformat())
        assert said["signer"] == first.person_id == signature.person_id
        assert len(said["lines"]) == len(lines)
    teacher = next(one for one in said["lines"] if one["name"] == "Teacher")
    assert (teacher["role"], teacher["organisation"]) == ("helper", "Solvik school")
    assert teacher["level"] in set(Level) and teacher["scope"] in set(Scope) and teacher["areas"]
    assert said["capacity"] == "parental_responsibility" and said["representation"]
    assert said["text"]["language"] == "en" and said["text"]["version"] == 1
    assert said["version"] == 1 and said["plan"] == signed.plan
    assert first.previous == "" and second.previous == first.digest


def test_answers_and_where_from_are_behind_it_and_not_in_it(signed, desk):  # noqa: F811
    first, _ = records(desk, signed.plan)
    proof = behind(desk, first)
    assert proof["answers"] and all(one["accepted"] for one in proof["answers"])
    assert proof["address"] == "127.0.0.1" and len(proof["session"]) == 64
    assert proof["user_agent"].startswith("Werkzeug") and proof["auth_time"]
    assert "accepted" not in first.said and "Werkzeug" not in first.said
    assert "Fint" not in first.said + canonical(proof)  # the child's words are nowhere in it
    assert digest_of(canonical(proof)) == json.loads(first.said)["proof"]


def test_a_long_program_name_is_cut():
    assert len(Proof(agent="x" * 1000).facts()["user_agent"]) == 300


def test_what_the_provider_said_is_kept(marte, family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    address = family.url("consent/sign")
    marte.here.sign_in(marte, MARTE, anew="yes")
    page = marte.post(address, data=filled_in(family)).text
    marte.post(address, data=dict([*hidden(page), ("sign", "yes")]) | filled_in(family, sign="yes"))
    [record] = records(desk, family.plan)
    proof = behind(desk, record)
    assert (proof["acr"], json.loads(record.said)["method"]) == (HIGH, HIGH)
    assert proof["issuer"] == marte.here.provider.issuer and proof["subject"] and proof["auth_time"]


def test_the_coordinator_reads_the_record_and_not_what_is_behind(signed, desk, town):  # noqa: F811
    with desk.session("newcomer") as session:
        assert len(session.scalars(select(SignatureRecord)).all()) == 2
        assert session.scalars(select(SignatureProof)).all() == []
    with desk.session("teacher") as session:
        assert session.scalars(select(SignatureRecord)).all() == []


def test_nobody_writes_a_record_for_somebody_else(desk, town):
    prepare("message", desk, town)
    with desk.session("mother") as session:
        old = session.scalars(select(SignatureRecord)).first()
        columns = {c.name: getattr(old, c.name) for c in SignatureRecord.__table__.c}
        forged = columns | {"seq": 2, "person_id": town.people["father"], "signature_id": None}
        session.add(SignatureRecord(**forged))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("newcomer") as session:
        mine = columns | {"seq": 2, "person_id": town.people["newcomer"], "signature_id": None}
        session.add(SignatureRecord(**mine))
        with pytest.raises(Forbidden):
            session.flush()


def test_withdrawals_are_in_the_same_chain(desk, town):
    prepare("message", desk, town)
    run("withdraw a person", desk, town)
    run("withdraw", desk, town)
    plan = town_plan(desk, town)
    done = records(desk, plan)
    assert [one.what for one in done] == [
        Recorded.SIGNED, Recorded.PERSON_OUT, Recorded.CONSENT_WITHDRAWN,
    ]  # fmt: skip
    person, whole = (json.loads(one.said) for one in done[1:])
    assert {one["person"] for one in person["ended"]} == {town.people["teacher"]}
    assert {one["person"] for one in whole["ended"]} == {town.people["newcomer"]}
    assert [one["version"] for one in whole["consents"]] == [1]
    assert wrong(desk, plan) == ""


def town_plan(desk, town):
    with desk.system() as session:
        return session.scalars(select(SignatureRecord.plan_id)).first()


def test_all_holds_after_signing_and_the_command_says_so(signed, desk, app):  # noqa: F811
    said = app.test_cli_runner().invoke(args=["consent", "verify", str(signed.plan)])
    assert said.exit_code == 0 and "record 2: signed" in said.output and "all hold" in said.output
    assert "Teacher" not in said.output and "Marte" not in said.output
    before = app.test_cli_runner().invoke(args=["consent", "verify", str(desk.town.plan)])
    assert before.exit_code == 0 and "before records were kept" in before.output


TAMPER = {  # what is done with the triggers off -> where verify stops
    "record": ("UPDATE signature_record SET person_id = 1 WHERE seq = 1", "record 1"),
    "said": ("UPDATE signature_record SET said = replace(said, 'Teacher', 'X') WHERE seq = 2",
             "record 2"),
    "first removed": ("DELETE FROM signature_proof WHERE seq = 1;"
                      "DELETE FROM signature_record WHERE seq = 1", "record 2"),
    "last removed": ("DELETE FROM signature_proof WHERE seq = 2;"
                     "DELETE FROM signature_record WHERE seq = 2", "its record is gone"),
    "proof": ("UPDATE signature_proof SET said = replace(said, 'true', 'false') WHERE seq = 1",
              "record 1"),
    "proof gone": ("DELETE FROM signature_proof WHERE seq = 2", "record 2"),
    "text": ("UPDATE signature SET statement = statement || ' '", "the text"),
    "digest": ("UPDATE signature SET digest = 'x' WHERE statement <> ''", "something else"),
    "until": ("UPDATE signature SET until = '2090-01-01' WHERE statement <> ''", "something else"),
    "who": ("UPDATE signature SET capacity = 'owner' WHERE statement <> ''", "something else"),
    "answer": ("UPDATE signature_answer SET accepted = NOT accepted", "the answers"),
    "answer gone": ("DELETE FROM signature_answer", "the answers"),
    "child": ("UPDATE hearing SET opinion = 'other'", "the child"),
    "child gone": ("DELETE FROM hearing", "the child"),
    "line": ("UPDATE consent_line SET level = 'write' WHERE level <> 'write'", "the lines"),
    "version": ("UPDATE consent SET version = 9 WHERE version = 1", "not the one"),
    "level": ("UPDATE access_grant SET level = 'write' WHERE level = 'read'", "wider"),
    "longer": ("UPDATE access_grant SET ends_at = '2090-01-01 00:00:00+00:00'", "wider"),
    "consent longer": ("UPDATE consent SET until = '2090-01-01 00:00:00+00:00'", "longer"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPER)
def test_what_is_touched_with_the_triggers_off_is_found(signed, desk, engine, how, app):  # noqa: F811
    attack, where = TAMPER[how]
    assert wrong(desk, signed.plan) == ""
    with engine.begin() as connection:
        triggers.remove(connection)
        for one in attack.split(";"):
            assert connection.execute(text(one)).rowcount
    said = app.test_cli_runner().invoke(args=["consent", "verify", str(signed.plan)])
    assert said.exit_code == 1 and where in said.output.splitlines()[-1], said.output


def test_all_holds_after_a_new_consent_has_taken_over(desk, town):
    prepare("goal", desk, town)
    run("withdraw a person", desk, town)
    plan = town_plan(desk, town)
    assert [one.what for one in records(desk, plan)] == ["signed", "signed", "person_out"]
    assert wrong(desk, plan) == ""


def test_an_access_of_somebody_nobody_said_yes_to_is_found(signed, desk, engine, town):  # noqa: F811
    with engine.begin() as connection:
        triggers.remove(connection)
        mine = Grant.__table__.c.plan_id == signed.plan
        calendar = mine & (Grant.__table__.c.scope == Scope.CALENDAR)
        assert connection.execute(
            update(Grant.__table__).where(calendar).values(scope=Scope.BACKGROUND)
        ).rowcount
    assert "wider" in wrong(desk, signed.plan)


def test_an_access_that_was_ended_and_is_there_again_is_found(desk, engine, town):
    prepare("message", desk, town)
    run("withdraw a person", desk, town)
    plan = town_plan(desk, town)
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(update(Grant.__table__).values(revoked_at=None))
    assert "there again" in wrong(desk, plan)


def test_the_seal_finds_a_chain_whose_tail_is_gone(desk, engine, town, tmp_path):
    prepare("message", desk, town)
    run("withdraw a person", desk, town)
    with engine.begin() as connection:
        seal.seal(connection, b"k" * 32, tmp_path / "seals")
        assert seal.verify(connection, b"k" * 32, tmp_path / "seals") == []
        triggers.remove(connection)
        connection.execute(text("DELETE FROM signature_record WHERE seq = 2"))
        found = seal.verify(connection, b"k" * 32, tmp_path / "seals")
    assert [one.chain.partition(":")[0] for one in found] == ["consents of plan"]


def test_a_signature_that_is_not_stored_leaves_no_record(family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    assert family.sign("jonas", password="wrong").status_code == 422
    assert records(desk, family.plan) == []


def test_no_record_is_changed_or_removed(signed, engine):  # noqa: F811
    for attack in ("UPDATE signature_record SET said = said", "DELETE FROM signature_proof"):
        with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(attack))
