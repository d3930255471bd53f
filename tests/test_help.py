"""The "?" of every page: written in three languages, short, the municipality's to change."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from deploy.release import release
from models.language import LANGUAGES
from models.municipality import HelpText
from services.shipped_help import SHIPPED
from tests.conftest import connect, statements
from tests.test_registers import version_in

pytestmark = pytest.mark.a_page

MACHINES = {"HealthPages.alive", "HealthPages.ready", "HealthPages.metrics"}
MACHINES |= {"SingleSignOut.front_channel"}
ON_THE_WAY = {"EidSignIn.start", "EidSignIn.returned", "SignOut.done"}
WITHOUT = (
    {
        "static",
        "TownLook.colours",
        "TownLook.logo",
        "Help.page",
        "InvitationPage.take",
        "AnswerLink.take",
        "Receipts.file",
        "Receipts.copy",
        "PaperPage.scan",
        "PortraitPage.file",
        "GoalPicturePage.file",
        "Attachments.file",
        "OnADay.file",
        "PlanCopy.file",
        "CaseLetters.file",
        "Confirmations.paper_scan",
        "AppointmentView.file",
        "Coordinators.file",
        "CourseView.file",
        "CourseSessionView.file",
        "CourseAttendanceView.file",
        "DepartmentView.file",
        "PersonView.file",
        "PlanRegisterView.file",
        "ServiceTypeView.file",
    }
    | MACHINES
    | ON_THE_WAY
)


def pages(app):
    """Endpoints a person can open in a browser."""
    return {r.endpoint for r in app.url_map.iter_rules() if "GET" in r.methods} - WITHOUT


def lix(text):
    """Readability: words in a sentence and long words in a hundred. Björnsson 1968."""
    words = re.findall(r"[\wÆØÅæøå]+", text)
    sentences = len(re.findall(r"[.:?!](?:\s|$)", text))
    return len(words) / sentences + 100 * sum(len(word) > 6 for word in words) / len(words)


def test_every_page_there_is_has_help_and_no_other(app):
    assert pages(app) == set(SHIPPED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_short_and_easy(language):
    for page, texts in SHIPPED.items():
        text = texts[language]
        assert 2 <= len(re.findall(r"[.?!](?:\s|$)", text)) <= 6, (page, text)
        assert lix(text) < 40, (page, round(lix(text)), text)


def test_no_two_languages_say_the_same_words():
    for page, texts in SHIPPED.items():
        assert len(set(texts.values())) == 3, page


def test_the_link_beside_the_heading_leads_to_the_help_of_that_page(browser, town):
    page = browser("nurse").get(f"/plan/{town.plan}/goal/list/").text
    address = re.search(r'<a class="ms-help ds-link" href="([^"]+)"', page)[1]
    assert address == "/help/GoalView.list"
    shown = (
        browser("nurse")
        .get(address, headers={"Referer": f"http://localhost/plan/{town.plan}/goal/list/"})
        .text
    )
    assert "Help: Goals" in shown and SHIPPED["GoalView.list"]["en"][:40] in shown
    assert f'href="/plan/{town.plan}/goal/list/"' in shown


def test_before_one_has_signed_in_there_is_help_too(browser):
    assert "/help/SignIn.form" in browser(None).get("/sign-in/").text
    reply = browser(None).get("/help/SignIn.form", headers={"Accept-Language": "nn"})
    assert "startkoden" in reply.text and reply.status_code == 200


@pytest.mark.parametrize("page", ["x", "GoalView.nothing", "static", "..", "%00", "9" * 300])
def test_help_for_no_page_is_no_page(browser, page):
    assert browser("nurse").get(f"/help/{page}").status_code == 404


def test_an_error_page_offers_no_help_for_the_page_that_failed(browser, town):
    page = browser("teacher").get(f"/plan/{town.plan}/goal/edit/{town.rows['school goal']}")
    assert page.status_code == 403 and "ms-help" not in page.text


@pytest.fixture
def equipped(url, town):
    """The town after a release, and again after one more."""
    engine = connect(url)
    release(engine)
    yield engine
    engine.dispose()


def test_the_office_writes_the_help_of_its_own_town(browser, desk, town, equipped):
    office = browser("office")
    with desk.system() as session:
        wanted = select(HelpText.id).where(
            HelpText.page == "GoalView.list", HelpText.municipality_id == town.municipality_id
        )
        pk = session.scalars(wanted).one()
    edit = f"/register/helptext/edit/{pk}"
    form = office.get(edit).text
    assert ">Goals</dd>" in form and edit in office.get("/help/GoalView.list").text
    words = {"nn": "Vårt.", "nb": "Vårt.", "en": "Our own words.", "version": version_in(form)}
    assert office.post(edit, data=words).status_code == 303
    assert "Our own words." in browser("nurse").get("/help/GoalView.list").text
    assert "Our own words." not in browser("foreign office").get("/help/GoalView.list").text
    assert browser("foreign office").get(edit).status_code == 404
    assert browser("nurse").get(edit).status_code == 403
    assert "Change this text" not in browser("nurse").get("/help/GoalView.list").text
    listed = office.get("/register/helptext/list/").text
    assert "GoalView" not in re.sub("<[^>]*>", " ", listed)


def test_a_release_adds_what_is_missing_and_leaves_what_is_there(equipped, desk, town):
    with desk.system() as session:
        mine = select(HelpText).where(HelpText.municipality_id == town.municipality_id)
        texts = {row.page: row for row in session.scalars(mine)}
        assert texts.keys() == SHIPPED.keys()
        texts["Start.page"].nn = "Vårt eige."
        session.delete(texts["Team.page"])
        session.commit()
    release(equipped)
    release(equipped)
    with desk.system() as session:
        texts = {row.page: row.nn for row in session.scalars(mine)}
        assert texts["Start.page"] == "Vårt eige."
        assert texts["Team.page"] == SHIPPED["Team.page"]["nn"]
        assert session.scalar(select(func.count()).select_from(HelpText)) == 2 * len(SHIPPED)


def test_help_costs_two_reads_and_ordinary_pages_none(browser, town, app_engine):
    client = browser("nurse")
    client.get("/help/GoalView.list")
    with statements(app_engine) as sent:
        client.get("/help/GoalView.list")
    assert len(sent) == 2, sent


def test_the_footer_says_how_accessible_we_are_and_whom_to_call(browser, town):
    signed_in, outside = browser("nurse").get("/").text, browser(None).get("/sign-in/").text
    assert 'href="/accessibility/"' in signed_in and 'href="/accessibility/"' in outside
    assert 'href="tel:+4755000000"' in signed_in and "Fjordvik: 55 00 00 00" in signed_in
    assert "tel:" not in browser("foreign office").get("/").text + outside


@pytest.mark.parametrize("language", LANGUAGES)
def test_anybody_reads_the_accessibility_statement(browser, language):
    reply = browser(None).get("/accessibility/", headers={"Accept-Language": language})
    assert reply.status_code == 200 and "uutilsynet.no" in reply.text
    assert f'<html lang="{language}"' in reply.text
