"""The history of the consent: what each version changed, who signed, who took back what."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from jobs.receipts import make_receipts
from models.plan import Participant
from models.vocabulary import Package, Recorded
from services.consent_history import history
from tests.conftest import statements
from tests.steps import prepare, run
from tests.test_giving_access import family, signed  # noqa: F401  (fixtures)
from tests.test_receipts import key  # noqa: F401  (fixture)


def told(desk, who, plan):
    with desk.session(who) as session:
        return history(session, plan)


def plan_of(desk, town):
    with desk.system() as session:
        mine = select(Participant.plan_id).where(Participant.person_id == town.people["newcomer"])
        return session.scalars(mine).one()


def test_the_newest_is_first_and_says_what_is_new_in_it(desk, town):
    prepare("goal", desk, town)  # an Enkelt samspill, made an individual plan
    plan = plan_of(desk, town)
    newest, first = told(desk, "mother", plan)
    assert (newest.consent.version, first.consent.version) == (2, 1)
    assert {one.name for one in first.changes} == {"Teacher", "Newcomer"}
    assert all(one.is_new and not one.is_gone for one in first.changes)
    teacher = next(one for one in newest.changes if one.name == "Teacher")
    assert not teacher.is_new and not teacher.is_gone
    assert {str(part) for part, was, _ in teacher.parts if was is None} == {
        "background", "evaluation",
    }  # fmt: skip
    assert [one.name for one in newest.signed] == ["Mother"]


def test_who_is_gone_and_what_is_another_is_said(desk, town):
    prepare("message", desk, town)
    plan = plan_of(desk, town)
    with desk.system() as session:
        team = session.scalars(select(Participant).where(Participant.plan_id == plan))
        teacher = next(one for one in team if one.person_id == town.people["teacher"])
        teacher.package = Package.RELATIVE
        session.commit()
    run("convert", desk, town)
    teacher = next(one for one in told(desk, "mother", plan)[0].changes if one.name == "Teacher")
    changed = {str(part) for part, was, now in teacher.parts if was and now}
    gone = {str(part) for part, _, now in teacher.parts if now is None}
    assert changed and gone and not teacher.is_gone


def test_what_was_taken_back_stands_under_the_version_there_was(desk, town):
    prepare("goal", desk, town)
    run("withdraw a person", desk, town)
    run("withdraw", desk, town)
    newest, first = told(desk, "newcomer", plan_of(desk, town))
    assert first.taken_back == []
    person, whole = newest.taken_back
    assert (person.what, person.by, person.people) == (Recorded.PERSON_OUT, "Mother", ["Teacher"])
    assert whole.what is Recorded.CONSENT_WITHDRAWN


def test_the_page_tells_it_in_words_and_gives_the_files(signed, app, engine, key):  # noqa: F811
    app.config["CERTIFICATES"] = {"Fjordvik": key}
    page = signed.guardian("jonas").get(signed.url("consent/history/")).text
    assert "New: Teacher" in page and "A receipt is being made" in page
    assert "Read and write everything: Messages" in page and "Marte Vik" in page
    make_receipts(engine, app.config["CERTIFICATES"])
    page = signed.guardian("jonas").get(signed.url("consent/history/")).text
    assert "A receipt is being made" not in page
    files = re.findall(r'href="(/plan/\d+/receipts/[\w/]+)"', page)
    assert len(files) == 3
    for one in files:
        assert signed.guardian("jonas").get(one).mimetype == "application/pdf"
    person = signed.person("Teacher").id
    signed.guardian("jonas").post(signed.url(f"consent/withdraw/{person}"))
    page = signed.guardian("jonas").get(signed.url("consent/history/")).text
    assert "Jonas Vik ended the access of Teacher." in page


def test_the_coordinator_sees_it_too_with_the_copy_only(signed, engine, key, browser, app):  # noqa: F811
    app.config["CERTIFICATES"] = {"Fjordvik": key}
    make_receipts(engine, app.config["CERTIFICATES"])
    page = browser("newcomer").get(signed.url("consent/history/")).text
    assert re.findall(r'href="/plan/\d+/receipts/([\w/]+)"', page) == ["copy/1"]
    assert "is being made" not in page
    assert browser("teacher").get(signed.url("consent/history/")).status_code == 403
    assert browser("office").get(signed.url("consent/history/")).status_code in (403, 404)


@pytest.mark.a_page
def test_no_version_more_costs_a_question_more(desk, engine, town):
    prepare("message", desk, town)
    plan = plan_of(desk, town)

    def asked():
        with desk.session("mother") as session:
            session.access(plan)
            with statements(engine) as sent:
                versions = history(session, plan)
            return len(sent), len(versions)

    one = asked()
    run("convert", desk, town)
    run("sign the conversion", desk, town)
    run("withdraw a person", desk, town)
    two = asked()
    assert (one[1], two[1]) == (1, 2) and two[0] == one[0] <= 9
