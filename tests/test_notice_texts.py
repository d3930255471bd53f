"""What is sent is the municipality's words and a day, whatever the plan holds."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from deploy.release import release
from integrations.catalogue import translate
from integrations.file_sink import FileSink
from integrations.mail import MailServer
from jobs.letters import letter_for
from jobs.outbox import deliver
from jobs.planning import plan as plan_notices
from models.clock import CLOCK, OSLO, utcnow
from models.elements.meeting import Meeting
from models.municipality import Municipality, NoticeText
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.plan import Plan
from models.vocabulary import Channel
from services import meetings, notice_texts
from services.notice_kinds import KINDS
from services.notices import notify
from tests.conftest import connect
from tests.test_registers import version_in

pytestmark = pytest.mark.a_page

HOSTILE = '<b>"Ella {deadline} %(name)s\r\nBcc: x@y.no</b>'
WITH_NOTICE = select(Delivery).options(joinedload(Delivery.message))
HEALTH = "Diagnose F84 hos BUP"


@pytest.fixture
def equipped(url, town):
    engine = connect(url)
    release(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def own(desk, town, equipped):
    """`own("meeting", nn="…")`: the municipality's own words."""

    def written(kind, **words):
        with desk.session("office") as session:
            row = session.scalars(select(NoticeText).where(NoticeText.kind == kind)).one()
            row.words = row.words | words
            session.commit()
            return row.id

    return written


def address(pk):
    return f"/register/noticetext/edit/{pk}"


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_plan_holds_only_the_text_leaves(desk, engine, town, reach, kind, language):
    with desk.system() as session:
        session.get(Municipality, town.municipality_id).language = language
        for person in session.scalars(select(Person)):
            person.name = f"{HOSTILE} {person.id}"
        plan = session.get(Plan, town.plan)
        plan.short_name = "<i>F84"
        meeting = session.get(Meeting, town.rows["meeting"])
        meeting.purpose = meeting.place = f"{HEALTH} {HOSTILE}"
        meeting.video_link = f"https://{HEALTH}"
        session.commit()
    reach("mother", email="marte@heime.example")
    day, people = date(2026, 12, 4), [town.people["mother"]]
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        notify(session, plan, people, kind, town.rows["meeting"], "x", deadline=day)
        session.commit()
    plan_notices(engine, {Channel.MAIL})
    with desk.system() as session:
        letter = letter_for(session, session.scalars(WITH_NOTICE).one())
    assert letter.text == notice_texts.fill(translate(KINDS[kind].text, language), day, language)
    mail = MailServer.parse("smtp://x.no", "a@x.no", "https://plan.example.no").written(letter)
    said = [str(mail["Subject"]), *(part.get_content() for part in mail.iter_parts())]
    for secret in ("F84", "Ella", "BUP", "Bcc", "%(", "{", "/plan/", "<i>", '<b>"'):
        assert not [text for text in said if secret in text], secret


@pytest.mark.parametrize(
    "language, said",
    [
        ("nn", "Svar i Medspel innan fredag 4. desember."),
        ("nb", "Svar i Medspel innen fredag 4. desember."),
        ("en", "Answer in Medspel by Friday 4 December."),
    ],
)
def test_the_day_is_said_as_people_say_it(language, said):
    with CLOCK.stopped_at(utcnow().replace(year=2026, month=11, day=25)):
        text = translate(KINDS["meeting"].text, language)
        assert notice_texts.fill(text, date(2026, 12, 4), language).endswith(said)
        assert "2027" in notice_texts.fill(text, date(2027, 1, 4), language)


def test_without_a_day_its_sentence_is_left_out():
    text = "Called. Answer by {deadline}! Welcome?"
    assert notice_texts.fill(text, None, "en") == "Called. Welcome?"
    assert notice_texts.fill("Answer by {deadline}.", None, "en") == "Answer by ."


@pytest.mark.parametrize("days, left", [(5, 4), (1, 0), (0, 0)])
def test_one_answers_a_meeting_the_day_before_at_last(desk, town, days, left):
    noon = utcnow().astimezone(OSLO).replace(hour=12) + timedelta(days=1)
    with CLOCK.stopped_at(noon), desk.session("coordinator") as session:
        starts = noon + timedelta(days=days, hours=2)
        meetings.call(
            session, session.get(Plan, town.plan), purpose="x", starts_at=starts,
            ends_at=starts + timedelta(hours=1), place=None, agenda=None,
            people=[town.people["teacher"]], uid="m",
        )  # fmt: skip
        session.commit()
    with desk.system() as session:
        deadline = session.scalars(select(OutboxMessage.deadline)).one()
    assert deadline == noon.date() + timedelta(days=left)


