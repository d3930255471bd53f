"""Killed in the middle: what is stored afterwards is always a legal state."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context

import pytest
from sqlalchemy import event, func, select, text

from models.consent import Consent, Grant, Signature
from models.elements import elements
from models.evidence import SignatureRecord
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment as Appointment
from models.plan import Plan, PlanRegister
from models.vocabulary import ConsentStatus, PlanStatus
from security import audit
from services.evidence_check import check
from tests import steps
from tests.conftest import Desk, connect

STEPS = (*steps.ORDER, "withdraw a person", "withdraw")
DATABASES = ("sqlite", "postgresql")
WHERE = [(DATABASES[n % 2], step) for n, step in enumerate(STEPS)]
WHERE += [(DATABASES[1 - n % 2], step) for n, step in enumerate(STEPS) if "sign" in step]
"""Each step on one of the two: that it is one transaction is a matter of the step, and that one
is whole or nothing a matter of the database. Signatures on both."""
PROCESSES = get_context("forkserver")  # each its own, of one that has read all modules once
PROCESSES.set_forkserver_preload([__name__])


def die(step, url, after, town):
    """Do the step in this process, and kill it once so many rows are written."""
    engine = connect(url)
    written = 0

    @event.listens_for(engine, "after_cursor_execute")
    def kill(_c, _cur, statement, *_):
        nonlocal written
        written += statement.lstrip().startswith(("INSERT", "UPDATE"))
        if written == after:
            os.kill(os.getpid(), signal.SIGKILL)

    steps.run(step, Desk(engine, town), town)


def state(session, town):
    """Counts that must move together, of the plan and of the chain."""
    tables = (*elements(), Plan, Consent, Signature, SignatureRecord, Grant, Appointment)
    tables += (OutboxMessage,)
    counts = {cls.__name__: session.scalar(select(func.count()).select_from(cls)) for cls in tables}
    logs = ("access_event", "register_event", "element_index", "element_version")
    events = [session.execute(text(f"SELECT count(*) FROM {log}")).scalar() for log in logs]
    live = session.scalar(select(func.count()).select_from(Grant).where(Grant.revoked_at.is_(None)))
    return counts | {"events": events, "live": live}


def legal(session):
    for plan in session.scalars(select(Plan)):
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
        assert (entry.type, entry.status) == (plan.type, plan.status)
        assert not [one for one in check(session, plan.id) if one.wrong]
        assert audit.verify(session, plan.id) is None
        signed = session.scalars(
            select(Consent).where(
                Consent.plan_id == plan.id, Consent.status == ConsentStatus.SIGNED
            )
        ).all()
        live = session.scalars(
            select(Grant).where(Grant.plan_id == plan.id, Grant.revoked_at.is_(None))
        ).all()
        assert {g.consent_id for g in live} <= {c.id for c in signed}
        if plan.status is PlanStatus.DRAFT:
            assert live == []


@pytest.mark.parametrize(("copy", "step"), WHERE, indirect=["copy"])
def test_kill_9_in_the_middle_leaves_what_was_there(url, desk, town, step):
    steps.prepare(step, desk, town)
    with desk.system() as session:
        before = state(session, town)
    after = 2 if step == "appoint" else 3
    process = PROCESSES.Process(target=die, args=(step, url, after, town))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with desk.system() as session:
        assert state(session, town) == before
        legal(session)
    steps.run(step, desk, town)  # and the same again, undisturbed, works
    with desk.system() as session:
        assert state(session, town) != before
        legal(session)
