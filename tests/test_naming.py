"""From a yes to a coordinator: a department is asked, its leader names one, the unit appoints."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import today
from models.nomination import Nomination
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.request import Request
from models.vocabulary import Capacity
from models.working_days import on_a_working_day
from security.policy import Forbidden

NOTE = "They wish for somebody who knows sign language"


@pytest.fixture
def asked(desk, town):
    """The request that is answered, for somebody; and a leader of the department."""
    request = town.rows["answered request"]
    with desk.system() as session:
        session.get(Request, request).person_id = town.people["stranger"]
        session.get(Person, town.people["leader"]).department_id = town.rows["department"]
        session.commit()
    return request


def ask(browser, town, request):
    said = {"department_id": town.rows["department"], "note": NOTE}
    return browser("office").post(f"/register/request/{request}/coordinator", data=said)


def only(desk):
    with desk.system() as session:
        return session.scalars(select(Nomination)).one()


def told(desk, kind):
    with desk.system() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return sorted(row.person_id for row in rows)


def appointed(desk, town):
    with desk.system() as session:
        whom = CoordinatorAppointment.person_id == town.people["stranger"]
        return session.scalars(select(CoordinatorAppointment).where(whom)).all()


def name(town, who):
    return f"x [{town.people[who]}]"


def test_a_department_is_asked_names_somebody_and_the_unit_appoints(browser, desk, town, asked):
    show = f"/register/request/show/{asked}"
    assert "Ask for a coordinator" in browser("office").get(show).text
    assert ask(browser, town, asked).status_code == 303
    row = only(desk)
    assert row.name_by == on_a_working_day(today() + timedelta(days=14))
    assert told(desk, "nomination") == [town.people["leader"]]
    assert "Asked: Health" in browser("office").get(show).text

    leader, page = browser("leader"), f"/register/nomination/{row.id}/answer"
    form = leader.get(page).text
    assert NOTE in form and "Secret need" not in form
    said = {"nominee_id": name(town, "newcomer"), "agreed_hours": "3"}
    assert leader.post(page, data=said).status_code == 303
    row = only(desk)
    assert (row.nominee_id, row.agreed_hours) == (town.people["newcomer"], 3)
    assert row.answered_by_id == town.people["leader"]
    assert told(desk, "nomination_answered") == [town.people["office"]]
    assert leader.get(f"/register/nomination/{row.id}/appoint").status_code == 404

    office = browser("office")
    assert "Appoint Newcomer" in office.get(f"/register/nomination/show/{row.id}").text
    for _ in range(2):  # a double click appoints once
        assert office.post(f"/register/nomination/{row.id}/appoint").status_code == 303
    [made] = appointed(desk, town)
    assert (made.coordinator_id, made.agreed_hours) == (town.people["newcomer"], 3)
    assert (made.starts_on, made.department_id) == (today(), town.rows["department"])
    assert only(desk).appointment_id == made.id


def test_a_leader_says_why_not_and_another_department_can_be_asked(browser, desk, town, asked):
    ask(browser, town, asked)
    page = f"/register/nomination/{only(desk).id}/answer"
    assert browser("leader").post(page, data={"declined": "Everybody is full"}).status_code == 303
    show = browser("office").get(f"/register/nomination/show/{only(desk).id}").text
    assert "Everybody is full" in show and "They cannot" in show
    again = browser("leader").post(page, data={"nominee_id": name(town, "newcomer")})
    assert again.status_code == 303 and only(desk).nominee_id is None  # it is answered already
    assert ask(browser, town, asked).status_code == 303
    assert appointed(desk, town) == []


def close_to_the_stranger(desk, town):
    """The uncle acts for the stranger, and the coordinator is appointed already."""
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["stranger"]}
        kind = {"capacity": Capacity.NEXT_OF_KIN, "representative_id": town.people["uncle"]}
        session.add(Representation(**here, **kind))
        now = {"coordinator_id": town.people["coordinator"], "starts_on": today()}
        session.add(CoordinatorAppointment(**here, **now))
        session.commit()


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("leader", "Nobody appoints themselves"),
        ("stranger", "Nobody appoints themselves"),
        ("uncle", "Acts for the person"),
        ("coordinator", "Is the coordinator already"),
        (None, "Name somebody, or say why not"),
    ],
)
def test_who_cannot_be_named_is_said_beside_the_field(browser, desk, town, asked, who, said):
    ask(browser, town, asked)
    close_to_the_stranger(desk, town)
    data = {"nominee_id": name(town, who)} if who else {}
    page = f"/register/nomination/{only(desk).id}/answer"
    reply = browser("leader").post(page, data=data | {"agreed_hours": "4"})
    assert reply.status_code == 422 and said in reply.text and 'href="#nominee_id"' in reply.text
    assert 'value="4"' in reply.text and only(desk).answered_on is None


def test_a_department_without_a_leader_cannot_be_asked(browser, desk, town, asked):
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = None
        session.commit()
    reply = ask(browser, town, asked)
    assert reply.status_code == 422 and 'href="#department_id"' in reply.text
    assert NOTE in reply.text
    with desk.system() as session:
        assert session.scalars(select(Nomination)).all() == []


def test_a_leader_who_is_a_party_is_not_asked_and_reads_nothing(browser, desk, town, asked):
    ask(browser, town, asked)
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["stranger"]}
        now = {"coordinator_id": town.people["leader"], "starts_on": today()}
        session.add(CoordinatorAppointment(**here, **now))
        session.commit()
    page = f"/register/nomination/{only(desk).id}/answer"
    assert browser("leader").get(page).status_code == 404
    assert ask(browser, town, asked).status_code == 422


def test_before_a_yes_and_before_one_knows_who_it_is_nobody_is_asked(browser, desk, town, asked):
    assert ask(browser, town, town.rows["request"]).status_code == 404
    with desk.system() as session:
        session.get(Request, asked).person_id = None
        session.commit()
    assert ask(browser, town, asked).status_code == 404
    show = browser("office").get(f"/register/request/show/{asked}").text
    assert "Say who it is, to ask for a coordinator" in show


def test_nobody_appoints_themselves(browser, desk, town, asked):
    ask(browser, town, asked)
    row = only(desk)
    said = {"nominee_id": name(town, "office")}
    browser("leader").post(f"/register/nomination/{row.id}/answer", data=said)
    reply = browser("office").post(f"/register/nomination/{row.id}/appoint", follow_redirects=True)
    assert "Nobody appoints themselves" in reply.text
    with desk.session("office") as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["stranger"]}
        now = {"coordinator_id": town.people["office"], "starts_on": today()}
        session.add(CoordinatorAppointment(**here, **now))
        with pytest.raises(Forbidden):
            session.flush()
    assert appointed(desk, town) == []


@pytest.mark.parametrize("who", ["coordinator", "admin", "newcomer", "foreign office"])
def test_nobody_else_reads_or_answers(browser, desk, town, asked, who):
    ask(browser, town, asked)
    row, client = only(desk), browser(who)
    shut = 404 if who == "foreign office" else 403
    for page in ("show/{}", "{}/answer", "{}/appoint"):
        assert client.get(f"/register/nomination/{page.format(row.id)}").status_code == shut
    with desk.session(who) as session:
        assert session.scalars(select(Nomination)).all() == []


def test_a_leader_of_another_department_reads_nothing(browser, desk, town, asked):
    ask(browser, town, asked)
    with desk.system() as session:
        session.get(Person, town.people["leader"]).department_id = None
        session.commit()
    row = only(desk)
    assert browser("leader").get(f"/register/nomination/show/{row.id}").status_code == 404
    with desk.session("leader") as session:
        assert session.scalars(select(Nomination)).all() == []


def test_a_leader_neither_asks_nor_appoints_behind_the_pages(browser, desk, town, asked):
    ask(browser, town, asked)
    with desk.session("leader") as session:
        row = session.scalars(select(Nomination)).one()
        row.appointment_id = town.rows["appointment"]
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("leader") as session:
        at = {"municipality_id": town.municipality_id, "request_id": asked, "name_by": today()}
        whom = {"person_id": town.people["stranger"], "department_id": town.rows["department"]}
        session.add(Nomination(**at, **whom, asked_by_id=town.people["leader"]))
        with pytest.raises(Forbidden):
            session.flush()


def test_what_is_answered_is_not_answered_anew_behind_the_pages(browser, desk, town, asked):
    ask(browser, town, asked)
    page = f"/register/nomination/{only(desk).id}/answer"
    browser("leader").post(page, data={"nominee_id": name(town, "newcomer")})
    with desk.session("leader") as session:
        row = session.scalars(select(Nomination)).one()
        row.nominee_id = town.people["teacher"]
        with pytest.raises(Forbidden):
            session.flush()
    assert only(desk).nominee_id == town.people["newcomer"]


@pytest.mark.parametrize("who", ["leader", "stranger", "uncle", "coordinator"])
def test_who_cannot_be_named_is_refused_behind_the_pages_too(browser, desk, town, asked, who):
    ask(browser, town, asked)
    close_to_the_stranger(desk, town)
    with desk.session("leader") as session:
        session.scalars(select(Nomination)).one().nominee_id = town.people[who]
        with pytest.raises(Forbidden):
            session.flush()
    assert only(desk).nominee_id is None


def test_a_fault_while_appointing_leaves_nothing(browser, desk, town, asked, monkeypatch):
    from services import naming

    ask(browser, town, asked)
    row = only(desk)
    said = {"nominee_id": name(town, "newcomer")}
    browser("leader").post(f"/register/nomination/{row.id}/answer", data=said)

    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(naming, "follow", fails)
    assert browser("office").post(f"/register/nomination/{row.id}/appoint").status_code == 500
    assert appointed(desk, town) == [] and only(desk).appointment_id is None


@pytest.mark.parametrize(("who", "warned"), [("newcomer", False), ("teacher", True)])
def test_one_is_told_when_the_coordinator_cannot_sign_in_as_one(
    browser, desk, town, asked, who, warned
):
    ask(browser, town, asked)
    row = only(desk)
    said = {"nominee_id": name(town, who)}
    browser("leader").post(f"/register/nomination/{row.id}/answer", data=said)
    appoint = f"/register/nomination/{row.id}/appoint"
    page = browser("office").post(appoint, follow_redirects=True).text
    assert "The coordinator is appointed" in page
    assert ("Cannot sign in as a coordinator yet" in page) == warned
    by_hand = {"person_id": name(town, "uncle"), "coordinator_id": name(town, who)}
    by_hand["starts_on"] = str(today())
    page = (
        browser("office")
        .post("/register/appointment/add", data=by_hand, follow_redirects=True)
        .text
    )
    assert ("Cannot sign in as a coordinator yet" in page) == warned
