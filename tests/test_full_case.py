"""The whole case of a request: weighed one criterion at a time, more asked for, letters."""

from __future__ import annotations

import sys
from base64 import b64decode
from datetime import date
from io import BytesIO
from pathlib import Path
from string import Formatter

import pikepdf
import pytest
from sqlalchemy import func, select

from jobs import case_letters
from jobs.case_letters import make_letters
from models.assessment import Assessment, criteria
from models.case_letter import CaseLetter, CaseLetterFile
from models.case_words import Concerns, Criterion, LetterKind, Ruling, Wanted
from models.clock import today
from models.database import WRITING
from models.decision import Decision
from models.inquiry import Inquiry
from models.language import Language
from models.municipality import LetterText, Municipality
from models.people import Representation
from models.request import Request
from models.vocabulary import Capacity
from security.policy import Forbidden
from security.writes import Immutable
from services import case_letters as case_letters_service
from services.case import case
from services.letter_texts import HOLES, SHIPPED, UnknownHole, check, fill, key_for
from tests.test_receipts import needs_poppler, said
from tests.test_receipts import words as read_in
from tests.test_registers import version_in

UID = "77777777-7777-4777-8777-777777777777"
YES = {"outcome": "refused", "decided_on": str(today())}
BOTH = {"long_term": "yes", "long_term_why": "For years", "several_services": "no"}
BOTH |= {"several_services_why": "Only one", "uid": UID}


@pytest.fixture
def whole(desk, town):
    """A town that keeps its cases here."""
    with desk.system() as session:
        session.get(Municipality, town.municipality_id).keeps_cases = True
        session.commit()


@pytest.fixture
def at(town):
    """Addresses of the pages beside a request."""
    return f"/register/request/{town.rows['request']}".__add__


@pytest.fixture
def show(town):
    return f"/register/request/show/{town.rows['request']}"


def row(desk, town, cls):
    with desk.system() as session:
        of_it = select(cls).where(cls.request_id == town.rows["request"])
        return session.scalars(of_it.order_by(cls.id.desc())).first()


def test_what_is_weighed_depends_on_who_it_is_for_and_what_is_asked():
    me, child, expected = Concerns.MYSELF, Concerns.MY_CHILD, Concerns.EXPECTED_CHILD
    assert criteria(me, frozenset({Wanted.CONTACT, Wanted.ANOTHER_COORDINATOR})) == ()
    assert criteria(me, frozenset({Wanted.UNSURE})) == tuple(Criterion)[:2]
    assert criteria(child, frozenset({Wanted.COORDINATOR})) == tuple(Criterion)[:2]
    assert criteria(expected, frozenset({Wanted.CHILD_COORDINATOR})) == tuple(Criterion)[2:]
    plan_too = frozenset({Wanted.CHILD_COORDINATOR, Wanted.INDIVIDUAL_PLAN})
    assert criteria(child, plan_too) == tuple(Criterion)
    assert criteria(child, frozenset({Wanted.POSSIBLE_NEED})) == tuple(Criterion)


def test_where_the_register_alone_is_kept_nothing_is_weighed(browser, desk, town, at, show):
    office = browser("office")
    for page in ("/assessment", "/inquiry", "/letter/answer", "/letter/delay"):
        assert office.get(at(page)).status_code == 404
    assert office.post(at("/assessment"), data=BOTH).status_code == 404
    assert row(desk, town, Assessment) is None
    page = office.get(show).text
    assert "Weigh it" not in page and "We have the request" in page
    assert office.post(at("/answer"), data=YES).headers["Location"] == show


def test_each_criterion_is_answered_with_a_reason_before_the_request_is(
    browser, desk, town, at, show, whole
):
    office = browser("office")
    refused = office.post(at("/answer"), data=YES)
    assert refused.status_code == 422 and "Answer each criterion first" in refused.text
    page = office.get(at("/assessment")).text
    assert "two or more services" in page and "disability" not in page
    silent = office.post(at("/assessment"), data=BOTH | {"long_term_why": ""})
    assert silent.status_code == 422 and "Write why." in silent.text and "Only one" in silent.text
    half = {"long_term": "yes", "long_term_why": "For years", "uid": UID}
    assert office.post(at("/assessment"), data=half).status_code == 303
    assert office.post(at("/answer"), data=YES).status_code == 422
    seen = version_in(office.get(at("/assessment")).text)
    office.post(at("/assessment"), data=BOTH | {"version": seen})
    said = row(desk, town, Assessment).answers()
    assert said == {
        Criterion.LONG_TERM: (True, "For years"),
        Criterion.SEVERAL_SERVICES: (False, "Only one"),
    }
    assert "Needs help for a long time: Yes. For years" in office.get(show).text
    answered = office.post(at("/answer"), data=YES)
    assert answered.headers["Location"] == at("/letter/answer")
    assert row(desk, town, Decision).outcome is Ruling.REFUSED


