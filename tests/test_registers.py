"""The office's registers: generated, kept to one municipality and one role, without content."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.account import Account, Membership
from models.clock import today
from models.consent import ConsentText
from models.language import Language
from models.municipality import Department, Municipality, ServiceType
from models.people import CoordinatorAppointment, Person
from models.plan import PlanRegister
from models.vocabulary import PlanStatus, Role
from security.audit import verify_registers
from security.roles import REGISTERS
from tests.conftest import statements
from tests.factories import WHO
from tests.test_patrol import SECRETS, addresses, writes
from views.realm import PAGES, Realm


def version_in(form):
    return re.search(r'name="version"[^>]*value="(\w+)"', form)[1]


NOT_LEFT = {
    ("leader", f"AppointmentView.{verb}") for verb in ("add", "edit", "bring_in", "look_over")
}
"""Open to a leader to whose department it is left alone (tests/test_left_to_leaders.py)."""


@pytest.mark.a_page
@pytest.mark.parametrize("who", WHO)
def test_a_register_is_shut_to_everyone_without_the_role(app, browser, town, app_engine, who):
    mine = {
        (f"can_{verb}", view)
        for view, verbs in REGISTERS.get(WHO[who], {}).items()
        for verb in verbs
    }
    seen = 0
    for endpoint, method, address in addresses(app, Realm.REGISTER, town):
        page = PAGES[endpoint]
        with statements(app_engine) as sent:
            reply = browser(who).open(address, method=method)
        if (page.permission, page.view_name) not in mine:
            assert reply.status_code == 403, (endpoint, method)
            assert writes(sent) == [], endpoint
        else:
            fits = {200, 303, 404, 409, 422} | ({403} if (who, endpoint) in NOT_LEFT else set())
            assert reply.status_code in fits, (endpoint, reply.status_code)
        assert not any(secret in reply.data for secret in SECRETS), endpoint
        own = {"Registration.page", "Deadlines.list"}  # her own plans
        leads = who == "coordinator" and endpoint in own
        assert leads or b"OW 1" not in reply.data, endpoint
        seen += 1
    assert seen > 35


def test_no_register_shows_or_changes_another_municipality(app, browser, town, app_engine):
    foreign = {"department": "foreign department", "servicetype": "foreign service type"}
    for key, row in foreign.items():
        for verb in ("show", "edit", "delete"):
            address = f"/register/{key}/{verb}/{town.rows[row]}"
            assert browser("office").get(address).status_code == 404
            data = {"name": "x", "nn": "x", "nb": "x", "en": "x"}
            method = browser("office").post
            if verb != "show":
                assert method(address, data=data).status_code == 404
    shown = browser("foreign office").get("/register/plans/").text
    assert "Foreign Office" in shown and "Owner" not in shown


def test_the_office_appoints_and_the_register_follows(browser, desk, town):
    data = {"person_id": "Owner", "coordinator_id": "Newc", "starts_on": today().isoformat()}
    assert browser("office").post("/register/appointment/add", data=data).status_code == 303
    with desk.system() as session:
        newest = session.scalars(
            select(CoordinatorAppointment).order_by(CoordinatorAppointment.id.desc())
        ).first()
        assert newest.coordinator_id == town.people["newcomer"]
        entry = session.get(PlanRegister, town.rows["plan register"])
        assert entry.coordinator_id == town.people["newcomer"]
        assert verify_registers(session, town.municipality_id) is None
    assert browser("newcomer").get(f"/plan/{town.plan}/").status_code == 200  # the shell
    assert "Swim" not in browser("newcomer").get(f"/plan/{town.plan}/goal/list/").text


BAD = {
    "several": {"person_id": "O", "coordinator_id": "Newcomer"},
    "nobody": {"person_id": "Zz", "coordinator_id": "Newcomer"},
    "empty": {"person_id": "", "coordinator_id": ""},
    "of another town": {"person_id": "Foreign Office", "coordinator_id": "Newcomer"},
    "ends first": {"person_id": "Owner", "coordinator_id": "Newcomer", "ends_on": "2001-01-01"},
    "NUL": {"person_id": "Ow\x00", "coordinator_id": "Newcomer"},
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_appointment_says_so_beside_the_field(browser, desk, town, what):
    data = {"starts_on": today().isoformat()} | BAD[what]
    reply = browser("office").post("/register/appointment/add", data=data)
    assert reply.status_code == 422 and "ds-validation-message" in reply.text
    if what == "several":
        assert re.search(r"Owner, .*\[\d+\]", reply.text)
    with desk.system() as session:
        assert len(session.scalars(select(CoordinatorAppointment)).all()) == 1


def test_nobody_appoints_themselves_in_the_register_either(browser, desk, town):
    data = {"person_id": "Owner", "coordinator_id": "Office", "starts_on": today().isoformat()}
    reply = browser("office").post("/register/appointment/add", data=data)
    assert reply.status_code == 422 and 'href="#coordinator_id"' in reply.text


def test_a_person_is_registered_with_what_must_be_kept_secret(app, browser, desk, town):
    app.config["SYNTHETIC_PEOPLE"] = True
    data = {"name": "Ny Person", "birth_date": "2016-02-29", "email": "NY@example.no"}
    data |= {"phone": "900 00 000", "place": "Gata 1", "shielded": "y"}
    assert browser("office").post("/register/person/add", data=data).status_code == 303
    with desk.system() as session:
        person = session.scalars(select(Person).where(Person.name == "Ny Person")).one()
        assert (person.email, person.phone) == ("ny@example.no", "+4790000000")
        assert person.email_index and person.shielded and not person.identity_number
    page = browser("office").get(f"/register/person/show/{person.id}").text
    assert "Gata 1" not in page and "90000000" not in page  # shielded, also for the office
    listed = browser("office").get("/register/person/list/").text
    assert "Gata 1" not in listed
    edit = f"/register/person/edit/{person.id}"
    form = browser("office").get(edit).text
    assert "Gata 1" not in form and "90000000" not in form
    kept = {"name": "Ny Person", "shielded": "y", "email": "ny@example.no"}
    kept["version"] = version_in(form)
    assert browser("office").post(edit, data=kept).status_code == 303
    with desk.system() as session:
        again = session.get(Person, person.id)
        assert (again.place, again.phone) == ("Gata 1", "+4790000000")
    twice = {"name": "Ein Annan", "email": " Ny@Example.no"}
    reply = browser("office").post("/register/person/add", data=twice)
    assert reply.status_code == 422 and "already" in reply.text


def test_no_template_shows_a_place_or_a_telephone_past_the_shield():
    root = Path(__file__).parent.parent / "views"
    for path in (*root.rglob("*.html"), *root.rglob("*.py")):
        text = path.read_text()
        if path.name != "registers.py":  # the form itself, tested above
            assert not re.search(r"person\.(phone|place)\b", text), path


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "x" * 201}, {"email": "x"}, {"phone": "x"},
        {"identity_number": "12345678901"}, {"birth_date": "2015-02-29"}, {"name": "a\x00"},
    ],
)  # fmt: skip
def test_a_bad_person_is_not_stored(browser, desk, town, wrong):
    data = {"name": "Ny Person", "place": "Gata 1"} | wrong
    reply = browser("office").post("/register/person/add", data=data)
    assert reply.status_code == 422 and "Gata 1" in reply.text
    with desk.system() as session:
        assert not session.scalars(select(Person).where(Person.place == "Gata 1")).all()


def test_the_same_word_twice_is_said_and_nothing_is_lost(browser, desk, town):
    reply = browser("office").post("/register/department/add", data={"name": "Health"})
    assert reply.status_code == 422 and "in the register already" in reply.text
    assert 'value="Health"' in reply.text
    with desk.system() as session:
        assert len(session.scalars(select(Department)).all()) == 2


def test_the_administrator_gives_an_employee_an_account_and_a_start_code(browser, desk, town):
    with desk.system() as session:
        session.add(Person(municipality_id=town.municipality_id, name="Tilsett Ein"))
        session.commit()
    data = {"person_id": "Tilsett", "login_name": "tilsett", "roles": ["koordinator"]}
    reply = browser("admin").post("/register/account/add", data=data)
    assert reply.location == "/my-persons/codes"
    with desk.system() as session:
        account = session.scalars(select(Account).where(Account.login_name == "tilsett")).one()
        hat = session.scalars(select(Membership).where(Membership.account_id == account.id)).one()
        assert hat.roles == {Role.COORDINATOR}


def test_the_administrator_makes_no_code_for_an_owner_or_a_guardian(browser, desk, town):
    for name in ("Owner", "Mother"):
        data = {"person_id": name, "login_name": "thief", "roles": ["planeier"]}
        reply = browser("admin").post("/register/account/add", data=data)
        assert reply.status_code == 422, reply.text


def test_nobody_widens_their_own_hat(browser, desk, town):
    address = f"/register/account/edit/{town.memberships['admin']}"
    data = {"roles": ["systemansvarlig", "koordinator"], "active": "y"}
    assert browser("admin").post(address, data=data).status_code == 403
    assert browser("admin").get(address).status_code == 403
    assert address not in browser("admin").get(address.replace("edit", "show")).text
    with desk.system() as session:
        assert session.get(Membership, town.memberships["admin"]).roles == {Role.ADMINISTRATOR}


def test_the_administrator_changes_their_own_municipality_only(browser, desk, town):
    data = {"name": "Nyvik", "language": "nn"}
    own = f"/register/municipality/edit/{town.municipality_id}"
    assert browser("admin").post(own, data=data).status_code == 409  # an old form, or none
    data["version"] = re.search(
        r'name="version"[^>]*value="(\w+)"', browser("admin").get(own).text
    )[1]
    assert browser("admin").post(own, data=data).status_code == 303
    other = f"/register/municipality/edit/{town.foreign_id}"
    assert browser("admin").post(other, data=data).status_code == 404
    with desk.system() as session:
        names = set(session.scalars(select(Municipality.name)))
        assert names == {"Nyvik", "Innlandet"}


def test_a_new_consent_text_is_a_new_version(browser, desk, town):
    data = {"plan_type": "individual_plan", "language": "en", "body": "Newer"}
    data["starts_on"] = f"{today()}"
    assert browser("office").post("/register/consenttext/add", data=data).status_code == 303
    with desk.system() as session:
        bodies = select(ConsentText).where(
            ConsentText.municipality_id == town.municipality_id,
            ConsentText.plan_type == "individual_plan",
        )
        assert {(t.version, t.body) for t in session.scalars(bodies)} == {
            (1, "Share?"), (2, "Newer"),
        }  # fmt: skip


def test_a_leader_sees_the_own_department_only(browser, desk, town):
    assert "Owner" not in browser("leader").get("/register/plans/").text
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.get(PlanRegister, town.rows["plan register"]).department_id = town.rows[
            "department"
        ]
        session.commit()
    page = browser("leader").get("/register/plans/").text
    assert "Owner" in page and "Other Child" not in page


def test_the_plan_register_is_paged_by_key_and_keeps_its_budget(browser, desk, town, app_engine):
    office = browser("office")
    office.get("/register/plans/")
    with statements(app_engine) as sent:
        assert office.get("/register/plans/").status_code == 200
    assert len(sent) <= 4 and not any("count(" in s for s in sent), sent
    assert office.get("/register/plans/?before=x").status_code == 400
    assert office.get("/register/plans/?before=2020-01-01_5").status_code == 200


LISTS = ("evaluationquestion", "consenttext", "lifeareaname", "representation")


@pytest.mark.parametrize("register", LISTS)
def test_nobody_meets_a_stored_value_in_a_register(browser, register):
    text = browser("office").get(f"/register/{register}/list/").text
    heads = re.findall(r"<t[dh] role=[^>]*>(.*?)</t[dh]>", text, re.DOTALL)
    seen = " ".join(re.sub("<[^>]*>", " ", head) for head in heads)
    stored = ["simple_collaboration", "individual_plan", "work_school", "parental_responsibility"]
    assert heads and not [word for word in stored if word in seen]
    assert not re.search(r"\b(None|nn|nb)\b", seen), seen


def test_what_a_form_does_not_change_stands_above_it(browser, desk):
    with desk.system() as session:
        appointment = session.scalars(select(CoordinatorAppointment.id)).first()
    page = browser("office").get(f"/register/appointment/edit/{appointment}").text
    assert ">Owner</dd>" in page and ">Coordinator</dd>" in page


def test_the_office_finds_its_places_from_the_first_page(browser):
    page = browser("office").get("/").text
    assert 'class="ms-subnav" aria-label="Main menu, short"' in page  # what a phone shows
    main = page.split("<main")[1]
    assert 'href="/register/plans/"' in main and 'href="/register/person/list/"' in main
    assert "No plans yet" not in main and "No plans yet" in browser("uncle").get("/").text


def test_every_word_of_the_vocabularies_has_words_for_people():
    from enum import Enum

    from models import vocabulary
    from models.vocabulary import Family
    from views.words import WORDS

    for value in vars(vocabulary).values():
        is_words = isinstance(value, type) and issubclass(value, Enum) and len(value) > 0
        if is_words and value not in (Family, Language):
            assert all((value, member.value) in WORDS for member in value), value


def test_two_vocabularies_with_one_value_keep_their_own_words(app):
    from models.vocabulary import ParticipantStatus, PlanStatus
    from views.words import shown

    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert shown(PlanStatus.ACTIVE) == "Active"
        assert shown(ParticipantStatus.ACTIVE) == "Taking part"


def test_a_person_is_found_by_any_part_of_the_name_and_no_name_stands_in_an_address(
    browser, desk, town
):
    with desk.system() as session:
        for name in ("Åse Øvrebø", "Åse Nes"):
            session.add(Person(municipality_id=town.municipality_id, name=name))
        session.commit()
    office = browser("office")
    for words in ("øvrebø", "ÅSE øvre", "vreb", " Åse  Øvrebø "):
        reply = office.post("/register/person/search", data={"name": words})
        assert reply.location == "/register/person/list/"
        page = office.get(reply.location).text
        assert "Åse Øvrebø" in page and "Åse Nes" not in page, words
    order = office.get("/register/person/list/?_oc_PersonView=name&_od_PersonView=desc").text
    assert "Åse Øvrebø" in order and "Åse Nes" not in order
    for register in ("appointment", "representation"):  # each has its own search
        found = office.get(f"/register/{register}/list/").text
        assert "Åse Øvrebø" not in found and "in the list" in found
        for words, said in (("owner", "in the list"), ("xx", "Nobody by this name")):
            office.post(f"/register/{register}/search", data={"name": words})
            assert said in office.get(f"/register/{register}/list/").text
    office.post("/register/person/search", data={"name": "Åse Nes"})
    office.post("/register/person/search", data={"name": "%"})
    assert "Nobody by this name" in office.get("/register/person/list/").text
    office.post("/register/person/search", data={"name": "%", "all": "1"})
    assert "Åse Nes" in office.get("/register/person/list/").text


def test_a_search_finds_nobody_of_another_municipality(browser, town):
    office = browser("office")
    office.post("/register/person/search", data={"name": "Foreign"})
    assert "Nobody by this name" in office.get("/register/person/list/").text


def test_a_plan_is_found_by_its_owners_name(browser, desk, town):
    office = browser("office")
    assert office.post("/register/plans/search", data={"name": "other ch"}).status_code == 303
    page = office.get("/register/plans/").text
    assert "Other Child" in page and ">Owner<" not in page
    office.post("/register/plans/search", data={"name": "x", "all": "1"})
    assert ">Owner<" in office.get("/register/plans/").text


def test_a_consent_that_has_run_out_is_marked(browser, desk, town):
    with desk.system() as session:
        entry = session.get(PlanRegister, town.rows["plan register"])
        entry.consent_until = today() - timedelta(days=1)
        session.commit()
    assert "Ran out" in browser("office").get("/register/plans/").text


def test_a_big_register_is_not_counted_to_the_end(browser, desk, town, monkeypatch):
    monkeypatch.setattr("views.safe.MOST_COUNTED", 50)
    monkeypatch.setattr("views.safe.GeneratedView.most_counted", 50)
    with desk.system() as session:
        for n in range(80):
            session.add(Person(municipality_id=town.municipality_id, name=f"P {n}"))
        session.commit()
    page = browser("office").get("/register/person/list/").text
    assert "More than 50 in the list. Search to find one." in page


def test_only_a_plan_that_runs_is_late(browser, desk, town):
    late = today() - timedelta(days=1)
    with desk.system() as session:
        for key, status in (("plan", PlanStatus.ACTIVE), ("other plan", PlanStatus.CLOSED)):
            entry = session.get(PlanRegister, town.rows[f"{key} register"])
            entry.next_evaluation, entry.status = late, status
        session.commit()
    page = browser("office").get("/register/plans/?show=overdue").text
    assert ">Owner<" in page and "Other Child" not in page
    assert browser("office").get("/register/plans/").text.count("Overdue since") == 1


def test_consents_that_have_run_out_are_found_at_once(browser, desk, town):
    with desk.system() as session:
        for key, days in (("plan", -1), ("other plan", 1)):
            entry = session.get(PlanRegister, town.rows[f"{key} register"])
            entry.consent_until = today() + timedelta(days=days)
        session.commit()
    page = browser("office").get("/register/plans/?show=run-out").text
    assert ">Owner<" in page and "Other Child" not in page
    assert "Nothing of this kind" in browser("office").get("/register/plans/?show=overdue").text


def test_the_page_of_a_row_is_headed_by_what_it_is_about(browser, desk, town):
    """And a word of the town's own by what it says in the reader's language."""
    office = browser("office")
    page = office.get(f"/register/person/show/{town.people['owner']}").text
    assert re.search(r"<h1[^>]*>Owner<", page) and "<title>Persons" in page
    with desk.system() as session:
        service = ServiceType(
            municipality_id=town.municipality_id,
            words={"nn": "Leksehjelp", "nb": "Leksehjelp", "en": "Homework"},
        )
        session.add(service)
        session.commit()
        address = f"/register/servicetype/show/{service.id}"
    assert re.search(r"<h1[^>]*>Homework<", office.get(address).text)
    asked = office.get(address.replace("show", "delete")).text
    assert re.search(r"<h1[^>]*>Remove “Homework”\?<", asked) and 'data-color="danger"' in asked
