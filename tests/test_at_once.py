"""Two at the same moment: both get their turn, and the second sees what the first has done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.consent import Consent, Grant, Signature
from models.database import WRITING
from models.elements.goal import Goal
from models.people import Representation
from models.plan import Plan
from models.vocabulary import Capacity, ConsentStatus, PlanStatus, Verification
from security import audit
from services.errors import Conflict
from tests import steps


def test_a_chain_takes_many_writers_at_once(desk, town):
    together = Barrier(4, timeout=30)

    def write(who):
        WRITING.set(True)
        together.wait()
        for n in range(5):
            with desk.session(who) as session:
                session.add(Goal(plan_id=town.plan, goal=f"{who} {n}"))
                session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ("nurse", "mother", "father", "coordinator")))
    with desk.system() as session:
        assert audit.verify(session, town.plan) is None
        told = session.scalars(select(AccessEvent.kind).where(AccessEvent.action == "add")).all()
        assert told == ["goal"] * 20


@pytest.fixture
def asked(desk, town):
    """A consent that waits for both parents of the child."""
    steps.prepare("sign", desk, town)
    with desk.system() as session:
        mother = session.scalars(
            select(Representation).where(Representation.person_id == town.people["child"])
        ).one()
        father = Representation(
            municipality_id=mother.municipality_id,
            person_id=mother.person_id,
            representative_id=town.people["father"],
            capacity=Capacity.PARENTAL_RESPONSIBILITY,
            verified_how=Verification.DOCUMENT,
            verified_by_id=town.people["office"],
            verified_at=mother.verified_at,
            starts_at=mother.starts_at,
        )
        session.add(father)
        session.commit()


def _sign(desk, town, who, ready, go):
    """Sign as `who`; say when everything but the commit is done, and wait for `go`."""
    WRITING.set(True)
    with desk.session(who) as session:
        plan = session.scalars(select(Plan).where(Plan.person_id == town.people["child"])).one()
        steps.DO["sign"](session, plan, town)
        ready.set()
        assert go.wait(30)
        session.commit()


def test_the_second_of_two_signatures_sees_the_first_and_opens_once(desk, town, asked):
    first_is_ready, second_is_ready, go = Event(), Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_sign, desk, town, "mother", first_is_ready, go)
        assert first_is_ready.wait(30)
        second = pool.submit(_sign, desk, town, "father", second_is_ready, go)
        assert not second_is_ready.wait(0.5)  # it waits for its turn
        go.set()
        first.result(), second.result()
    with desk.system() as session:
        plan = session.scalars(select(Plan).where(Plan.person_id == town.people["child"])).one()
        assert plan.status is PlanStatus.ACTIVE
        consent = session.scalars(select(Consent).where(Consent.plan_id == plan.id)).one()
        assert consent.status is ConsentStatus.SIGNED
        signed = select(Signature.person_id).where(Signature.consent_id == consent.id)
        assert len(session.scalars(signed).all()) == 2
        keys = session.execute(
            select(Grant.person_id, Grant.scope).where(Grant.plan_id == plan.id)
        ).all()
        assert keys and len(keys) == len(set(keys))
        assert audit.verify(session, plan.id) is None


def test_the_same_signature_twice_at_once_is_one(desk, town, asked):
    ready, other_ready, go = Event(), Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_sign, desk, town, "mother", ready, go)
        assert ready.wait(30)
        second = pool.submit(_sign, desk, town, "mother", other_ready, go)
        go.set()
        first.result()
        with pytest.raises(Conflict):
            second.result()
    with desk.system() as session:
        mine = select(Signature).where(Signature.person_id == town.people["mother"])
        plan = session.scalars(select(Plan).where(Plan.person_id == town.people["child"])).one()
        assert len(session.scalars(mine.where(Signature.plan_id == plan.id)).all()) == 1
        assert plan.status is PlanStatus.DRAFT
