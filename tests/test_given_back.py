"""What was typed and could not be stored comes back; a stale edit overwrites nothing."""

from __future__ import annotations

import pytest

from tests.forms import FORMS, good, send
from tests.page import Page
from views import typed

pytestmark = pytest.mark.a_page


def test_every_secret_field_is_kept_off_the_error_page(office):
    for endpoint in FORMS:
        page = Page(office.client(office.writer(endpoint)).get(office.addresses[endpoint]).text)
        secret = {name for name, one in page.fields.items() if one.kind == "password"}
        assert secret <= typed.SECRET, endpoint


STORY = "It went so well today that we want more of it"


def test_a_page_open_since_before_a_withdrawal_gives_the_text_back(office):
    nurse, town = office.client("nurse"), office.town
    assert nurse.get(office.addresses["GoalView.add"]).status_code == 200
    out = f"/plan/{town.plan}/consent/withdraw/{town.people['nurse']}"
    assert office.client("mother").post(out).status_code == 303
    reply = nurse.post(office.addresses["GoalView.add"], data={"goal": "Climb", "why": STORY})
    assert reply.status_code in (403, 404)
    assert STORY in reply.text and "It is not stored" in reply.text and "Swim" not in reply.text


def test_a_session_that_ended_while_somebody_wrote_gives_the_text_back(office):
    address = office.addresses["GoalView.add"]
    for checked in (False, True):
        office.app.config["WTF_CSRF_ENABLED"] = checked
        reply = office.client(None).post(address, data={"why": STORY, "password": "hunter2 again"})
        assert reply.status_code == 401 and STORY in reply.text
        assert "hunter2" not in reply.text and "/sign-in/?next=/plan/" in reply.text


def test_an_old_form_gives_the_text_back_but_says_nothing_for_another_site(office):
    office.app.config["WTF_CSRF_ENABLED"] = True
    address, data = office.addresses["GoalView.add"], {"why": STORY}
    reply = office.client("coordinator").post(address, data=data)
    assert reply.status_code == 400 and STORY in reply.text and f'href="{address}"' in reply.text
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    reply = office.client("coordinator").post(address, data=data, headers=elsewhere)
    assert reply.status_code == 400 and STORY not in reply.text


def test_too_much_is_said_in_the_users_language(office):
    address = office.addresses["GoalView.add"]
    reply = office.client("coordinator").post(address, data={"why": "x" * 1_100_000})
    assert reply.status_code == 413 and '<html lang="en"' in reply.text
    assert "Nothing is stored. Go back and send less text at a time." in reply.text


def test_too_many_wrong_passwords_are_a_page_of_their_own(office):
    data = {"old": "wrong", "new": "a long new sentence", "again": "a long new sentence"}
    address = office.addresses["OwnPassword.form"]
    answers = [office.client("mother").post(address, data=data).status_code for _ in range(15)]
    assert set(answers) == {422, 429}


def test_a_stale_edit_of_a_register_shows_both_and_overwrites_nothing(office):
    address = office.addresses["PersonView.edit"]
    page = Page(office.client("office").get(address).text)
    sent = good("PersonView.edit", page, office.town)
    first = sent | {"name": ["Ada"], "place": ["Gata 1"], "identity_number": [""]}
    assert send(office, "PersonView.edit", "office", first).status_code == 303
    reply = send(office, "PersonView.edit", "office", sent | {"name": ["Eva"]})
    assert reply.status_code == 409 and "Ada" in reply.text and "Gata 1" in reply.text
    again = Page(reply.text)
    assert again.fields["name"].values == ["Eva"]
    fresh = sent | {"name": ["Eva"], "version": again.fields["version"].values}
    assert send(office, "PersonView.edit", "office", fresh).status_code == 303


def test_a_stale_edit_tells_nothing_that_is_hidden(office):
    address = office.addresses["PersonView.edit"]
    page = Page(office.client("office").get(address).text)
    sent = good("PersonView.edit", page, office.town)
    secret = {"shielded": ["y"], "place": ["Secret road 7"], "phone": ["91111111"]}
    assert send(office, "PersonView.edit", "office", sent | secret).status_code == 303
    reply = send(office, "PersonView.edit", "office", sent | {"place": [""], "phone": [""]})
    assert reply.status_code == 409
    assert "Secret road" not in reply.text and "91111111" not in reply.text


def test_a_stale_edit_shows_what_differs_and_that_only(office):
    address = office.addresses["GoalView.edit"]
    page = Page(office.client("coordinator").get(address).text)
    sent = good("GoalView.edit", page, office.town) | {"life_areas": ["health"]}
    assert send(office, "GoalView.edit", "coordinator", sent | {"goal": ["A"]}).status_code == 303
    reply = send(office, "GoalView.edit", "coordinator", sent | {"goal": ["B"]})
    notice = reply.text.partition("<dl")[2].partition("</dl>")[0]
    assert notice.count("<dt") == 1 and ">A<" in notice


def test_what_is_in_use_says_so(office):
    reply = office.client("office").post(office.addresses["DepartmentView.delete"])
    assert reply.status_code == 409 and "It is in use" in reply.text


def test_fields_stand_in_the_order_they_are_declared(office):
    shown = Page(office.client("office").get(office.addresses["PersonView.add"]).text).fields
    assert [name for name in shown if name not in ("uid", "version")][:2] == ["name", "birth_date"]
