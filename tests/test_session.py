"""The guarded session: what it refuses, what it logs, what it follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, exists, func, insert, select, text, union, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from models.account import Membership
from models.audit import AccessEvent, RegisterEvent
from models.clock import CLOCK, today, utcnow
from models.consent import Consent, ConsentLine, Grant, Hearing, Signature, SignatureAnswer
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.goal import Goal
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message, MessageRecipient
from models.elements.minutes import Minutes
from models.history import ElementIndex, ElementVersion
from models.municipality import Department
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Participant, Plan
from models.vocabulary import (
    Capacity,
    Circle,
    ConsentStatus,
    Level,
    LifeArea,
    Mandate,
    Package,
    PlanType,
    Role,
    Scope,
)
from security import audit
from security.bypass import Unscoped
from security.policy import Forbidden
from security.session import SystemSession
from security.writes import Immutable, Locked
from tests.factories import OUTSIDE, WHO, start_code

G = Goal.__table__
BYPASSES = {
    "text": lambda s: s.execute(text("select * from goal")),
    "core select": lambda s: s.execute(select(G)),
    "core alias": lambda s: s.execute(select(G.alias("x").c.goal)),
    "core column beside an entity": lambda s: s.execute(select(Person.id, G.c.goal)),
    "core subquery": lambda s: s.execute(select(Person).where(exists().where(G.c.id > 0))),
    "core subquery in from": lambda s: s.execute(select(select(G.c.goal).subquery())),
    "core in union": lambda s: s.execute(union(select(Goal.id), select(G.c.id))),
    "core in cte": lambda s: s.execute(select(Person.id, select(G.c.id).cte("x").c.id)),
    "text for a class": lambda s: s.execute(
        select(Goal).from_statement(text("select * from goal"))
    ),
    "core join": lambda s: s.execute(select(Person).join(G, G.c.author_id == Person.id)),
    "core alias beside its class": lambda s: s.execute(select(Goal.id, G.alias("x").c.goal)),
    "core update": lambda s: s.execute(update(G).values(goal="x")),
    "core delete": lambda s: s.execute(delete(G)),
    "core insert": lambda s: s.execute(insert(G).values(goal="x")),
    "orm insert": lambda s: s.execute(insert(Goal).values(goal="x")),
    "text in where": lambda s: s.execute(select(Goal).where(text("1=1 or 1=1"))),
    "orm bulk update": lambda s: s.execute(update(Goal).values(goal="x")),
    "orm bulk delete": lambda s: s.execute(delete(Comment)),
    "bulk insert": lambda s: s.bulk_insert_mappings(Goal, [{"goal": "x"}]),
    "bulk save": lambda s: s.bulk_save_objects([Goal(goal="x")]),
    "raw connection": lambda s: s.connection(),
}
EMPTY_FOR_A_STRANGER = {
    "get": lambda s, t: s.get(Goal, t.rows["goal"]),
    "column": lambda s, t: s.scalar(select(Goal.goal).where(Goal.plan_id == t.rows["plan"])),
    "scalar subquery": lambda s, t: s.scalar(
        select(select(func.count(Goal.id)).where(Goal.plan_id == t.rows["plan"]).scalar_subquery())
    ),
    "exists": lambda s, t: s.scalar(
        select(Person.id).where(exists().where(Goal.plan_id == t.rows["plan"]))
    ),
    "union": lambda s, t: s.scalar(union(select(Message.id), select(Comment.id))),
    "legacy query": lambda s, t: s.query(Goal).filter_by(plan_id=t.rows["plan"]).first(),
    "eager": lambda s, t: s.scalar(select(Message).options(selectinload(Message.recipients))),
}


@pytest.mark.parametrize("way", BYPASSES)
def test_every_known_way_round_is_shut(desk, way):
    with desk.session("owner") as session, pytest.raises(Unscoped):
        BYPASSES[way](session)


@pytest.mark.parametrize("way", EMPTY_FOR_A_STRANGER)
def test_a_stranger_finds_nothing_whatever_the_shape_of_the_query(desk, town, way):
    with desk.session("stranger") as session:
        assert not EMPTY_FOR_A_STRANGER[way](session, town)


def test_the_owner_finds_it(desk, town):
    with desk.session("owner") as session:
        for way in EMPTY_FOR_A_STRANGER:
            assert EMPTY_FOR_A_STRANGER[way](session, town), way


def test_one_session_acts_for_one_person(desk):
    with desk.session("owner") as session, pytest.raises(RuntimeError):
        session.act_as(None)


def test_who_may_change_what(desk, town):
    """teacher contributes to school, nurse writes, late reads, mother represents."""
    allowed = {"owner", "mother", "father", "coordinator", "nurse"}
    blind = {*OUTSIDE, "late", "grandmother"}
    for who in WHO:
        with desk.session(who) as session:
            goal = session.get(Goal, town.rows["school goal"])
            if goal is None:
                assert who in blind, who
                continue
            goal.goal = f"by {who}"
            if who in allowed:
                session.commit()
            else:
                with pytest.raises(Forbidden):
                    session.commit()


def test_contribute_adds_own_rows_in_own_area_only(desk, town):
    plan_id = town.rows["plan"]
    with desk.session("teacher") as session:
        mine = Goal(plan_id=plan_id, goal="Spell", life_areas=frozenset({LifeArea.WORK_SCHOOL}))
        session.add(mine)
        session.commit()
        mine.goal = "Spell well"
        session.commit()
        mine.life_areas = frozenset({LifeArea.HEALTH})
        with pytest.raises(Forbidden):
            session.commit()


def test_nobody_backdates_or_signs_for_another(desk, town):
    with desk.session("nurse") as session:
        long_ago = utcnow() - timedelta(days=900)
        goal = Goal(plan_id=town.rows["plan"], goal="x", author_id=town.people["owner"])
        goal.created_at = long_ago
        session.add(goal)
        session.commit()
        assert goal.author_id == town.people["nurse"] and goal.created_at > long_ago


@pytest.mark.parametrize("column", ["plan_id", "author_id", "created_at", "uid"])
def test_rows_do_not_move(desk, town, column):
    with desk.session("nurse") as session:
        goal = session.get(Goal, town.rows["goal"])
        value = {"plan_id": town.rows["stranger plan"], "created_at": utcnow(), "uid": "x"}
        setattr(goal, column, value.get(column, town.people["owner"]))
        with pytest.raises(Immutable):
            session.flush()


def test_rows_of_a_plan_are_not_deleted(desk, town):
    with desk.session("owner") as session:
        session.delete(session.get(Activity, town.rows["activity"]))
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize("target", ["foreign goal", "hidden goal"])
def test_a_forged_key_is_refused_by_the_guard(desk, town, target):
    with desk.session("mother") as session:
        goal_id = town.rows[target]
        session.add(Activity(plan_id=town.rows["plan"], what="x", goal_id=goal_id))
        with pytest.raises(Forbidden):
            session.flush()


def test_a_forged_key_is_refused_by_the_database_too(engine, town):
    """Even a session without a guard: the foreign key is (plan_id, goal_id)."""
    with SystemSession(engine, because="forging") as session:
        forged = {"goal_id": town.rows["foreign goal"], "author_id": town.people["owner"]}
        session.add(Activity(plan_id=town.rows["plan"], what="x", **forged))
        with pytest.raises(IntegrityError):
            session.flush()


def test_below_a_hidden_row_everything_is_hidden(desk, town):
    with desk.session("mother") as session:
        assert [c.comment for c in session.scalars(select(Comment)).unique()] == ["Good"]
        assert session.get(Activity, town.rows["activity"]) is not None
    with desk.session("coordinator") as session:  # hide the goal above the activity
        goal = session.get(Goal, town.rows["school goal"])
        goal.hidden_from_guardians, goal.hidden_because = True, "Told in confidence"
        session.commit()
    with desk.session("mother") as session:
        assert session.get(Activity, town.rows["activity"]) is None
        for shadow in (ElementIndex, ElementVersion):
            lines = session.scalars(select(shadow).where(shadow.key == "goal")).all()
            assert {line.row_id for line in lines} <= {town.rows["goal"]}
        log = session.scalars(select(AccessEvent).where(AccessEvent.kind == "goal")).all()
        assert log == []  # nor does the log tell her
    with desk.session("nurse") as session:  # a new row below inherits the mark
        new = Comment(plan_id=town.rows["plan"], comment="x", goal_id=town.rows["school goal"])
        session.add(new)
        session.commit()
        assert new.hidden_from_guardians and new.life_areas == {LifeArea.WORK_SCHOOL}


@pytest.mark.parametrize("who, reason", [("mother", "x"), ("coordinator", " "), ("nurse", "x")])
def test_a_row_is_hidden_by_its_author_or_the_coordinator_with_a_reason(desk, town, who, reason):
    with desk.session(who) as session:
        goal = session.get(Goal, town.rows["goal"])
        goal.hidden_from_guardians, goal.hidden_because = True, reason
        with pytest.raises(Forbidden):
            session.flush()


READERS = {
    "to teacher": {"owner", "mother", "father", "nurse", "teacher", "coordinator"},
    "to coordinator": {"mother", "coordinator"},
    "to owners": {"owner", "mother", "father", "coordinator"},
}


@pytest.mark.parametrize("letter", READERS)
def test_a_message_is_read_by_those_it_is_for(desk, town, letter):
    for who in WHO:
        with desk.session(who) as session:
            found = session.get(Message, town.rows[letter])
            assert bool(found) == (who in READERS[letter]), who
            line = select(ElementIndex).where(
                ElementIndex.key == "message", ElementIndex.row_id == town.rows[letter]
            )
            assert bool(session.scalars(line).all()) == (who in READERS[letter]), who


def test_minutes_are_read_by_those_called_the_owners_side_and_the_coordinator(desk, town):
    readers = {"owner", "mother", "father", "teacher", "coordinator"}
    for who in WHO:
        with desk.session(who) as session:
            assert bool(session.get(Minutes, town.rows["minutes"])) == (who in readers), who


def test_a_message_goes_to_the_team_only(desk, town):
    with desk.session("nurse") as session:
        outsider = MessageRecipient(plan_id=town.rows["plan"], person_id=town.people["stranger"])
        letter = Message(plan_id=town.rows["plan"], subject_line="x", body="y")
        letter.recipients = [outsider]
        session.add(letter)
        with pytest.raises(IntegrityError):
            session.flush()


def test_writes_are_logged_in_the_same_transaction_with_their_basis(desk, town):
    with desk.session("nurse") as session:
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.flush()
        session.rollback()
    with desk.session("owner") as session:
        assert session.scalars(select(AccessEvent)).all() == []
    with desk.session("nurse") as session:
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.commit()
    with desk.session("owner") as session:
        (event,) = session.scalars(select(AccessEvent)).all()
        assert (event.action, event.kind, event.rows) == ("change", "goal", [town.rows["goal"]])
        assert event.basis.startswith("grant:") and "Dive" not in repr(vars(event))
        assert event.role == "deltaker" and event.organisation == "Fjordvik"
        assert audit.verify(session, town.rows["plan"]) is None


def test_a_change_keeps_what_the_row_was(desk, town):
    with desk.session("nurse") as session:
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.commit()
    with desk.session("owner") as session:
        (version,) = session.scalars(select(ElementVersion)).all()
        assert (version.version, version.data["goal"]) == (1, "Swim")
        line = select(ElementIndex).where(ElementIndex.row_id == town.rows["goal"])
        assert [r.title for r in session.scalars(line) if r.key == "goal"] == ["Dive"]


def test_a_removed_row_leaves_the_index(desk, town):
    with desk.session("nurse") as session:
        session.get(Goal, town.rows["goal"]).removed_at = utcnow()
        session.commit()
    with desk.session("owner") as session:
        titles = [r.title for r in session.scalars(select(ElementIndex)) if r.key == "goal"]
        assert titles and "Swim" not in titles


def test_a_finished_row_is_not_changed(desk, town):
    with desk.session("nurse") as session:
        session.get(Message, town.rows["to teacher"]).circle = Circle.COORDINATOR_ONLY
        with pytest.raises(Locked):
            session.flush()


def test_two_who_change_the_same_row_do_not_overwrite_each_other(desk, town):
    with desk.session("nurse") as one, desk.session("coordinator") as other:
        mine, theirs = one.get(Goal, town.rows["goal"]), other.get(Goal, town.rows["goal"])
        other.rollback()
        mine.goal = "Dive"
        one.commit()
        set_committed_value(theirs, "version", 1)
        set_committed_value(theirs, "goal", "Swim")
        theirs.goal = "Row"
        with pytest.raises(StaleDataError):
            other.commit()


ONESELF = {
    "appointment": lambda me, t: CoordinatorAppointment(
        municipality_id=t.municipality_id,
        person_id=t.people["owner"],
        coordinator_id=me,
        starts_on=today(),
    ),
    "representation": lambda me, t: Representation(
        municipality_id=t.municipality_id,
        person_id=t.people["owner"],
        representative_id=me,
        capacity=Capacity.GUARDIAN,
        verified_at=utcnow(),
    ),
    "hat": lambda me, t: Membership(
        municipality_id=t.municipality_id,
        account_id=t.accounts["owner"],
        person_id=me,
        roles=frozenset(Role),
    ),
}


@pytest.mark.parametrize("who", ["office", "admin", "coordinator", "leader"])
@pytest.mark.parametrize("what", ONESELF)
def test_nobody_gives_themselves_access(desk, town, who, what):
    with desk.session(who) as session:
        session.add(ONESELF[what](town.people[who], town))
        with pytest.raises(Forbidden):
            session.flush()


def test_the_office_may_not_make_itself_a_grant_or_a_plan(desk, town):
    for who in OUTSIDE:
        with desk.session(who) as session:
            session.add(
                Grant(
                    plan_id=town.plan,
                    consent_id=town.rows["consent"],
                    person_id=town.people["reader"],
                    scope=Scope.MESSAGES,
                    level=Level.READ,
                    life_areas=frozenset(LifeArea),
                    since=utcnow(),
                    starts_at=utcnow(),
                    ends_at=utcnow() + timedelta(days=1),
                )
            )
            with pytest.raises(Forbidden):
                session.flush()


def test_a_register_is_written_from_its_own_municipality_by_its_role(desk, town):
    for who, home in (("office", town.foreign_id), ("leader", town.municipality_id)):
        with desk.session(who) as session:
            session.add(Department(municipality_id=home, name="New"))
            with pytest.raises(Forbidden):
                session.flush()
    with desk.session("office") as session:
        session.add(Department(municipality_id=town.municipality_id, name="New"))
        session.commit()
        assert audit.verify_registers(session, town.municipality_id) is None
        (event,) = session.scalars(select(RegisterEvent)).all()
        assert (event.kind, event.action) == ("department", "add")


def test_a_child_under_the_consent_age_reads_but_does_not_decide(desk, town):
    with desk.session("owner") as session:
        access = session.access(town.plan)
        assert access.owner and not access.decides
    with desk.session("mother") as session:
        assert session.access(town.plan).decides


def test_at_18_parental_responsibility_ends_by_itself(desk, town):
    grown = utcnow() + timedelta(days=2201)
    with CLOCK.stopped_at(grown), desk.session("mother") as session:
        assert session.get(Plan, town.plan) is None
    with CLOCK.stopped_at(grown), desk.session("owner") as session:
        assert session.access(town.plan).decides


# The owner decides, whoever writes past the pages


def _stored_as_system(desk, *rows):
    with desk.system() as session:
        session.add_all(rows)
        session.commit()
        return [row.id for row in rows]


def test_history_is_as_hidden_as_the_row_is_now(desk, town):
    """What was written before a row was hidden is hidden with it."""
    with desk.session("coordinator") as session:
        goal = session.get(Goal, town.rows["school goal"])
        goal.goal = "Read aloud"
        session.commit()
        goal.hidden_from_guardians, goal.hidden_because = True, "Told in confidence"
        session.commit()
    wanted = select(ElementVersion).where(ElementVersion.row_id == town.rows["school goal"])
    for who, seen in {"owner": 2, "coordinator": 2, "teacher": 2, "mother": 0, "reader": 2}.items():
        with desk.session(who) as session:
            assert len(session.scalars(wanted.where(ElementVersion.key == "goal")).all()) == seen
    with desk.session("coordinator") as session:  # the goal moves out of the teacher's area
        session.get(Goal, town.rows["school goal"]).life_areas = frozenset({LifeArea.HEALTH})
        session.commit()
    with desk.session("teacher") as session:
        assert session.scalars(wanted).all() == []


def test_hiding_ones_own_row_is_not_undone_by_the_open_row_above(desk, town):
    with desk.session("nurse") as session:
        reason = {"hidden_from_guardians": True, "hidden_because": "Told in confidence"}
        own = Comment(plan_id=town.plan, comment="x", goal_id=town.rows["goal"], **reason)
        session.add(own)
        session.commit()
        own_id = own.id
    with desk.session("coordinator") as session:  # and not by a change up there
        session.get(Goal, town.rows["goal"]).goal = "Dive"
        session.commit()
    with desk.session("mother") as session:
        assert session.get(Comment, own_id) is None
    with desk.session("nurse") as session:
        session.get(Comment, own_id).hidden_from_guardians = False
        session.commit()
    with desk.session("mother") as session:
        assert session.get(Comment, own_id) is not None


def test_a_row_is_hidden_from_birth_with_a_reason_only(desk, town):
    with desk.session("nurse") as session:
        session.add(Goal(plan_id=town.plan, goal="x", hidden_from_guardians=True))
        with pytest.raises(Forbidden):
            session.flush()


def test_a_mark_is_followed_by_those_who_cannot_read_the_row_above(desk, town):
    """The goal is older than what the writer may read; the comment below it is not."""
    now = utcnow()
    base = {"plan_id": town.plan, "author_id": town.people["nurse"], "created_at": now}
    (task,) = _stored_as_system(desk, Activity(**base, what="In the open"))
    below = {"goal_id": town.rows["hidden goal"], "activity_id": task}
    (comment,) = _stored_as_system(desk, Comment(**base, **below, comment="x"))
    with desk.system() as session:
        mine = (Grant.person_id == town.people["nurse"], Grant.scope == Scope.GOALS)
        old = session.scalars(select(Grant).where(*mine)).one()
        old.revoked_at = now
        session.flush()
        keys = {"plan_id": town.plan, "consent_id": old.consent_id, "person_id": old.person_id}
        what = {"scope": old.scope, "level": Level.WRITE, "life_areas": old.life_areas}
        session.add(Grant(**keys, **what, since=now, starts_at=now, ends_at=old.ends_at))
        session.commit()
    with desk.session("nurse") as session:
        assert session.get(Goal, town.rows["hidden goal"]) is None
        session.get(Comment, comment).comment = "y"
        session.commit()
    with desk.session("mother") as session:
        assert session.get(Comment, comment) is None


def test_an_invitation_does_not_move_to_another_meeting(desk, town):
    """Else somebody called to one meeting would read the minutes of the next."""
    with desk.system() as session:
        base = {"plan_id": town.plan, "author_id": town.people["coordinator"]}
        at = {"starts_at": utcnow(), "ends_at": utcnow()}
        other = Meeting(**base, **at, purpose="Winter")
        session.add(other)
        session.flush()
        session.add(Minutes(**base, minutes="Secret", meeting_id=other.id))
        session.commit()
        winter = other.id
    with desk.session("teacher") as session:
        mine = session.scalars(
            select(Invitee).where(Invitee.person_id == town.people["teacher"])
        ).one()
        mine.meeting_id = winter
        with pytest.raises(Immutable):
            session.flush()


def test_what_is_asked_does_not_change_under_a_signature(desk, town):
    with desk.session("coordinator") as session:
        line = session.get(ConsentLine, town.rows["line"])
        line.scope = Scope.DOCUMENTS
        with pytest.raises(Immutable):
            session.flush()
    with desk.session("coordinator") as session:
        session.get(Consent, town.rows["sent consent"]).plan_type = PlanType.RELAY_LOG
        with pytest.raises(Immutable):
            session.flush()


@pytest.mark.parametrize("column", ["guardian_until", "owner_decides_from", "opened_at"])
def test_nobody_moves_the_day_the_youth_decides(desk, town, column):
    with desk.session("mother") as session:
        plan = session.get(Plan, town.plan)
        now = getattr(plan, column)
        setattr(plan, column, now + timedelta(days=365))
        with pytest.raises(Immutable):
            session.flush()


def test_a_coordinator_makes_nobody_a_coordinator(desk, town):
    with desk.session("coordinator") as session:
        teacher = session.get(Participant, town.rows["participant teacher"])
        teacher.package = Package.COORDINATOR
        with pytest.raises(Forbidden):
            session.flush()


def test_one_of_two_puts_no_consent_in_force_alone(desk, town):
    with desk.session("mother") as session:
        session.get(Consent, town.rows["consent"]).status = ConsentStatus.SUPERSEDED
        session.flush()
        waiting = session.get(Consent, town.rows["sent consent"])
        waiting.status, waiting.until = ConsentStatus.SIGNED, utcnow() + timedelta(days=9)
        with pytest.raises(Forbidden):
            session.flush()


def test_a_key_opens_what_every_signer_has_said_yes_to_and_no_more(desk, town):
    """The mother alone, past the pages: a part nobody has signed for."""
    with desk.session("mother") as session:
        until = session.get(Consent, town.rows["consent"]).until
        session.add(
            Grant(
                plan_id=town.plan, consent_id=town.rows["consent"], scope=Scope.DOCUMENTS,
                person_id=town.people["reader"], level=Level.READ, life_areas=frozenset(LifeArea),
                since=utcnow(), starts_at=utcnow(), ends_at=until,
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


def test_the_plan_is_as_the_consent_in_force_says(desk, town):
    with desk.session("other mother") as session:
        session.get(Plan, town.rows["other plan"]).type = PlanType.INDIVIDUAL_PLAN
        with pytest.raises(Forbidden):
            session.flush()


def test_a_dead_persons_plan_is_read_and_not_written(desk, town):
    with desk.system() as session:
        session.get(Person, town.people["owner"]).died_on = today()
        session.commit()
    for who in ("mother", "coordinator", "nurse"):
        with desk.session(who) as session:
            session.get(Goal, town.rows["goal"]).goal = "Dive"
            with pytest.raises(Forbidden):
                session.flush()


def test_child_welfare_acts_until_18_and_decides_until_the_consent_age(desk, town):
    _stored_as_system(
        desk,
        Representation(
            municipality_id=town.municipality_id, person_id=town.people["owner"],
            representative_id=town.people["stranger"], capacity=Capacity.CHILD_WELFARE,
            verified_at=utcnow(), verified_by_id=town.people["office"], confirmed_at=utcnow(),
        ),
    )  # fmt: skip
    for days, decides, reads in ((0, True, True), (1401, False, True), (2201, None, False)):
        with CLOCK.stopped_at(utcnow() + timedelta(days=days, minutes=1)):
            with desk.session("stranger") as session:
                access = session.access(town.plan)
                assert (access.decides if access.representative else None) is decides
                assert bool(session.get(Plan, town.plan)) is reads
            with desk.session("owner") as session:
                assert session.access(town.plan).decides is not bool(decides)


def test_who_acts_in_two_capacities_decides_by_the_one_that_lasts(desk, town):
    _stored_as_system(
        desk,
        Representation(
            municipality_id=town.municipality_id, person_id=town.people["owner"],
            representative_id=town.people["mother"], capacity=Capacity.GUARDIAN,
            verified_at=utcnow(), verified_by_id=town.people["office"], confirmed_at=utcnow(),
            mandate=Mandate.BOTH,
        ),
    )  # fmt: skip
    with CLOCK.stopped_at(utcnow() + timedelta(days=1401)), desk.session("mother") as session:
        access = session.access(town.plan)
        assert access.decides and access.capacity is Capacity.GUARDIAN


def test_a_coordinator_confirms_nobody_where_there_is_a_plan_to_read(desk, town):
    with desk.session("coordinator") as session:
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["stranger"], capacity=Capacity.GUARDIAN,
                verified_at=utcnow(), verified_by_id=town.people["coordinator"],
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize("who", ["admin", "office", "newcomer"])
def test_no_start_code_for_an_account_another_has_let_in(desk, town, who):
    _stored_as_system(desk, start_code(town, "mother", "coordinator", "x"))
    with desk.session(who) as session:
        session.add(start_code(town, "mother", who, "x"))
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize("who", ["admin", "office", "newcomer"])
def test_nobody_is_let_in_as_the_owner_but_by_the_persons_coordinator(desk, town, who):
    with desk.session(who) as session:
        session.add(
            Membership(
                municipality_id=town.municipality_id, account_id=town.accounts["foreign office"],
                person_id=town.people["other child"], roles=frozenset({Role.PARTICIPANT}),
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


def test_a_row_moved_below_a_hidden_one_is_hidden(desk, town):
    with desk.session("coordinator") as session:
        activity = session.get(Activity, town.rows["activity"])
        assert activity.goal.goal == "Read"
        activity.goal_id = town.rows["hidden goal"]
        session.commit()
    with desk.session("mother") as session:
        assert session.get(Activity, town.rows["activity"]) is None


def test_nobody_in_the_office_decides_in_their_own_family(desk, town):
    """KE is the mother here: the father would be out of her way."""
    with desk.system() as session:
        mother, office = town.people["mother"], town.people["office"]
        r = Representation
        acting = select(r).where(r.representative_id == mother, r.person_id == town.people["owner"])
        session.scalars(acting).one().ends_at = utcnow()
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=office, capacity=Capacity.PARENTAL_RESPONSIBILITY,
                verified_at=utcnow(), verified_by_id=town.people["coordinator"],
            )
        )  # fmt: skip
        session.commit()
    father = select(Representation).where(Representation.representative_id == town.people["father"])
    with desk.session("office") as session:
        session.scalars(father).one().ends_at = utcnow()
        with pytest.raises(Forbidden):
            session.flush()
    for who, column in (("father", "died_on"), ("owner", "birth_date"), ("office", "email_index")):
        with desk.session("office") as session:
            setattr(
                session.get(Person, town.people[who]),
                column,
                {"email_index": "x"}.get(column, today()),
            )
            with pytest.raises(Forbidden):
                session.flush()
    with desk.session("admin") as session:
        session.get(Person, town.people["father"]).phone = None
        session.get(Person, town.people["father"]).died_on = today()
        session.commit()


def test_a_coordinator_changes_no_person(desk, town):
    with desk.session("coordinator") as session:
        session.get(Person, town.people["mother"]).died_on = today()
        with pytest.raises(Forbidden):
            session.flush()


def test_what_one_may_do_is_asked_anew_after_a_rollback(desk, town):
    with desk.session("nurse") as session:
        assert session.access(town.plan).level(Scope.GOALS) is Level.WRITE
        with desk.system() as system:
            mine = select(Grant).where(Grant.person_id == town.people["nurse"])
            session.rollback()
            for grant in system.scalars(mine):
                grant.revoked_at = utcnow()
            system.commit()
        assert session.access(town.plan).level(Scope.GOALS) is None


def test_no_consent_is_born_signed(desk, town):
    with desk.system() as session:
        now = utcnow()
        other = {"plan_id": town.plan, "plan_type": PlanType.INDIVIDUAL_PLAN}
        session.get(Consent, town.rows["consent"]).status = ConsentStatus.WITHDRAWN
        session.commit()
    with desk.session("coordinator") as session:
        session.add(
            Consent(
                **other, prepared_by_id=town.people["coordinator"], version=9,
                status=ConsentStatus.SIGNED, signed_at=now, until=now + timedelta(days=9),
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


def test_nobody_answers_under_somebody_elses_signature(desk, town):
    with desk.session("mother") as session:
        fathers = session.scalars(
            select(Signature).where(Signature.person_id == town.people["father"])
        ).one()
        answer = {"accepted": True, "level": Level.READ, "life_areas": frozenset(LifeArea)}
        rows = (
            SignatureAnswer(
                plan_id=town.plan, signature_id=fathers.id, line_id=town.rows["line"],
                older=True, **answer,
            ),
            Hearing(
                plan_id=town.plan, signature_id=fathers.id, how="talked", heard_on=today(),
                opinion="x",
            ),
        )  # fmt: skip
        for row in rows:
            session.add(row)
            with pytest.raises(Forbidden):
                session.flush()
            session.rollback()


def test_the_cookie_is_this_hosts_own_where_there_is_tls(app, town, engine):
    from security.sessions import DatabaseSessions

    kept = app.session_interface
    app.session_interface = DatabaseSessions(
        kept.engine, idle=kept.idle, longest=kept.longest, secure=True
    )
    reply = app.test_client().post("/language/", data={"language": "en"})
    app.session_interface = kept
    [cookie] = reply.headers.getlist("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-medspel"  # a browser takes it only so (RFC 6265bis 4.1.3.2)
    assert all(word in rest for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in rest


@pytest.mark.a_page
def test_whoever_signs_out_leaves_nothing_in_the_browser(browser):
    left = browser("nurse").post("/sign-out/").headers
    assert left["Clear-Site-Data"] == '"cache", "storage"' and left["Cache-Control"] == "no-store"
    assert "Clear-Site-Data" not in browser(None).get("/sign-in/").headers
