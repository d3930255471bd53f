"""What holds for each kind of case: how long one may complain, to whom, and by which law."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, text

from deploy.release import downgrade, migrate, rebuilding
from models.case_rule import CaseRule
from models.case_words import Arrival, Concerns, LetterKind, Ruling, Wanted
from models.clock import today
from models.complaint import Complaint
from models.decision import Decision, FormerDecision
from models.delay import Delay
from models.municipality import LetterText, Municipality
from models.request import Request, first_answer_by
from models.working_days import on_a_working_day
from security.policy import Forbidden
from services import letter_texts
from services.case import case, decide
from services.case_letters import BESIDE, begin
from services.case_rules import SHIPPED, equip, holds
from services.requests import enter
from tests.test_registers import version_in

YES = {"outcome": "both", "decided_on": str(today()), "complain_by": "", "record": ""}
BODY = {"nn": "Klagenemnda", "nb": "Klagenemnda"}
RIGHT = [one for one in Wanted if SHIPPED[one]["complaint_weeks"]]
NONE = [one for one in Wanted if one not in RIGHT]


def change(desk, key, **said):
    with desk.system() as session:
        for name, value in said.items():
            setattr(session.get(CaseRule, key), name, value)
        session.commit()


def asks(desk, town, *wanted, key="request"):
    with desk.system() as session:
        at = {"municipality_id": town.municipality_id, "arrival": Arrival.POST}
        at |= {"concerns": Concerns.MYSELF, "wanted": set(wanted), "from_name": "Secret Ask"}
        asked = Request(**at, year=2025, number=77, received_on=date(2025, 3, 1))
        asked.answer_by = date(2025, 4, 1)
        session.add(asked)
        session.commit()
        return asked.id


def answered(desk, request_id):
    with desk.system() as session:
        asked = select(Decision).where(Decision.request_id == request_id)
        return session.scalars(asked).one()


def answer(browser, request_id, **said):
    page = f"/register/request/{request_id}/answer"
    return browser("office").post(page, data=YES | said)


@pytest.mark.parametrize("wanted", RIGHT)
def test_what_is_a_right_may_be_complained_of_for_four_weeks(browser, desk, town, wanted):
    pk = asks(desk, town, wanted)
    page = browser("office").get(f"/register/request/{pk}/answer").text
    assert "4 weeks after the answer" in page and "Statsforvalteren" in page
    assert answer(browser, pk, decided_on="2026-11-27").status_code == 303
    assert answered(desk, pk).complain_by == date(2026, 12, 28)  # the 25th and 26th are days off


@pytest.mark.parametrize("wanted", NONE)
def test_what_is_no_right_has_no_day_to_complain(browser, desk, town, wanted):
    pk = asks(desk, town, wanted)
    page = browser("office").get(f"/register/request/{pk}/answer").text
    assert "gives no right to complain" in page and "weeks after the answer" not in page
    assert answer(browser, pk).status_code == 303
    assert answered(desk, pk).complain_by is None


def test_the_unit_sets_the_day_by_hand_whatever_the_rule_says(browser, desk, town):
    day = on_a_working_day(today() + timedelta(days=60))
    pk = asks(desk, town, Wanted.CONTACT)
    assert answer(browser, pk, complain_by=str(day)).status_code == 303
    assert answered(desk, pk).complain_by == day


def test_of_two_kinds_the_longest_time_and_every_law_hold(browser, desk, town):
    weeks = {"complaint_weeks": 6, "complaint_body": BODY}
    change(desk, town.rows["individual_plan rule"], **weeks, answer_days=20)
    change(desk, town.rows["coordinator rule"], answer_days=10)
    wanted = (Wanted.CONTACT, Wanted.COORDINATOR, Wanted.INDIVIDUAL_PLAN, Wanted.UNSURE)
    pk = asks(desk, town, *wanted)
    assert answer(browser, pk).status_code == 303
    assert answered(desk, pk).complain_by == on_a_working_day(today() + timedelta(weeks=6))
    with desk.session("office") as session:
        said = holds(session, case(session, pk))
    law = said.law_in("nn")
    assert "§ 7-1," in law and "§ 7-2," in law and law.count("§ 7-2") == 1 and "7-2 a" not in law
    assert said.body_in("en") == "Klagenemnda" and said.answer_days == 10


def test_a_rule_that_changes_changes_nothing_that_was_decided(browser, desk, town):
    office = browser("office")
    four, none = asks(desk, town, Wanted.COORDINATOR), town.rows["request"]
    change(desk, town.rows["unsure rule"], complaint_weeks=None)
    answer(browser, four)
    answer(browser, none)
    change(desk, town.rows["coordinator rule"], complaint_weeks=9)
    change(desk, town.rows["unsure rule"], complaint_weeks=9)
    for pk, was in ((four, on_a_working_day(today() + timedelta(weeks=4))), (none, None)):
        assert answered(desk, pk).complain_by == was
        page = f"/register/request/{pk}/answer"
        seen = version_in(office.get(page).text)
        said = {"record": "SAK-1", "version": seen, "complain_by": str(was or "")}
        assert office.post(page, data=YES | said).status_code == 303
        assert (answered(desk, pk).record, answered(desk, pk).complain_by) == ("SAK-1", was)
    with desk.system() as session:
        assert session.scalars(select(FormerDecision)).all() == []
    page = f"/register/request/{none}/answer"
    anew = {"outcome": "refused", "version": version_in(office.get(page).text)}
    assert office.post(page, data=YES | anew).status_code == 303
    assert answered(desk, none).complain_by == on_a_working_day(today() + timedelta(weeks=9))


def test_an_emptied_day_that_comes_to_the_same_is_no_change(browser, desk, town):
    pk, office = asks(desk, town, Wanted.COORDINATOR), browser("office")
    answer(browser, pk)
    seen = version_in(office.get(f"/register/request/{pk}/answer").text)
    assert answer(browser, pk, record="SAK-2", version=seen).status_code == 303
    assert answered(desk, pk).record == "SAK-2"
    with desk.system() as session:
        assert session.scalars(select(FormerDecision)).all() == []


def test_the_rule_of_another_municipality_is_not_used(browser, desk, town):
    change(desk, town.rows["foreign unsure rule"], complaint_weeks=9, answer_days=1)
    answer(browser, town.rows["request"])
    found = answered(desk, town.rows["request"]).complain_by
    assert found == on_a_working_day(today() + timedelta(weeks=4))


def test_an_answer_is_promised_sooner_than_the_month_never_later(desk, town):
    for days, due in ((None, date(2027, 5, 18)), (10, date(2027, 4, 27)), (31, date(2027, 5, 18))):
        change(desk, town.rows["unsure rule"], answer_days=days)
        with desk.system() as session:
            at = {"municipality_id": town.municipality_id, "wanted": {Wanted.UNSURE}}
            asked = Request(**at, received_on=date(2027, 4, 17), from_name="A", arrival="post")
            enter(session, asked)
            assert asked.answer_by == due and due <= first_answer_by(asked.received_on)
            session.rollback()


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
@pytest.mark.parametrize("ruling", [one for one in Ruling if one is not Ruling.WITHDRAWN])
def test_a_letter_says_the_rule_in_its_language(desk, town, language, ruling):
    change(desk, town.rows["unsure rule"], complaint_weeks=6)
    text = _letter(desk, town, language, ruling)
    body = "Statsforvaltaren" if language == "nn" else "Statsforvalteren"
    assert body in text and "§ 7-2" in text and "{" not in text
    assert {"nn": "6 veker", "nb": "6 uker", "en": "6 weeks"}[language] in text


def test_a_letter_with_a_day_set_by_hand_says_no_weeks(desk, town):
    text = _letter(desk, town, "nn", Ruling.REFUSED, complain_by=today() + timedelta(days=90))
    assert "Fristen er " in text and "veker" not in text and "Statsforvaltaren" in text


def test_a_letter_where_there_is_no_right_says_nothing_of_it(desk, town):
    change(desk, town.rows["unsure rule"], complaint_weeks=None, law=None)
    text = _letter(desk, town, "nb", Ruling.REFUSED)
    assert "klag" not in text and "loven" not in text and "Svaret er nei." in text


def test_a_complaint_that_is_sent_on_goes_to_the_body_of_the_rule(desk, town):
    change(desk, town.rows["unsure rule"], complaint_body=BODY)
    with desk.system() as session:
        pk = town.rows["answered request"]
        me = {"municipality_id": town.municipality_id, "written_by_id": town.people["office"]}
        days = {"received_on": date(2025, 4, 1), "reconsider_by": date(2025, 4, 15)}
        sent = {"reconsidered": "sent_on", "reconsidered_on": date(2025, 4, 10)}
        session.add(Complaint(request_id=pk, **me, **days, **sent))
        session.get(Municipality, town.municipality_id).keeps_cases = True
        session.commit()
    with desk.session("office") as session:
        begun = begin(session, case(session, pk, *BESIDE), LetterKind.SENT_ON)["text"]
    assert begun.startswith("Vi har sendt klagen til Klagenemnda") and "Statsf" not in begun


CAME = {"received_on": "2025-04-10", "reconsidered": "", "reconsidered_on": ""}
CAME |= {"reviewed": "", "reviewed_on": ""}
SENT = CAME | {"reconsidered": "sent_on", "reconsidered_on": "2025-04-20"}


@pytest.fixture
def complaint(browser, desk, town):
    """`complaint(said)`: the complaint of an answered request, written by the unit."""
    page = f"/register/request/{town.rows['answered request']}/complaint"
    office = browser("office")

    def write(said):
        there = row() and {"version": version_in(office.get(page).text)}
        assert office.post(page, data=said | (there or {})).status_code == 303
        return row().sent_to

    def row():
        with desk.system() as session:
            return session.scalars(select(Complaint)).first()

    write.page = lambda: office.get(page).text
    write.show = lambda: office.get(
        f"/register/request/show/{town.rows['answered request']}"
    ).text.partition("Who answers a complaint")[2][:200]
    return write


def test_the_page_of_a_complaint_names_who_answers_it(desk, town, complaint):
    rule = town.rows["unsure rule"]
    assert "What Statsforvalteren answered" in complaint.page()
    change(desk, rule, complaint_body={"nn": "Nemnda <b>", "en": "The <b> Board"})
    page = complaint.page()
    assert "Statsforv" not in page and "What The &lt;b&gt; Board answered" in page
    assert "When The &lt;b&gt; Board answered" in page and "<b>" not in page
    assert "the complaint goes to The &lt;b&gt; Board." in page
    assert complaint(CAME) is None and "The &lt;b&gt; Board" in complaint.show()


def test_what_is_sent_on_stays_where_it_was_sent_when_the_rule_changes(desk, town, complaint):
    rule = town.rows["unsure rule"]
    complaint(CAME)
    change(desk, rule, complaint_body=BODY)  # before it is sent on: there it goes
    assert "Klagenemnda" in complaint.show()
    assert complaint(SENT) == BODY
    change(desk, rule, complaint_body={"nn": "Domstolen", "en": "The Court"})
    assert "Klagenemnda" in complaint.show() and "What Klagenemnda answered" in complaint.page()
    assert complaint(SENT | {"reviewed": "upheld", "reviewed_on": "2025-09-01"}) == BODY
    with desk.session("office") as session:
        asked = case(session, town.rows["answered request"], *BESIDE)
        assert begin(session, asked, LetterKind.SENT_ON)["text"].startswith(
            "Vi har sendt klagen til Klagenemnda"
        )
    assert complaint(CAME) is None and "The Court" in complaint.show()
    assert complaint(SENT)["en"] == "The Court"


def test_a_foreign_rule_names_nobody_here(desk, town, complaint):
    change(desk, town.rows["foreign unsure rule"], complaint_body=BODY)
    assert complaint(SENT) == SHIPPED[Wanted.UNSURE]["complaint_body"]
    assert "Klagenemnda" not in complaint.page()


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_a_letter_that_it_takes_longer_says_the_day_that_was_promised(
    browser, desk, town, language
):
    """Sooner than the month of the law; and the second time the day of the first."""
    pk, office = town.rows["request"], browser("office")
    with desk.system() as session:
        session.get(Municipality, town.municipality_id).keeps_cases = True
        session.execute(delete(LetterText))
        session.get(Request, pk).answer_by = date(2025, 3, 13)
        session.commit()
        where = {"l": language, "i": pk}
        session.execute(text("UPDATE request SET language = :l WHERE id = :i"), where)
        session.commit()
    delay = {"told_on": "2025-03-12", "answer_by": "2025-05-02", "reason": "We wait"}
    then = {"told_on": "2025-05-02", "answer_by": "2025-06-02", "reason": "We wait on"}
    days = ("13. mars 2025", "2. mai 2025") if language != "en" else ("13 March 2025", "2 May 2025")
    for said, day in zip((delay, then), days, strict=True):
        office.post(f"/register/request/{pk}/delay", data=said)
        with desk.session("office") as session:
            begun = begin(session, case(session, pk, *BESIDE), LetterKind.DELAY)["text"]
        assert day in begun and "{" not in begun
        assert not any(month in begun for month in ("månad", "måned", "month"))


def test_a_delay_from_before_names_no_day_it_does_not_know(desk, town):
    kept = "Nummeret er {reference}.\nVi skulle ha svart innan {promised}.\n\nGrunnen er: {reason}"
    known = {"reference": "2025-1", "reason": "x", "promised": None}
    assert letter_texts.fill(kept, known) == "Nummeret er 2025-1.\n\nGrunnen er: x"


def _letter(desk, town, language, ruling, complain_by=None):
    pk = town.rows["request"]
    with desk.session("office") as session:
        asked = case(session, pk)
        me = {"municipality_id": town.municipality_id, "decided_by_id": town.people["office"]}
        leads = {"sent_to": "NAV", "complain_by": complain_by, "decided_on": today()}
        decide(session, asked, Decision(request_id=pk, outcome=ruling, **me, **leads))
        session.commit()
    with desk.system() as session:
        session.execute(
            text("UPDATE request SET language = :l WHERE id = :i"), {"l": language, "i": pk}
        )
        session.commit()
    with desk.session("office") as session:
        return begin(session, case(session, pk, *BESIDE), LetterKind.ANSWER)["text"]


def _form(office, page):
    said = {"answer_days": "14", "complaint_weeks": "3", "complaint_body_nn": "Nemnda"}
    said |= {"complaint_body_nb": "Nemnda", "complaint_body_en": "", "law_nn": "lova § 1"}
    return said | {"law_nb": "", "law_en": "", "version": version_in(office.get(page).text)}


def test_the_unit_changes_a_rule_and_it_counts(browser, desk, town):
    office, rule = browser("office"), town.rows["unsure rule"]
    page = f"/register/caserule/edit/{rule}"
    assert office.post(page, data=_form(office, page)).status_code == 303
    with desk.system() as session:
        row = session.get(CaseRule, rule)
        assert (row.answer_days, row.complaint_weeks) == (14, 3)
        assert row.complaint_body == {"nn": "Nemnda", "nb": "Nemnda"} and row.law == {
            "nn": "lova § 1"
        }
    shown = office.get("/register/caserule/list/").text
    assert "Nemnda" in shown and "lova § 1" in shown and "the Health and Care" in shown
    answer(browser, town.rows["request"])
    found = answered(desk, town.rows["request"]).complain_by
    assert found == on_a_working_day(today() + timedelta(weeks=3))
    empty = {"answer_days": "", "complaint_weeks": "", "law_nn": ""}
    assert office.post(page, data=_form(office, page) | empty).status_code == 303
    with desk.system() as session:
        row = session.get(CaseRule, rule)
        assert (row.answer_days, row.complaint_weeks, row.law) == (None, None, None)


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("complaint_weeks", "0"),
        ("complaint_weeks", "four"),
        ("complaint_weeks", "53"),
        ("answer_days", "-1"),
        ("answer_days", "31"),
        ("complaint_body_nn", " "),
        ("complaint_body_nb", "x" * 201),
        ("law_en", "x" * 201),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(browser, desk, town, field, said):
    office, rule = browser("office"), town.rows["unsure rule"]
    page = f"/register/caserule/edit/{rule}"
    reply = office.post(page, data=_form(office, page) | {field: said})
    assert reply.status_code == 422 and f'href="#{field}"' in reply.text
    assert "lova § 1" in reply.text and said.strip() in reply.text
    with desk.system() as session:
        assert (
            session.get(CaseRule, rule).complaint_body == SHIPPED[Wanted.UNSURE]["complaint_body"]
        )


@pytest.mark.parametrize("who", ["leader", "admin", "coordinator", "foreign office"])
def test_nobody_else_changes_a_rule(browser, desk, town, who):
    rule = town.rows["unsure rule"]
    shut = 404 if who == "foreign office" else 403
    assert browser(who).get(f"/register/caserule/edit/{rule}").status_code == shut
    with desk.session(who) as session:
        found = session.get(CaseRule, rule)
        if found is None:
            return
        found.complaint_weeks = 1
        with pytest.raises(Forbidden):
            session.flush()


def test_every_municipality_has_each_rule_once_and_keeps_its_own(app_engine, desk, town):
    kept = town.rows["unsure rule"]
    change(desk, kept, complaint_weeks=5)
    with desk.system() as session:
        session.execute(delete(CaseRule).where(CaseRule.id != kept))
        session.commit()
    with desk.session("office") as session:  # until the release has been there, as it is shipped
        said = holds(session, case(session, asks(desk, town, Wanted.COORDINATOR)))
        assert said.complaint_weeks == 4 and "§ 7-2," in said.law_in("nb")
    for _ in range(2):
        with app_engine.begin() as connection:
            equip(connection)
    with desk.system() as session:
        for home in (town.municipality_id, town.foreign_id):
            here = select(CaseRule).where(CaseRule.municipality_id == home)
            assert {one.wanted for one in session.scalars(here)} == set(Wanted)
        assert session.get(CaseRule, kept).complaint_weeks == 5


def _letters(connection, town):
    asked = text("SELECT key, words FROM letter_text WHERE municipality_id = :m")
    found = connection.execute(asked, {"m": town.municipality_id})
    return {key: json.loads(words) for key, words in found}


def test_what_a_town_wrote_in_its_letters_is_kept_and_ours_are_made_anew(engine, desk, town):
    with engine.begin() as connection:
        letter_texts.equip(connection)
    with desk.system() as session:
        here = (LetterText.municipality_id == town.municipality_id, LetterText.key == "sent_on")
        session.scalars(select(LetterText).where(*here)).one().nn += "\nHelsing oss"
        session.commit()
    with rebuilding(engine) as connection:
        downgrade(connection, "0048")
        letters = _letters(connection, town)
        assert not any(hole in str(letters) for hole in ("{law}", "{complaint_"))
        assert "Statsforvaltaren" in letters["answer_refused"]["nn"]
        assert "Statsforvalteren" in letters["answer_refused"]["en"]
        assert letters["sent_on"]["nn"].endswith("Helsing oss")
    with rebuilding(engine) as connection:
        migrate(connection)
        assert "answer_refused" not in _letters(connection, town)
        letter_texts.equip(connection)
        equip(connection)
        letters = _letters(connection, town)
        assert letters["answer_refused"] == letter_texts.SHIPPED["answer_refused"]
        assert letters["sent_on"]["nn"].endswith("Helsing oss")
        rows = connection.execute(text("SELECT count(*) FROM case_rule")).scalar()
        towns = connection.execute(text("SELECT count(*) FROM municipality")).scalar()
        assert rows == towns * len(Wanted)


@pytest.mark.parametrize("own", [False, True])
def test_the_letter_that_names_a_month_is_given_anew_where_nobody_changed_it(
    engine, desk, town, own
):
    """And a complaint that is sent on already went to whom the pages said."""
    with desk.system() as session:
        session.execute(delete(LetterText))
        session.commit()
    with engine.begin() as connection:
        letter_texts.equip(connection)
    with desk.system() as session:
        pk = town.rows["answered request"]
        me = {"municipality_id": town.municipality_id, "written_by_id": town.people["office"]}
        days = {"received_on": date(2025, 4, 1), "reconsider_by": date(2025, 4, 15)}
        sent = {"reconsidered": "sent_on", "reconsidered_on": date(2025, 4, 10), "sent_to": BODY}
        session.add(Complaint(request_id=pk, **me, **days, **sent))
        told = {"told_on": date(2025, 3, 20), "answer_by": date(2025, 5, 2), "reason": "x"}
        by = {"municipality_id": town.municipality_id, "told_by_id": town.people["office"]}
        asked = {"request_id": town.rows["request"], "promised_by": date(2025, 4, 1)}
        session.add(Delay(**asked, **told, **by))
        if own:
            here = LetterText.municipality_id == town.municipality_id
            mine = select(LetterText).where(here, LetterText.key == "delay")
            session.scalars(mine).one().nn += "\nHelsing oss"
        session.commit()
    with rebuilding(engine) as connection:
        downgrade(connection, "0052")
        letters = _letters(connection, town)
        assert "{promised}" not in str(letters) and ("delay" in letters) is own
        if not own:
            _as_it_was(connection, town)
    with rebuilding(engine) as connection:
        migrate(connection)
        assert ("delay" in _letters(connection, town)) is own
        letter_texts.equip(connection)
        now = _letters(connection, town)["delay"]["nn"]
        assert now.endswith("Helsing oss") is own and ("{promised}" in now) is not own
        said = connection.execute(text("SELECT sent_to FROM complaint")).scalar()
        assert json.loads(said) == SHIPPED[Wanted.UNSURE]["complaint_body"]
        assert connection.execute(text("SELECT promised_by FROM delay")).scalar() is None


def _as_it_was(connection, town):
    """The letter as the release before shipped it."""
    was = {
        "nn": ("\nVi skulle ha svart innan {promised}, men det rekk vi diverre ikkje.",
               " Vi rekk diverre ikkje å svare innan ein månad."),
        "nb": ("\nVi skulle ha svart innen {promised}, men det rekker vi dessverre ikke.",
               " Vi rekker dessverre ikke å svare innen en måned."),
        "en": ("\nWe should have answered by {promised}, and are sorry that we cannot.",
               " We are sorry that we cannot answer within a month."),
    }  # fmt: skip
    shipped = letter_texts.SHIPPED["delay"]
    words = {language: shipped[language].replace(*pair) for language, pair in was.items()}
    assert "{promised}" not in str(words)
    told = {"w": json.dumps(words, ensure_ascii=False, sort_keys=True), "m": town.municipality_id}
    into = "INSERT INTO letter_text (uid, municipality_id, key, words)"
    connection.execute(text(f"{into} VALUES ('x', :m, 'delay', :w)"), told)
