"""A consent on paper: registered by one, compared by another, and a signature from then on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text, update

from integrations.scan import scan_of
from jobs.receipt_texts import page_of_consent, page_of_signature
from models.account import Membership
from models.audit import AccessEvent
from models.clock import CLOCK, today, utcnow
from models.consent import Consent, Hearing, Signature, SignatureAnswer
from models.database import WRITING
from models.outbox import OutboxMessage
from models.outside import OutsideAnswer, OutsideLine
from models.paper import PaperConsent
from models.people import Representation
from models.plan import Plan
from models.vocabulary import Capacity, ConsentStatus, Exchange, Level, LifeArea
from security import audit, triggers
from services import paper, signing
from services.answer import Answer
from services.four_eyes import AnsweredAlready
from tests.forms import a_picture
from tests.paper_steps import (
    CONFIRM,
    JONAS,
    MARTE,
    SIGNED,
    answer,
    ask,
    confirm,
    filled,
    nothing_is_signed,
    on_paper,
    register,
    send,
    stored,
    wrong,
)
from tests.test_giving_access import family  # noqa: F401  (a fixture)


@pytest.fixture
def sent(family):  # noqa: F811
    return ask(family)


def told(sent, kind):
    with sent.desk.system() as session:
        wanted = select(OutboxMessage).where(OutboxMessage.kind == kind)
        return [one.person_id for one in session.scalars(wanted)]


# What comes of it


def test_from_printing_to_in_force_in_the_pages(sent):
    printed = sent.browser("newcomer").get(sent.url("consent/paper/print")).text
    assert all(words in printed for words in ("Teacher", "Eli Vik", "Your signature", "Read"))
    for who, office in ((MARTE, "leader"), (JONAS, "office")):
        assert send(sent, filled(sent, who)).status_code == 303
        row = stored(sent, PaperConsent)[-1].id
        assert "Waits for the office" in sent.browser("newcomer").get(sent.url("consent/")).text
        case = sent.browser(office).get(CONFIRM).text
        assert all(words in case for words in ("Archive 24/7", "Teacher, helper", "Fint", who))
        scan = sent.browser(office).get(f"{CONFIRM}paper/{row}/scan")
        assert scan.data == scan_of(a_picture()).content
        assert confirm(sent, row, office).status_code == 303
        assert f"paper/{row}/" not in sent.browser(office).get(CONFIRM).text
    assert {grant.person_id for grant in sent.grants()} >= {sent.person("Gunn").id}
    assert wrong(sent) == ""
    history = sent.browser("newcomer").get(sent.url("consent/history/")).text
    assert "Registered by Newcomer, confirmed by Leader" in history


def test_a_yes_is_a_signature_with_everything_that_belongs_to_one(sent):
    row = register(sent)
    assert nothing_is_signed(sent)
    assert answer(sent, row) is False  # the other parent has not signed
    [signature] = stored(sent, Signature)
    assert (signature.method, signature.person_id) == ("paper", sent.person(MARTE).id)
    assert signature.capacity is Capacity.PARENTAL_RESPONSIBILITY
    assert len(stored(sent, SignatureAnswer)) and len(stored(sent, Hearing)) == 1
    assert sent.grants() == []
    assert sent.sign("jonas").status_code == 303  # one on paper, one not
    assert sent.grants() and wrong(sent) == ""


def test_a_no_on_paper_is_a_no(sent):
    gunn = sent.person("Gunn").id
    data = filled(sent)
    data[f"answer-{gunn}"] = "no"
    assert send(sent, data).status_code == 303
    assert confirm(sent, stored(sent, PaperConsent)[0].id).status_code == 303
    sent.sign("jonas")
    assert gunn not in {grant.person_id for grant in sent.grants()}


def test_somebody_without_a_sign_in_is_answered_on_paper_too(sent):
    doctor = {"name": "Doctor Li", "ways": ["fetch", "share"], "about": "Sleep"}
    sent.browser("newcomer").post(sent.url("outside/add"), data=doctor)
    [line] = [one for one in stored(sent, OutsideLine) if one.plan_id == sent.plan]
    printed = sent.browser("newcomer").get(sent.url("consent/paper/print")).text
    assert "Doctor Li" in printed and "Sleep" in printed
    on_it = {f"outside-{line.id}": "yes", f"outside-{line.id}-way": "share"}
    assert send(sent, filled(sent) | on_it).status_code == 303
    assert "Doctor Li" in sent.browser("leader").get(CONFIRM).text
    assert confirm(sent, stored(sent, PaperConsent)[0].id).status_code == 303
    [said] = stored(sent, OutsideAnswer)
    assert said.ways == frozenset({Exchange.SHARE}) and wrong(sent) == ""


def test_the_log_says_who_really_did_it_and_why(sent):
    row = register(sent)
    sent.browser("leader").get(CONFIRM)
    assert confirm(sent, row).status_code == 303
    with sent.desk.system() as session:
        events = session.scalars(select(AccessEvent).where(AccessEvent.plan_id == sent.plan)).all()
        assert audit.verify(session, sent.plan) is None
    leader = sent.town.people["leader"]
    did = {(one.action, one.kind, one.basis) for one in events if one.person_id == leader}
    assert did >= {
        ("read", "paper_consent", "second_person"), ("change", "paper_consent", "second_person"),
        ("add", "signature", "paper"), ("add", "hearing", "paper"),
    }  # fmt: skip
    marte = sent.person(MARTE).id
    assert not [one for one in events if one.person_id == marte and one.kind == "signature"]


def test_the_second_person_reads_the_paper_and_nothing_else_of_the_plan(sent):
    register(sent)
    with sent.desk.session("leader") as session:
        assert len(session.scalars(select(PaperConsent)).all()) == 1
        for cls in (Plan, Consent, *SIGNED):
            mine = cls.id if cls is Plan else cls.plan_id
            assert session.scalars(select(cls).where(mine == sent.plan)).all() == []


def test_the_signer_is_told_sees_it_and_takes_it_back_as_always(sent):
    rows = [register(sent), register(sent, JONAS)]
    assert told(sent, "paper") == [sent.person(MARTE).id, sent.person(JONAS).id]
    page = sent.guardian("marte@example.no").get(sent.url("consent/")).text
    assert "On paper, signed by Marte Vik" in page and "Answer here yourself" in page
    assert sent.guardian("marte@example.no").get(
        sent.url(f"consent/paper/{rows[0]}/scan")
    ).status_code == 200  # fmt: skip
    for row in rows:
        answer(sent, row)
    assert sent.grants()
    assert sent.guardian("marte@example.no").post(sent.url("consent/withdraw")).status_code == 303
    assert sent.grants() == [] and wrong(sent) == ""


def test_a_signer_who_cannot_sign_in_is_not_written_to(sent):
    with sent.desk.system() as session:
        hat = update(Membership).where(Membership.person_id == sent.person(MARTE).id)
        session.execute(hat.values(active=False))
        session.commit()
    row = register(sent)
    assert told(sent, "paper") == []
    answer(sent, row)
    assert len(stored(sent, Signature)) == 1


def test_the_receipts_say_that_it_was_on_paper(sent):
    for who in (MARTE, JONAS):
        answer(sent, register(sent, who))
    with sent.desk.system() as session:
        first = stored(sent, Signature)[0]
        page = page_of_signature(session, first.id, "Fjordvik").html()
        copy = page_of_consent(session, first.consent_id, "Fjordvik").html()
    assert "Signed by hand on paper" in page and "Signed by hand on paper" in copy
    for words in ("Archive 24/7", "Newcomer", "Leader", stored(sent, PaperConsent)[0].scan_digest):
        assert words in page
    assert "Archive 24/7" not in copy


# What comes in between


def overtaken(sent, row):
    reply = confirm(sent, row)
    assert reply.status_code == 303
    assert "cannot be used any more" in sent.browser("leader").get(CONFIRM).text
    kept = next(one for one in stored(sent, PaperConsent) if one.id == row)
    assert (kept.confirmed, kept.overtaken) == (False, True)
    assert told(sent, "paper_not_used") == [sent.town.people["newcomer"]]
    page = sent.browser("newcomer").get(sent.url("consent/")).text
    assert "Waits for the office" not in page
    return page


def test_a_proposal_that_was_changed_ends_the_paper(sent):
    row = register(sent)
    sent.propose("Nina Ny", "nina@example.no")
    assert "Could not be used" in overtaken(sent, row)
    assert nothing_is_signed(sent)
    assert answer(sent, register(sent)) is False  # and a new paper counts


def test_a_new_version_ends_the_paper(sent):
    sent.sign("jonas")
    row = register(sent)
    sent.propose("Nina Ny", "nina@example.no")
    sent.send()
    overtaken(sent, row)
    assert [one.method for one in stored(sent, Signature)] == ["password"]


def test_who_has_signed_meanwhile_has_signed_once(sent):
    row = register(sent)
    assert sent.sign("marte@example.no").status_code == 303
    overtaken(sent, row)
    assert [one.method for one in stored(sent, Signature)] == ["password"]


def test_who_need_not_sign_any_more_has_not_signed(sent):
    row = register(sent)
    with sent.desk.system() as session:
        mine = Representation.representative_id == sent.person(MARTE).id
        session.scalars(select(Representation).where(mine)).one().ends_at = utcnow()
        session.commit()
    overtaken(sent, row)
    assert nothing_is_signed(sent)


def test_what_is_taken_back_while_a_paper_waits_is_not_brought_back_by_it(sent):
    for who in (MARTE, JONAS):
        answer(sent, register(sent, who))
    sent.propose("Nina Ny", "nina@example.no")
    sent.send()
    row = register(sent)
    assert sent.guardian("marte@example.no").post(sent.url("consent/withdraw")).status_code == 303
    with sent.desk.system() as session:
        left = select(Consent).where(Consent.plan_id == sent.plan)
        assert ConsentStatus.SENT not in {one.status for one in session.scalars(left)}
    overtaken(sent, row)
    assert sent.grants() == []


def test_a_no_is_told_and_a_new_paper_may_be_registered(sent):
    row = register(sent)
    assert confirm(sent, row, how="no").status_code == 303
    page = sent.browser("newcomer").get(sent.url("consent/")).text
    assert "Leader did not confirm it" in page
    assert told(sent, "paper_not_used") == [sent.town.people["newcomer"]]
    assert nothing_is_signed(sent)
    assert confirm(sent, row).status_code == 409
    assert answer(sent, register(sent)) is False


def test_it_is_answered_once(sent):
    row = register(sent)
    assert confirm(sent, row).status_code == 303
    for who in ("leader", "office"):
        assert confirm(sent, row, who).status_code == 409
        assert confirm(sent, row, who, "no").status_code == 409
    assert len(stored(sent, Signature)) == 1


def test_two_who_confirm_at_once_make_one_signature(sent):
    row, meet = register(sent), Barrier(2, timeout=20)

    def press(who):
        WRITING.set(True)
        meet.wait()
        with sent.desk.session(who) as session:
            kept = session.get(PaperConsent, row)
            try:
                if kept is not None:
                    paper.answer(session, kept, True)
                    session.commit()
                    return "signed"
            except AnsweredAlready:
                pass
            return "late"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, ("leader", "office"))) == ["late", "signed"]
    assert len(stored(sent, Signature)) == 1


def test_after_two_weeks_it_is_too_late_and_may_be_registered_anew(sent):
    row = register(sent)
    with CLOCK.stopped_at(utcnow() + timedelta(days=15)):
        with sent.desk.session("leader") as session:
            assert session.get(PaperConsent, row) is None
        with pytest.raises(paper.NotAsked):
            register(sent, shown="0" * 64)
        again = register(sent, signed_on=today())
        assert answer(sent, again) is False


def test_one_waits_for_each_signer(sent):
    register(sent)
    with pytest.raises(paper.WaitsAlready):
        register(sent)
    register(sent, JONAS)
    reply = sent.browser("newcomer").get(sent.url("consent/paper/"))
    assert reply.status_code == 409 and "a paper from them waits" in reply.text


def test_a_fault_in_the_middle_leaves_nothing(sent, monkeypatch):
    row = register(sent)
    before = [len(stored(sent, cls)) for cls in (PaperConsent, AccessEvent, OutboxMessage)]

    def fault(*_args, **_more):
        raise RuntimeError("in the middle")

    for where in ("record_signature", "_hearing"):
        monkeypatch.setattr(signing, where, fault)
        assert confirm(sent, row).status_code == 500
        monkeypatch.undo()
        assert nothing_is_signed(sent)
        after = [len(stored(sent, cls)) for cls in (PaperConsent, AccessEvent, OutboxMessage)]
        assert after == before and stored(sent, PaperConsent)[0].confirmed is None
    assert confirm(sent, row).status_code == 303


# Evidence


TAMPER = {
    "scan": "UPDATE paper_consent SET scan = (SELECT said FROM paper_consent)",
    "digest": "UPDATE paper_consent SET scan_digest = 'x'",
    "who": "UPDATE paper_consent SET answered_by_id = asked_by_id",
    "date": "UPDATE paper_consent SET signed_on = '2020-01-01'",
    "place": "UPDATE paper_consent SET original = said",
    "gone": "DELETE FROM paper_consent",
    "not signed": "DELETE FROM signature_answer; DELETE FROM hearing; DELETE FROM signature_proof;"
    "DELETE FROM signature_record; DELETE FROM signature",
}


@pytest.mark.parametrize("how", TAMPER)
def test_what_is_changed_about_a_paper_is_found(sent, engine, how):
    answer(sent, register(sent))
    assert wrong(sent) == ""
    with engine.begin() as connection:
        triggers.remove(connection)
        for one in TAMPER[how].split(";"):
            if how == "not signed":
                one = f"{one} WHERE plan_id = {sent.plan}"
            assert connection.execute(text(one)).rowcount
    assert wrong(sent).startswith("paper")


def test_the_paper_is_stored_encrypted(sent, engine):
    register(sent)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT scan, said, original FROM paper_consent")).one()
    for sealed in row:
        assert b"Archive" not in bytes(sealed) and b"Teacher" not in bytes(sealed)


def test_answers_are_narrowed_to_what_was_asked(sent):
    with sent.desk.session("newcomer") as session:
        _, written = on_paper(session, sent)
    everything = Answer(True, Level.WRITE, frozenset(LifeArea), False)
    answer(sent, register(sent, answers=dict.fromkeys(written.answers, everything)))
    assert wrong(sent) == ""
