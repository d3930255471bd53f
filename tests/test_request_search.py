"""A request is found again when somebody telephones: by its number, or by a name."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models.request import RequestName
from services.request_search import fill, names_in

SAID = {
    "arrival": "phone", "concerns": "my_child", "wanted": "coordinator",
    "received_on": "2025-03-03", "person_name": "Åse-Lén  Vik", "birth_date": "2018-03-01",
    "from_name": "Bjørn Dalé",
}  # fmt: skip
LIST, SEARCH = "/register/request/list/", "/register/request/search"


@pytest.fixture
def office(browser):
    office = browser("office")
    assert office.post("/register/request/add", data=SAID).status_code == 303
    return office


def found(office, text):
    page = office.post(SEARCH, data={"name": text}, follow_redirects=True).text
    return "Åse-Lén" in page.split("<main")[1]


FOUND = ("åse", "LEN", "vik åse", "Dale", "bjørn vik", "2025-3", " 2025-3 ")
NOT_FOUND = ("Vi", "Vik Berg", "2025-4", "2024-3", "Secret")


def test_a_request_is_found_by_its_number_or_whole_words_of_a_name(office):
    assert [text for text in FOUND if not found(office, text)] == []
    assert [text for text in NOT_FOUND if found(office, text)] == []


@pytest.mark.a_page
def test_what_is_no_word_finds_all_and_nothing_breaks(office):
    for text in ("", " - ", "%", "_", "'; --", "\x00"):
        assert office.post(SEARCH, data={"name": text}).status_code == 303
        assert office.get(LIST).status_code == 200
    assert "Name or number" in office.get(LIST).text


def test_a_name_is_stored_so_that_it_cannot_be_read_back(office, desk):
    with desk.system() as session:
        words = session.scalars(select(RequestName.word)).all()
    assert len(words) == 5 and all(len(word) == 64 for word in words)
    assert set(words) == names_in("vik, len åse", "dale bjorn".replace("bjorn", "BJØRN"))


def test_requests_from_before_are_found_too(office, desk, engine, town):
    """Once, however often a release is made."""
    for _ in range(2):
        with engine.begin() as connection:
            fill(connection)
    with desk.system() as session:
        of_it = RequestName.request_id == town.rows["request"]
        assert session.scalar(select(func.count(RequestName.id)).where(of_it)) == 2
    page = office.post(SEARCH, data={"name": "secret"}, follow_redirects=True).text
    assert "Secret Ask" in page


def test_nobody_else_searches(office, browser, desk):
    for who in ("coordinator", "leader", "admin"):
        assert browser(who).post(SEARCH, data={"name": "Vik"}).status_code in (403, 404)
        with desk.session(who) as session:
            assert session.scalars(select(RequestName)).all() == []
