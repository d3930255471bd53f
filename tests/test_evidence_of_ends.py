"""What ends an access leaves a record: going by oneself, the end of an appointment, the day another
decides, and two entries that are one. What ends no access leaves none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from jobs.birthdays import tell
from models.clock import months_later, today, utcnow
from models.consent import Grant
from models.evidence import SignatureRecord
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Plan
from models.vocabulary import Recorded
from security.chain import next_record
from security.policy import Forbidden
from services.ending import tell_of_the_end
from tests.test_evidence import records, wrong
from tests.test_giving_access import family, signed  # noqa: F401  (fixtures)
from tests.test_merging import merge

MARTE, JONAS = "marte@example.no", "jonas"


def leave(signed, desk, town):  # noqa: F811
    assert signed.browser("teacher").post(signed.url("leave/")).status_code == 303
    return "Teacher", {town.people["teacher"]}


def lose_the_appointment(signed, desk, town):  # noqa: F811
    signed.propose("Newcomer", "newcomer", "coordinator")
    signed.send()
    for login in (MARTE, JONAS):
        assert signed.sign(login).status_code == 303
    leads = CoordinatorAppointment.coordinator_id == town.people["newcomer"]
    with desk.system() as session:
        for one in session.scalars(select(CoordinatorAppointment).where(leads)):
            one.starts_on = one.ends_on = today() - timedelta(days=1)
        session.commit()
    tell_of_the_end(desk.engine)
    return "Newcomer", {town.people["newcomer"]}


def be_older_than_was_known(signed, desk, town):  # noqa: F811
    everybody = {key.person_id for key in signed.grants()}
    with desk.system() as session:
        session.get_one(Person, signed.child).birth_date = months_later(today(), -12 * 17)
        session.commit()
    assert tell(desk.engine)
    return "Eli Vik", everybody


def be_one(signed, desk, town):  # noqa: F811
    merge(desk, town, "teacher", "nurse")
    return "Admin", {town.people["teacher"]}


ENDS = {
    Recorded.LEFT: (leave, "Teacher left the plan."),
    Recorded.APPOINTMENT_ENDED: (
        lose_the_appointment, "Newcomer is no longer the coordinator, so the access ended.",
    ),
    Recorded.OWNER_DECIDES: (
        be_older_than_was_known, "Eli Vik decides now. What others had signed ended.",
    ),
    Recorded.MERGED: (be_one, "Admin in the municipality closed an entry of Teacher"),
}  # fmt: skip


@pytest.mark.parametrize("what", ENDS)
def test_it_stands_in_the_chain_with_every_key_it_ended(signed, app, desk, town, what):  # noqa: F811
    end, words = ENDS[what]
    name, out = end(signed, desk, town)
    for job in (tell_of_the_end, tell):  # and never twice
        job(desk.engine)
    *before, last = records(desk, signed.plan)
    assert (last.what, last.previous) == (what, before[-1].digest)
    assert what not in {one.what for one in before}
    said = json.loads(last.said)
    with desk.system() as session:
        assert session.get_one(Person, last.person_id).name == name
        newest = select(func.max(Grant.consent_id)).where(Grant.plan_id == signed.plan)
        ended = select(Grant.id).where(
            Grant.plan_id == signed.plan,
            Grant.consent_id == newest.scalar_subquery(),
            Grant.revoked_at.is_not(None),
            Grant.person_id.in_(out),
        )
        assert {one["grant"] for one in said["ended"]} == set(session.scalars(ended)) != set()
    assert {one["person"] for one in said["ended"]} == out
    assert wrong(desk, signed.plan) == ""
    verified = app.test_cli_runner().invoke(args=["consent", "verify", str(signed.plan)])
    assert (verified.exit_code, f"record {last.seq}: {what}" in verified.output) == (0, True)
    page = signed.guardian(MARTE).get(signed.url("consent/history/")).text
    assert words in page


def test_a_key_that_comes_again_is_found(signed, desk, town):  # noqa: F811
    from security import triggers

    leave(signed, desk, town)
    key = json.loads(records(desk, signed.plan)[-1].said)["ended"][0]["grant"]
    with desk.engine.begin() as connection:
        triggers.remove(connection)
        connection.exec_driver_sql(f"UPDATE access_grant SET revoked_at = NULL WHERE id = {key}")
    assert f"access {key} was ended, and is there again" in wrong(desk, signed.plan)


FORGED = {  # who -> (what, in whose name)
    "teacher": (Recorded.PERSON_OUT, "teacher"),
    "grandmother": (Recorded.LEFT, "grandmother"),
    "newcomer": (Recorded.APPOINTMENT_ENDED, "newcomer"),
    "office": (Recorded.MERGED, "office"),
    "nurse": (Recorded.LEFT, "teacher"),
}


@pytest.mark.parametrize("who", FORGED)
def test_nobody_writes_a_record_of_what_is_not_theirs_to_say(signed, desk, town, who):  # noqa: F811
    """The grandmother of the town has no key in this plan."""
    what, name = FORGED[who]
    with desk.system() as system:
        said = {"plan": signed.plan, "ended": [], "consents": []}
        row = next_record(system, signed.plan, what, said, town.people[name], utcnow())
    before = len(records(desk, signed.plan))
    with desk.session(who) as session:
        session.add(row)
        with pytest.raises(Forbidden):
            session.flush()
    assert len(records(desk, signed.plan)) == before


def test_who_leaves_reads_nothing_of_the_chain(signed, desk):  # noqa: F811
    with desk.session("teacher") as session:
        assert session.scalars(select(SignatureRecord)).all() == []


def die(session, signed):  # noqa: F811
    session.get_one(Person, signed.child).died_on = today()


def act_no_longer(session, signed):  # noqa: F811
    mine = select(Representation).where(Representation.person_id == signed.child)
    session.scalars(mine.order_by(Representation.id)).first().ends_at = utcnow()


@pytest.mark.parametrize("end", [die, act_no_longer])
def test_what_ends_no_key_leaves_no_record(signed, desk, end):  # noqa: F811
    """The keys of the plan of somebody who has died open it for reading until they run out; who
    acted for the owner had none."""
    before, keys = len(records(desk, signed.plan)), {one.id for one in signed.grants()}
    with desk.system() as session:
        end(session, signed)
        session.commit()
    for job in (tell_of_the_end, tell):
        job(desk.engine)
    assert {one.id for one in signed.grants()} == keys
    assert len(records(desk, signed.plan)) == before


def test_leaving_that_fails_leaves_neither_a_record_nor_an_end(signed, desk, monkeypatch):  # noqa: F811
    from services import leaving

    def fault(*_):
        raise Forbidden("in the middle")

    monkeypatch.setattr(leaving, "take_from", fault)
    before, keys = len(records(desk, signed.plan)), len(signed.grants())
    with desk.session("teacher") as session, pytest.raises(Forbidden):
        leaving.leave(session, session.get_one(Plan, signed.plan))
    assert (len(records(desk, signed.plan)), len(signed.grants())) == (before, keys)