def test_what_is_taken_back_is_not_weighed(browser, desk, town, at, whole):
    browser("office").post(at("/answer"), data=YES | {"outcome": "withdrawn"})
    assert row(desk, town, Decision).outcome is Ruling.WITHDRAWN


@pytest.mark.a_page
@pytest.mark.parametrize("said", ["maybe", "True", "1"])
def test_an_answer_is_yes_or_no(browser, desk, town, at, whole, said):
    reply = browser("office").post(at("/assessment"), data=BOTH | {"long_term": said})
    assert reply.status_code == 422 and row(desk, town, Assessment) is None


def test_two_who_weigh_the_same_overwrite_nothing(browser, desk, town, at, whole):
    office = browser("office")
    office.post(at("/assessment"), data=BOTH)
    late = office.post(at("/assessment"), data=BOTH | {"long_term_why": "Other", "uid": ""})
    assert late.status_code == 422 and "Somebody else has written here" in late.text
    assert row(desk, town, Assessment).long_term_why == "For years"


def test_more_is_asked_for_by_letter_and_the_reply_is_one_press(
    browser, desk, town, at, show, whole
):
    office = browser("office")
    asked = {"asked_of": "The school", "question": "Who helps?", "asked_on": str(today())}
    early = asked | {"reply_by": "2025-01-01", "uid": UID}
    refused = office.post(at("/inquiry"), data=early)
    assert refused.status_code == 422 and "Choose a day after the question." in refused.text
    for _ in range(2):
        sent = office.post(at("/inquiry"), data=asked | {"uid": UID})
        assert sent.headers["Location"] == at("/letter/inquiry")
    with desk.system() as session:
        assert len([one for one in session.scalars(select(Inquiry)) if one.uid == UID]) == 1
    letter = office.get(at("/letter/inquiry")).text
    assert "Who helps?" in letter and "Hello The school!" in letter.replace("Hei ", "Hello ")
    assert "The reply has come: The school" in office.get(show).text
    one = row(desk, town, Inquiry)
    office.post(f"/register/request/inquiry/{one.id}/replied")
    assert row(desk, town, Inquiry).answered_on == today()
    assert "The reply has come: The school" not in office.get(show).text


def write(office, at, kind="receipt", **more):
    said = {"to_name": "Kari Vik", "to_address": "Vegen 1\n5200 Os", "text": "Hello\n\nYes & no."}
    return office.post(at(f"/letter/{kind}"), data=said | {"uid": UID} | more)


def test_a_letter_begins_in_the_towns_own_words_and_is_kept_as_it_was_sent(
    browser, desk, engine, town, at, show, whole
):
    office = browser("office")
    office.post(at("/assessment"), data=BOTH)
    office.post(at("/answer"), data=YES)
    page = office.get(at("/letter/answer")).text
    for words in ("Nei til koordinator og plan", "2025-1", "For years", "Only one", "Secret Ask"):
        assert words in page
    assert "{" not in page.split("<textarea")[2].split("</textarea>")[0]
    for _ in range(2):
        assert write(office, at, "answer").status_code == 303
    one = row(desk, town, CaseLetter)
    assert (one.kind, one.text) == (LetterKind.ANSWER, "Hello\n\nYes & no.")
    assert "Is being made" in office.get(show).text
    assert office.get(f"/register/request/letter/{one.id}").status_code == 404
    WRITING.set(False)
    assert make_letters(engine) and make_letters(engine)
    file = office.get(f"/register/request/letter/{one.id}")
    assert file.data.startswith(b"%PDF") and file.mimetype == "application/pdf"
    assert f"brev-{one.id}.pdf" in file.headers["Content-Disposition"]
    assert "The letter is sent: The answer" in office.get(show).text
    office.post(f"/register/request/letter/{one.id}/sent")
    assert row(desk, town, CaseLetter).sent_on == today()
    with desk.system() as session:
        of_it = select(func.count(CaseLetterFile.id)).where(CaseLetterFile.letter_id == one.id)
        assert session.scalar(of_it) == 1