def test_the_office_writes_its_own_and_it_is_what_leaves(
    browser, desk, engine, town, own, reach, tmp_path
):
    pk = own("meeting")
    office = browser("office")
    page = office.get("/register/noticetext/list/").text
    assert "You are called to a meeting" in page
    words = {"nn": "Møte! Svar seinast {deadline}.", "nb": "Møte! Svar senest {deadline}."}
    data = words | {"en": "", "version": version_in(office.get(address(pk)).text)}
    assert office.post(address(pk), data=data).status_code in (302, 303)
    assert "Møte! Svar seinast" in office.get(f"/register/noticetext/show/{pk}").text
    reach("teacher", email="ane@skule.example")
    with desk.session("coordinator") as session:
        plan, people = session.get(Plan, town.plan), [town.people["teacher"]]
        notify(session, plan, people, "meeting", 1, "m", deadline=date(2026, 12, 4))
        session.commit()
    deliver(engine, {Channel.MAIL: FileSink(tmp_path / "out")})
    left = json.loads(next((tmp_path / "out").glob("*.json")).read_text())
    assert left["text"].startswith("Møte! Svar seinast fredag 4. desember")


def test_a_language_nobody_has_written_is_ours(desk, town, own):
    own("minutes")
    with desk.session("office") as session:
        row = session.scalars(select(NoticeText).where(NoticeText.kind == "minutes")).one()
        row.words = {"nn": "Referat."}
        session.commit()
    with desk.system() as session:
        here = (session, town.municipality_id, "minutes")
        assert notice_texts.said(*here, "nn", None) == "Referat."
        assert "The minutes of a meeting" in notice_texts.said(*here, "en", None)


@pytest.mark.parametrize(
    "text, said",
    [
        ("Skriv til ane@skule.no.", "No addresses, links or long numbers"),
        ("Sjå https://plan.no.", "No addresses, links or long numbers"),
        ("Sjå www.plan.no.", "No addresses, links or long numbers"),
        ("Gjeld 10915596784.", "No addresses, links or long numbers"),
        ("Gjeld 109155 96784.", "No addresses, links or long numbers"),
        ("Gjeld {name}.", "Only {deadline} may stand in braces"),
        ("Gjeld {{deadline}}.", "Only {deadline} may stand in braces"),
        ("x" * 141, "140"),
        ("", ""),
    ],
)
def test_what_no_notice_may_carry_is_refused_beside_the_field(browser, desk, own, text, said):
    pk = own("meeting")
    version = version_in(browser("office").get(address(pk)).text)
    data = {"nn": text, "nb": "Møte.", "en": "", "version": version}
    reply = browser("office").post(address(pk), data=data)
    assert 'id="nn-error"' in reply.text and said in reply.text and text[:30] in reply.text
    with desk.system() as session:
        row = session.scalars(select(NoticeText).where(NoticeText.id == pk)).one()
        assert row.words["nn"].startswith("Du er kalla inn")


def test_a_telephone_number_of_eight_digits_may_stand():
    notice_texts.check("Ring 55 00 00 00 om noko er uklart. Svar innan {deadline}.")


@pytest.mark.parametrize("who", ["coordinator", "mother", "leader", "foreign office"])
def test_others_neither_read_nor_write_it(browser, desk, own, who):
    pk = own("meeting")
    data = {"nn": "Anna.", "nb": "Annet."}
    assert browser(who).post(address(pk), data=data).status_code in (403, 404)
    with desk.system() as session:
        row = session.scalars(select(NoticeText).where(NoticeText.id == pk)).one()
        assert row.words["nn"] != "Anna."


def test_a_release_adds_what_is_missing_and_leaves_what_is_there(desk, own, equipped):
    own("meeting", nn="Vårt eige.")
    with desk.system() as session:
        session.delete(
            session.scalars(select(NoticeText).where(NoticeText.kind == "access")).first()
        )
        session.commit()
    release(equipped)
    release(equipped)
    with desk.system() as session:
        towns = session.scalar(select(func.count(Municipality.id)))
        assert session.scalar(select(func.count(NoticeText.id))) == towns * len(KINDS)
        texts = session.scalars(select(NoticeText).where(NoticeText.kind == "meeting")).all()
        assert "Vårt eige." in {one.words["nn"] for one in texts}
