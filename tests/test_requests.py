"""From the public form to the register of the coordinating unit, and what is in the way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs.worker import clean_up
from models.case_words import Arrival, Concerns, Wanted
from models.clock import CLOCK, today, utcnow
from models.outbox import OutboxMessage
from models.request import Request
from models.request_draft import RequestDraft
from security.policy import Forbidden

SAID = {
    "about": {"concerns": "my_child", "wanted": ["coordinator", "individual_plan"]},
    "person": {"person_name": "Nora Ås", "birth_date": "2018-03-01"},
    "words": {"words": "We are tired", "services": "School", "coordinator_wish": ""},
    "sender": {"from_name": "Eli Ås", "from_role": "Mother", "from_phone": "90000000"},
}


@pytest.fixture
def at(town):
    return f"/request/{town.municipality_id}"


def begin(client, at, pages=SAID):
    """Fill in these pages; where one is after the last."""
    client.post("/language/", data={"language": "en"})
    onwards = client.post(f"{at}/").headers["Location"]
    for page, said in pages.items():
        assert onwards == f"{at}/{page}"
        answer = client.post(onwards, data=said)
        assert answer.status_code == 303, answer.text
        onwards = answer.headers["Location"]
    return onwards


def stored(desk):
    with desk.system() as session:
        return session.scalars(select(Request).where(Request.year == today().year)).all()


def test_what_is_sent_without_signing_in_is_read_by_the_unit(app, browser, desk, town, at):
    client = app.test_client()
    assert begin(client, at) == f"{at}/summary"
    look = client.get(f"{at}/summary").text
    assert "Nora Ås" in look and "We are tired" in look and "A coordinator, An individual" in look
    for _ in range(2):  # a double click sends once
        assert client.post(f"{at}/summary").headers["Location"] == f"{at}/sent"
    [one] = stored(desk)
    assert (one.arrival, one.concerns) == (Arrival.WEB, Concerns.MY_CHILD)
    assert one.wanted == {Wanted.COORDINATOR, Wanted.INDIVIDUAL_PLAN}
    assert (one.from_phone, one.from_person_id) == ("+4790000000", None)
    receipt = client.get(f"{at}/sent").text
    assert f"{today().year}-1" in receipt and "Nora" not in receipt and "tired" not in receipt
    office = browser("office")
    assert "Nora Ås" in office.get("/register/request/list/").text
    page = office.get(f"/register/request/show/{one.id}").text
    assert "We are tired" in page and "90 00 00 00" in page
    with desk.system() as session:
        assert session.scalars(select(RequestDraft)).all() == []
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "request")).all()
    assert {notice.person_id for notice in told} == {town.people["office"]}


@pytest.mark.parametrize("who", ["coordinator", "leader", "admin", "mother", "teacher"])
def test_nobody_else_reads_a_request(app, browser, desk, town, at, who):
    client = app.test_client()
    begin(client, at)
    client.post(f"{at}/summary")
    [one] = stored(desk)
    with desk.session(who) as session:
        assert session.scalars(select(Request)).all() == []
        session.add(Request(**{**values(one), "number": 9, "uid": "other"}))
        with pytest.raises(Forbidden):
            session.flush()
    for address in ("list/", f"show/{one.id}", f"edit/{one.id}", "add"):
        assert browser(who).get(f"/register/request/{address}").status_code == 403
    assert len(stored(desk)) == 1


def values(row):
    return {c.key: getattr(row, c.key) for c in Request.__mapper__.column_attrs if c.key != "id"}


def test_another_municipality_reads_nothing_of_it(app, desk, town, at):
    begin(app.test_client(), f"/request/{town.foreign_id}")
    with desk.session("office") as session:
        found = session.scalars(select(Request)).all()
        assert {one.municipality_id for one in found} == {town.municipality_id}


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("whom", "asked", "not_asked"),
    [
        ("myself", "Your name", "When is the child expected?"),
        ("expected_child", "When is the child expected?", "Birth date"),
        ("represented", "Birth date", "When is the child expected?"),
    ],
)
def test_what_is_asked_depends_on_whom_it_is_for(app, at, whom, asked, not_asked):
    client = app.test_client()
    begin(client, at, {"about": {"concerns": whom, "wanted": ["unsure"]}})
    page = client.get(f"{at}/person").text
    assert asked in page and not_asked not in page


def test_a_child_that_is_not_born_has_no_name(app, desk, at):
    due = today() + timedelta(days=90)
    pages = {
        **SAID,
        "about": {"concerns": "expected_child", "wanted": "child_coordinator"},
        "person": {"due_on": due},
    }
    client = app.test_client()
    begin(client, at, pages)
    client.post(f"{at}/summary")
    [one] = stored(desk)
    assert (one.due_on, one.person_name, one.birth_date) == (due, None, None)


def test_a_professional_says_whether_the_family_knows(app, desk, at):
    client = app.test_client()
    pages = {**SAID, "about": {"concerns": "from_work"}}
    pages.pop("sender")
    assert begin(client, at, pages) == f"{at}/sender"
    without = client.post(f"{at}/sender", data=SAID["sender"])
    assert without.status_code == 422 and 'href="#is_told' in without.text
    client.post(f"{at}/sender", data={**SAID["sender"], "is_told": "no"})
    client.post(f"{at}/summary")
    [one] = stored(desk)
    assert one.wanted == {Wanted.POSSIBLE_NEED} and one.is_told is False


@pytest.mark.a_page
@pytest.mark.parametrize(
    ("page", "said", "field"),
    [
        ("about", {"concerns": "my_child"}, "wanted"),
        ("about", {"concerns": "x", "wanted": "coordinator"}, "concerns"),
        ("person", {"person_name": " ", "birth_date": "2018-03-01"}, "person_name"),
        ("person", {"person_name": "Nora", "birth_date": "2999-01-01"}, "birth_date"),
        ("person", {"person_name": "Nora", "birth_date": "30.02.2018"}, "birth_date"),
        ("words", {"words": "x" * 5001}, "words"),
        ("words", {"words": "a\x00b"}, "words"),
        ("sender", {"from_name": "Eli", "from_role": "Mother"}, "from_phone"),
        ("sender", {"from_name": "E", "from_role": "M", "from_email": "eli"}, "from_email"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(app, desk, at, page, said, field):
    client = app.test_client()
    begin(client, at, {"about": SAID["about"]})
    answer = client.post(f"{at}/{page}", data=said)
    assert answer.status_code == 422 and f'href="#{field}' in answer.text
    typed = [str(value).strip("\x00 x")[:3] for value in said.values()]
    assert all(words in answer.text for words in typed)
    client.post(f"{at}/summary")
    assert stored(desk) == []


def test_one_goes_on_with_a_code_on_another_device(app, at):
    client, other = app.test_client(), app.test_client()
    begin(client, at, {"about": SAID["about"], "person": SAID["person"]})
    later = client.post(f"{at}/words", data={"words": "Half a sen", "later": "yes"})
    page = client.get(later.headers["Location"]).text
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", page)[0]
    typed = f" {code.lower().replace('-', ' ')} "
    assert other.post(f"{at}/code", data={"code": typed}).headers["Location"] == f"{at}/summary"
    assert "Half a sen" in other.get(f"{at}/summary").text
    wrong = other.post(f"{at}/code", data={"code": "ABCD-EFGH-JKLM"})
    assert wrong.status_code == 422 and "ABCD-EFGH-JKLM" in wrong.text


def test_codes_are_not_guessed(app, at):
    client = app.test_client()
    tried = [client.post(f"{at}/code", data={"code": f"ABCD{n}"}).status_code for n in range(12)]
    assert tried[:10] == [422] * 10 and tried[10:] == [429] * 2


def test_a_draft_is_its_browsers_own_and_gone_in_time(app, app_engine, desk, at):
    client = app.test_client()
    begin(client, at, {"about": SAID["about"]})
    assert app.test_client().get(f"{at}/summary").headers["Location"] == f"{at}/"
    with CLOCK.stopped_at(utcnow() + timedelta(days=15)):
        clean_up(app_engine)
    with desk.system() as session:
        assert session.scalars(select(RequestDraft)).all() == []
    assert client.get(f"{at}/summary").headers["Location"] == f"{at}/"


def test_who_has_signed_in_is_known_and_named(browser, desk, town, at):
    client = browser("mother")
    begin(client, at, {key: SAID[key] for key in ("about", "person", "words")})
    with desk.system() as session:
        from models.people import Person

        name = session.get(Person, town.people["mother"]).name
    assert name in client.get(f"{at}/sender").text
    client.post(f"{at}/sender", data=SAID["sender"])
    client.post(f"{at}/summary")
    [one] = stored(desk)
    assert one.from_person_id == town.people["mother"]


def test_two_for_the_same_person_point_to_each_other(app, browser, desk, at):
    for name in ("Nora Ås", "nora  ås", "Nora Aas"):
        client = app.test_client()
        begin(client, at, {**SAID, "person": {**SAID["person"], "person_name": name}})
        client.post(f"{at}/summary")
    first, second, other = stored(desk)
    office, here = browser("office"), "/register/request/show"
    assert f"{here}/{first.id}" in office.get(f"{here}/{second.id}").text
    assert f"{here}/{first.id}" not in office.get(f"{here}/{other.id}").text


def test_one_from_the_telephone_is_written_down_by_the_unit(browser, desk, town):
    office = browser("office")
    data = {
        "received_on": str(today()), "arrival": "phone", "concerns": "myself",
        "wanted": "coordinator", "person_name": "Ola Vik", "from_name": "Ola Vik",
    }  # fmt: skip
    assert office.post("/register/request/add", data=data).status_code == 303
    [one] = stored(desk)
    assert (one.reference, one.case_worker_id) == (f"{today().year}-1", town.people["office"])
    assert office.post("/register/request/add", data=data | {"arrival": "web"}).status_code == 422
    later = data | {"received_on": str(today() + timedelta(days=1))}
    assert office.post("/register/request/add", data=later).status_code == 422
    nameless = office.post("/register/request/add", data=data | {"person_name": ""})
    assert nameless.status_code == 422 and 'href="#person_name"' in nameless.text
    assert len(stored(desk)) == 1


def test_what_was_sent_stays_as_it_was_sent(app, desk, at):
    client = app.test_client()
    begin(client, at)
    client.post(f"{at}/summary")
    with desk.session("office") as session:
        one = session.scalars(select(Request).where(Request.year == today().year)).one()
        one.words = "Something else"
        with pytest.raises(Exception, match="words"):
            session.flush()


def test_a_fault_while_it_is_sent_keeps_the_draft(app, desk, at, monkeypatch):
    from services import requests

    client = app.test_client()
    begin(client, at)

    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(requests, "_tell", fails)
    assert client.post(f"{at}/summary").status_code == 500
    assert stored(desk) == []
    monkeypatch.undo()
    client.post(f"{at}/summary")
    assert len(stored(desk)) == 1