def test_a_letter_is_never_written_about_what_has_not_happened(browser, desk, town, at, whole):
    office = browser("office")
    for kind in ("answer", "delay", "sent_on", "nothing"):
        assert write(office, at, kind).status_code == 404


@pytest.mark.parametrize("who", ["coordinator", "leader", "admin", "newcomer", "foreign office"])
def test_nobody_but_the_unit_reads_a_case(browser, desk, town, at, whole, who):
    stranger = browser(who)
    pages = [at(one) for one in ("/assessment", "/inquiry", "/letter/receipt")]
    pages.append(f"/register/request/letter/{town.rows['case letter']}")
    for page in pages:
        reply = stranger.get(page)
        assert reply.status_code in (403, 404) and "Secret" not in reply.text
    stranger.post(pages[0], data=BOTH)
    write(stranger, at)
    stranger.post(f"/register/request/inquiry/{town.rows['inquiry']}/replied")
    stranger.post(f"/register/request/letter/{town.rows['case letter']}/sent")
    assert row(desk, town, Assessment) is None
    assert row(desk, town, Inquiry).answered_on is None
    assert row(desk, town, CaseLetter).sent_on is None


def test_a_party_in_the_unit_reads_neither_letter_nor_question(browser, desk, town, whole):
    """The unit's own member, whose child it is."""
    me, child = town.people["office"], town.people["stranger"]
    with desk.system() as session:
        session.get(Request, town.rows["request"]).person_id = child
        here = {
            "municipality_id": town.municipality_id,
            "capacity": Capacity.PARENTAL_RESPONSIBILITY,
        }
        session.add(Representation(**here, person_id=child, representative_id=me))
        session.commit()
    with desk.session("office") as session:
        for cls in (Inquiry, CaseLetter, CaseLetterFile):
            assert session.scalars(select(cls)).all() == []
    reply = browser("office").get(f"/register/request/letter/{town.rows['case letter']}")
    assert reply.status_code == 404


def test_nobody_writes_in_somebody_elses_name_nor_changes_what_was_sent(desk, town, whole):
    at = {"municipality_id": town.municipality_id, "request_id": town.rows["request"]}
    with desk.session("office") as session:
        session.add(Assessment(**at, written_by_id=town.people["newcomer"]))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("office") as session:
        letter = session.get(CaseLetter, town.rows["case letter"])
        letter.text = "Other"
        with pytest.raises(Immutable):
            session.flush()
    with desk.session("office") as session:
        file = {"letter_id": town.rows["case letter"], "content": "x", "digest": "x"}
        session.add(CaseLetterFile(**at, **file))
        with pytest.raises(Forbidden):
            session.flush()


def test_one_letter_that_cannot_be_made_stops_no_other(desk, engine, town, monkeypatch):
    at = {"municipality_id": town.municipality_id, "request_id": town.rows["request"]}
    words = {"kind": LetterKind.RECEIPT, "language": "nn", "written_on": today(), "to_name": "A"}
    with desk.system() as session:
        me = {"written_by_id": town.people["office"]}
        bad = CaseLetter(**at, **words, **me, text="Bad\n\nx")
        good = CaseLetter(**at, **words, **me, text="Good\n\nx")
        session.add_all([bad, good])
        session.commit()
        ids = bad.id, good.id
    whole = case_letters.as_pdf

    def breaks(html, style):
        if "Bad" in html:
            raise RuntimeError("no file")
        return whole(html, style)

    monkeypatch.setattr(case_letters, "as_pdf", breaks)
    assert not make_letters(engine)
    monkeypatch.setattr(case_letters, "as_pdf", whole)
    with desk.system() as session:
        made = select(CaseLetterFile.letter_id).where(CaseLetterFile.letter_id.in_(ids))
        assert session.scalars(made).all() == [ids[1]]
    assert make_letters(engine)


