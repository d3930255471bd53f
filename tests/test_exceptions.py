"""One who must sign need not: asked for by one, confirmed by another, for a time, and never the
last who signs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.clock import CLOCK, months_later, today, utcnow
from models.outbox import OutboxMessage
from models.people import Representation
from models.plan import Plan
from models.signing_exception import SigningException
from models.vocabulary import Capacity, ExceptionReason
from security.four_eyes import NotAgreed
from security.policy import Forbidden
from security.signers import Part, deciders, signers
from services import exceptions
from services.exceptions import NobodyLeft
from services.four_eyes import AnsweredAlready
from tests.test_giving_access import family  # noqa: F401  (a fixture)

REASON = ExceptionReason.ONLY_HOLDER


def ask(desk, town, who="father", by="coordinator", reason=REASON, until=None):
    with desk.session(by) as session:
        row = exceptions.ask(
            session, session.get_one(Plan, town.plan), town.people[who], reason, "Abroad",
            until or months_later(today(), 3), f"ask-{who}",
        )  # fmt: skip
        session.commit()
        return row.id


def answer(desk, row, who="leader", yes=True):
    with desk.session(who) as session:
        exceptions.answer(session, session.get_one(SigningException, row), yes)
        session.commit()


def must(desk, town):
    with desk.session("coordinator") as session:
        return deciders(session, session.get_one(Plan, town.plan))


def both(town):
    return {town.people["mother"], town.people["father"]}


def test_it_counts_when_another_has_confirmed_and_the_excepted_still_reads(desk, town):
    row = ask(desk, town)
    assert must(desk, town) == both(town)
    answer(desk, row)
    assert must(desk, town) == {town.people["mother"]}
    with desk.session("father") as session:
        access = session.access(town.plan)
        assert access.representative and access.withdraws
    with desk.system() as session:
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "signers"))
        people = {town.people["mother"], town.people["coordinator"]}
        assert {one.person_id for one in told} == people


def test_a_no_changes_nothing_and_is_not_answered_twice(desk, town):
    row = ask(desk, town)
    answer(desk, row, yes=False)
    with pytest.raises(AnsweredAlready):
        answer(desk, row)
    assert must(desk, town) == both(town)


def test_it_runs_out_and_is_ended(desk, town):
    row = ask(desk, town)
    answer(desk, row)
    with CLOCK.stopped_at(utcnow() + timedelta(days=89)):
        assert must(desk, town) == {town.people["mother"]}
    with CLOCK.stopped_at(utcnow() + timedelta(days=93)):
        assert must(desk, town) == both(town)
    with desk.session("office") as session:
        exceptions.end(session, session.get_one(SigningException, row))
        session.commit()
    assert must(desk, town) == both(town)
    with desk.session("office") as session:
        session.get_one(SigningException, row).ended_at = None
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize("who", ["coordinator", "mother", "father", "admin", "newcomer"])
def test_neither_the_one_who_asks_nor_the_family_confirms(desk, town, who):
    row = ask(desk, town)
    with pytest.raises(Forbidden):
        answer(desk, row, who)
    assert must(desk, town) == both(town)


def test_a_head_of_department_in_the_family_does_not_confirm(desk, town):
    row = ask(desk, town)
    with desk.system() as session:
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["leader"], capacity=Capacity.PARENT_INFORMED,
            )
        )  # fmt: skip
        session.commit()
    with pytest.raises(NotAgreed):
        answer(desk, row, "leader")
    answer(desk, row, "office")


@pytest.mark.parametrize("by", ["newcomer", "mother", "office", "teacher"])
def test_nobody_asks_but_the_coordinator_of_the_child(desk, town, by):
    with desk.session(by) as session:
        session.add(
            SigningException(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["father"], reason=REASON, explanation="x",
                until=today() + timedelta(days=9), asked_by_id=town.people[by],
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize("what", ["confirmed", "too long", "another's name", "ended"])
def test_what_is_asked_is_only_a_question(desk, town, what):
    wrong = {
        "confirmed": {"confirmed": True, "answered_by_id": town.people["leader"]},
        "too long": {"until": months_later(today(), 12) + timedelta(days=1)},
        "another's name": {"asked_by_id": town.people["office"]},
        "ended": {"ended_at": utcnow()},
    }[what]
    with desk.session("coordinator") as session:
        row = {
            "municipality_id": town.municipality_id, "person_id": town.people["owner"],
            "representative_id": town.people["father"], "reason": REASON, "explanation": "x",
            "until": today() + timedelta(days=9), "asked_by_id": town.people["coordinator"],
        }  # fmt: skip
        session.add(SigningException(**row | wrong))
        with pytest.raises(Forbidden):
            session.flush()


def test_another_municipality_neither_sees_nor_answers(desk, town):
    row = ask(desk, town)
    with desk.session("foreign office") as session:
        assert session.get(SigningException, row) is None


def test_the_last_who_signs_is_never_excepted(desk, town):
    answer(desk, ask(desk, town))
    with pytest.raises(NobodyLeft):
        ask(desk, town, "mother")
    with desk.session("coordinator") as session:
        session.add(
            SigningException(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["mother"], reason=REASON, explanation="x",
                until=today() + timedelta(days=9), asked_by_id=town.people["coordinator"],
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()
    with pytest.raises(NobodyLeft):
        ask(desk, town, "uncle")  # does not sign at all


def test_two_that_wait_are_not_both_confirmed(desk, town):
    first, second = ask(desk, town), ask(desk, town, "mother")
    answer(desk, first)
    with pytest.raises(NobodyLeft):
        answer(desk, second)
    with desk.session("leader") as session:
        row = session.get_one(SigningException, second)
        row.confirmed, row.answered_by_id = True, session.actor.person_id
        with pytest.raises(Forbidden):
            session.flush()


def test_without_anybody_else_the_excepted_signs_after_all(desk, town):
    answer(desk, ask(desk, town))
    with desk.system() as session:
        mother = select(Representation).where(
            Representation.representative_id == town.people["mother"]
        )
        session.scalars(mother).one().ends_at = utcnow()
        session.commit()
    assert must(desk, town) == {town.people["father"]}


def test_what_waits_is_not_asked_twice(desk, town):
    assert ask(desk, town) == ask(desk, town)


def test_the_explanation_is_stored_encrypted(desk, town, engine):
    ask(desk, town)
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT explanation FROM signing_exception")).scalar()
    assert b"Abroad" not in bytes(stored)


@pytest.mark.parametrize("reason", [REASON, ExceptionReason.DANGER])
def test_the_other_parent_is_told_why_unless_it_is_danger(browser, desk, town, reason):
    answer(desk, ask(desk, town, reason=reason))
    said = {"mother": browser("mother"), "father": browser("father")}
    for who, client in said.items():
        page = client.get(f"/plan/{town.plan}/consent/").text
        assert "Need not sign for now" in page, who
        assert ("alone with parental responsibility in practice" in page) is (reason is REASON)
        assert "danger" not in page.lower() and "Abroad" not in page
    with desk.session("coordinator") as session:
        plan = session.get_one(Plan, town.plan)
        parts = {one.name: (one.part, one.reason) for one in signers(session, plan)}
        assert parts["Father"] == (Part.EXCEPTED, reason)


def test_the_coordinator_asks_and_takes_back_in_pages(browser, desk, town):
    address = f"/plan/{town.plan}/consent/without/"
    assert browser("mother").get(address).status_code == 403
    assert browser("office").get(address).status_code == 403
    page = browser("coordinator").get(address).text
    assert "Father" in page and "Mother" in page and "Uncle" not in page
    sent = {
        "representative": str(town.people["father"]), "reason": "danger", "explanation": "Told us",
        "until": months_later(today(), 2).isoformat(),
    }  # fmt: skip
    bad = {
        "representative": str(town.people["uncle"]), "reason": "love", "explanation": "",
        "until": months_later(today(), 13).isoformat(),
    }  # fmt: skip
    for name, value in bad.items():
        assert browser("coordinator").post(address, data=sent | {name: value}).status_code == 422
    assert browser("coordinator").post(address, data=sent).status_code == 303
    page = browser("coordinator").get(f"/plan/{town.plan}/consent/").text
    assert "Waits for the office" in page
    with desk.system() as session:
        row = session.scalars(select(SigningException)).one().id
    theirs = browser("leader").get("/register/confirmations/").text
    assert "Told us" in theirs and f"exception/{row}/yes" in theirs
    assert browser("leader").post(f"/register/confirmations/exception/{row}/yes").status_code == 303
    assert must(desk, town) == {town.people["mother"]}
    assert browser("mother").post(f"{address}{row}/end").status_code == 403
    assert browser("coordinator").post(f"{address}{row}/end").status_code == 303
    assert must(desk, town) == both(town)
    assert browser("coordinator").post(f"{address}{row}/end").status_code == 404


def test_who_has_signed_lets_it_count_without_the_other(family, browser, desk, town):  # noqa: F811
    """Marte has signed, Jonas never answers: with a yes from the office it counts without him."""
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    family.sign("marte@example.no")
    url = family.url("consent/conclude")
    assert family.guardian("marte@example.no").post(url).status_code == 409
    assert family.grants() == []
    jonas = family.person("Jonas Vik")
    sent = {
        "representative": str(jonas.id), "reason": "only_holder", "explanation": "Gone",
        "until": months_later(today(), 2).isoformat(),
    }  # fmt: skip
    asked = browser("newcomer").post(family.url("consent/without/"), data=sent)
    assert asked.status_code == 303
    with desk.system() as session:
        row = session.scalars(select(SigningException)).one().id
    answer(desk, row)
    assert family.grants() == []
    assert family.guardian("jonas").post(url).status_code == 403  # has not signed
    assert browser("newcomer").post(url).status_code == 403
    page = family.guardian("marte@example.no").get(family.url("consent/")).text
    assert "Everybody who must sign now has signed" in page
    assert family.guardian("marte@example.no").post(url).status_code == 303
    assert family.person("Gunn").id in {grant.person_id for grant in family.grants()}
