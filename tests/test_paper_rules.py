"""Who registers and confirms a consent on paper, and that nobody signs for anybody without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from models.account import Account, Membership
from models.clock import CLOCK, today, utcnow
from models.elements.goal import Goal
from models.paper import PaperConsent
from models.people import Representation
from models.plan import Plan
from models.vocabulary import Capacity, Role
from security.actor import Actor
from security.facts import facts
from security.four_eyes import NotAgreed
from security.policy import Action, Forbidden, permits
from security.session import GuardedSession
from services import paper, signing
from tests.factories import WHO
from tests.paper_steps import (
    CONFIRM,
    JONAS,
    MARTE,
    also,
    answer,
    ask,
    confirm,
    filled,
    nothing_is_signed,
    on_paper,
    register,
    send,
    stored,
)
from tests.test_giving_access import family  # noqa: F401  (a fixture)


@pytest.fixture
def sent(family):  # noqa: F811
    return ask(family)


@pytest.mark.parametrize(
    "who", ["newcomer", "coordinator", "teacher", "nurse", "mother", "admin", "foreign office"]
)
def test_nobody_but_a_second_person_answers(sent, who):
    row = register(sent)
    with sent.desk.session(who) as session:
        found = session.get(PaperConsent, row)
        assert (found is not None) is (who == "newcomer")  # who has registered it
        if found is not None:
            found.confirmed, found.answered_by_id = True, session.actor.person_id
            with pytest.raises(Forbidden):
                session.flush()
    for how in ("yes", "no"):
        assert confirm(sent, row, who, how).status_code in (403, 409)
    assert sent.browser(who).get(f"{CONFIRM}paper/{row}/scan").status_code in (403, 404)
    assert nothing_is_signed(sent) and stored(sent, PaperConsent)[0].confirmed is None


def test_who_registered_it_does_not_confirm_with_another_hat_on(sent):
    also(sent, "newcomer", roles=frozenset({Role.COORDINATOR, Role.COORDINATING_UNIT}))
    assert send(sent, filled(sent)).status_code == 303
    row = stored(sent, PaperConsent)[0].id
    assert f"paper/{row}/" not in sent.browser("newcomer").get(CONFIRM).text
    assert confirm(sent, row, "newcomer").status_code == 403
    assert nothing_is_signed(sent)


def test_neither_the_family_nor_who_is_asked_about_confirms(sent):
    with sent.desk.system() as session:
        session.add(
            Representation(
                municipality_id=sent.town.municipality_id, person_id=sent.child,
                representative_id=sent.town.people["leader"],
                capacity=Capacity.PARENT_INFORMED,
            )
        )  # fmt: skip
        session.commit()
    also(sent, "teacher", roles=frozenset({Role.PARTICIPANT, Role.COORDINATING_UNIT}))
    row = register(sent)
    for who in ("leader", "teacher"):
        assert f"paper/{row}/" not in sent.browser(who).get(CONFIRM).text
        assert sent.browser(who).get(f"{CONFIRM}paper/{row}/scan").status_code == 404
        assert confirm(sent, row, who).status_code == 403
    with sent.desk.session("leader") as session, pytest.raises(NotAgreed):
        paper.answer(session, session.get_one(PaperConsent, row), True)
    assert nothing_is_signed(sent)
    assert answer(sent, row, "office") is False


@pytest.mark.parametrize("by", ["mother", "teacher", "office", "leader", "coordinator"])
def test_nobody_registers_but_the_coordinator_of_the_plan(sent, by):
    for address in ("consent/paper/", "consent/paper/print"):
        assert sent.browser(by).get(sent.url(address)).status_code in (403, 404)
    assert send(sent, filled(sent), by).status_code in (403, 404)
    assert sent.guardian("jonas").get(sent.url("consent/paper/")).status_code == 403
    assert stored(sent, PaperConsent) == []


FORGED = {
    "in another's name": {"asked_by_id": "leader"},
    "answered": {"confirmed": True, "answered_by_id": "leader"},
    "of one who does not sign": {"person_id": "teacher"},
    "future": {"signed_on": timedelta(days=1)},
    "before it was asked for": {"signed_on": timedelta(days=-1)},
    "too long": {"until": timedelta(days=367)},
    "over": {"until": timedelta()},
    "another scan": {"scan_digest": "0" * 64},
    "another municipality": {"municipality_id": "foreign"},
}


@pytest.mark.parametrize("how", FORGED)
def test_what_is_registered_is_a_question_about_what_is_asked(sent, how):
    row = register(sent)
    with sent.desk.system() as session:
        old = session.get_one(PaperConsent, row)
        kept = {c.key: getattr(old, c.key) for c in PaperConsent.__mapper__.column_attrs}
    people = sent.town.people | {"foreign": sent.town.foreign_id}
    forged = {
        name: today() + value if isinstance(value, timedelta) else people.get(value, value)
        for name, value in FORGED[how].items()
    }
    with sent.desk.session("newcomer") as session:
        own = {"id": None, "uid": how, "person_id": sent.person(JONAS).id}
        session.add(PaperConsent(**kept | own | forged))
        with pytest.raises(Forbidden):
            session.flush()


def test_nobody_registers_papers_of_their_own_family(sent):
    with sent.desk.system() as session:
        session.add(
            Representation(
                municipality_id=sent.town.municipality_id, person_id=sent.child,
                representative_id=sent.town.people["newcomer"],
                capacity=Capacity.PARENT_INFORMED,
            )
        )  # fmt: skip
        session.commit()
    with pytest.raises(Forbidden):
        register(sent)


# Twins


def test_policy_and_sql_agree_about_papers_for_everyone(sent):
    for who in (MARTE, JONAS):
        register(sent, who)
    answer(sent, stored(sent, PaperConsent)[0].id, yes=False)
    register(sent)
    also(sent, "nurse", roles=frozenset({Role.PARTICIPANT, Role.LEADER}))
    for later in (timedelta(), timedelta(days=15)):
        with CLOCK.stopped_at(utcnow() + later):
            for who in WHO:
                with sent.desk.system() as system, sent.desk.session(who) as session:
                    found = {one.id for one in session.scalars(select(PaperConsent))}
                    access = session.access(sent.plan)
                    right = {
                        one.id
                        for one in system.scalars(select(PaperConsent))
                        if permits(access, Action.READ, facts(one))
                    }
                    assert found == right, (who, later)
                    here = 3 if who == "newcomer" else 0
                    if who in ("leader", "office"):
                        here = 0 if later else 2
                    assert len(found) == here, (who, later)


# Nothing is loosened


def test_a_signature_on_paper_takes_the_gate(sent):
    row = register(sent)
    with sent.desk.session("leader") as session:
        kept = session.get_one(PaperConsent, row)
        with pytest.raises(Forbidden, match="breath"), paper.hand_of(session, kept):
            pass
    marte = sent.person(MARTE).id
    with sent.desk.session("leader") as session:
        forged = replace(
            session.actor, person_id=marte, paper_id=row, confirmer_id=session.actor.person_id
        )
        with GuardedSession(sent.desk.engine) as hand:
            hand.act_as(forged)
            plan, consent, written = _to_sign(hand, sent)
            with pytest.raises(Forbidden, match="hand"):
                signing.sign(
                    hand, plan, consent, written.answers, until=written.until, language="en",
                    shown=written.shown, child=written.child, proof=paper.Proof(method="paper"),
                )  # fmt: skip
    assert nothing_is_signed(sent)


def _to_sign(session, sent):
    consent, written = on_paper(session, sent)
    return session.get_one(Plan, sent.plan), consent, written


def test_who_signs_with_their_own_login_does_not_sign_on_paper(sent):
    with sent.desk.system() as session:
        hat = select(Membership).where(Membership.person_id == sent.person(MARTE).id)
        hat = session.scalars(hat).one()
        account = session.get_one(Account, hat.account_id).id
    with GuardedSession(sent.desk.engine) as session:
        session.act_as(
            Actor(
                account_id=account, person_id=hat.person_id, name="Marte",
                municipality_id=hat.municipality_id, roles=hat.roles,
            )
        )  # fmt: skip
        plan, consent, written = _to_sign(session, sent)
        with pytest.raises(Forbidden, match="two persons"):
            signing.sign(
                session, plan, consent, written.answers, until=written.until, language="en",
                shown=written.shown, child=written.child, proof=paper.Proof(method="paper"),
            )  # fmt: skip


def yes(session, row):
    kept = session.get_one(PaperConsent, row)
    kept.confirmed, kept.answered_by_id = True, session.actor.person_id
    session.flush()
    return kept


def test_a_yes_without_a_signature_is_not_stored(sent):
    row = register(sent)
    with sent.desk.session("leader") as session:
        yes(session, row)
        with pytest.raises(Forbidden):
            session.commit()
    with sent.desk.session("leader") as session:
        kept = session.get_one(PaperConsent, row)
        kept.confirmed, kept.answered_by_id = True, session.actor.person_id
        with pytest.raises(Forbidden):  # flushed by nothing but the commit
            session.commit()
    with sent.desk.session("leader") as session:
        kept = yes(session, row)
        with pytest.raises(Forbidden), paper.hand_of(session, kept):
            pass  # and does nothing with it
    assert stored(sent, PaperConsent)[0].confirmed is None


WITH_THE_HAND = {
    "other answers": {"answers": {}},
    "longer": {"until": timedelta(days=200)},
    "another method": {"proof": paper.Proof()},
    "other words of the child": {"opinion": "No"},
}


@pytest.mark.parametrize("how", WITH_THE_HAND)
def test_the_hand_writes_what_stands_on_the_paper(sent, how):
    row = register(sent)
    with sent.desk.session("leader") as session:
        kept = yes(session, row)
        with pytest.raises(Forbidden), paper.hand_of(session, kept) as hand:
            plan, consent, written = _to_sign(hand, sent)
            more = WITH_THE_HAND[how]
            child = written.child
            if "opinion" in more:
                child = type(child)(child.how, child.on, more["opinion"], None)
            until = today() + more["until"] if "until" in more else written.until
            signing.sign(
                hand, plan, consent, more.get("answers", written.answers), until=until,
                language="en", shown=written.shown, child=child,
                proof=more.get("proof", paper.Proof(method="paper")),
            )  # fmt: skip
    assert nothing_is_signed(sent)


def test_the_hand_writes_nothing_but_a_signature(sent):
    row = register(sent)
    with sent.desk.session("leader") as session:
        kept = yes(session, row)
        with pytest.raises(Forbidden), paper.hand_of(session, kept) as hand:
            hand.add(Goal(plan_id=sent.plan, goal="Swim"))
            hand.flush()
    assert stored(sent, Goal) == []


def test_what_is_answered_stays(sent, engine):
    row = register(sent)
    answer(sent, row)
    for change in ("confirmed = false", "answered_by_id = 1", "scan_digest = 'x'"):
        with engine.begin() as connection, pytest.raises(DBAPIError):
            connection.execute(text(f"UPDATE paper_consent SET {change}"))
