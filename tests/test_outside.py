"""Those without a sign-in: proposed, answered line by line, open for as long as all say, and taken
back at once. Nobody is let do more than every signer said yes to."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jobs.receipt_texts import page_of_consent, page_of_signature
from models.clock import CLOCK, OSLO, utcnow
from models.consent import Consent, Signature
from models.elements.meeting import Meeting
from models.evidence import SignatureProof
from models.outbox import OutboxMessage
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.vocabulary import ConsentStatus, Exchange
from security import triggers
from security.policy import Forbidden
from security.session import GuardedSession
from security.writes import Immutable
from services import evidence_check, signing
from services.outside import open_now
from tests.test_giving_access import family, signed  # noqa: F401  (fixtures)

DOCTOR = {"name": "Doctor Li", "ways": ["fetch", "share"], "about": "Sleep and medicine"}
HOME = {"name": "Solvik respite home", "ways": ["share"], "about": "What calms her"}
FETCH, SHARE, ATTEND = Exchange
MOTHER, FATHER = "marte@example.no", "jonas"


def propose(at, data, who="newcomer"):
    return at.browser(who).post(at.url("outside/add"), data=data)


def lines(at):
    with at.desk.system() as session:
        mine = select(OutsideLine).where(OutsideLine.plan_id == at.plan)
        return session.scalars(mine.order_by(OutsideLine.id)).all()


@contextmanager
def acting_as(at, person_id):
    with GuardedSession(at.desk.engine) as session:
        session.act_as(replace(at.desk.actor("mother"), person_id=person_id))
        yield session


def let_do(at):
    """Name -> what is open now."""
    with at.desk.system() as session:
        live = (OutsideGrant.revoked_at.is_(None), OutsideGrant.ends_at > utcnow())
        wanted = select(OutsideGrant, OutsideLine).join(
            OutsideLine, OutsideLine.id == OutsideGrant.line_id
        )
        mine = wanted.where(OutsideGrant.plan_id == at.plan, *live)
        return {line.name: set(grant.ways) for grant, line in session.execute(mine)}


def asked_now(at, login):
    """Name in the form -> yes, of every card with a question."""
    page = at.guardian(login).get(at.url("consent/sign")).text
    return dict.fromkeys(re.findall(r'type="radio" name="(outside-\d+)"', page), "yes")


def both_sign(at, **more):
    for login in (MOTHER, FATHER):
        reply = at.sign(login, **asked_now(at, login) | more)
        assert reply.location.endswith("/receipt"), reply.text


@pytest.fixture
def with_doctor(signed):  # noqa: F811
    """The doctor and the respite home are said yes to by both."""
    assert propose(signed, DOCTOR).status_code == 303
    assert propose(signed, HOME).status_code == 303
    signed.send()
    both_sign(signed)
    return signed


# Proposing


def test_the_coordinator_proposes_and_nothing_is_open(signed):  # noqa: F811
    assert propose(signed, DOCTOR).location.endswith("/team/")
    (line,) = lines(signed)
    assert (line.name, line.ways, line.about) == (
        "Doctor Li", frozenset({FETCH, SHARE}), "Sleep and medicine",
    )  # fmt: skip
    assert let_do(signed) == {}
    page = signed.browser("newcomer").get(signed.url("team/")).text
    assert "Doctor Li" in page and "Proposed" in page


def test_a_draft_asks_with_nobody_else_in_it_too(family):  # noqa: F811
    propose(family, DOCTOR)
    family.send()
    both_sign(family)
    assert let_do(family) == {"Doctor Li": {FETCH, SHARE}}


@pytest.mark.parametrize("who", ["teacher", "office", "admin", "stranger", "foreign coordinator"])
def test_nobody_else_proposes(signed, who):  # noqa: F811
    assert propose(signed, DOCTOR, who).status_code in (403, 404)
    assert lines(signed) == []


def test_those_who_decide_do_not_propose(signed):  # noqa: F811
    reply = signed.guardian(MOTHER).post(signed.url("outside/add"), data=DOCTOR)
    assert reply.status_code == 403 and lines(signed) == []


BAD = {
    "no name": DOCTOR | {"name": " "},
    "too long": DOCTOR | {"name": "x" * 201},
    "nothing is asked": DOCTOR | {"ways": []},
    "no such thing": DOCTOR | {"ways": ["moon"]},
    "not said about what": DOCTOR | {"about": " "},
    "NUL": DOCTOR | {"about": "x\x00"},
    "a meeting there is not": DOCTOR | {"ways": ["attend"], "meeting_id": "99999"},
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_stored(signed, what):  # noqa: F811
    reply = propose(signed, BAD[what])
    assert reply.status_code == 422 and "ds-validation-message" in reply.text
    assert lines(signed) == []


def test_a_double_click_proposes_once(signed):  # noqa: F811
    twice = DOCTOR | {"uid": "6a4d7a51-5a1f-4a36-9d6c-0d3a0f5f8c11"}
    for _ in range(2):
        propose(signed, twice)
    assert len(lines(signed)) == 1


def test_what_was_a_mistake_is_taken_out_before_somebody_signs(signed):  # noqa: F811
    propose(signed, DOCTOR)
    propose(signed, HOME)
    doctor, _home = lines(signed)
    assert (
        signed.browser("newcomer").post(signed.url(f"outside/{doctor.id}/drop")).status_code < 400
    )
    signed.send()
    assert len(asked_now(signed, MOTHER)) == 1
    both_sign(signed)
    assert let_do(signed) == {"Solvik respite home": {SHARE}}


def test_what_somebody_has_signed_is_not_taken_out(signed):  # noqa: F811
    propose(signed, DOCTOR)
    signed.send()
    signed.sign(MOTHER, **asked_now(signed, MOTHER))
    (doctor,) = lines(signed)
    reply = signed.browser("newcomer").post(signed.url(f"outside/{doctor.id}/drop"))
    assert reply.status_code == 409 and len(lines(signed)) == 1


# Answering


def test_both_must_say_yes_and_it_lasts_as_long_as_the_consent(with_doctor):
    assert let_do(with_doctor) == {"Doctor Li": {FETCH, SHARE}, "Solvik respite home": {SHARE}}
    with with_doctor.desk.system() as session:
        mine = select(OutsideGrant.ends_at).where(OutsideGrant.plan_id == with_doctor.plan)
        ends = set(session.scalars(mine))
        until = select(Consent.until).where(Consent.status == ConsentStatus.SIGNED)
        assert ends == set(session.scalars(until.where(Consent.plan_id == with_doctor.plan)))
    with CLOCK.stopped_at(max(ends)):
        assert let_do(with_doctor) == {}
        with with_doctor.desk.session("newcomer") as session:
            assert open_now(session, with_doctor.plan) == []


def test_a_no_from_one_is_a_no_and_less_from_one_is_less(signed):  # noqa: F811
    propose(signed, DOCTOR)
    propose(signed, HOME)
    signed.send()
    doctor, home = (f"outside-{one.id}" for one in lines(signed))
    signed.sign(MOTHER, **{doctor: "yes", home: "no"})
    signed.sign(FATHER, **{doctor: "yes", f"{doctor}-way": "share", home: "yes"})
    assert let_do(signed) == {"Doctor Li": {SHARE}}


def test_nothing_is_chosen_beforehand_and_an_answer_is_needed(signed):  # noqa: F811
    propose(signed, DOCTOR)
    signed.send()
    page = signed.guardian(MOTHER).get(signed.url("consent/sign")).text
    card = page[page.index("Doctor Li") - 900 : page.index("Doctor Li") + 2500]
    assert " checked" not in card and "Sleep and medicine" in card
    reply = signed.sign(MOTHER)
    assert reply.status_code == 422 and "Answer yes or no for Doctor Li." in reply.text
    with signed.desk.system() as session:
        assert session.scalars(select(OutsideAnswer)).all() == []


def test_what_was_never_asked_is_not_said_yes_to(signed):  # noqa: F811
    propose(signed, HOME)
    signed.send()
    (home,) = (f"outside-{one.id}" for one in lines(signed))
    both_sign(signed, **{f"{home}-way": ["fetch", "attend", "share"]})
    assert let_do(signed) == {"Solvik respite home": {SHARE}}


def test_what_is_asked_is_part_of_what_is_signed(with_doctor):
    with with_doctor.desk.system() as session:
        newest = select(Signature).order_by(Signature.id.desc())
        stated = session.scalars(newest).first().statement
    assert "Doctor Li" in stated and "Sleep and medicine" in stated


def test_a_page_from_before_it_was_proposed_signs_nothing(signed):  # noqa: F811
    propose(signed, HOME)
    signed.send()
    old = signed.sheet(MOTHER)
    propose(signed, DOCTOR)
    reply = signed.sign(MOTHER, **asked_now(signed, MOTHER), shown=old["shown"])
    assert reply.status_code == 422 and let_do(signed) == {}


def test_a_new_version_asks_only_about_what_is_new_and_the_rest_stands(with_doctor):
    propose(with_doctor, {"name": "Dentist", "ways": ["attend"]})
    with_doctor.send()
    assert len(asked_now(with_doctor, MOTHER)) == 1
    page = with_doctor.guardian(MOTHER).get(with_doctor.url("consent/sign")).text
    assert page.index("Dentist") < page.index("This stands as before") < page.index("Doctor Li")
    assert let_do(with_doctor).keys() == {"Doctor Li", "Solvik respite home"}  # still in force
    both_sign(with_doctor)
    assert let_do(with_doctor) == {
        "Doctor Li": {FETCH, SHARE}, "Solvik respite home": {SHARE}, "Dentist": {ATTEND},
    }  # fmt: skip


def test_what_stands_is_said_no_to_by_its_box(with_doctor):
    with_doctor.send()
    page = with_doctor.guardian(MOTHER).get(with_doctor.url("consent/sign")).text
    doctor = re.search(r'type="checkbox" name="(outside-\d+)" id="no-', page)[1]
    with_doctor.sign(MOTHER, **{doctor: "no"})
    with_doctor.sign(FATHER)
    assert let_do(with_doctor) == {"Solvik respite home": {SHARE}}


# Taking back


def test_either_parent_takes_it_back_at_once_and_the_coordinator_is_told(with_doctor):
    doctor = grant_of(with_doctor, "Doctor Li")
    father = with_doctor.guardian(FATHER)
    assert "Doctor Li" in father.get(with_doctor.url("consent/")).text
    assert father.get(with_doctor.url(f"outside/{doctor}/withdraw")).status_code == 200
    assert let_do(with_doctor).keys() == {"Doctor Li", "Solvik respite home"}  # only looked
    father.post(with_doctor.url(f"outside/{doctor}/withdraw"))
    assert let_do(with_doctor) == {"Solvik respite home": {SHARE}}
    with with_doctor.desk.system() as session:
        told = select(OutboxMessage.person_id).where(OutboxMessage.kind == "outside_ended")
        assert session.scalars(told).all() == [with_doctor.town.people["newcomer"]]
    page = with_doctor.guardian(MOTHER).get(with_doctor.url("consent/history/")).text
    assert "took back what Doctor Li was let do" in page


def test_what_was_taken_back_is_not_asked_for_as_if_it_stood(with_doctor):
    doctor = grant_of(with_doctor, "Doctor Li")
    with_doctor.guardian(FATHER).post(with_doctor.url(f"outside/{doctor}/withdraw"))
    with_doctor.send()
    assert asked_now(with_doctor, MOTHER) == {}
    both_sign(with_doctor)
    assert let_do(with_doctor) == {"Solvik respite home": {SHARE}}


def test_taking_back_ends_a_signature_that_waits(with_doctor):
    propose(with_doctor, {"name": "Dentist", "ways": ["attend"]})
    with_doctor.send()
    with_doctor.sign(MOTHER, **asked_now(with_doctor, MOTHER))
    doctor = grant_of(with_doctor, "Doctor Li")
    with_doctor.guardian(FATHER).post(with_doctor.url(f"outside/{doctor}/withdraw"))
    reply = with_doctor.guardian(FATHER).get(with_doctor.url("consent/sign"))
    assert reply.status_code == 409
    assert let_do(with_doctor) == {"Solvik respite home": {SHARE}}


def test_twice_is_told_kindly(with_doctor):
    doctor = grant_of(with_doctor, "Doctor Li")
    for status in (303, 409):
        address = with_doctor.url(f"outside/{doctor}/withdraw")
        assert with_doctor.guardian(FATHER).post(address).status_code == status


@pytest.mark.parametrize("who", ["newcomer", "teacher", "office", "admin"])
def test_nobody_else_takes_it_back(with_doctor, who):
    doctor = grant_of(with_doctor, "Doctor Li")
    address = with_doctor.url(f"outside/{doctor}/withdraw")
    assert with_doctor.browser(who).post(address).status_code in (403, 404)
    assert "Doctor Li" in let_do(with_doctor)


def test_the_whole_consent_takes_it_with_it(with_doctor):
    with_doctor.guardian(MOTHER).post(with_doctor.url("consent/withdraw"))
    assert let_do(with_doctor) == {}
    assert wrong_in(with_doctor) == []


# Who sees it


def test_a_participant_sees_nothing_of_it(with_doctor):
    page = with_doctor.browser("teacher").get(with_doctor.url("team/")).text
    assert "Doctor Li" not in page
    with with_doctor.desk.session("teacher") as session:
        for cls in (OutsideLine, OutsideAnswer, OutsideGrant):
            assert session.scalars(select(cls)).all() == []


def test_the_coordinator_sees_what_is_open_but_no_answers(with_doctor):
    assert "Doctor Li" in with_doctor.browser("newcomer").get(with_doctor.url("consent/")).text
    with with_doctor.desk.session("newcomer") as session:
        assert len(session.scalars(select(OutsideGrant)).all()) == 2
        assert session.scalars(select(OutsideAnswer)).all() == []


# The guard


def test_no_grant_beyond_what_all_said(signed):  # noqa: F811
    propose(signed, HOME)
    signed.send()
    (home,) = lines(signed)
    signed.sign(MOTHER, **{f"outside-{home.id}": "yes"})
    signed.sign(FATHER, **{f"outside-{home.id}": "no"})
    with signed.desk.system() as session:
        in_force = select(Consent).where(Consent.plan_id == signed.plan)
        consent = session.scalars(in_force.where(Consent.status == ConsentStatus.SIGNED)).one()
        person = session.scalars(
            select(Signature.person_id).where(Signature.consent_id == consent.id)
        ).first()
    times = {"starts_at": utcnow(), "ends_at": consent.until}
    made = {"plan_id": signed.plan, "consent_id": consent.id, "line_id": home.id}
    for who in (person, signed.town.people["newcomer"], signed.town.people["teacher"]):
        with acting_as(signed, who) as session:
            session.add(OutsideGrant(**made, **times, ways=frozenset({SHARE})))
            with pytest.raises(Forbidden):
                session.flush()
    assert let_do(signed) == {}


def test_nothing_that_was_asked_or_opened_is_changed(with_doctor):
    with with_doctor.desk.session("newcomer") as session:
        session.scalars(select(OutsideLine)).first().about = "Everything"
        with pytest.raises(Immutable):
            session.flush()
    with with_doctor.desk.session("newcomer") as session:
        session.scalars(select(OutsideGrant)).first().ends_at = utcnow() + timedelta(days=900)
        with pytest.raises(Immutable):
            session.flush()


def test_nobody_answers_for_somebody_else(with_doctor):
    with with_doctor.desk.system() as session:
        rows = session.scalars(select(Signature).where(Signature.plan_id == with_doctor.plan)).all()
    (line, *_), mother = lines(with_doctor), rows[-2].person_id
    with acting_as(with_doctor, mother) as session:
        theirs = {"plan_id": with_doctor.plan, "line_id": line.id, "signature_id": rows[-1].id}
        session.add(OutsideAnswer(**theirs, ways=frozenset({FETCH})))
        with pytest.raises(Forbidden):
            session.flush()


def test_a_fault_between_opens_nothing(signed, monkeypatch):  # noqa: F811
    propose(signed, DOCTOR)
    signed.send()
    signed.sign(MOTHER, **asked_now(signed, MOTHER))

    def break_down(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(signing, "open_agreed", break_down)
    reply = signed.sign(FATHER, **asked_now(signed, FATHER))
    assert reply.status_code == 500
    with signed.desk.system() as session:
        assert len(session.scalars(select(OutsideAnswer)).all()) == 1
    assert let_do(signed) == {}


# Evidence


def wrong_in(at):
    with at.desk.system() as session:
        return [one for one in evidence_check.check(session, at.plan) if one.wrong]


def test_the_evidence_holds_and_finds_what_was_changed(with_doctor):
    assert wrong_in(with_doctor) == []
    engine = with_doctor.desk.engine
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.exec_driver_sql("UPDATE outside_grant SET ways = -1")
    assert any("wider" in one.wrong for one in wrong_in(with_doctor))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outside_line SET about = 'Everything'")
    assert any("without a sign-in" in one.wrong for one in wrong_in(with_doctor))


def test_the_receipts_say_it(with_doctor):
    with with_doctor.desk.system() as session:
        newest = select(Signature).order_by(Signature.id.desc())
        signature = session.scalars(newest).first()
        mine = page_of_signature(session, signature.id, "Solvik")
        opened = page_of_consent(session, signature.consent_id, "Solvik")
    for page in (mine, opened):
        doctor = next(one for one in page.people if one.name == "Doctor Li")
        assert doctor.why == "Sleep and medicine" and len(doctor.parts) == 2
    assert "Doctor Li" in with_doctor.guardian(FATHER).get(with_doctor.url("consent/receipt")).text


def test_answers_are_kept_for_the_owners_side_only(with_doctor):
    with with_doctor.desk.session("newcomer") as session:
        assert session.scalars(select(SignatureProof)).all() == []


# A guest at one meeting


@pytest.fixture
def meeting(signed):  # noqa: F811
    with signed.desk.session("newcomer") as session:
        starts = utcnow() + timedelta(days=20)
        row = Meeting(
            plan_id=signed.plan, purpose="Next steps", starts_at=starts,
            ends_at=starts + timedelta(hours=1),
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row.id


def test_a_guest_stands_on_the_page_of_the_meeting_and_what_is_said(signed, meeting):  # noqa: F811
    guest = {"name": "Aunt Bo", "ways": ["attend"], "meeting_id": str(meeting)}
    assert propose(signed, guest).status_code == 303
    coordinator = signed.browser("newcomer")
    assert "Guest, not said yes to yet" in coordinator.get(signed.url(f"meeting/{meeting}")).text
    signed.send()
    page = signed.guardian(MOTHER).get(signed.url("consent/sign")).text
    (line,) = lines(signed)
    with signed.desk.system() as session:
        starts = session.get(Meeting, meeting).starts_at.astimezone(OSLO).date()
    assert line.meeting_on == starts and "Let them come to the meeting on" in page
    both_sign(signed)
    assert "Guest, said yes to" in coordinator.get(signed.url(f"meeting/{meeting}")).text
    assert "Aunt Bo" not in signed.browser("teacher").get(signed.url(f"meeting/{meeting}")).text
    signed.guardian(FATHER).post(
        signed.url(f"outside/{grant_of(signed, 'Aunt Bo')}/withdraw")
    )  # fmt: skip
    assert "Aunt Bo" not in coordinator.get(signed.url(f"meeting/{meeting}")).text


def test_a_guest_without_a_seat_and_a_meeting_that_was(signed, meeting):  # noqa: F811
    guest = {"name": "Aunt Bo", "ways": ["share"], "about": "x", "meeting_id": str(meeting)}
    assert propose(signed, guest).status_code == 422
    with signed.desk.system() as session:
        session.get(Meeting, meeting).starts_at = utcnow() - timedelta(minutes=1)
        session.commit()
    assert propose(signed, guest | {"ways": ["attend"]}).status_code == 422
    assert lines(signed) == []


def grant_of(at, name):
    with at.desk.system() as session:
        wanted = (
            select(OutsideGrant.id)
            .join(OutsideLine, OutsideLine.id == OutsideGrant.line_id)
            .where(OutsideLine.name == name, OutsideGrant.plan_id == at.plan)
            .order_by(OutsideGrant.id.desc())
        )
        return session.scalars(wanted).first()


def test_what_has_run_out_is_asked_again_and_nothing_of_it_stands(with_doctor):
    with with_doctor.desk.engine.begin() as connection:
        triggers.remove(connection)
        ended = utcnow() - timedelta(days=1)
        mine = update(OutsideGrant).where(OutsideGrant.plan_id == with_doctor.plan)
        connection.execute(mine.values(ends_at=ended))
    with_doctor.send()
    assert len(asked_now(with_doctor, MOTHER)) == 2
    assert let_do(with_doctor) == {}


def test_a_meeting_that_is_kept_from_a_parent_is_not_told_of_by_a_question(signed, meeting):  # noqa: F811
    with signed.desk.system() as session:
        row = session.get(Meeting, meeting)
        row.hidden_from_guardians, row.hidden_because = True, "Told in confidence"
        session.commit()
    guest = {"name": "Aunt Bo", "ways": ["attend"], "meeting_id": str(meeting)}
    assert propose(signed, guest).status_code == 422
    with signed.desk.system() as session:
        waits = select(Consent.id).where(Consent.plan_id == signed.plan)
        consent = session.scalars(waits.order_by(Consent.id.desc())).first()
    asked = {"consent_id": consent, "first_uid": "x", "name": "Aunt Bo", "meeting_id": meeting}
    with signed.desk.session("newcomer") as session:
        session.add(OutsideLine(plan_id=signed.plan, ways=frozenset({ATTEND}), **asked))
        with pytest.raises(Forbidden):
            session.flush()
    assert lines(signed) == []
