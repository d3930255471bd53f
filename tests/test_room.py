"""What the pages of a plan tell: the next step, who wrote, who reads, and where one is."""

from __future__ import annotations

import re

import pytest

from models.plan import Plan
from models.vocabulary import PlanStatus
from tests.page import Page
from tests.test_giving_access import family, signed  # noqa: F401  (fixtures)

pytestmark = pytest.mark.a_page


def here(page):
    """What the menu says is the place one is in."""
    return set(re.findall(r'aria-current="\w+">(?:<svg.*?</svg>)?<span>([^<]+)', page))


def test_a_closed_plan_says_so_and_offers_nothing(browser, desk, town):
    with desk.system() as session:
        session.get(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    page = browser("coordinator").get(f"/plan/{town.plan}/").text
    assert "The plan is closed" in page and "Make this an individual plan" not in page


def test_a_list_and_a_page_say_who_wrote_and_in_words(browser, town):
    nurse = browser("nurse")
    assert "Swim" in (page := nurse.get(f"/plan/{town.plan}/goal/list/").text)
    assert re.search(r"\w[^<]* · \d+ \w{3,4} \d{4} \d\d:\d\d", page)
    data = {"what": "Ring", "status": "ongoing"}
    assert nurse.post(f"/plan/{town.plan}/activity/add", data=data).status_code == 303
    page = nurse.get(f"/plan/{town.plan}/activity/list/").text
    assert "Under way" in page and ">ongoing<" not in page


def test_a_message_says_who_can_read_it(browser, town):
    pages = browser("mother")
    for pk in re.findall(r"message/show/(\d+)", pages.get(f"/plan/{town.plan}/message/list/").text):
        page = pages.get(f"/plan/{town.plan}/message/show/{pk}").text
        assert "Who can read it?" in page
        assert re.search(r'<h2 class="ds-heading" data-size="2xs"><bdi>\w[^<]*</bdi></h2>', page)


def _write(pages, town, **data):
    sent = {"subject": "Skyss", "body": "Kjem du?"} | data
    assert pages.post(f"/plan/{town.plan}/message/write", data=sent).status_code == 303
    return max(int(pk) for pk in re.findall(r"message/show/(\d+)", _messages(pages, town)))


def _messages(pages, town):
    return pages.get(f"/plan/{town.plan}/message/list/").text


def _offered(pages, town, to):
    page = Page(pages.get(f"/plan/{town.plan}/message/write?to={to}").text)
    return page.fields["who"].values, page.fields["to"].values, page.fields["subject"].values


def test_an_answer_goes_to_whoever_wrote_under_the_same_subject(browser, town):
    mother, nurse = browser("mother"), browser("nurse")
    pk = _write(mother, town, who="chosen", to=[town.people["nurse"]])
    link = f'href="/plan/{town.plan}/message/write?to={pk}"'
    assert link in nurse.get(f"/plan/{town.plan}/message/show/{pk}").text
    assert _offered(nurse, town, pk) == (["chosen"], [str(town.people["mother"])], ["Skyss"])
    assert link not in mother.get(f"/plan/{town.plan}/message/show/{pk}").text  # her own


def test_an_answer_tells_nobody_what_they_could_not_read(browser, town):
    mother, coordinator = browser("mother"), browser("coordinator")
    pk = _write(mother, town, who="coordinator_only")
    shown = coordinator.get(f"/plan/{town.plan}/message/show/{pk}").text
    assert "Skyss" in shown and "message/write?to=" not in shown
    for pages, to in ((coordinator, pk), (browser("nurse"), pk), (mother, 99999), (mother, "x")):
        assert _offered(pages, town, to) == ([], [], [""])


@pytest.mark.parametrize(
    ("rest", "place"),
    [
        ("meeting/call", "Meeting"),
        ("message/write", "Messages"),
        ("evaluation/start", "The plan"),
        ("comment/list/", "The plan"),
        ("team/add", "People and consent"),
    ],
)
def test_the_menu_knows_where_one_is(browser, town, rest, place):
    page = browser("coordinator").get(f"/plan/{town.plan}/{rest}").text
    assert place in here(page)


def test_now_says_what_waits_from_the_draft_to_the_withdrawal(family, desk):  # noqa: F811
    newcomer, mother = family.browser("newcomer"), family.guardian("marte@example.no")
    assert "Propose those who take part" in newcomer.get(family.url()).text
    assert "The coordinator is preparing a proposal" in mother.get(family.url()).text
    family.send()
    page = mother.get(family.url()).text
    assert "You are asked who may see what" in page and f'"{family.url("consent/sign")}"' in page
    family.sign("marte@example.no")
    assert "Waiting for signatures" in mother.get(family.url()).text
    family.sign("jonas")
    assert "ms-next" not in mother.get(family.url()).text
    mother.post(family.url("consent/withdraw"))
    page = newcomer.get(family.url()).text
    assert "No consent in force" in page and f'"{family.url("team/")}"' in page
    assert "Make this an individual plan" not in page
    assert "No consent in force" in mother.get(family.url("consent/")).text


def test_a_button_says_what_it_makes(browser, town):
    for key, text in {"meeting": "Call a meeting", "message": "New message"}.items():
        assert text in browser("coordinator").get(f"/plan/{town.plan}/{key}/list/").text