@pytest.mark.a_page
def test_a_text_of_letters_has_known_holes_only(browser, desk, town):
    pk = town.rows["lettertext"]
    office, page = browser("office"), f"/register/lettertext/edit/{pk}"
    version = version_in(office.get(page).text)
    said = {"nn": "Hei {name}", "nb": "Hei {who}", "en": "", "version": version}
    refused = office.post(page, data=said)
    assert refused.status_code == 422 and "{complain_by}" in refused.text
    office.post(page, data=said | {"nb": "Hei {name}"})
    with desk.system() as session:
        assert session.get(LetterText, pk).words["nb"] == "Hei {name}"


def test_what_is_shipped_can_be_filled_in():
    for texts in SHIPPED.values():
        for text in texts.values():
            check(text)
            title, _, rest = text.partition("\n")
            assert title and rest and len(text) < LetterText.longest
            known = {hole for _, hole, _, _ in Formatter().parse(text) if hole}
            assert known <= HOLES and "{" not in fill(text, dict.fromkeys(HOLES, "x"))
    every = [set(texts) for texts in SHIPPED.values()]
    assert all(one == {"nn", "nb", "en"} for one in every)
    for bad in ("{", "}", "{name", "{Name}", "{{name}}", "{na-me}"):
        with pytest.raises(UnknownHole):
            check(bad)


def test_every_hole_that_may_stand_in_a_text_can_be_filled_in(desk, town):
    with desk.session("office") as session:
        asked = case(session, town.rows["answered request"], *case_letters_service.BESIDE)
        known = case_letters_service.said(session, asked, Language.ENGLISH)
    assert known.keys() | {"name"} == HOLES


def test_a_line_with_nothing_to_fill_in_is_left_out():
    text = "T\nHi {name}!\n\nBy {answer_by}.\n\nCall {phone}"
    assert fill(text, {"name": "Kari", "phone": "55"}) == "T\nHi Kari!\n\nCall 55"
    assert fill(text, {"name": "{phone}", "phone": "55"}) == "T\nHi {phone}!\n\nCall 55"


def test_there_is_a_text_for_each_answer_and_each_kind():
    keys = {key_for(LetterKind.ANSWER, one) for one in Ruling}
    keys |= {key_for(one, None) for one in LetterKind if one is not LetterKind.ANSWER}
    assert keys == set(SHIPPED)


@pytest.mark.a_page
@needs_poppler
@pytest.mark.parametrize("language", ["nn", "en"])
def test_a_letter_is_a_file_archives_keep_and_screen_readers_read(
    desk, engine, town, tmp_path, language
):
    at = {"municipality_id": town.municipality_id, "request_id": town.rows["request"]}
    to = {"to_name": "Kari <b> Vik", "to_address": "Vegen 1\n5200 Os"}
    words = {"kind": LetterKind.RECEIPT, "language": language, "written_on": date(2027, 3, 2)}
    text = "A title\n\n" + "\n\n".join(f"Part {n}\nline & “two”." for n in range(30))
    with desk.system() as session:
        letter = CaseLetter(**at, **words, **to, text=text, written_by_id=town.people["office"])
        session.add(letter)
        session.commit()
        pk = letter.id
    assert make_letters(engine)
    with desk.system() as session:
        of_it = CaseLetterFile.letter_id == pk
        file = b64decode(session.scalars(select(CaseLetterFile.content).where(of_it)).one())
    (path := tmp_path / "file.pdf").write_bytes(file)
    checked = said("qpdf", "--check", str(path))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    heard = said(str(Path(sys.executable).parent / "outloud"), "--fail-on", "warning", str(path))
    assert "0 error(s), 0 warning(s)" in heard.stdout, heard.stdout
    found = read_in(tmp_path, file)
    number = {"nn": "Nummeret vårt: 2025-1", "en": "Our number: 2025-1"}[language]
    day = {"nn": "2. mars 2027", "en": "2 March 2027"}[language]
    for part in ("Kari <b> Vik Vegen 1 5200 Os", number, day, "Part 29 line & “two”."):
        assert part in found
    with pikepdf.open(BytesIO(file)) as pdf:
        about = pdf.Root.Metadata.read_bytes().decode()
        assert 'pdfaid:part="2"' in about and "<pdfuaid:part>1" in about
        assert str(pdf.Root.Lang) == language and str(pdf.docinfo.get("/Title")) == "A title"
