"""A later consent asks only about what is new, and an answer is kept until it is given."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from models.clock import CLOCK, months_later, today, utcnow
from models.consent import Consent, ConsentText, Grant, Hearing, Signature, SignatureAnswer
from models.draft import Draft
from models.language import Tongue
from models.plan import Plan
from models.vocabulary import ConsentStatus, Heard, Level, PlanType, Scope
from services.conversion import convert
from tests.test_giving_access import ASKED, PASSWORD, family, signed  # noqa: F401

pytestmark = pytest.mark.a_page

MARTE, JONAS = "marte@example.no", "jonas"
ENDS = {"length": "6", **ASKED}


def page(signed, login=MARTE):  # noqa: F811
    return signed.guardian(login).get(signed.url("consent/sign")).text


def asked_about(html):
    return set(re.findall(r'name="answer-(\d+)"[^>]*value="yes"', html))


def lines(signed, name):  # noqa: F811
    """Part -> id of the line that waits for an answer."""
    from models.consent import ConsentLine

    person = signed.person(name).id
    with signed.desk.system() as session:
        waiting = select(Consent.id).where(
            Consent.plan_id == signed.plan, Consent.status == ConsentStatus.SENT
        )
        wanted = select(ConsentLine).where(
            ConsentLine.consent_id.in_(waiting), ConsentLine.person_id == person
        )
        return {line.scope: line.id for line in session.scalars(wanted)}


def levels(signed, name):  # noqa: F811
    person = signed.person(name).id
    return {g.scope: g.level for g in signed.grants() if g.person_id == person}


@pytest.fixture
def nurse_proposed(signed):  # noqa: F811
    signed.propose("Nurse", "nurse")
    signed.send()
    return signed


# Only what is new


def test_only_the_new_one_is_asked_about_and_the_others_stand(nurse_proposed):
    signed = nurse_proposed  # noqa: F811
    before = levels(signed, "Teacher")
    html = page(signed)
    assert asked_about(html) == {str(signed.person("Nurse").id)}
    assert "This stands as before" in html and "Teacher" in html and "checked" not in html
    for login in (MARTE, JONAS):
        assert signed.sign(login).status_code == 303
    assert levels(signed, "Teacher") == before and levels(signed, "Nurse")


def test_what_stands_can_be_taken_back_and_narrowed_in_the_same_signature(nurse_proposed):
    signed = nurse_proposed  # noqa: F811
    teacher, part = signed.person("Teacher").id, lines(signed, "Gunn")
    assert signed.sign(MARTE, **{f"answer-{teacher}": "no"}).status_code == 303
    narrower = {f"level-{part[Scope.MEETINGS]}": "read", f"level-{part[Scope.MESSAGES]}": "none"}
    assert signed.sign(JONAS, **narrower).status_code == 303
    assert levels(signed, "Teacher") == {}
    gunn = levels(signed, "Gunn")
    assert gunn[Scope.MEETINGS] is Level.READ and Scope.MESSAGES not in gunn
    assert gunn[Scope.CALENDAR] is Level.CONTRIBUTE


def test_whoever_was_withdrawn_is_asked_about_anew(signed):  # noqa: F811
    teacher = signed.person("Teacher").id
    signed.guardian(JONAS).post(signed.url(f"consent/withdraw/{teacher}"))
    signed.browser("newcomer").post(signed.url(f"team/{teacher}/again"))
    signed.send()
    assert asked_about(page(signed)) == {str(teacher)}


def test_somebody_who_has_not_signed_before_is_asked_about_everybody(nurse_proposed, desk):
    """What the other one has said is no answer of mine."""
    with desk.system() as session:
        jonas = session.scalars(
            select(Signature).where(Signature.plan_id == nurse_proposed.plan)
        ).all()[-1]
        assert session.get(Consent, jonas.consent_id).status is ConsentStatus.SIGNED
        held = session.scalars(
            select(SignatureAnswer).where(SignatureAnswer.signature_id == jonas.id)
        ).all()
        assert held
    assert len(asked_about(page(nurse_proposed, JONAS))) == 1
    with desk.system() as session, pytest.raises(Exception, match="append"):
        for one in held:
            session.delete(session.get(SignatureAnswer, one.id))
        session.commit()


def test_a_no_to_the_new_parts_of_a_conversion_leaves_the_old_ones(signed, desk):  # noqa: F811
    before = levels(signed, "Teacher")
    with desk.session("newcomer") as session:
        convert(session, session.get_one(Plan, signed.plan))
        session.commit()
    html = page(signed)
    teacher = str(signed.person("Teacher").id)
    assert teacher in asked_about(html) and "That stands. This is new:" in html
    for login in (MARTE, JONAS):
        assert signed.sign(login, **{f"answer-{teacher}": "no"}).status_code == 303
    with desk.system() as session:
        assert session.get_one(Plan, signed.plan).type is PlanType.INDIVIDUAL_PLAN
    assert levels(signed, "Teacher") == before


def test_the_day_can_be_the_one_that_stands(nurse_proposed, desk):
    signed = nurse_proposed  # noqa: F811
    with desk.system() as session:
        until = session.scalars(
            select(Consent.until).where(
                Consent.plan_id == signed.plan, Consent.status == ConsentStatus.SIGNED
            )
        ).one()
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=1)):
        for login in (MARTE, JONAS):
            assert signed.sign(login, length="before").status_code == 303
    assert {g.ends_at for g in signed.grants()} == {until}


def test_there_is_no_day_that_stands_the_first_time(family):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    assert 'value="before"' not in page(family)
    assert family.sign(MARTE, length="before").status_code == 422


def test_a_link_to_what_is_replaced_says_so(signed):  # noqa: F811
    reply = signed.guardian(MARTE).get(signed.url("consent/sign"))
    assert reply.status_code == 409 and "is not open for your signature" in reply.text


# Which text, in which language


def write(desk, town, language, body, **more):
    with desk.system() as session:
        text = ConsentText(
            municipality_id=town.municipality_id, plan_type=PlanType.SIMPLE_COLLABORATION,
            language=Tongue(language), body=body, **{"approved_at": utcnow()} | more,
        )  # fmt: skip
        session.add(text)
        session.commit()
        return text.id


def test_the_text_can_be_read_and_signed_in_a_language_medspel_does_not_speak(family, desk, town):  # noqa: F811
    write(desk, town, "uk", "Ви вирішуєте.", details="Більше")
    write(desk, town, "ar", "أنت تقرر.")
    family.propose("Teacher", "teacher")
    family.send()
    sheet = family.sheet(MARTE) | ENDS
    marte, address = family.guardian(MARTE), family.url("consent/sign")
    html = marte.post(address, data=sheet | {"read": "ar", "text": "ar"}).text
    assert 'lang="ar" dir="rtl"' in html and "أنت تقرر." in html
    assert 'value="6" checked' in html and "Fint" in html  # nothing is lost
    html = marte.post(address, data=sheet | {"read": "uk", "text": "en"}).text
    assert 'lang="uk" dir="ltr"' in html and "Більше" in html
    sheet["shown"] = re.search(r'name="shown" value="(\w+)"', html)[1]
    data = sheet | {"text": "uk", "password": PASSWORD, "sign": "yes"}
    assert marte.post(address, data=data).status_code == 303
    with desk.system() as session:
        mine = session.scalars(select(Signature).where(Signature.plan_id == family.plan)).one()
        assert mine.language == "uk" and "Ви вирішуєте." in mine.statement
    assert "Ви вирішуєте." in marte.get(family.url("consent/receipt")).text


def test_what_was_signed_is_kept_word_for_word(signed, desk, town):  # noqa: F811
    write(desk, town, "en", "Quite another text", version=2)
    with desk.system() as session:
        held = session.scalars(select(Signature).where(Signature.plan_id == signed.plan)).all()
        assert len(held) == 2
        for one in held:
            assert sha256(one.statement.encode()).hexdigest() == one.digest
            assert '"body": "Share?"' in one.statement and '"name": "Teacher"' in one.statement
    receipt = signed.guardian(MARTE).get(signed.url("consent/receipt")).text
    assert "Share?" in receipt and "Quite another text" not in receipt


def test_a_text_approved_while_one_reads_is_read_before_it_is_signed(family, desk, town):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    sheet = family.sheet(MARTE) | ENDS | {"password": PASSWORD, "sign": "yes"}
    write(desk, town, "en", "Newer", version=2)
    reply = family.guardian(MARTE).post(family.url("consent/sign"), data=sheet)
    assert reply.status_code == 422 and "The proposal has changed" in reply.text


@pytest.mark.parametrize("wait", [{"approved_at": None}, {"starts_on": today() + timedelta(2)}])
def test_nobody_is_asked_with_a_text_that_waits(family, desk, town, wait):  # noqa: F811
    write(desk, town, "en", "Not yet", version=2, **wait)
    family.propose("Teacher", "teacher")
    family.send()
    assert "Not yet" not in page(family) and "Share?" in page(family)


def test_a_text_is_asked_with_from_its_day(family, desk, town):  # noqa: F811
    write(desk, town, "en", "Now it is", version=2, starts_on=today() + timedelta(2))
    family.propose("Teacher", "teacher")
    family.send()
    family.guardian(MARTE)
    with desk.session("mother") as session:
        from services.consent_texts import texts

        assert texts(session, PlanType.SIMPLE_COLLABORATION)["en"].body == "Share?"
        with CLOCK.stopped_at(utcnow() + timedelta(days=2)):
            assert texts(session, PlanType.SIMPLE_COLLABORATION)["en"].body == "Now it is"


# What is chosen is kept


def keep(family, login, **fields):  # noqa: F811
    address = family.url("consent/sign")
    sheet = family.sheet(login)
    data = {"address": address, "asked": sheet["shown"], "text": "en"} | fields
    assert family.guardian(login).post(family.url("draft/"), data=data).status_code == 200
    return sheet


def drafts(desk):
    with desk.system() as session:
        return session.scalars(select(Draft)).all()


def test_choices_come_back_after_a_lost_session_and_go_with_the_signature(family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    teacher = family.person("Teacher").id
    keep(family, MARTE, **{f"answer-{teacher}": "yes", "length": "3", "opinion": "Gjerne"})
    html = page(family)
    assert f'id="yes-{teacher}" value="yes" checked' in html and 'value="3" checked' in html
    assert "Gjerne" in html and "This is your draft from" in html
    assert "checked" not in page(family, JONAS) and "Gjerne" not in page(family, JONAS)
    assert family.sign(MARTE, draft="yes").status_code == 303
    assert drafts(desk) == []


def test_a_yes_to_one_proposal_is_no_yes_to_the_next(family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    teacher = family.person("Teacher").id
    keep(family, MARTE, **{f"answer-{teacher}": "yes", "heard": "talked", "opinion": "Gjerne"})
    family.propose("Gunn", "gunn@example.no", "relative")
    html = page(family)
    assert f'id="yes-{teacher}" value="yes" checked' not in html
    assert "Gjerne" in html and 'value="talked" checked' in html


def test_nobody_else_keeps_or_reads_a_draft_of_the_consent(family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    keep(family, MARTE, opinion="Gjerne")
    data = {"address": family.url("consent/sign"), "opinion": "Mine"}
    assert family.browser("newcomer").post(family.url("draft/"), data=data).status_code == 403
    assert len(drafts(desk)) == 1
    with desk.session("newcomer") as session:
        assert not session.scalars(select(Draft)).all()


# The child


def test_a_child_that_was_not_asked_takes_a_reason(family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    reason = {"heard": "no", "opinion": "Ho er to år"}
    assert family.sign(MARTE, **reason | {"opinion": " "}).status_code == 422
    assert family.sign(MARTE, **reason).status_code == 303
    with desk.system() as session:
        hearing = session.scalars(select(Hearing).where(Hearing.plan_id == family.plan)).one()
        assert not hearing.heard and hearing.reason == "Ho er to år" and hearing.opinion is None
    assert "Ho er to år" in family.guardian(MARTE).get(family.url("consent/receipt")).text


def test_how_and_when_a_child_was_heard_is_kept(family, desk):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    day = today() - timedelta(days=3)
    assert family.sign(MARTE, heard="other_way", heard_on=f"{day}").status_code == 303
    with desk.system() as session:
        hearing = session.scalars(select(Hearing).where(Hearing.plan_id == family.plan)).one()
        assert (hearing.how, hearing.heard_on) == (Heard.OTHER_WAY, day)


def test_a_consent_lasts_at_most_a_year_from_today(family):  # noqa: F811
    family.propose("Teacher", "teacher")
    family.send()
    last = months_later(today(), 12)
    too_long = {"length": "", "until": f"{last + timedelta(days=1)}"}
    assert family.sign(MARTE, **too_long).status_code == 422
    assert family.sign(MARTE, length="", until=f"{last}").status_code == 303
    with family.desk.system() as session:
        assert not session.scalars(select(Grant).where(Grant.plan_id == family.plan)).all()
