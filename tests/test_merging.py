"""Two entries of one human become one by two persons; nobody gets in by it, and nothing is lost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select

from models.account import Account, Invitation, LoginSession, Membership
from models.audit import AccessEvent, RegisterEvent
from models.clock import CLOCK, today, utcnow
from models.consent import Consent, ConsentLine, Grant, Signature, SignatureAnswer
from models.database import WRITING
from models.draft import Draft
from models.elements.activity import Activity
from models.four_eyes import WAITS
from models.merging import PersonMerge
from models.outbox import Delivery, OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Participant, Plan, PlanRegister
from models.types import blind_index
from models.vocabulary import (
    Capacity,
    Channel,
    ConsentStatus,
    Fault,
    Level,
    LifeArea,
    Package,
    ParticipantStatus,
    Role,
    Scope,
)
from security import audit, closing
from security.doubles import Hindrance
from security.four_eyes import NotAgreed
from security.policy import Forbidden
from security.session import GuardedSession
from services import merging
from services.accounts import NameTaken, admit, find_or_make
from services.four_eyes import AnsweredAlready
from services.own_contact import AddressTaken, change_contact
from services.proposal import propose_again, send
from tests.conftest import sit_down, statements
from tests.factories import start_code
from tests.steps import DO

sign_what_waits = DO["sign"]


@contextmanager
def acting(desk, who, *roles):
    """A session of `who` with these roles."""
    with GuardedSession(desk.engine) as session:
        session.act_as(replace(desk.actor(who), roles=frozenset(roles)))
        yield session


@contextmanager
def town_of(desk):
    """Past all scopes, for what is there before; stored."""
    with desk.system() as session:
        yield session
        session.commit()


def ask(desk, town, double, kept, by="office"):
    """The question as `by` asks it (its id)."""
    with desk.session(by) as session:
        two = [session.get_one(Person, town.people[one]) for one in (double, kept)]
        asked = merging.ask(session, *two)
        session.commit()
        return asked.id


def answer(desk, asked, by="admin", yes=True):
    with desk.session(by) as session:
        merging.answer(session, session.get_one(PersonMerge, asked), yes)
        session.commit()


def merge(desk, town, double, kept, by="office", yes="admin"):
    answer(desk, ask(desk, town, double, kept, by), yes)


def everything(session):
    """All that must stay as it is: what is signed, logged, and written."""
    rows = [
        *session.execute(select(Signature.id, Signature.person_id, Signature.digest)),
        *session.execute(select(ConsentLine.id, ConsentLine.person_id, ConsentLine.level)),
        *session.execute(select(Activity.id, Activity.author_id, Activity.responsible_id)),
        *session.execute(select(AccessEvent.plan_id, AccessEvent.seq, AccessEvent.digest)),
        *session.execute(select(Grant.id, Grant.person_id, Grant.level, Grant.ends_at)),
    ]
    return {tuple(row) for row in rows}


def live(session, person_id):
    mine = select(func.count(Grant.id)).where(
        Grant.person_id == person_id, Grant.revoked_at.is_(None)
    )
    return session.scalar(mine)


# By two persons, and then those who decide


def test_two_entries_become_one_and_nobody_is_let_in(browser, desk, town):
    """The teacher, who takes part, is the newcomer, who does not."""
    teacher, newcomer = town.people["teacher"], town.people["newcomer"]
    with town_of(desk) as session:
        draft = {"plan_id": town.plan, "person_id": teacher, "scope": Scope.GOALS}
        session.add(Draft(**draft, address="x", fields="[]"))
        home = {"municipality_id": town.municipality_id}
        on_its_way = OutboxMessage(**home, person_id=teacher, kind="message", dedup_key="x")
        session.add(on_its_way)
        before = everything(session)
    office, admin = browser("office"), browser("admin")
    assert browser("teacher").get("/").status_code == 200
    shown = office.get(f"/register/person/show/{newcomer}").text
    assert f'href="/register/merging/{newcomer}/same"' in shown
    chosen = office.post(f"/register/merging/{newcomer}/same", data={"person_id": "Teacher"})
    here = f"/register/merging/{teacher}/into/{newcomer}"
    assert chosen.location == here
    page = office.get(here).text
    assert "One of these must say yes: Admin." in page and "goes out of 1 plan." in page
    assert "OW 1" not in page  # how many, and never which
    assert office.post(here).location == office.post(here).location == "/register/merging/"
    with desk.system() as session:
        asked = session.scalars(select(PersonMerge)).one().id  # twice asked is asked once
        assert live(session, teacher) == 4
    waits = "who stands twice waits for your yes or no"
    assert waits in admin.get("/").text and waits not in office.get("/").text
    assert "Waits for somebody else" in office.get(f"/register/merging/{asked}").text
    assert f"/register/merging/{asked}/yes" in admin.get(f"/register/merging/{asked}").text
    done = admin.post(f"/register/merging/{asked}/yes")
    assert done.location == f"/register/person/show/{newcomer}"
    assert waits not in admin.get("/").text
    assert "Admin said yes, " in office.get("/register/merging/").text
    assert browser("teacher").get("/").location.startswith("/sign-in/")
    assert browser("newcomer").get(f"/plan/{town.plan}/").status_code == 404
    with desk.system() as session:
        assert before <= everything(session)
        assert live(session, teacher) == live(session, newcomer) == 0
        part = dict(session.execute(select(Participant.person_id, Participant.status)).all())
        assert part[teacher] is ParticipantStatus.WITHDRAWN
        assert part[newcomer] is ParticipantStatus.PROPOSED
        new = session.scalars(select(Participant).where(Participant.person_id == newcomer)).one()
        assert (new.role, new.package) == ("teacher", Package.PROFESSIONAL)
        waiting = session.get_one(Consent, town.rows["sent consent"])
        assert waiting.status is ConsentStatus.SUPERSEDED and waiting.ended_at
        assert session.get_one(Consent, town.rows["consent"]).status is ConsentStatus.SIGNED
        assert not session.get_one(Membership, town.memberships["teacher"]).active
        assert not session.scalars(select(Draft)).all()
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.planned_at.is_(None)))
        assert [(one.kind, one.person_id) for one in told] == [("team", town.people["coordinator"])]
        assert audit.verify(session, town.plan) is None
        assert audit.verify_registers(session, town.municipality_id) is None
        log = select(AccessEvent.action, AccessEvent.kind, AccessEvent.person_id)
        noted = {tuple(row) for row in session.execute(log.where(AccessEvent.basis == "merging"))}
        who = town.people["admin"]
        assert noted == {
            ("change", "access_grant", who), ("change", "consent", who),
            ("change", "participant", who), ("add", "participant", who),
        }  # fmt: skip
        kinds = select(RegisterEvent.action, RegisterEvent.kind)
        kept = {tuple(row) for row in session.execute(kinds)}
        assert {("add", "person_merge"), ("change", "person_merge")} <= kept
        assert {("change", "person"), ("change", "membership")} <= kept
    assert "Two entries of one person made one" in browser("mother").get(
        f"/plan/{town.plan}/log/"
    ).text.replace("&#39;", "'")
    team = browser("coordinator").get(f"/plan/{town.plan}/team/").text
    assert "Is Newcomer now." in team and f"/team/{teacher}/again" not in team


def test_those_who_decide_sign_again(desk, town):
    """And not before everybody has: then the one who is kept is in, and the other is not."""
    merge(desk, town, "teacher", "newcomer")
    teacher, newcomer = town.people["teacher"], town.people["newcomer"]
    with desk.session("coordinator") as session:
        consent = send(session, session.get_one(Plan, town.plan))
        session.commit()
        lines = select(ConsentLine.person_id).where(ConsentLine.consent_id == consent.id)
        asked_about = set(session.scalars(lines))
        assert newcomer in asked_about and teacher not in asked_about
    for who in ("mother", "father"):
        with desk.system() as session:
            assert live(session, newcomer) == 0
        with desk.session(who) as session:
            sign_what_waits(session, session.get_one(Plan, town.plan), town)
            session.commit()
    with desk.system() as session:
        assert live(session, newcomer) > 0 and live(session, teacher) == 0


def test_where_the_other_takes_part_nothing_is_proposed(desk, town):
    merge(desk, town, "teacher", "nurse")
    with desk.system() as session:
        parts = select(Participant.status).where(Participant.person_id == town.people["nurse"])
        assert session.scalars(parts).all() == [ParticipantStatus.ACTIVE]
        assert live(session, town.people["teacher"]) == 0 < live(session, town.people["nurse"])


def test_a_closed_plan_loses_the_double_and_asks_nobody(desk, town):
    with town_of(desk) as session:
        owner = session.get_one(Person, town.people["owner"])
        owner.died_on = today()
    merge(desk, town, "teacher", "newcomer")
    with desk.system() as session:
        in_it = select(Participant.person_id)
        assert town.people["newcomer"] not in set(session.scalars(in_it))
        assert live(session, town.people["teacher"]) == 0
        assert not session.scalars(select(OutboxMessage)).all()


# What is carried over


def test_what_is_missing_is_filled_in_and_stands_in_one_place(desk, town):
    with town_of(desk) as session:
        double = session.get_one(Person, town.people["late"])
        double.identity_number, double.identity_index = "01017012345", "i"
        double.email, double.email_index = "a@x.no", blind_index("person.email", "a@x.no")
        double.mail_returned_at = utcnow()
        double.phone, double.phone_index, double.place = "+4790000001", "p", "Vegen 1"
        double.shielded = True
        kept = session.get_one(Person, town.people["newcomer"])
        kept.phone, kept.phone_index, kept.organisation = "+4790000002", "q", "Town hall"
        double.organisation = "School"
    merge(desk, town, "late", "newcomer")
    with desk.system() as session:
        double = session.get_one(Person, town.people["late"])
        kept = session.get_one(Person, town.people["newcomer"])
        assert (kept.identity_number, kept.identity_index) == ("01017012345", "i")
        assert (kept.email, kept.place, kept.shielded) == ("a@x.no", "Vegen 1", True)
        assert kept.mail_returned_at  # what came back comes back still
        assert (kept.phone, kept.organisation) == ("+4790000002", "Town hall")
        assert (double.phone, double.organisation) == ("+4790000001", "School")  # nothing is lost
        assert double.identity_number is double.identity_index is double.email is None
        assert (double.name, double.merged_into_id) == ("Late", kept.id)


def test_a_coordinators_appointments_go_along_as_far_as_the_shell(browser, desk, town):
    coordinator, newcomer = town.people["coordinator"], town.people["newcomer"]
    asked = ask(desk, town, "coordinator", "newcomer", by="admin")
    answer(desk, asked, "office")
    with desk.system() as session:
        a = CoordinatorAppointment
        rows = session.execute(select(a.coordinator_id, a.starts_on, a.ends_on).order_by(a.id))
        (old, _, ended), (new, starts, ends) = rows
        assert (old, ended) == (coordinator, today() - timedelta(days=1))
        assert (new, starts, ends) == (newcomer, today(), None)
        entry = select(PlanRegister.coordinator_id).where(PlanRegister.plan_id == town.plan)
        assert session.scalars(entry).one() == newcomer
        told = session.scalars(select(OutboxMessage.person_id)).all()
        assert told == [newcomer]
        mine = select(Participant).where(Participant.person_id == newcomer)
        assert session.scalars(mine).one().package is Package.COORDINATOR
    assert browser("newcomer").get(f"/plan/{town.plan}/team/").status_code == 200
    listed = browser("newcomer").get(f"/plan/{town.plan}/goal/list/")
    assert "Swim" not in listed.text
    with desk.session("newcomer") as session:  # and the new coordinator goes on
        send(session, session.get_one(Plan, town.plan))
        session.commit()


def test_only_the_coordinating_unit_lets_appointments_go_along(browser, desk, town):
    asked = ask(desk, town, "coordinator", "newcomer")
    assert browser("admin").post(f"/register/merging/{asked}/yes").status_code == 403
    assert "who stands twice" not in browser("admin").get("/").text
    here = f"/register/merging/{town.people['coordinator']}/into/{town.people['newcomer']}"
    page = browser("office").get(here).text
    assert "Nobody can say yes to it yet" in page
    assert "One of these must say yes: Office." in browser("admin").get(here).text


def test_an_appointment_both_have_is_ended_once(desk, town):
    with town_of(desk) as session:
        both = {"person_id": town.people["owner"], "coordinator_id": town.people["newcomer"]}
        home = {"municipality_id": town.municipality_id}
        session.add(CoordinatorAppointment(**home, **both, starts_on=today()))
    merge(desk, town, "coordinator", "newcomer", by="admin", yes="office")
    with desk.system() as session:
        holds = select(CoordinatorAppointment.coordinator_id).where(
            CoordinatorAppointment.ends_on.is_(None)
        )
        assert session.scalars(holds).all() == [town.people["newcomer"]]
        entry = select(PlanRegister.coordinator_id).where(PlanRegister.plan_id == town.plan)
        assert session.scalars(entry).one() == town.people["newcomer"]


# What is not made one


def hindered(session, town):
    """(double, kept, why) of everything that stands in the way."""
    home, far = {"municipality_id": town.municipality_id}, timedelta(days=9)
    someone = Person(**home, name="Without Account")
    closed = Person(**home, name="Closed", merged_into_id=town.people["nurse"])
    session.add_all([someone, closed])
    session.flush()
    town.people |= {"someone": someone.id, "closed": closed.id}
    for who, index in {"teacher": "a", "grandmother": "b"}.items():
        session.get_one(Person, town.people[who]).identity_index = index
    session.get_one(Person, town.people["late"]).died_on = today()
    pairs = (("reader", "nurse"), ("withdrawn", "newcomer"))
    for person, leads in pairs:
        row = {"person_id": town.people[person], "coordinator_id": town.people[leads]}
        later = {"starts_on": today() + far}  # one to come counts too
        session.add(CoordinatorAppointment(**home, **row, **later))
    return [
        ("nurse", "nurse", Hindrance.SAME),
        ("closed", "expired", Hindrance.CLOSED),
        ("expired", "closed", Hindrance.CLOSED),
        ("teacher", "grandmother", Hindrance.TWO_NUMBERS),
        ("late", "expired", Hindrance.ONE_HAS_DIED),
        ("newcomer", "mother", Hindrance.WORK_AND_PRIVATE),
        ("mother", "newcomer", Hindrance.WORK_AND_PRIVATE),
        ("stranger", "leader", Hindrance.WORK_AND_PRIVATE),
        ("stranger", "expired", Hindrance.OWNS_A_PLAN),
        ("mother", "expired", Hindrance.REPRESENTS),
        ("uncle", "expired", Hindrance.REPRESENTS),  # verified or not
        ("reader", "expired", Hindrance.HAS_A_COORDINATOR),
        ("newcomer", "withdrawn", Hindrance.COORDINATES_THE_OTHER),
        ("admin", "expired", Hindrance.ADMINISTERS),
        ("expired", "someone", Hindrance.NO_WAY_IN),
    ]


def test_what_stands_in_the_way_is_said_and_refused_past_the_page_too(browser, desk, town):
    with town_of(desk) as session:
        cases = hindered(session, town)
    assert {why for _, _, why in cases} == set(Hindrance)
    for double, kept, why in cases:
        two = town.people[double], town.people[kept]
        said = browser("office").get(f"/register/merging/{two[0]}/into/{two[1]}").text
        words = merging.WORDS[why]
        assert re.sub(r"\W", "", words) in re.sub(r"&#\d+;|\W", "", said), (double, kept)
        assert "Yes, ask for it" not in said
        reply = browser("office").post(f"/register/merging/{two[0]}/into/{two[1]}")
        assert reply.status_code == 409, (double, kept)
        with desk.session("office") as session:
            session.add(question(town, double, kept, "office"))
            with pytest.raises(Forbidden):
                session.flush()
    with desk.system() as session:
        assert not session.scalars(select(PersonMerge)).all()


def test_what_came_in_the_way_since_is_refused_at_the_yes(browser, desk, town):
    asked = ask(desk, town, "late", "nurse")
    with town_of(desk) as session:
        for who, index in {"late": "a", "nurse": "b"}.items():
            session.get_one(Person, town.people[who]).identity_index = index
    assert "different identity numbers" in browser("admin").get(f"/register/merging/{asked}").text
    reply = browser("admin").post(f"/register/merging/{asked}/yes")
    assert reply.status_code == 409 and "different identity numbers" in reply.text
    with desk.session("admin") as session:  # nor past the page
        say_yes(session, asked)
        with pytest.raises(Forbidden, match="two numbers"):
            session.flush()
    assert not is_merged(desk, town, "late")


def test_the_way_round_is_offered_when_only_that_goes(browser, desk, town):
    """The one with the plan is kept, from whichever page one comes."""
    for who, other in (("stranger", "expired"), ("expired", "stranger")):
        sent = {"person_id": f"{other} [{town.people[other]}]"}
        reply = browser("office").post(f"/register/merging/{town.people[who]}/same", data=sent)
        two = town.people["expired"], town.people["stranger"]
        assert reply.location == "/register/merging/{}/into/{}".format(*two)
    with town_of(desk) as session:  # and the account that is in use
        session.get_one(Account, town.accounts["late"]).password_hash = "x"
    for who, other in (("late", "nurse"), ("nurse", "late")):
        sent = {"person_id": f"x [{town.people[other]}]"}
        reply = browser("office").post(f"/register/merging/{town.people[who]}/same", data=sent)
        two = town.people["nurse"], town.people["late"]
        assert reply.location == "/register/merging/{}/into/{}".format(*two)
    turned = browser("office").get("/register/merging/{1}/into/{0}".format(*two)).text
    assert "Is it the right way round?" in turned
    sent = {"person_id": f"x [{town.people['nurse']}]"}
    reply = browser("office").post(f"/register/merging/{town.people['nurse']}/same", data=sent)
    assert reply.status_code == 422 and "Choose the other one" in reply.text


def test_nobody_of_another_municipality_is_reached(browser, desk, town):
    far, nurse = town.people["foreign coordinator"], town.people["nurse"]
    asked = ask(desk, town, "late", "nurse")
    for address in (f"{far}/into/{nurse}", f"{nurse}/into/{far}"):
        assert browser("office").get(f"/register/merging/{address}").status_code == 404
        assert browser("office").post(f"/register/merging/{address}").status_code == 404
    assert browser("office").get(f"/register/merging/{far}/same").status_code == 404
    foreign = browser("foreign office")
    assert foreign.get(f"/register/merging/{asked}").status_code == 404
    assert foreign.post(f"/register/merging/{asked}/yes").status_code == 404
    assert "who stands twice" not in foreign.get("/").text
    with desk.session("office") as session:
        session.add(question(town, "nurse", "foreign coordinator", "office"))
        with pytest.raises(Forbidden):
            session.flush()


# Who asks, and who answers


def question(town, double, kept, by):
    return PersonMerge(
        municipality_id=town.municipality_id, double_id=town.people[double],
        kept_id=town.people[kept], asked_by_id=town.people[by],
    )  # fmt: skip


def say_yes(session, asked, by=None, closes=True):
    """As the page does it, past the page."""
    row = session.get_one(PersonMerge, asked)
    double = session.get_one(Person, row.double_id)
    row.confirmed, row.answered_by_id = True, by or session.actor.person_id
    if closes:
        double.merged_into_id = row.kept_id


def is_merged(desk, town, who):
    with desk.system() as session:
        return session.get_one(Person, town.people[who]).merged_into_id is not None


def test_only_the_coordinating_unit_and_the_administrator_ask_and_answer(browser, desk, town):
    asked = ask(desk, town, "late", "nurse", by="admin")
    two = f"/register/merging/{town.people['late']}/into/{town.people['nurse']}"
    for who in ("coordinator", "leader", "nurse", "mother", "owner"):
        for address in ("/register/merging/", f"/register/merging/{asked}", two):
            assert browser(who).get(address).status_code == 403, (who, address)
        assert browser(who).post(two).status_code == 403
        assert browser(who).post(f"/register/merging/{asked}/yes").status_code == 403
        with desk.session(who) as session:
            session.add(question(town, "late", "nurse", who))
            with pytest.raises(Forbidden):
                session.flush()
    assert not is_merged(desk, town, "late")


def test_neither_who_asked_nor_the_two_nor_their_family_answers(browser, desk, town):
    asked = ask(desk, town, "late", "nurse", by="admin")
    assert browser("admin").post(f"/register/merging/{asked}/yes").status_code == 403
    for who in ("late", "nurse"):
        with acting(desk, who, Role.COORDINATING_UNIT, Role.ADMINISTRATOR) as session:
            say_yes(session, asked)
            with pytest.raises(NotAgreed):
                session.flush()
    with town_of(desk) as session:  # long ago the office acted for one of them
        pair = {"person_id": town.people["nurse"], "representative_id": town.people["office"]}
        past = utcnow() - timedelta(days=99)
        session.add(
            Representation(
                municipality_id=town.municipality_id, **pair, capacity=Capacity.GUARDIAN,
                starts_at=past, ends_at=past,
            )
        )  # fmt: skip
    assert browser("office").post(f"/register/merging/{asked}/yes").status_code == 409
    with desk.session("office") as session:
        say_yes(session, asked)
        with pytest.raises(NotAgreed):
            session.flush()
    two = f"/register/merging/{town.people['late']}/into/{town.people['nurse']}"
    reply = browser("office").post(two)
    assert reply.status_code == 409 and "your own family" in reply.text
    with desk.session("office") as session:
        session.add(question(town, "late", "nurse", "office"))
        with pytest.raises(Forbidden):
            session.flush()
    me = f"/register/merging/{town.people['late']}/into/{town.people['office']}"
    assert "your own family" in browser("office").post(me).text
    assert not is_merged(desk, town, "late")


def test_no_way_past_the_page_makes_one_two(desk, town):
    asked = ask(desk, town, "late", "nurse")
    nurse = town.people["nurse"]
    with desk.session("admin") as session:  # without a question
        session.get_one(Person, town.people["reader"]).merged_into_id = nurse
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:  # born closed
        home = {"municipality_id": town.municipality_id}
        session.add(Person(**home, name="x", merged_into_id=nurse))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:  # into somebody else than was asked for
        say_yes(session, asked)
        session.get_one(Person, town.people["late"]).merged_into_id = town.people["reader"]
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:  # a yes that closes nothing
        say_yes(session, asked, closes=False)
        with pytest.raises(Forbidden, match="closes the double"):
            session.flush()
    with desk.session("office") as session:
        two = [session.get_one(Person, town.people[one]) for one in ("nurse", "late")]
        back = merging.ask(session, *two).id
        session.commit()
    with desk.session("admin") as session:  # two that point at each other
        say_yes(session, asked)
        with session.no_autoflush:
            say_yes(session, back)
        with pytest.raises(Forbidden, match="one at a time"):
            session.flush()
    with desk.session("office") as session:  # one's own, in somebody else's name
        say_yes(session, asked, by=town.people["admin"])
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:  # "she asked, I say yes"
        session.add(question(town, "reader", "nurse", "office"))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("office") as session:  # born answered
        row = question(town, "reader", "nurse", "office")
        row.confirmed, row.answered_by_id = True, town.people["admin"]
        session.add(row)
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:  # an old yes
        merging.answer(session, session.get_one(PersonMerge, asked), True)
        session.flush()
        session.get_one(PersonMerge, asked).confirmed = True
        session.get_one(Person, town.people["reader"]).merged_into_id = nurse
        with pytest.raises(Forbidden):
            session.flush()
    assert not any(is_merged(desk, town, who) for who in ("late", "reader"))


def test_a_no_is_final_may_be_taken_back_and_after_two_weeks_it_is_too_late(
    app, browser, desk, town
):
    asked = ask(desk, town, "late", "nurse")
    answer(desk, asked, yes=False)
    for yes in (True, False):
        with pytest.raises(AnsweredAlready):
            answer(desk, asked, yes=yes)
    again = ask(desk, town, "late", "nurse")
    assert again != asked
    assert browser("office").post(f"/register/merging/{again}/no").status_code == 303
    third = ask(desk, town, "late", "nurse")
    with CLOCK.stopped_at(utcnow() + WAITS + timedelta(minutes=1)):
        admin = sit_down(app, town, "admin")
        assert "Nothing waits." in admin.get("/register/merging/").text
        assert "Answered, or too old" in admin.get(f"/register/merging/{third}").text
        assert admin.post(f"/register/merging/{third}/yes").status_code == 409
        with desk.session("admin") as session:
            say_yes(session, third)
            with pytest.raises(NotAgreed):
                session.flush()
    assert not is_merged(desk, town, "late")


# Afterwards


def test_nothing_more_is_written_about_the_entry_that_is_closed(browser, desk, town):
    merge(desk, town, "teacher", "newcomer")
    teacher, home = town.people["teacher"], {"municipality_id": town.municipality_id}
    assert browser("office").get(f"/register/person/edit/{teacher}").status_code == 403
    account = f"/register/account/edit/{town.memberships['teacher']}"
    assert browser("admin").get(account).status_code == 403
    again = browser("coordinator").post(f"/plan/{town.plan}/team/{teacher}/again")
    assert again.status_code == 403

    def refused(who, change):
        with desk.session(who) as session, pytest.raises(Forbidden):
            change(session)
            session.flush()

    def new(row):
        return lambda session: session.add(row)

    def change(cls, key, name, value):
        return lambda session: setattr(session.get_one(cls, key), name, value)

    with town_of(desk) as session:  # and nobody is asked to mend how it is reached
        notice = session.scalars(select(OutboxMessage)).first()
        gone = {"channel": Channel.MAIL, "fault": Fault.NO_ADDRESS, "failed_at": utcnow()}
        session.add(Delivery(**home, **gone, message_id=notice.id, person_id=teacher, kind="team"))
    assert "Everything has arrived" in browser("office").get("/register/undelivered/").text
    hat, acts = town.memberships["teacher"], {"starts_at": utcnow()}
    for name, value in {"name": "X", "phone": "1", "merged_into_id": None}.items():
        refused("office", change(Person, teacher, name, value))
    refused("admin", change(Membership, hat, "active", True))
    refused("admin", change(Membership, hat, "roles", frozenset({Role.LEADER})))
    refused("office", new(start_code(town, "teacher", "office", "x")))
    for one, other in ((teacher, town.people["late"]), (town.people["late"], teacher)):
        pair = {"person_id": one, "representative_id": other, "capacity": Capacity.GUARDIAN}
        refused("office", new(Representation(**home, **pair, **acts)))
        pair = {"person_id": one, "coordinator_id": other, "starts_on": today()}
        refused("office", new(CoordinatorAppointment(**home, **pair)))
    refused("coordinator", lambda s: propose_again(s, s.get_one(Plan, town.plan), teacher))
    refused("office", new(question(town, "teacher", "nurse", "office")))
    with town_of(desk) as session:  # a yes of everybody's, from before
        at = {"plan_id": town.plan, "person_id": teacher, "life_areas": frozenset(LifeArea)}
        key = {"consent_id": town.rows["consent"], "scope": Scope.CONTACTS, "level": Level.READ}
        session.add(line := ConsentLine(**at, **key))
        session.flush()
        said = {"plan_id": town.plan, "line_id": line.id, "accepted": True, "older": False}
        signed = Signature.consent_id == town.rows["consent"]
        for signature in session.scalars(select(Signature.id).where(signed)):
            how = {"level": Level.READ, "life_areas": frozenset(LifeArea)}
            session.add(SignatureAnswer(**said, **how, signature_id=signature))
    time = {"since": utcnow(), "starts_at": utcnow(), "ends_at": utcnow()}
    refused("mother", new(Grant(**at, **key, **time)))
    with desk.session("mother") as session:  # which is the reason, and nothing else
        session.add(Grant(**{**at, "person_id": town.people["nurse"]}, **key, **time))
        with pytest.raises(Forbidden, match="every signer"):
            session.flush()
    with desk.system() as session:
        assert live(session, teacher) == 0


def test_whoever_is_looked_for_is_the_one_who_is_used(browser, desk, town, reach):
    reach("late", email="old@x.no")
    reach("newcomer", email="new@x.no")
    merge(desk, town, "late", "newcomer")
    late, newcomer = town.people["late"], town.people["newcomer"]
    office, lookup = browser("office"), "/register/lookup/"
    for name in ("Late", f"Late [{late}]", "Newcomer"):
        hits = office.post(lookup, data={"name": name}).json["hits"]
        assert len(hits) == 1 and hits[0].endswith(f"[{newcomer}]"), name
    for name, login in {
        "Late": "old@x.no", "Newcomer": "old@x.no", "newcomer": "new@x.no", "LATE": "late",
    }.items():  # fmt: skip
        with desk.session("coordinator") as session:
            assert find_or_make(session, name, login).id == newcomer, (name, login)
    with desk.session("coordinator") as session, pytest.raises(NameTaken):
        find_or_make(session, "Somebody Else", "old@x.no")
    with desk.session("coordinator") as session:  # and the account that stays is used
        assert admit(session, session.get_one(Person, newcomer), "late") is None
        assert session.scalars(select(Account).where(Account.login_name == "late")).one()
    with desk.session("newcomer") as session:  # one's own old address is one's own
        change_contact(session, "old@x.no", None)
    with desk.session("nurse") as session, pytest.raises(AddressTaken):
        change_contact(session, "old@x.no", None)
    shown = office.get(f"/register/person/show/{late}").text
    assert "Late (merged with Newcomer)" in shown
    assert f'href="/register/person/show/{newcomer}"' in shown and "/edit/" not in shown
    assert "/same" not in shown and "Late (merged with Newcomer)" in office.get(
        "/register/person/list/"
    ).text  # fmt: skip
    sent = {"person_id": "Owner", "coordinator_id": f"Late [{late}]", "starts_on": "2027-01-31"}
    office.post("/register/appointment/add", data=sent)
    with desk.system() as session:
        leads = select(CoordinatorAppointment.coordinator_id)
        assert late not in set(session.scalars(leads))


def test_a_double_of_a_double_leads_to_the_one_who_is_used(desk, town, reach):
    reach("late", email="old@x.no")
    merge(desk, town, "late", "reader")
    merge(desk, town, "reader", "newcomer")
    with desk.session("coordinator") as session:
        known = find_or_make(session, "Newcomer", "old@x.no")
        assert known.id == town.people["newcomer"]
        assert known.id == find_or_make(session, "Late", "late").id


def test_who_was_on_the_way_in_does_not_come(desk, town):
    """A hat that waits for its answer is not opened afterwards."""
    with town_of(desk) as session:
        session.get_one(Membership, town.memberships["late"]).active = False
        code = start_code(town, "late", "office", "x")
        session.add(code)
    merge(desk, town, "late", "nurse")
    with desk.system() as session:
        assert session.scalars(select(Invitation.withdrawn_at)).one() is not None
        of_late = LoginSession.membership_id == town.memberships["late"]
        assert not session.scalars(select(LoginSession).where(of_late)).all()


# All or nothing, and in turn


@pytest.mark.parametrize("where", ["security.closing.end_of_hats", "services.merging._tell"])
def test_a_fault_in_the_middle_leaves_everything_as_it_was(browser, desk, town, monkeypatch, where):
    asked = ask(desk, town, "teacher", "newcomer")

    def fault(*_):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(where, fault)
    assert browser("admin").post(f"/register/merging/{asked}/yes").status_code == 500
    monkeypatch.undo()
    with desk.system() as session:
        assert live(session, town.people["teacher"]) == 4
        assert session.get_one(PersonMerge, asked).confirmed is None
        assert session.get_one(Membership, town.memberships["teacher"]).active
        in_it = set(session.scalars(select(Participant.person_id)))
        assert town.people["newcomer"] not in in_it
        assert not session.scalars(select(OutboxMessage)).all()
    assert not is_merged(desk, town, "teacher")
    assert browser("admin").post(f"/register/merging/{asked}/yes").status_code == 303


@pytest.fixture
def another(desk, town):
    """The leader is system administrator besides."""
    with town_of(desk) as session:
        session.get_one(Membership, town.memberships["leader"]).roles = frozenset(
            {Role.ADMINISTRATOR}
        )


def test_two_who_say_yes_at_once_make_one(desk, town, another):
    asked, ready, go = ask(desk, town, "teacher", "newcomer"), Event(), Event()

    def yes(who):
        WRITING.set(True)
        with acting(desk, who, Role.ADMINISTRATOR) as session:
            merging.answer(session, session.get_one(PersonMerge, asked), True)
            ready.set()
            assert go.wait(30)
            session.commit()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(yes, "admin")
        assert ready.wait(30)
        ready.clear()
        second = pool.submit(yes, "leader")
        assert not ready.wait(0.3)  # it waits for its turn
        go.set()
        first.result()
        with pytest.raises(AnsweredAlready):
            second.result()
    with desk.system() as session:
        proposed = select(Participant).where(Participant.person_id == town.people["newcomer"])
        assert len(session.scalars(proposed).all()) == 1
        assert audit.verify(session, town.plan) is None


def test_who_is_proposed_at_the_same_moment_is_proposed_before_or_not_at_all(desk, town):
    """The coordinator asks once more for one whose entry is being closed."""
    asked, ready, go = ask(desk, town, "withdrawn", "newcomer"), Event(), Event()
    with town_of(desk) as session:
        part = session.get_one(Participant, town.rows["participant withdrawn"])
        part.status = ParticipantStatus.WITHDRAWN

    def close():
        WRITING.set(True)
        with desk.session("admin") as session:
            merging.answer(session, session.get_one(PersonMerge, asked), True)
            ready.set()
            assert go.wait(30)
            session.commit()

    def propose():
        WRITING.set(True)
        with desk.session("coordinator") as session:
            propose_again(session, session.get_one(Plan, town.plan), town.people["withdrawn"])
            session.commit()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(close)
        assert ready.wait(30)
        second = pool.submit(propose)
        with pytest.raises(TimeoutError):  # it waits for its turn
            second.result(0.5)
        go.set()
        first.result()
        with pytest.raises(Forbidden):
            second.result()
    with desk.system() as session:
        part = session.get_one(Participant, town.rows["participant withdrawn"])
        assert part.status is ParticipantStatus.WITHDRAWN


def test_the_start_page_asks_no_more_than_before(browser, desk, town, app_engine):
    office = browser("office")
    office.get("/")
    with statements(app_engine) as sent:
        office.get("/")
    counts = [one for one in sent if "person_merge" in one]
    assert len(counts) == 1 and "FROM invitation" in counts[0].replace("\n", "")
    with statements(app_engine) as sent:
        browser("coordinator").get("/")
    assert not [one for one in sent if "person_merge" in one]


def test_what_ends_is_ended_by_the_guard_and_by_nothing_else(desk, town):
    """The service asks; that nothing of the double lives on is not its to forget."""
    asked = ask(desk, town, "teacher", "newcomer")
    with desk.session("admin") as session:
        say_yes(session, asked)
        session.commit()
    with desk.system() as session:
        assert live(session, town.people["teacher"]) == 0
        assert not session.get_one(Membership, town.memberships["teacher"]).active
        assert not closing.places(session, town.people["teacher"], town.people["newcomer"])
