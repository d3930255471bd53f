"""A youth who decides alone: parents read the parts the municipality says, until 18."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from jobs.letters import letter_for
from jobs.planning import plan as plan_notices
from models.clock import today, utcnow
from models.draft import Draft
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from models.elements.message import Message, MessageRecipient
from models.elements.minutes import Minutes
from models.history import ElementIndex
from models.municipality import OPEN_UNTIL_18, Municipality
from models.outbox import Delivery
from models.people import Representation
from models.plan import Plan
from models.vocabulary import Capacity, Channel, Circle, Level, Mandate, Scope
from security.access import load_access
from security.facts import facts
from security.policy import Action, permits
from services.messages import reachable, send_message
from services.notices import notify
from tests.factories import WHO
from tests.test_shield import OF_ROWS, found


@pytest.fixture
def youth(desk, town, engine):
    """The owner has reached the consent age."""
    with engine.begin() as connection:
        plan = {"day": today() - timedelta(days=1), "plan": town.plan}
        connection.execute(text("UPDATE plan SET owner_decides_from = :day WHERE id = :plan"), plan)
    return town


@pytest.fixture
def parts(desk, town):
    def set_to(*shut):
        with desk.system() as session:
            home = session.get(Municipality, town.municipality_id)
            home.parts_until_18 = frozenset(Scope) - set(shut)
            session.commit()

    return set_to


def test_until_the_consent_age_parents_read_it_all(desk, town, parts):
    parts(*Scope)
    with desk.session("mother") as session:
        assert session.get(Message, town.rows["to teacher"]) and session.get(
            Goal, town.rows["goal"]
        )
        assert session.access(town.plan).level(Scope.GOALS) is Level.WRITE


def test_as_it_is_set_from_the_start_they_read_all_but_messages(desk, youth, town):
    assert frozenset(Scope) - {Scope.MESSAGES} == OPEN_UNTIL_18
    with desk.session("mother") as session:
        for cls, name in ((Goal, "goal"), (Meeting, "meeting"), (Minutes, "minutes")):
            assert session.get(cls, town.rows[name]) is not None, cls
        assert session.get(Message, town.rows["to teacher"]) is None
        lines = session.scalars(select(ElementIndex).where(ElementIndex.key == "message"))
        assert town.rows["to teacher"] not in {one.row_id for one in lines}
        to = select(MessageRecipient.message_id)
        assert town.rows["to teacher"] not in set(session.scalars(to))


def test_messages_they_are_in_themselves_they_read_and_answer(browser, desk, youth, town):
    with desk.session("mother") as session:
        assert session.get(Message, town.rows["to owners"]) is not None
        assert session.get(Message, town.rows["to coordinator"]) is not None  # she wrote it
        plan = session.get(Plan, town.plan)
        to = reachable(session, plan)
        send_message(session, plan, to, subject="Hei", body="x", uid="u",
                     circle=Circle.COORDINATOR_ONLY, to=[])  # fmt: skip
        session.commit()
    page = browser("mother").get(f"/plan/{town.plan}/message/list/").text
    assert "Hei" in page and "to owners" in page and "Body to teacher" not in page
    assert "to teacher" not in page and "message/list" in page


def test_a_part_that_is_shut_is_shut_everywhere(browser, desk, youth, town, parts):
    parts(Scope.GOALS, Scope.MEETINGS)
    with desk.session("mother") as session:
        for cls in (Goal, Activity, Meeting):
            assert session.scalars(select(cls)).unique().all() == [], cls
        keys = {one.key for one in session.scalars(select(ElementIndex))}
        assert not keys & {"goal", "activity", "comment", "meeting"}
        assert session.access(town.plan).level(Scope.GOALS) is None
    mother = browser("mother")
    assert mother.get(f"/plan/{town.plan}/goal/show/{town.rows['goal']}").status_code == 404
    page = mother.get(f"/plan/{town.plan}/").text
    assert "Swim" not in page and "goal/list" not in page and "Ring NAV" not in page
    assert "Swim" in browser("owner").get(f"/plan/{town.plan}/goal/list/").text
    form = {"goal": "Mine", "uid": "x"}
    assert mother.post(f"/plan/{town.plan}/goal/add", data=form).status_code == 403


@pytest.mark.parametrize(
    "shut", [(), (Scope.MESSAGES,), (Scope.GOALS, Scope.MEETINGS), tuple(Scope)]
)
def test_the_twins_agree_whatever_is_shut(desk, youth, town, parts, shut):
    with desk.session("mother") as session:
        scope, address = Scope.GOALS, f"/plan/{town.plan}/goal/add"
        for one in (scope, Scope.MESSAGES):
            mine = {"plan_id": town.plan, "person_id": town.people["mother"], "scope": one}
            session.add(Draft(**mine, address=f"{address}?{one}", fields="[]"))
        session.commit()
    parts(*shut)
    for who in WHO:
        with desk.system() as system, desk.session(who) as session:
            for cls in (*OF_ROWS, Draft):
                ids = set()
                for row in system.scalars(select(cls)).unique():
                    access = load_access(system, town.people[who], row.plan_id, utcnow())
                    if permits(access, Action.READ, facts(row)):
                        ids.add(tuple(row.__mapper__.primary_key_from_instance(row)))
                assert found(session, cls) == ids, (who, cls)


def test_a_legal_guardian_reads_on(desk, youth, town, parts):
    """Somebody appointed for the youth acts as before: it is parental responsibility that ends."""
    parts(*Scope)
    with desk.system() as session:
        old = session.scalars(
            select(Representation).where(Representation.representative_id == town.people["mother"])
        ).one()
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=old.person_id,
                representative_id=old.representative_id, capacity=Capacity.GUARDIAN,
                verified_how=old.verified_how, verified_by_id=old.verified_by_id,
                verified_at=old.verified_at, starts_at=old.starts_at,
                mandate=Mandate.BOTH, confirmed_at=old.verified_at,
            )
        )  # fmt: skip
        session.commit()
    for who, sees in {"mother": True, "father": False}.items():
        with desk.session(who) as session:
            assert bool(session.get(Goal, town.rows["goal"])) == sees, who


def test_of_a_shut_part_nothing_is_told(desk, engine, youth, town, reach, parts):
    parts(Scope.MEETINGS)
    reach("mother", phone="+4790000001")
    with desk.session("coordinator") as session:
        plan, row = session.get(Plan, town.plan), town.rows["meeting"]
        notify(session, plan, [town.people["mother"]], "meeting", row, "k")
        session.commit()
    plan_notices(engine, [Channel.SMS])
    with desk.system() as session:
        from sqlalchemy.orm import joinedload

        (row,) = session.scalars(select(Delivery).options(joinedload(Delivery.message)))
        assert str(letter_for(session, row)) == "not_for_them"


def test_the_office_sets_it(browser, desk, town):
    address = f"/register/municipality/edit/{town.municipality_id}"
    form = browser("admin").get(address).text
    assert "What parents read when a youth decides alone, until 18" in form


def test_a_youths_own_reading_is_not_shown_to_parents(browser, desk, youth, town):
    browser("owner").get(f"/plan/{town.plan}/goal/list/")
    browser("nurse").get(f"/plan/{town.plan}/goal/list/")
    page = browser("mother").get(f"/plan/{town.plan}/log/").text
    assert "Nurse" in page and "Owner</p>" not in page
