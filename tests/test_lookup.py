"""A name is looked up within one's own municipality, at most twenty at a time, in no address."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.people import CoordinatorAppointment, Person
from tests.conftest import statements
from tests.factories import WHO

ADDRESS = "/register/lookup/"


def look(client, name):
    return client.post(ADDRESS, data={"name": name})


@pytest.fixture
def many(desk, town):
    with desk.system() as session:
        for n in range(30):
            session.add(Person(municipality_id=town.municipality_id, name=f"Åse Øvrebø {n:02}"))
        session.add(Person(municipality_id=town.foreign_id, name="Åse Øvrebø utanfor"))
        session.commit()


def test_at_most_twenty_are_offered_and_told_apart(browser, many):
    found = look(browser("office"), "åse ØVRE").json
    assert len(found["hits"]) == 20 and "The first 20" in found["said"]
    assert found["hits"][0].startswith("Åse Øvrebø 00 [")
    found = look(browser("office"), "Åse 07").json
    assert len(found["hits"]) == 1 and found["said"] == "1 person found."
    found = look(browser("office"), "Owner").json
    assert ", " in found["hits"][0]  # and when they are born


def test_nobody_of_another_municipality_is_found(browser, many):
    assert look(browser("office"), "utanfor").json["hits"] == []
    own = look(browser("foreign office"), "Åse").json["hits"]
    assert len(own) == 1 and own[0].startswith("Åse Øvrebø utanfor [")


@pytest.mark.parametrize("name", ["", " ", "x", "%", "__", "%%", "\x00ab", "a" * 301, "zz", "[1]"])
def test_what_is_no_name_finds_nobody(browser, many, town, name):
    assert look(browser("office"), name).json["hits"] == [] or name == "[1]"


def test_a_number_of_somebody_elsewhere_finds_nobody(browser, town):
    elsewhere = town.people["foreign office"]
    found = look(browser("office"), f"Foreign Office [{elsewhere}]").json
    assert found == {"hits": [], "said": "Nobody by this name."}


@pytest.mark.parametrize("who", WHO)
def test_only_the_office_looks_people_up(browser, who):
    allowed = who in ("office", "admin", "foreign office")
    assert look(browser(who), "Owner").status_code == (200 if allowed else 403)


def test_no_name_goes_into_an_address(app, browser):
    assert browser("office").get(f"{ADDRESS}?name=Owner").status_code == 405
    assert look(app.test_client(), "Owner").status_code in (302, 401)


def test_it_costs_one_question_and_is_counted(browser, many, app_engine):
    look(browser("office"), "Åse")
    with statements(app_engine) as sent:
        look(browser("office"), "Åse")
    verbs = [s.split()[0] + (" rate_limit" if "rate_limit" in s else "") for s in sent]
    assert verbs == ["SELECT", "INSERT rate_limit", "SELECT"], sent


def test_what_was_chosen_is_looked_up_again(browser, desk, town):
    """A line of the list is a wish: one that names somebody out of reach is refused."""
    hit = look(browser("office"), "Other Child").json["hits"][0]
    leads = look(browser("office"), "Newcomer").json["hits"][0]
    data = {"person_id": hit, "coordinator_id": leads, "starts_on": "2027-01-31"}
    far = f"Newcomer [{town.people['foreign coordinator']}]"
    add = "/register/appointment/add"
    assert browser("office").post(add, data=data | {"coordinator_id": far}).status_code == 422
    assert browser("office").post(add, data=data).status_code == 303
    with desk.system() as session:
        made = session.scalars(
            select(CoordinatorAppointment).order_by(CoordinatorAppointment.id.desc())
        ).first()
        assert made.person_id == town.people["other child"]
        assert made.coordinator_id == town.people["newcomer"]


def test_the_field_is_a_plain_one_until_a_script_makes_it_more(browser):
    page = browser("office").get("/register/appointment/add").text
    assert page.count('data-lookup="/register/lookup/"') == 2
    assert 'role="combobox"' not in page and "lookup.js" in page
    again = browser("office").post("/register/appointment/add", data={"person_id": "er"}).text
    assert '<datalist id="person_id-hits">' in again  # the step without a script


def test_nobody_looks_up_a_whole_town(browser, many, monkeypatch):
    monkeypatch.setattr("views.office.lookup.MOST_LOOKED_UP", 2)
    assert [look(browser("office"), "åse").status_code for _ in range(3)] == [200, 200, 429]
    assert look(browser("foreign office"), "åse").status_code == 200  # each for themselves
